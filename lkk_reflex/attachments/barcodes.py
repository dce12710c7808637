"""Codes on a photo: found and read, whichever way it lies."""

from collections.abc import Iterator
from typing import Final

import zxingcpp
from PIL import Image, ImageFilter

from lkk_reflex.attachments.contents import require_size
from lkk_reflex.attachments.errors import FileOfAnotherKind, NotAPhoto
from lkk_reflex.attachments.images import opened

#: The kinds that ГОСТ Р 56042-2014 allows for a payment code.
_KINDS: Final = zxingcpp.BarcodeFormats(
    [zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.Aztec]
)
#: A code of 30 mm on a photo of the whole sheet still has four pixels for each of its squares then.
_LONGEST_SIDE: Final = 3200


def codes_on_photo(raw: bytes) -> list[bytes]:
    """Return the contents of all codes on a photo, as bytes, because a payment code names its encoding itself.

    Nothing of the photo is kept. Takes up to two seconds.

    Raises:
        FileEmpty, FileTooLarge: nothing, or more than 10 MB.
        HeicNotRead, PhotoTooBig: as `images.cleaned_photo`.
        NotAPhoto: it is something else, or broken.
    """
    require_size(raw)
    try:
        with opened(raw) as image:
            grey = _grey(image)
    except FileOfAnotherKind as error:
        raise NotAPhoto from error
    found = (zxingcpp.read_barcodes(picture, formats=_KINDS) for picture in _looks(grey))
    return [code.bytes for code in next(filter(None, found), [])]


def _grey(image: Image.Image) -> Image.Image:
    # A large JPEG is unpacked without its colours, and at a half or a quarter of its size already.
    image.draft("L", (_LONGEST_SIDE, _LONGEST_SIDE))
    image.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    if image.has_transparency_data:
        # A screenshot without a background would be black on black.
        sheet = Image.new("RGBA", image.size, "white")
        sheet.alpha_composite(image.convert("RGBA"))
        return sheet.convert("L")
    return image.convert("L")


def _looks(grey: Image.Image) -> Iterator[Image.Image]:
    """Yield the picture as it is, and then as shaking, grain and dusk have not made it: without specks, and sharp."""
    yield grey
    yield grey.filter(ImageFilter.GaussianBlur(1)).filter(ImageFilter.UnsharpMask(radius=6, percent=300, threshold=0))
