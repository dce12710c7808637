"""Codes on photos as people take them: askew, in the dusk, several at once, and on what is no photo."""

import io
import time

import pytest
import zxingcpp
from PIL import Image

from lkk_reflex.attachments import barcodes
from lkk_reflex.attachments.barcodes import codes_on_photo
from lkk_reflex.attachments.errors import FileEmpty, FileTooLarge, HeicNotRead, NotAPhoto, PhotoTooBig
from tests.factories.files import document, photo
from tests.support.bill_photos import code_picture, file_of, photographed, side_by_side

WATER = "ST00012|Name=ООО «Горводоканал»|PersAcc=1000123456|PayeeINN=7707083893".encode()
GAS = "ST00011|Name=АО «Газ»|PersAcc=3700|PayeeINN=7501002227".encode("cp1251")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_bytes_of_a_code_are_read_whatever_their_encoding(kind: str) -> None:
    for code in (WATER, GAS):
        assert codes_on_photo(file_of(code_picture(code), kind)) == [code]


@pytest.mark.parametrize("angle", [3, 45, 90, 187])
def test_code_may_lie_any_way(angle: int) -> None:
    assert codes_on_photo(file_of(photographed(code_picture(WATER), angle=angle))) == [WATER]


def test_photo_may_lie_on_its_side_by_its_metadata_alone() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert codes_on_photo(file_of(code_picture(WATER), exif=exif)) == [WATER]


def test_all_codes_of_a_photo_are_read() -> None:
    found = codes_on_photo(file_of(side_by_side(code_picture(WATER), code_picture(GAS))))
    assert sorted(found) == sorted([WATER, GAS])


def test_other_kinds_of_the_standard_are_read() -> None:
    for kind in (zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.Aztec):
        drawn = zxingcpp.create_barcode("ST00012|PersAcc=77", kind).to_image(scale=6)
        assert codes_on_photo(file_of(Image.fromarray(drawn), "PNG")) == [b"ST00012|PersAcc=77"]


def test_code_without_a_background_is_read() -> None:
    black = code_picture(WATER).point(lambda shade: 255 - shade)
    drawn = Image.new("RGBA", black.size, (0, 0, 0, 0))
    drawn.putalpha(black)
    assert codes_on_photo(file_of(drawn, "PNG")) == [WATER]


@pytest.mark.parametrize(
    "bad", [{"noise": 0.4, "blur": 1}, {"noise": 0.2, "light": 0.3}, {"blur": 4}, {"light": 0.05}], ids=str
)
def test_bad_photo_is_read_by_a_second_look(bad: dict[str, float], monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = Image.new("L", (1600, 1600), 255)
    sheet.paste(code_picture(WATER, scale=8 if bad.get("blur") == 4 else 4), (400, 400))
    dim = file_of(photographed(sheet, angle=5, **bad), quality=80)
    assert codes_on_photo(dim) == [WATER]
    monkeypatch.setattr(barcodes, "_looks", lambda grey: [grey])
    assert codes_on_photo(dim) == []


def test_photo_without_a_code_has_none_and_is_soon_done_with() -> None:
    noise = file_of(Image.effect_noise((4000, 3000), 60))
    started = time.monotonic()
    assert codes_on_photo(noise) == []
    assert time.monotonic() - started < 10


def test_large_photo_is_made_small_before_it_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int]] = []

    def look(picture: Image.Image, **_: object) -> list[zxingcpp.Barcode]:
        seen.append(picture.size)
        return []

    monkeypatch.setattr(zxingcpp, "read_barcodes", look)
    codes_on_photo(file_of(Image.new("RGB", (8000, 6000))))
    assert max(max(size) for size in seen) <= 3200


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", FileEmpty),
        (b"MZ\0\0", NotAPhoto),
        (document(), NotAPhoto),
        (photo()[:300], NotAPhoto),
        (b"GIF89a" + b"\0" * 100, NotAPhoto),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 100, HeicNotRead),
        (b"\xff\xd8" + b"\0" * (10 * 1024 * 1024), FileTooLarge),
    ],
    ids=["empty", "program", "document", "cut off", "gif", "heic", "more than 10 MB"],
)
def test_what_is_no_photo_is_refused(content: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        codes_on_photo(content)


def test_picture_that_would_unpack_to_gigabytes_is_refused_by_its_header() -> None:
    bomb = io.BytesIO()
    Image.new("1", (9000, 9000)).save(bomb, "PNG")
    assert len(bomb.getvalue()) < 100_000
    with pytest.raises(PhotoTooBig):
        codes_on_photo(bomb.getvalue())
