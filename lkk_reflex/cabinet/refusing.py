"""What a page says of a refusal beside the sentence that the refusal has itself."""

from lkk_reflex.kit.errors import PortalError
from lkk_reflex.kit.rate_limit import TooManyAttempts
from lkk_reflex.settings import get_settings


def sentence_of(refusal: PortalError) -> str:
    """Return the sentence of a refusal; a long wait gets another way on."""
    phone = get_settings().support_phone
    way_out = f" Или позвоните нам: {phone}." if isinstance(refusal, TooManyAttempts) and phone else ""
    return refusal.message + way_out
