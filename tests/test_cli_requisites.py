"""`lkk provider requisites`: what it says, and what it refuses."""

from pathlib import Path

import pytest
from sqlmodel import Session, select
from typer.testing import CliRunner, Result

from lkk_reflex import cli
from lkk_reflex.accounts.models import CodeEncoding, ProviderRequisites
from lkk_reflex.kit.db import make_engine
from lkk_reflex.settings import get_settings
from tests.support.portal import configured

RIGHT = (
    "provider", "requisites", "--provider", "voda", "--payee", "ООО «Водоканал»", "--bank-name", "ПАО СБЕРБАНК",
    "--bic", "044525225", "--correspondent-account", "30101810400000000225", "--kpp", "620001001",
    "--code-encoding", "windows-1251",
)  # fmt: skip


def lkk(*arguments: str) -> Result:
    """Run a command."""
    get_settings.cache_clear()
    return CliRunner().invoke(cli.app, arguments)


def test_requisites_are_kept_and_a_wrong_digit_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'portal.sqlite3'}"
    with configured(monkeypatch, tmp_path, database_url=url):
        lkk("db", "upgrade")
        lkk("provider", "add", "--code", "voda", "--name", "Водоканал", "--kind", "water", "--inn", "7707083893")
        wrong = lkk(*RIGHT, "--bank-account", "40702810938000012346")
        assert wrong.exit_code == 1
        assert "контрольная цифра должна подходить к БИК" in wrong.output
        right = lkk(*RIGHT, "--bank-account", "40702810938000012345")
        assert (right.exit_code, right.output.startswith("Реквизиты сохранены")) == (0, True)
        unknown = lkk(*RIGHT, "--bank-account", "40702810938000012345", "--provider", "gaz")
        assert "Поставщика с кодом gaz нет." in unknown.output
    engine = make_engine(url)
    with Session(engine) as session:
        kept = session.exec(select(ProviderRequisites)).one()
    engine.dispose()
    assert (kept.payee_name, kept.code_encoding) == ("ООО «Водоканал»", CodeEncoding.WINDOWS_1251)
