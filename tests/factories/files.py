"""Makes files to be attached: good ones, and ones that tell too much or do something."""

import io
from itertools import count

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

_numbers = count(1)


def photo(kind: str = "JPEG", size: tuple[int, int] = (64, 48), **saved: object) -> bytes:
    """Return a picture that is like no other."""
    drawn = Image.new("RGB", size, (next(_numbers) % 256, 90, 30))
    written = io.BytesIO()
    drawn.save(written, kind, **saved)
    return written.getvalue()


def photo_with_place() -> bytes:
    """Return a photo that lies on its side, and whose metadata tell where and by what it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: to be turned by 90 degrees.
    exif[0x010F] = "SecretCameraMaker"
    exif.get_ifd(0x8825).update({1: "N", 2: (54.0, 37.0, 45.0), 3: "E", 4: (39.0, 44.0, 30.0)})
    return photo(size=(80, 40), exif=exif, comment=b"secret comment")


def document(pages: int = 1, **actions: str) -> bytes:
    """Return a PDF; `script`, `file` and `password` put into it what makes it refused."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if "script" in actions:
        script = DictionaryObject({NameObject("/S"): NameObject("/JavaScript")})
        script[NameObject("/JS")] = TextStringObject(actions["script"])
        writer.root_object[NameObject("/OpenAction")] = script
    if "file" in actions:
        writer.add_attachment("inside.exe", actions["file"].encode())
    if "password" in actions:
        writer.encrypt(actions["password"])
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()
