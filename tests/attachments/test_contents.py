"""What may be attached is decided by content: a corpus of good, broken and evil files."""

import io
import struct
import time
import zlib

import pytest
import reflex as rx
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from lkk_reflex.attachments import documents
from lkk_reflex.attachments.contents import cleaned, photo_alone
from lkk_reflex.attachments.errors import (
    DocumentActive,
    DocumentLocked,
    DocumentTooComplex,
    DocumentTooLong,
    FileEmpty,
    FileOfAnotherKind,
    FileTooLarge,
    HeicNotRead,
    NotAPhoto,
    PhotoTooBig,
)
from lkk_reflex.attachments.files import FileKind
from lkk_reflex.meters.photo_components import photo_field
from lkk_reflex.meters.readings_projection import MeterForm
from lkk_reflex.support.support_components import files_field
from tests.factories.files import document, photo, photo_with_place

MEGABYTE = 1024 * 1024
SCRIPT = b"<script>alert(1)</script>"


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def png_of(width: int, height: int, rows: bytes = b"") -> bytes:
    """Write a PNG by hand: its header may promise any size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def with_action(action: DictionaryObject, key: str = "/OpenAction") -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.root_object[NameObject(key)] = writer._add_object(action)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def action(kind: str) -> DictionaryObject:
    return DictionaryObject({NameObject("/S"): NameObject(kind), NameObject("/F"): TextStringObject("calc.exe")})


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_photo_of_a_phone_is_kept_as_a_new_jpeg(kind: str) -> None:
    file = cleaned(photo(kind))
    assert file.kind is FileKind.JPEG
    assert opened(file.content).format == "JPEG"


def test_place_and_camera_are_gone_and_the_photo_stands_upright() -> None:
    raw = photo_with_place()
    assert b"SecretCameraMaker" in raw
    assert Image.open(io.BytesIO(raw)).getexif().get_ifd(0x8825)
    content = cleaned(raw).content
    image = opened(content)
    assert image.size == (40, 80)
    assert not image.getexif()
    assert not image.getexif().get_ifd(0x8825)
    assert b"Secret" not in content
    assert b"secret" not in content
    assert b"Exif" not in content


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_metadata_of_other_kinds_are_gone_too(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCameraMaker"
    assert b"Secret" not in cleaned(photo(kind, exif=exif)).content


def test_transparent_picture_stays_transparent_and_loses_its_remarks() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCameraMaker"
    written = io.BytesIO()
    Image.new("RGBA", (10, 10), (1, 2, 3, 100)).save(written, "PNG", exif=exif)
    file = cleaned(written.getvalue())
    assert file.kind is FileKind.PNG
    assert opened(file.content).mode == "RGBA"
    assert b"Secret" not in file.content


def test_large_photo_is_made_smaller() -> None:
    assert max(opened(cleaned(photo(size=(5000, 3000))).content).size) == 2560


@pytest.mark.parametrize("tail", [SCRIPT, document(), b"PK\x03\x04 a zip"])
def test_what_is_hidden_behind_a_photo_is_gone(tail: bytes) -> None:
    content = cleaned(photo() + tail).content
    assert tail[:8] not in content
    assert opened(content).format == "JPEG"


def test_picture_that_promises_more_than_fifty_megapixels_is_refused_unopened() -> None:
    with pytest.raises(PhotoTooBig):
        cleaned(png_of(10_000, 5_001))


def test_bomb_of_a_few_bytes_is_refused_unopened() -> None:
    with pytest.raises(PhotoTooBig):
        cleaned(png_of(60_000, 60_000, b"\x00" * 1000))


def test_picture_of_exactly_fifty_megapixels_is_opened() -> None:
    rows = (b"\x00" + b"\x7f" * 10_000) * 5_000
    assert max(opened(cleaned(png_of(10_000, 5_000, rows)).content).size) == 2560


def test_picture_that_ends_too_early_is_refused() -> None:
    with pytest.raises(FileOfAnotherKind):
        cleaned(png_of(100, 100, b"\x00" * 50))


@pytest.mark.parametrize("field", [files_field(""), photo_field(MeterForm())], ids=["files", "dial"])
def test_fields_ask_for_no_heic_so_that_phones_hand_over_what_can_be_opened(field: rx.Component) -> None:
    assert "image/jpeg" in str(field)
    assert "heic" not in str(field)


@pytest.mark.parametrize("brand", [b"heic", b"mif1"])
def test_heic_is_refused_with_the_way_out(brand: bytes) -> None:
    with pytest.raises(HeicNotRead):
        cleaned(b"\x00\x00\x00\x18ftyp" + brand + b"\x00" * 100)


@pytest.mark.parametrize(
    "raw",
    [
        b"just a text",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"<html><body>" + SCRIPT,
        b"GIF89a" + b"\x00" * 50,
        b"PK\x03\x04" + b"\x00" * 100,
        b"MZ" + b"\x00" * 100,
        b"\xff\xd8\xff\xe0 no photo after all",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        b"%PDF-1.7 and nothing of it",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
        b"GIF89a/*" + document(),
        SCRIPT + document(),
        b"\x00",
    ],
)
def test_what_is_neither_photo_nor_document_is_refused_whatever_its_name(raw: bytes) -> None:
    with pytest.raises(FileOfAnotherKind):
        cleaned(raw)


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "ICO"])
def test_pictures_of_other_kinds_are_refused(kind: str) -> None:
    with pytest.raises(FileOfAnotherKind):
        cleaned(photo(kind))


def test_empty_and_too_large_files_are_refused() -> None:
    with pytest.raises(FileEmpty):
        cleaned(b"")
    with pytest.raises(FileTooLarge):
        cleaned(photo() + b"\x00" * (10 * MEGABYTE))


def test_document_is_kept_as_it_is() -> None:
    raw = document(pages=2)
    assert cleaned(raw) == type(cleaned(raw))(FileKind.PDF, raw)


@pytest.mark.parametrize(
    ("raw", "refusal"),
    [
        (document(script="app.alert(1)"), DocumentActive),
        (document(file="MZ"), DocumentActive),
        (document(password="secret"), DocumentLocked),
        (document(pages=51), DocumentTooLong),
        (with_action(action("/Launch")), DocumentActive),
        (with_action(action("/JavaScript")), DocumentActive),
        (with_action(action("/SubmitForm")), DocumentActive),
        (with_action(DictionaryObject({NameObject("/O"): action("/URI")}), key="/AA"), DocumentActive),
        (document()[:200], FileOfAnotherKind),
    ],
    ids=["script", "file", "password", "long", "launch", "javascript", "submit", "automatic", "cut"],
)
def test_document_that_acts_or_hides_something_is_refused(raw: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        cleaned(raw)


def test_action_is_found_wherever_it_hangs() -> None:
    deep = ArrayObject([DictionaryObject({NameObject("/Next"): ArrayObject([action("/Launch")])})])
    with pytest.raises(DocumentActive):
        cleaned(with_action(DictionaryObject({NameObject("/Kids"): deep}), key="/Whatever"))


def test_document_of_page_after_page_of_objects_is_refused() -> None:
    many = ArrayObject([DictionaryObject() for _ in range(20_001)])
    with pytest.raises(FileOfAnotherKind):
        cleaned(with_action(DictionaryObject({NameObject("/Kids"): many}), key="/Whatever"))


def test_junk_that_only_begins_as_a_document_is_refused_before_the_library_searches_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(documents, "PdfReader", None)
    for junk in (b"x\n" * (4 * MEGABYTE), b"1 0 obj\n" * MEGABYTE, document() + b"\0" * 5000):
        with pytest.raises(FileOfAnotherKind):
            cleaned(b"%PDF-1.7\n" + junk)


def test_a_little_behind_the_end_of_a_document_does_no_harm() -> None:
    raw = document() + b"\r\n" + b"\0" * 1000
    assert cleaned(raw).content == raw


def test_document_that_keeps_the_processor_busy_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    # Each sign of such a string is read by itself.
    slow = with_action(DictionaryObject({NameObject("/Kids"): TextStringObject("ы" * MEGABYTE)}), key="/Whatever")
    monkeypatch.setattr(documents, "_MOST_SECONDS", 0.05)
    before = time.thread_time()
    with pytest.raises(DocumentTooComplex):
        cleaned(slow)
    assert time.thread_time() - before < 1.0


def test_waiting_for_a_busy_machine_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "_READS_BETWEEN_LOOKS", 1)
    monkeypatch.setattr(time, "monotonic", None)
    monkeypatch.setattr(time, "perf_counter", None)
    assert cleaned(document(pages=50)).kind is FileKind.PDF


def test_link_to_a_page_or_an_address_is_harmless() -> None:
    assert cleaned(with_action(action("/URI"), key="/Whatever")).kind is FileKind.PDF


def test_where_a_photo_is_asked_for_nothing_else_will_do() -> None:
    assert photo_alone(photo()).kind is FileKind.JPEG
    for other in (document(), b"just a text", b"%PDF-1.7 and nothing of it", png_of(100, 100, b"\x00" * 50)):
        with pytest.raises(NotAPhoto):
            photo_alone(other)
    with pytest.raises(FileEmpty):
        photo_alone(b"")
    with pytest.raises(FileTooLarge):
        photo_alone(photo() + b"\x00" * (10 * MEGABYTE))
