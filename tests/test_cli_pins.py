"""`lkk pin`, `lkk account` and `lkk provider proofs`: what they say and what they leave behind."""

import csv
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select
from typer.testing import CliRunner, Result

from lkk_reflex import cli, cli_pins
from lkk_reflex.accounts import proof_rules
from lkk_reflex.accounts.models import AccountLink, LinkLevel, PaperlessChoice, PersonalAccount, Pin
from lkk_reflex.kit.db import make_engine, unit_of_work
from lkk_reflex.settings import get_settings
from tests.factories.accounts import make_account, make_link, make_provider
from tests.factories.identity import make_viewer
from tests.support.portal import SECRET, configured, hash_quickly

REGISTER = "ЛС;ФИО;Адрес;Период;К оплате\n0012;Иванов;=1+1;10.2026;5,00\n0013;Петров;ул. Мира, д. 1;10.2026;7,00\n"


class Office:
    """A company with two accounts, and its command line."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.url = folder, f"sqlite:///{folder / 'portal.sqlite3'}"

    def lkk(self, *arguments: str) -> Result:
        """Run a command."""
        get_settings.cache_clear()
        return CliRunner().invoke(cli.app, arguments)

    def pins(self) -> list[Pin]:
        """Return what is kept of PINs."""
        engine = make_engine(self.url)
        with Session(engine) as session:
            found = list(session.exec(select(Pin)))
        engine.dispose()
        return found


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A company that has loaded a register."""
    hash_quickly(monkeypatch)
    monkeypatch.chdir(tmp_path)
    office = Office(tmp_path)
    with configured(monkeypatch, tmp_path / "var", database_url=office.url, secret_key=SECRET):
        office.lkk("db", "upgrade")
        office.lkk("provider", "add", "--code", "voda", "--name", "Водоканал", "--kind", "water")
        (tmp_path / "register.csv").write_text(REGISTER)
        assert office.lkk("register", "import", "register.csv", "--provider", "voda").exit_code == 0
        yield office


def test_pin_of_one_account_is_shown_once(office: Office) -> None:
    told = office.lkk("pin", "issue", "--provider", "voda", "--account", "0012")
    assert told.exit_code == 0, told.output
    pin = told.output.split(": ")[1].split()[0]
    assert proof_rules.clean_pin(pin)
    assert "Действует по" in told.output
    listed = office.lkk("pin", "list", "--provider", "voda").output
    assert listed.startswith("0012\tдействует\tвыдан ")
    assert pin not in listed
    assert office.lkk("pin", "revoke", "--provider", "voda", "--account", "0012").output == "Пин-код отозван.\n"
    again = office.lkk("pin", "revoke", "--provider", "voda", "--account", "0012")
    assert again.output == "Действующего пин-кода у счёта нет.\n"


