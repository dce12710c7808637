"""Names of files: as they are shown, and as browsers save them."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from lkk_reflex.attachments.files import FileKind

ENDINGS: Final[Mapping[FileKind, str]] = {FileKind.JPEG: "jpg", FileKind.PNG: "png", FileKind.PDF: "pdf"}
_NAME_LIMIT: Final = 100
_UNNAMED: Final = "Файл"


def shown_name(name: str, ending: str) -> str:
    """Return a file's name for showing: no directories, no control or direction characters, the true ending.

    `..\\..\\счёт.exe` of a JPEG is `счёт.jpg`.
    """
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(sign for sign in last if sign.isprintable() and unicodedata.category(sign) != "Cf")
    stem = " ".join(re.sub(r"[<>:\"|?*]", " ", visible.rpartition(".")[0] or visible).split()).strip(". ")
    return f"{(stem or _UNNAMED)[: _NAME_LIMIT - len(ending) - 1].rstrip()}.{ending}"


def disposition(name: str, plain_name: str, *, manner: str = "attachment") -> str:
    """Return the header by which a browser saves a file under its Russian name (RFC 6266).

    `plain_name` is of letters, digits, dots and dashes, for programs that know no other; `manner` may be `inline`.
    """
    return f"{manner}; filename=\"{plain_name}\"; filename*=UTF-8''{quote(name, safe='')}"
