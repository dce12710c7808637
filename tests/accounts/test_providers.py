"""Adding providers and choosing among them."""

from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from lkk_reflex.accounts import providers
from lkk_reflex.accounts.errors import ProviderCodeTaken, ProviderUnfit
from lkk_reflex.accounts.models import ServiceKind
from lkk_reflex.accounts.providers import NewProvider
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import unit_of_work
from tests.factories.accounts import make_operator, make_provider
from tests.factories.identity import make_viewer

NEW: dict[str, Any] = {"code": "voda", "name": "Водоканал", "kind": ServiceKind.WATER}


def test_a_new_provider_can_be_chosen(session: Session) -> None:
    new = NewProvider(**NEW, account_example="12", account_hint="Две цифры.")
    provider_id = providers.add_provider(session, Viewer.system(), new=new)
    (choice,) = providers.provider_choices(session, make_viewer(session))
    assert (choice.id, choice.code, choice.name) == (provider_id, "voda", "Водоканал")
    assert (choice.account_example, choice.account_hint) == ("12", "Две цифры.")


def test_a_code_belongs_to_one_provider(portal: Engine) -> None:
    with unit_of_work() as session:
        make_provider(session, code="voda")
    with pytest.raises(ProviderCodeTaken) as refusal, unit_of_work() as session:
        providers.add_provider(session, Viewer.system(), new=NewProvider(**NEW))
    assert "voda" in refusal.value.message


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("code", "Вода", "код"),
        ("code", "1", "код"),
        ("name", " ", "названия"),
        ("inn", "7707083890", "ИНН"),
        ("due_day", 31, "день"),
        ("time_zone", "Москва", "пояс"),
        ("account_pattern", "(", "шаблон"),
    ],
)
def test_a_description_that_cannot_be_right_is_refused(
    session: Session, field: str, value: object, reason: str
) -> None:
    with pytest.raises(ProviderUnfit) as refusal:
        providers.add_provider(session, Viewer.system(), new=NewProvider(**(NEW | {field: value})))
    assert reason in refusal.value.message


def test_staff_see_the_providers_they_work_for(session: Session) -> None:
    own, other = make_provider(session), make_provider(session)
    assert providers.providers_of_staff(session, make_operator(own.id)) == [own]
    assert len(providers.providers_of_staff(session, Viewer.system())) == 2
    assert providers.providers_of_staff(session, make_operator()) == []
    assert other.id
