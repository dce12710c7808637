"""Photos of bills: a paper of ours drawn as pixels, and laid before a camera."""

import io
import tempfile
from pathlib import Path
from random import Random

import segno
import typst
from PIL import Image, ImageFilter

#: What lies under the sheet.
_TABLE = 90
_SHEET = """#set page(width: 210mm, height: 297mm, margin: 0mm)
#image("paper.pdf", width: 210mm)"""


def page_of(pdf: bytes, *, dots_per_inch: int = 150) -> Image.Image:
    """Draw the first page of an A4 paper in shades of grey."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "paper.pdf").write_bytes(pdf)
        (root / "sheet.typ").write_text(_SHEET)
        drawn = typst.Compiler(root / "sheet.typ", root=root).compile(format="png", ppi=dots_per_inch)
    assert isinstance(drawn, bytes)
    return Image.open(io.BytesIO(drawn)).convert("L")


def code_picture(code: bytes, *, scale: int = 4) -> Image.Image:
    """Draw a QR code of these bytes, with its quiet zone."""
    drawn = io.BytesIO()
    segno.make(code, mode="byte", error="m", boost_error=False).save(drawn, kind="png", scale=scale, border=4)
    return Image.open(drawn).convert("L")


def side_by_side(*pictures: Image.Image) -> Image.Image:
    """Lay pictures in a row on one sheet."""
    sheet = Image.new("L", (sum(picture.width for picture in pictures), max(p.height for p in pictures)), 255)
    left = 0
    for picture in pictures:
        sheet.paste(picture, (left, 0))
        left += picture.width
    return sheet


def photographed(
    sheet: Image.Image, *, angle: float = 0, blur: float = 0, noise: float = 0, light: float = 1
) -> Image.Image:
    """Take a photo of a sheet that lies askew: `angle` in degrees, the rest from nothing (light: all) to 1 and more."""
    photo = sheet.rotate(angle, expand=True, fillcolor=_TABLE, resample=Image.Resampling.BICUBIC)
    photo = photo.point([int(40 + shade * light) if light < 1 else shade for shade in range(256)])
    photo = photo.filter(ImageFilter.GaussianBlur(blur))
    # The same noise every time, so that what can be read today can be read tomorrow.
    grain = Image.frombytes("L", photo.size, Random(1).randbytes(photo.width * photo.height))
    return Image.blend(photo, grain, noise)


def file_of(picture: Image.Image, kind: str = "JPEG", **saved: object) -> bytes:
    """Return a picture as the file that a camera writes."""
    written = io.BytesIO()
    picture.save(written, kind, **saved)
    return written.getvalue()
