"""The first pass over a file: its hash, its encoding, a few lines for the eye, and what is no register at all.

Streams, so that a register of a million lines takes no more memory than a short one.
"""

import codecs
import hashlib
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lkk_reflex.accounts.errors import RegisterUnreadable

UTF8 = "utf-8"
UTF8_WITH_MARK = "utf-8-sig"
XLSX = "xlsx"
#: In the order of what is met; a draw goes to the first.
OLD_ENCODINGS = ("cp1251", "cp866", "koi8-r")
ENCODINGS = (UTF8, *OLD_ENCODINGS)
#: A longer line is a table of something else, and a danger to the memory.
MAX_LINE_BYTES = 32 * 1024
_CHUNK_BYTES = 1024 * 1024
_SAMPLE_BYTES = 64 * 1024
_SAMPLE_LINES = 5
_MAX_UNPACKED_BYTES = 512 * 1024 * 1024
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BIGRAMS = re.compile("(?=(ст|но|ов|то|на|ен|ра|ко|ни|по|ро|ва|ер|ре|ос|ль|го|ин|ан|ев|ич|ск|ий|ая|ел))")
_CASE_JUMP = re.compile("[а-яё][А-ЯЁ]")
_FOREIGN = re.compile("[^\x00-\x7fА-Яа-яЁё№«»–—]")


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What the first pass has learned."""

    file_hash: str
    #: A Python codec, or `xlsx`.
    encoding: str
    #: False when the encoding was guessed from the looks of the text; a person should confirm the sample.
    is_certain: bool
    sample: tuple[str, ...]


def inspect(file: Path, encoding: str | None = None) -> FileFacts:
    """Read the file once and say what it is; `encoding` overrides the guess.

    Raises:
        RegisterUnreadable: when it is empty, binary, in UTF-16, has a monstrous line, or unpacks into a bomb.
    """
    try:
        with file.open("rb") as stream:
            head = stream.read(4)
    except OSError as error:
        raise RegisterUnreadable(reason="нет такого файла или нет прав его читать.") from error
    if head.startswith(b"PK\x03\x04"):
        return _inspect_workbook(file)
    if head.startswith(_UTF16_MARKS):
        raise RegisterUnreadable(reason="он в кодировке UTF-16. Сохраните его в UTF-8 или Windows-1251.")
    return _inspect_text(file, encoding)


def _inspect_workbook(file: Path) -> FileFacts:
    try:
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise RegisterUnreadable(reason="это повреждённый файл XLSX.") from error
    if unpacked > _MAX_UNPACKED_BYTES:
        raise RegisterUnreadable(reason="после распаковки он больше 512 МБ. Сохраните реестр в CSV.")
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return FileFacts(digest, XLSX, is_certain=True, sample=())


def _inspect_text(file: Path, told: str | None) -> FileFacts:
    digest = hashlib.sha256()
    is_utf8 = True
    first_lines: list[bytes] = []
    russian_lines: list[bytes] = []
    russian_bytes = 0
    for chunk in _whole_lines(file, digest.update):
        if b"\x00" in chunk:
            raise RegisterUnreadable(reason="это не текст. Нужен CSV, TXT или XLSX.")
        is_utf8 = is_utf8 and _is_utf8(chunk)
        if russian_bytes < _SAMPLE_BYTES:
            lines = chunk.split(b"\n")
            first_lines += lines[: _SAMPLE_LINES - len(first_lines)]
            for line in lines:
                if russian_bytes < _SAMPLE_BYTES and not line.isascii():
                    russian_lines.append(line)
                    russian_bytes += len(line)
    if not any(line.strip() for line in first_lines):
        raise RegisterUnreadable(reason="он пустой.")
    has_mark = first_lines[0].startswith(codecs.BOM_UTF8)
    encoding = told or (UTF8 if is_utf8 else _best_encoding(b"\n".join(russian_lines)))
    if encoding == UTF8 and has_mark:
        encoding = UTF8_WITH_MARK
    shown = (russian_lines or first_lines)[:_SAMPLE_LINES]
    sample = tuple(line.decode(encoding, "replace").strip("\r") for line in shown)
    return FileFacts(digest.hexdigest(), encoding, is_utf8 or told is not None, sample)


def _whole_lines(file: Path, seen: Callable[[bytes], None]) -> Iterator[bytes]:
    """Yield the file in chunks that end with a line, whatever the ends of lines are."""
    rest = b""
    lines_before = 0
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            seen(chunk)
            chunk = rest + chunk
            cut = chunk.rfind(b"\n") + 1
            whole, rest = chunk[:cut], chunk[cut:]
            lengths = [*map(len, whole.split(b"\n")[:-1]), len(rest)]
            if max(lengths) > MAX_LINE_BYTES:
                line = lines_before + 1 + next(n for n, size in enumerate(lengths) if size > MAX_LINE_BYTES)
                raise RegisterUnreadable(reason=f"строка {line} длиннее 32 КБ: это не реестр.")
            lines_before += len(lengths) - 1
            if whole:
                yield whole
    if rest:
        yield rest


def _is_utf8(chunk: bytes) -> bool:
    try:
        chunk.decode(UTF8)
    except UnicodeDecodeError:
        return False
    return True


def _best_encoding(data: bytes) -> str:
    scored = {encoding: _score(data.decode(encoding, "replace")) for encoding in OLD_ENCODINGS}
    best = max(scored, key=lambda encoding: scored[encoding])
    if scored[best] <= 0:
        raise RegisterUnreadable(
            reason="не удалось распознать кодировку. Сохраните файл в UTF-8 или назовите её: --encoding."
        )
    return best


def _score(text: str) -> int:
    """Tell how Russian a text looks: frequent pairs of letters, against capitals inside words and odd signs."""
    pairs = len(_BIGRAMS.findall(text.lower()))
    return pairs - 5 * len(_CASE_JUMP.findall(text)) - 3 * len(_FOREIGN.findall(text))
