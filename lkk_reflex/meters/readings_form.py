"""The form of readings out of whatever a socket has sent."""

import re
from collections.abc import Mapping
from dataclasses import replace

from lkk_reflex.kit.raw_input import plain_text, text_of
from lkk_reflex.meters.dial import meter_and_scale, meter_of_photo
from lkk_reflex.meters.views import Form, Submission

#: Longer than any dial, so that what is too long is refused and not cut.
LONGEST_VALUE = 40
_INTENT = re.compile(r"[A-Za-z0-9_-]{20,64}")
_NUMBER = re.compile(r"[0-9-]{1,32}")
#: The keys of as many questions as a form can ask.
_LONGEST_KEYS = 4000
#: More dials than any account has.
_MOST_FIELDS = 60


def read_form(fields: object, *, link_id: str, intent_id: str = "") -> Form:
    """Return the form; what is no text counts as not filled in, what is no field of a dial is left out.

    The intent travels in a hidden field, so that a form sent again after a lost connection is the same form.
    """
    return Form(
        link_id=link_id,
        intent_id=intent_id or _matching(_INTENT, text_of(fields, "intent")),
        values=typed_values(fields),
        photos=_photos(fields),
        confirmed=frozenset(text_of(fields, "confirmed", limit=_LONGEST_KEYS).split()),
    )


def not_saved(form: Form, submission: Submission) -> Form:
    """Return what is left of a form when the readings that were saved are taken out."""
    saved = {outcome.checked.public_id for outcome in submission.outcomes if outcome.saved}
    left = {
        name: text for name, text in form.values.items() if (of := meter_and_scale(name)) is None or of[0] not in saved
    }
    return replace(form, values=left)


def typed_values(fields: object) -> dict[str, str]:
    """Return what was typed into the fields of dials; empty ones are left out."""
    if not isinstance(fields, Mapping):
        return {}
    names = [name for name in fields if isinstance(name, str) and meter_and_scale(name)][:_MOST_FIELDS]
    typed = {name: plain_text(fields[name], limit=LONGEST_VALUE) for name in names}
    return {name: text for name, text in typed.items() if text}


def read_number(value: object) -> str:
    """Return the number of a reading, or an empty text for what cannot be one."""
    return _matching(_NUMBER, plain_text(value))


def _photos(fields: object) -> dict[str, str]:
    """Return which photo was uploaded for which meter."""
    if not isinstance(fields, Mapping):
        return {}
    names = {name: meter_of_photo(name) for name in fields if isinstance(name, str) and meter_of_photo(name)}
    told = {meter_id: _matching(_INTENT, plain_text(fields[name])) for name, meter_id in names.items()}
    return {meter_id: photo_id for meter_id, photo_id in list(told.items())[:_MOST_FIELDS] if photo_id}


def _matching(pattern: re.Pattern[str], text: str) -> str:
    return text if pattern.fullmatch(text) else ""
