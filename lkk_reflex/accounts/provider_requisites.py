"""Where the money of a provider goes: what stands on bills and in their payment codes."""

from dataclasses import asdict, dataclass

from sqlmodel import Session

from lkk_reflex.accounts import repository
from lkk_reflex.accounts.errors import ProviderUnknown, RequisitesUnfit
from lkk_reflex.accounts.models import CodeEncoding, ProviderRequisites
from lkk_reflex.accounts.requisites import has_right_correspondent_key, has_right_key, is_bank_account, is_bic
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock

_NAME_LIMIT, _BANK_NAME_LIMIT, _KPP_DIGITS = 160, 45, 9


@dataclass(frozen=True, slots=True)
class Requisites:
    """What is told of a provider's bank; the correspondent account and the КПП may be empty."""

    payee_name: str
    bank_name: str
    bic: str
    bank_account: str
    correspondent_account: str = ""
    kpp: str = ""
    code_encoding: CodeEncoding = CodeEncoding.UTF_8


def set_requisites(session: Session, viewer: Viewer, *, provider_code: str, new: Requisites) -> None:
    """Put these requisites on the provider's bills from now on.

    Raises:
        Forbidden: for everybody but the owner of the server.
        ProviderUnknown: no provider has this code.
        RequisitesUnfit: something in them cannot be right; a wrong digit would send the money to strangers.
    """
    viewer.require_system()
    provider = repository.provider_by_code(session, provider_code)
    if provider is None or provider.id is None:
        raise ProviderUnknown(provider_code=provider_code)
    if problem := _problem_of(new):
        raise RequisitesUnfit(reason=problem)
    session.merge(ProviderRequisites(provider_id=provider.id, changed_at=clock.now(), **asdict(new)))


def _problem_of(new: Requisites) -> str:
    """Return in Russian what is wrong, or nothing."""
    if not 1 <= len(new.payee_name.strip()) <= _NAME_LIMIT:
        return f"название получателя — от 1 до {_NAME_LIMIT} знаков."
    if not 1 <= len(new.bank_name.strip()) <= _BANK_NAME_LIMIT:
        return f"название банка — от 1 до {_BANK_NAME_LIMIT} знаков."
    if not is_bic(new.bic):
        return "БИК — 9 цифр."
    if new.kpp and not (new.kpp.isascii() and new.kpp.isdigit() and len(new.kpp) == _KPP_DIGITS):
        return "КПП — 9 цифр."
    if not is_bank_account(new.bank_account) or not has_right_key(new.bank_account, new.bic):
        return "расчётный счёт — 20 знаков, и его контрольная цифра должна подходить к БИК. Проверьте оба."
    if new.correspondent_account and not has_right_correspondent_key(new.correspondent_account, new.bic):
        return "корреспондентский счёт не подходит к БИК. Проверьте оба."
    return ""
