"""Photos: opened by what they are, and written anew without anything but the picture."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from lkk_reflex.attachments.errors import FileOfAnotherKind, HeicNotRead, PhotoTooBig
from lkk_reflex.attachments.files import Cleaned, FileKind

#: Pillow refuses to look at anything else; formats of programs that draw (EPS) or build files (ICO) stay outside.
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_MEGAPIXEL: Final = 1_000_000
_MOST_MEGAPIXELS: Final = 50
_LONGEST_SIDE: Final = 2560
_JPEG_QUALITY: Final = 85
#: Brands of the container in which phones keep HEIC photos (ISO/IEC 23008-12).
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"})


def cleaned_photo(raw: bytes) -> Cleaned:
    """Return the picture turned upright, at most 2560 pixels long, as a new file without metadata.

    What stood behind the picture, its place and camera (EXIF), its colour profile and its comments are gone,
    because only the pixels are written. A picture with transparency stays a PNG, everything else becomes a JPEG.

    Raises:
        HeicNotRead: a photo of a kind that cannot be opened here.
        PhotoTooBig: more than 50 megapixels; they are counted by the header, before anything is unpacked.
        FileOfAnotherKind: no photo, or a broken one.
    """
    with opened(raw) as image:
        return _redrawn(image)


@contextmanager
def opened(raw: bytes) -> Iterator[Image.Image]:
    """Open a photo for as long as it is looked at; what it turns out to be while it is unpacked is refused as well.

    Raises:
        HeicNotRead, PhotoTooBig, FileOfAnotherKind: as `cleaned_photo`.
    """
    if raw[4:8] == b"ftyp" and raw[8:12] in _HEIC_BRANDS:
        raise HeicNotRead
    try:
        with Image.open(io.BytesIO(raw), formats=_FORMATS) as image:
            if image.width * image.height > _MOST_MEGAPIXELS * _MEGAPIXEL:
                raise PhotoTooBig(most=_MOST_MEGAPIXELS)
            yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoTooBig(most=_MOST_MEGAPIXELS) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise FileOfAnotherKind from error


def _redrawn(image: Image.Image) -> Cleaned:
    # Made small first: a large JPEG is then unpacked at a half or a quarter of its size already.
    image.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    upright = ImageOps.exif_transpose(image)
    has_transparency = upright.has_transparency_data
    pixels = upright.convert("RGBA" if has_transparency else "RGB")
    # Copied pixel by pixel into an empty picture, which has nothing else.
    bare = Image.new(pixels.mode, pixels.size)
    bare.paste(pixels)
    written = io.BytesIO()
    if has_transparency:
        bare.save(written, "PNG", optimize=True)
        return Cleaned(FileKind.PNG, written.getvalue())
    bare.save(written, "JPEG", quality=_JPEG_QUALITY, optimize=True)
    return Cleaned(FileKind.JPEG, written.getvalue())
