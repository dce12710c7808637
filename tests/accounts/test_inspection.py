"""The first pass over a register file: encoding, hash, and what is no register."""

import zipfile
from pathlib import Path

import pytest

from lkk_reflex.accounts.errors import RegisterUnreadable
from lkk_reflex.accounts.register import inspection
from lkk_reflex.accounts.register.inspection import inspect

LINES = (
    "1000123456;ИВАНОВ ИВАН ИВАНОВИЧ;Г РЯЗАНЬ, УЛ ЛЕНИНА, Д 10, КВ 15;1026;1542.30\r\n"
    "1000123457;Петрова Анна Сергеевна;г. Рязань, ул. Ленина, д. 10, кв. 16;1026;2000.00\r\n"
)


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866"])
@pytest.mark.parametrize("text", [LINES, LINES.upper(), LINES.lower(), "1;Ким Э. Я.;ул. Мира;1026;1.00\r\n"])
def test_old_encodings_are_told_apart(tmp_path: Path, encoding: str, text: str) -> None:
    file = tmp_path / "register.txt"
    file.write_bytes(text.encode(encoding))
    facts = inspect(file)
    assert (facts.encoding, facts.is_certain) == (encoding, False)
    assert facts.sample[0] == text.splitlines()[0]


def test_utf_8_is_certain_with_and_without_a_mark(tmp_path: Path) -> None:
    file = tmp_path / "register.txt"
    for encoding, told in (("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig")):
        file.write_bytes(LINES.encode(encoding))
        facts = inspect(file)
        assert (facts.encoding, facts.is_certain, len(facts.sample)) == (told, True, 2)
        assert facts.sample[0].startswith("1000123456;")


def test_a_person_s_word_overrides_the_guess(tmp_path: Path) -> None:
    file = tmp_path / "register.txt"
    file.write_bytes(LINES.encode("cp866"))
    assert inspect(file, "cp1251").encoding == "cp1251"


def test_letters_that_come_late_decide_the_encoding_too(tmp_path: Path) -> None:
    file = tmp_path / "register.txt"
    file.write_bytes(b"100;;;1026;1.00\n" * 200_000 + LINES.encode("cp1251"))
    assert inspect(file).encoding == "cp1251"


def test_a_broken_letter_in_the_second_megabyte_makes_it_no_utf_8(tmp_path: Path) -> None:
    file = tmp_path / "register.txt"
    file.write_bytes(LINES.encode() * 10_000 + LINES.encode("cp1251"))
    with pytest.raises(RegisterUnreadable) as refusal:
        inspect(file)
    assert "--encoding" in refusal.value.message
    assert inspect(file, "utf-8").encoding == "utf-8"


def test_the_hash_is_that_of_all_bytes(tmp_path: Path) -> None:
    file, other = tmp_path / "one.txt", tmp_path / "other.txt"
    file.write_bytes(LINES.encode())
    other.write_bytes(LINES.encode() + b"\n")
    assert inspect(file).file_hash != inspect(other).file_hash
    assert len(inspect(file).file_hash) == 64


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "пустой"),
        (b"\r\n\r\n", "пустой"),
        (LINES.encode("utf-16"), "UTF-16"),
        (b"\x7fELF\x00\x01\x02", "не текст"),
        (b"100;" + b"\xff\xfe\x90\x81" * 50, "кодировку"),
        (b"1;2;3\n" + b";" * 1_000_000 + b"\n", "строка 2 длиннее"),
        (b"1;2;3\n" * 3 + b"x" * 5_000_000, "строка 4 длиннее"),
        (b"PK\x03\x04 is not a workbook", "повреждённый"),
    ],
    ids=["empty", "blank", "utf16", "binary", "garbage", "million_columns", "endless_line", "broken_zip"],
)
def test_what_is_no_register_is_refused_with_a_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    file = tmp_path / "register.txt"
    file.write_bytes(content)
    with pytest.raises(RegisterUnreadable) as refusal:
        inspect(file)
    assert reason in refusal.value.message


def test_a_missing_file_is_named() -> None:
    with pytest.raises(RegisterUnreadable, match="register_unreadable"):
        inspect(Path("nowhere.csv"))


def test_a_workbook_that_unpacks_into_a_bomb_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "_MAX_UNPACKED_BYTES", 1024 * 1024)
    file = tmp_path / "register.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (1024 * 1024 + 1))
    with pytest.raises(RegisterUnreadable) as refusal:
        inspect(file)
    assert "после распаковки" in refusal.value.message
