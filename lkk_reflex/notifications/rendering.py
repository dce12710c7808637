"""Texts of messages from the templates: one plain text, from which the simple HTML is made too."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Self

from jinja2 import Environment, PackageLoader, StrictUndefined

from lkk_reflex.notifications.models import Channel

#: One SMS in Cyrillic (UCS-2); a longer one is paid as several.
SMS_CHARACTERS: Final = 70
_CODE_LINE: Final = re.compile(r"\d{3} \d{3}|\d{4}-\d{4}")
_LINK_LINE: Final = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Brand:
    """Who writes, and how to reach them."""

    company: str
    support: str
    accent: str

    @classmethod
    def of(cls, company: str, accent: str, *contacts: str) -> Self:
        """Make the sender of the contacts that are not empty."""
        return cls(company, ", ".join(filter(None, contacts)), accent)


@dataclass(frozen=True, slots=True)
class Text:
    """A rendered message; an SMS has no subject."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of an e-mail: words, a code or a link."""

    kind: str
    text: str


def render(channel: Channel, template: str, params: Mapping[str, object], brand: Brand) -> Text:
    """Fill in the template `<template>.<channel>.txt`.

    Raises:
        jinja2.TemplateError: for an unknown template or a missing parameter.
    """
    source = _environment().get_template(f"{template}.{channel}.txt")
    text = source.render(**params, company=brand.company, support=brand.support).strip()
    if channel is Channel.SMS:
        return Text("", shortened(text, brand.company))
    subject, _, body = text.partition("\n")
    return Text(subject.strip(), body.strip())


def shortened(text: str, company: str) -> str:
    """Return an SMS with the company's name cut, so that it fits one segment if the rest does."""
    excess = len(text) - SMS_CHARACTERS
    if excess <= 0 or not text.endswith(company):
        return text
    room = len(company) - excess - 1
    return (
        f"{text.removesuffix(company)}{company[:room].rstrip()}…" if room > 0 else text.removesuffix(company).rstrip()
    )


def html(body: str, brand: Brand) -> str:
    """Return an e-mail's text as a simple HTML page without pictures and foreign addresses."""
    page = _environment(autoescape=True).get_template("layout.html")
    return page.render(blocks=list(blocks(body)), brand=brand)


def blocks(body: str) -> Iterable[Block]:
    """Split a text into its paragraphs; a code or a link stands on a line of its own."""
    for paragraph in re.split(r"\n\s*\n", body):
        text = paragraph.strip()
        if _CODE_LINE.fullmatch(text):
            yield Block("code", text)
        elif _LINK_LINE.fullmatch(text):
            yield Block("link", text)
        else:
            yield Block("text", text)


@cache
def _environment(*, autoescape: bool = False) -> Environment:
    return Environment(
        loader=PackageLoader("lkk_reflex.notifications", "templates"),
        autoescape=autoescape,  # noqa: S701 - off for plain text only; the HTML layout is escaped.
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
