"""The form of readings out of whatever a socket has sent."""

from collections.abc import Mapping

from lkk_reflex.kit.raw_input import plain_text, text_of
from lkk_reflex.meters.dial import meter_and_scale
from lkk_reflex.meters.views import Form

#: Longer than any dial, so that what is too long is refused and not cut.
LONGEST_VALUE = 40
_LONGEST_INTENT = 64
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
        intent_id=intent_id or text_of(fields, "intent", limit=_LONGEST_INTENT),
        values=typed_values(fields),
        confirmed=frozenset(text_of(fields, "confirmed", limit=_LONGEST_KEYS).split()),
    )


def typed_values(fields: object) -> dict[str, str]:
    """Return what was typed into the fields of dials; empty ones are left out."""
    if not isinstance(fields, Mapping):
        return {}
    names = [name for name in fields if isinstance(name, str) and meter_and_scale(name)][:_MOST_FIELDS]
    typed = {name: plain_text(fields[name], limit=LONGEST_VALUE) for name in names}
    return {name: text for name, text in typed.items() if text}
