"""What the photo of a bill tells: whose bill it is and the number, and nothing else that its payment code holds."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlmodel import Session

from lkk_reflex.accounts import payment_code
from lkk_reflex.accounts.account_number import NumberRule, TypedKind, recognise
from lkk_reflex.accounts.errors import CodeWithoutNumber
from lkk_reflex.accounts.providers import ProviderChoice, public_choices
from lkk_reflex.cabinet.errors import CodeNotFound, CodeOfAnotherKind, SeveralCodes
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import rate_limit
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.kit.rate_limit import Limit, Scope, address_keys

_QUARTER: Final = timedelta(minutes=15)
#: Far above what a person does; reading a photo is work.
LIMITS: Final = (Limit("scan", Scope.ADDRESS, 40, _QUARTER), Limit("scan", Scope.NETWORK, 400, _QUARTER))
#: The account stands in a field of its own, so any kind of number is believed; a dash may mean something.
_ANY_RULE: Final = NumberRule(drops_dashes=False)
_DIGIT: Final = re.compile(r"\d")
_INN: Final = re.compile(r"\d{10}|\d{12}")


@dataclass(frozen=True, slots=True)
class ScannedAccount:
    """What goes into the form. Neither a name nor an address nor a sum: whoever holds the photo may be anybody."""

    number: str
    #: The code of the provider; empty when the payee is none of ours, or several providers have its taxpayer number.
    provider: str
    #: The shortest payment code with the same account, for a form in which another provider stands.
    code: str
    #: A sentence for the person.
    said: str


@dataclass(frozen=True, slots=True)
class _Account:
    number: str
    payee_inn: str


def count_scan(session: Session, viewer: Viewer) -> None:
    """Count a photo before it is received; anybody may send one.

    Raises:
        TooManyAttempts: too many in a short time.
    """
    rate_limit.take(session, LIMITS, address_keys(viewer.address))


def account_on(session: Session, *, codes: Iterable[bytes], provider_code: str) -> ScannedAccount:
    """Return the account that the codes of one photo name: of the chosen provider, else of one of ours, else any.

    Raises:
        CodeNotFound: there are no codes.
        CodeOfAnotherKind: none of them is a payment code (ГОСТ Р 56042-2014).
        CodeWithoutNumber: none of the payment codes names an account.
        SeveralCodes: they name several accounts that are equally good.
    """
    choices = public_choices(session)
    found = _chosen(_accounts_in(codes), choices, provider_code)
    provider = _provider_of(found, choices, provider_code)
    inn = f"|PayeeINN={found.payee_inn}" if found.payee_inn else ""
    number = numbered(found.number)
    whose = f"{provider.name}, {number}. Проверьте и продолжайте." if provider else ""
    return ScannedAccount(
        number=found.number,
        provider=provider.code if provider else "",
        code=f"ST00012|PersAcc={found.number}{inn}",
        said=f"Код прочитан: {whose or number + '. Проверьте номер и поставщика.'}",
    )


def _accounts_in(codes: Iterable[bytes]) -> list[_Account]:
    """Return the different accounts that payment codes name, in the order of the codes."""
    texts = [payment_code.decode(code) for code in codes]
    if not texts:
        raise CodeNotFound
    texts = [text for text in texts if payment_code.is_payment_code(text)]
    if not texts:
        raise CodeOfAnotherKind
    typed = [recognise(text, _ANY_RULE) for text in texts]
    named = [
        # What stands in the field of a number may be anything; only what looks like one goes on.
        _Account(found.value, found.payee_inn if _INN.fullmatch(found.payee_inn) else "")
        for found in typed
        if found.kind in {TypedKind.NUMBER, TypedKind.UNIFIED} and _DIGIT.search(found.value)
    ]
    if not named:
        raise CodeWithoutNumber
    return list(dict.fromkeys(named))


def _chosen(accounts: list[_Account], choices: list[ProviderChoice], provider_code: str) -> _Account:
    ours = {choice.inn for choice in choices if choice.inn}
    chosen = {choice.inn for choice in choices if choice.code == provider_code and choice.inn}
    for payees in (chosen, ours):
        fitting = [account for account in accounts if account.payee_inn in payees]
        if fitting:
            return _only(fitting)
    return _only(accounts)


def _only(accounts: list[_Account]) -> _Account:
    if len(accounts) > 1:
        raise SeveralCodes
    return accounts[0]


def _provider_of(account: _Account, choices: list[ProviderChoice], provider_code: str) -> ProviderChoice | None:
    fitting = [choice for choice in choices if account.payee_inn and choice.inn == account.payee_inn]
    chosen = [choice for choice in fitting if choice.code == provider_code]
    return next(iter(chosen or fitting)) if len(chosen or fitting) == 1 else None