def test_pin_that_could_not_be_saved_is_not_shown(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def failing() -> Iterator[Session]:
        with unit_of_work() as session:
            yield session
            raise OperationalError("COMMIT", {}, OSError("the disk is full"))

    monkeypatch.setattr(cli_pins, "unit_of_work", failing)
    told = office.lkk("pin", "issue", "--provider", "voda", "--account", "0012")
    assert (told.exit_code, told.stdout) == (1, "")
    assert office.pins() == []


def test_pins_of_all_accounts_go_to_a_new_file_that_nobody_else_reads(office: Office) -> None:
    file = office.folder / "pins.csv"
    command = ("pin", "issue", "--provider", "voda", "--all", "--out", str(file))
    assert "Выдано пин-кодов: 2." in office.lkk(*command).output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    assert [row["Лицевой счёт"] for row in rows] == ["0012", "0013"]
    assert all(proof_rules.clean_pin(row["Пин-код"]) for row in rows)
    assert rows[0]["Адрес"] == "'=1+1"
    before = [pin.pin_hash for pin in office.pins()]
    refused = office.lkk(*command)
    assert refused.exit_code == 2
    assert "уже есть" in refused.stderr
    assert [pin.pin_hash for pin in office.pins()] == before


@pytest.mark.parametrize(
    "more", [(), ("--account", "0012", "--all"), ("--all",), ("--account", "0012", "--out", "x.csv")], ids=str
)
def test_issuing_asks_for_one_account_or_for_all_with_a_file(office: Office, more: tuple[str, ...]) -> None:
    refused = office.lkk("pin", "issue", "--provider", "voda", *more)
    assert refused.exit_code == 2
    assert "Укажите --account" in refused.stderr
    assert not office.pins()


def test_unknown_accounts_and_providers_are_named(office: Office) -> None:
    refused = office.lkk("pin", "issue", "--provider", "voda", "--account", "99")
    assert (refused.exit_code, refused.stderr) == (1, "У поставщика voda нет лицевого счёта 99.\n")
    assert "gaz" in office.lkk("pin", "list", "--provider", "gaz").stderr
    assert "Пин-кодов пока нет" in office.lkk("pin", "list", "--provider", "voda").output


def test_provider_chooses_what_proves_an_account(office: Office) -> None:
    proofs = ("provider", "proofs", "--provider", "voda")
    assert office.lkk(*proofs).output == "Счёт подтверждают: пин-код.\n"
    both = office.lkk(*proofs, "--allow", "bill_sum, meter_serial").output
    assert both == "Счёт подтверждают: пин-код, сумма из прежней квитанции, заводской номер счётчика.\n"
    refused = office.lkk(*proofs, "--allow", "passport")
    assert refused.exit_code == 1
    assert "passport" in refused.stderr
    assert "surname" in refused.stderr
    assert office.lkk(*proofs).output == both
    with_surname = office.lkk(*proofs, "--allow", "bill_sum,surname").output
    assert with_surname == (
        "Счёт подтверждают: пин-код, сумма из прежней квитанции. Без пин-кода нужна ещё фамилия владельца.\n"
    )
    alone = office.lkk(*proofs, "--allow", "surname")
    assert alone.exit_code == 1
    assert alone.stderr == "Одна фамилия не подтверждает, что счёт свой. Добавьте к ней: bill_sum, meter_serial.\n"
    assert office.lkk(*proofs).output == with_surname
    assert office.lkk(*proofs, "--allow", "none").output == "Счёт подтверждают: пин-код.\n"


def test_demanding_a_surname_tells_how_many_accounts_have_no_name(office: Office) -> None:
    engine = make_engine(office.url)
    with Session(engine) as session:
        account = session.exec(select(PersonalAccount).where(PersonalAccount.number == "0012")).one()
        account.owner_name = " "
        session.add(account)
        make_account(session, make_provider(session, code="gaz"), owner_name="")
        session.commit()
    proofs = ("provider", "proofs", "--provider", "voda", "--allow")
    told = "Счетов без фамилии владельца в реестре: 1. Их подтвердит только пин-код."
    assert told in office.lkk(*proofs, "bill_sum,surname").output.splitlines()
    assert "без фамилии" not in office.lkk(*proofs, "bill_sum").output


def test_change_of_owner_disconnects_the_account(office: Office) -> None:
    engine = make_engine(office.url)
    with Session(engine) as session:
        account = session.exec(select(PersonalAccount).where(PersonalAccount.number == "0012")).one()
        make_link(session, make_viewer(session), account)
        session.commit()
    told = office.lkk("account", "paperless", "--provider", "voda", "--out", "none.csv")
    assert "Счетов без бумажной квитанции: 0." in told.output
    command = ("account", "end-links", "--provider", "voda", "--account", "0012")
    assert office.lkk(*command).exit_code != 0
    assert "Отключено кабинетов: 1." in office.lkk(*command, "--yes").output
    with Session(engine) as session:
        assert session.exec(select(AccountLink)).one().ended_at
    engine.dispose()


def test_accounts_without_paper_are_written_for_the_printer(office: Office) -> None:
    engine = make_engine(office.url)
    with Session(engine) as session:
        account = session.exec(select(PersonalAccount).where(PersonalAccount.number == "0012")).one()
        link = make_link(session, make_viewer(session), account, level=LinkLevel.EXTENDED)
        session.add(PaperlessChoice(link_id=link.id or 0, chosen_at=datetime(2026, 11, 21, 22, 0, tzinfo=UTC)))
        session.commit()
    engine.dispose()
    command = ("account", "paperless", "--provider", "voda", "--out", "paperless.csv")
    assert "Счетов без бумажной квитанции: 1. Файл: paperless.csv" in office.lkk(*command).output
    file = office.folder / "paperless.csv"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    rows = list(csv.reader(file.read_text("utf-8-sig").splitlines(), delimiter=";"))
    # A cell that a spreadsheet would run is a text.
    assert rows == [["Лицевой счёт", "Адрес", "Отказ с"], ["0012", "'=1+1", "22.11.2026"]]
    assert office.lkk(*command).exit_code == 2
