"""Requisites of a provider: a wrong digit is refused, because it would send the money to strangers."""

from dataclasses import replace

import pytest
from sqlmodel import Session

from lkk_reflex.accounts import repository
from lkk_reflex.accounts.errors import ProviderUnknown, RequisitesUnfit
from lkk_reflex.accounts.models import CodeEncoding
from lkk_reflex.accounts.provider_requisites import Requisites, set_requisites
from lkk_reflex.accounts.requisites import has_right_correspondent_key
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.errors import Forbidden
from tests.factories.accounts import everybody, make_provider

RIGHT = Requisites(
    payee_name="ООО «Горводоканал»",
    bank_name="ПАО СБЕРБАНК",
    bic="044525225",
    bank_account="40702810938000012345",
    correspondent_account="30101810400000000225",
    kpp="620001001",
)


def test_later_requisites_replace_the_earlier_ones(session: Session) -> None:
    provider = make_provider(session)
    for encoding in CodeEncoding:
        new = replace(RIGHT, code_encoding=encoding)
        set_requisites(session, Viewer.system(), provider_code=provider.code, new=new)
    session.flush()
    found = repository.requisites_of(session, provider.id or 0)
    assert found is not None
    assert (found.bank_account, found.code_encoding) == ("40702810938000012345", CodeEncoding.WINDOWS_1251)


@pytest.mark.parametrize(
    "wrong",
    [
        {"payee_name": " "},
        {"payee_name": "Ю" * 161},
        {"bank_name": ""},
        {"bank_name": "Б" * 46},
        {"bic": "04452522"},
        {"bic": "044525974"},
        {"kpp": "62000100"},
        {"kpp": "62000100А"},
        {"bank_account": "40702810938000012346"},
        {"bank_account": "4070281093800001234"},
        {"correspondent_account": "30101810400000000226"},
        {"correspondent_account": "225"},
    ],
)
def test_wrong_digit_is_refused(session: Session, wrong: dict[str, str]) -> None:
    provider = make_provider(session)
    with pytest.raises(RequisitesUnfit):
        set_requisites(session, Viewer.system(), provider_code=provider.code, new=replace(RIGHT, **wrong))  # type: ignore[arg-type]


def test_correspondent_account_has_a_key_of_its_own_kind() -> None:
    assert has_right_correspondent_key("30101810400000000225", "044525225")
    assert not has_right_correspondent_key("30101810400000000225", "")


def test_only_the_owner_of_the_server_sets_requisites(session: Session) -> None:
    provider = make_provider(session)
    for name, viewer in everybody(session, provider).items():
        if name != "system":
            with pytest.raises(Forbidden):
                set_requisites(session, viewer, provider_code=provider.code, new=RIGHT)
    with pytest.raises(ProviderUnknown):
        set_requisites(session, Viewer.system(), provider_code="nobody", new=RIGHT)
