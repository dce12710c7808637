"""Providers: adding one, and who sees which."""

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from lkk_reflex.accounts import repository
from lkk_reflex.accounts.errors import ProviderCodeTaken, ProviderUnfit
from lkk_reflex.accounts.models import ServiceKind, ServiceProvider
from lkk_reflex.accounts.requisites import is_inn
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.db import violates
from lkk_reflex.kit.errors import Forbidden

_CODE = re.compile(r"[a-z][a-z0-9_-]{1,39}")
_LAST_SAFE_DAY = 28
_TOWN = re.compile(r"(?:г|город|пгт|рп|пос|посёлок|с|село|дер|деревня|ст-ца|станица)\b\.?\s*[А-ЯЁ].*")


@dataclass(frozen=True, slots=True)
class NewProvider:
    """What is told of a provider when it is added; the fields are those of `ServiceProvider`."""

    code: str
    name: str
    kind: ServiceKind
    inn: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    time_zone: str = "Europe/Moscow"
    account_pattern: str | None = None
    account_example: str = ""
    account_hint: str = ""
    drops_dashes: bool = True
    due_day: int | None = None


@dataclass(frozen=True, slots=True)
class ProviderChoice:
    """A provider in the list from which a subscriber chooses; all of it stands on its bills."""

    #: For use cases alone; screens name a provider by its code.
    id: int
    code: str
    name: str
    kind: ServiceKind
    #: `г. Рязань`; empty when the address names no town.
    town: str
    inn: str
    account_example: str
    account_hint: str


def add_provider(session: Session, viewer: Viewer, *, new: NewProvider) -> int:
    """Add a provider and return its id.

    Raises:
        Forbidden: for everybody but the owner of the server.
        ProviderUnfit: something in the description cannot be right.
        ProviderCodeTaken: the code is used already.
    """
    viewer.require_system()
    _check(new)
    provider = ServiceProvider(created_at=clock.now(), **{name: getattr(new, name) for name in new.__slots__})
    session.add(provider)
    try:
        session.flush()
    except IntegrityError as error:
        if violates(error, "uq_service_provider_code"):
            raise ProviderCodeTaken(provider_code=new.code) from error
        raise
    return provider.id or 0


def provider_choices(session: Session, viewer: Viewer) -> list[ProviderChoice]:
    """Return the providers to which an account can be connected, by name.

    Raises:
        SignInRequired: for everybody but subscribers.
    """
    viewer.require_subscriber()
    return public_choices(session)


def public_choices(session: Session) -> list[ProviderChoice]:
    """Return the providers of the portal, by name; everybody may know them."""
    return [
        ProviderChoice(
            id=found.id or 0,
            code=found.code,
            name=found.name,
            kind=found.kind,
            town=_town(found.address),
            inn=found.inn,
            account_example=found.account_example,
            account_hint=found.account_hint,
        )
        for found in repository.providers(session)
    ]


def providers_of_staff(session: Session, viewer: Viewer) -> list[ServiceProvider]:
    """Return the providers for which the viewer works; the system works for all.

    Raises:
        Forbidden: for subscribers and strangers.
    """
    if viewer.role is Role.SYSTEM:
        return list(repository.providers(session))
    if viewer.role is not Role.OPERATOR:
        raise Forbidden
    return list(repository.providers(session, viewer.provider_ids))


def _town(address: str) -> str:
    parts = (part.strip() for part in address.split(","))
    town = next((part for part in parts if _TOWN.fullmatch(part)), "")
    return town.replace(" ", "\N{NO-BREAK SPACE}")


def _check(new: NewProvider) -> None:
    if not _CODE.fullmatch(new.code):
        raise ProviderUnfit(reason="код — латинские буквы, цифры, дефис, с буквы, например gorvodokanal.")
    if not new.name.strip():
        raise ProviderUnfit(reason="нет названия.")
    if new.inn and not is_inn(new.inn):
        raise ProviderUnfit(reason="в ИНН ошибка.")
    if new.due_day is not None and not 1 <= new.due_day <= _LAST_SAFE_DAY:
        raise ProviderUnfit(reason="день оплаты — от 1 до 28.")
    try:
        ZoneInfo(new.time_zone)
    except (ValueError, KeyError, OSError) as error:
        raise ProviderUnfit(reason="часовой пояс неизвестен, нужен, например, Europe/Moscow.") from error
    try:
        re.compile(new.account_pattern or "")
    except re.error as error:
        raise ProviderUnfit(reason="шаблон номера — не регулярное выражение.") from error
