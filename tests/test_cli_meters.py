"""`lkk meters` and `lkk readings`: what they say and what they leave behind."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import Session, select
from typer.testing import CliRunner, Result

from lkk_reflex import cli
from lkk_reflex.accounts.models import PersonalAccount
from lkk_reflex.attachments.files import FileKind
from lkk_reflex.attachments.storage import digest_of
from lkk_reflex.kit.db import make_engine
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.meters.models import Meter, Reading, ReadingPhoto, ReadingSource, ReadingState
from lkk_reflex.meters.photos import PHOTOS
from lkk_reflex.settings import get_settings
from tests.factories.identity import make_viewer
from tests.factories.meters import make_reading
from tests.support.portal import SECRET, configured, held_clock

REGISTER = "ЛС;ФИО;Период;К оплате\n0012;Иванов;10.2026;5,00\n"
METERS = "ЛС;№ ПУ;Услуга;T1;Дата\n0012;77-1;Холодная вода;100;20.10.2026\n"
PROVIDER = ("--provider", "voda")


class Office:
    """A company with one account, and its command line."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.url = folder, f"sqlite:///{folder / 'portal.sqlite3'}"

    def lkk(self, *arguments: str) -> Result:
        """Run a command."""
        get_settings.cache_clear()
        return CliRunner().invoke(cli.app, arguments)

    def write(self, name: str, text: str) -> str:
        """Write a file and return its name."""
        (self.folder / name).write_text(text)
        return name

    def send_reading(self) -> None:
        """Let a subscriber have sent a reading of the first meter."""
        engine = make_engine(self.url)
        with Session(engine, expire_on_commit=False) as session:
            meter = session.exec(select(Meter)).one()
            told = {"number": "48-1120", "source": ReadingSource.SUBSCRIBER, "state": ReadingState.ACCEPTED}
            make_reading(session, meter, 107, on=date(2026, 11, 20), **told)
            session.commit()
        engine.dispose()

    def add_photo(self, content: bytes) -> None:
        """Let that reading carry a photo."""
        engine = make_engine(self.url)
        with Session(engine, expire_on_commit=False) as session:
            sent = session.exec(select(Reading).where(Reading.number == "48-1120")).one()
            session.add(
                ReadingPhoto(
                    public_id="photo",
                    subscriber_id=make_viewer(session).require_subscriber(),
                    meter_id=sent.meter_id,
                    reading_id=sent.id,
                    kind=FileKind.JPEG,
                    size=len(content),
                    sha256=digest_of(content),
                    stored_name=PHOTOS.keep(content),
                    created_at=sent.submitted_at,
                )
            )
            session.commit()
        engine.dispose()

    def state(self) -> ReadingState:
        """Return where that reading stands."""
        engine = make_engine(self.url)
        with Session(engine) as session:
            found = session.exec(select(Reading).where(Reading.number == "48-1120")).one()
        engine.dispose()
        return found.state


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A company that has loaded a register and a meter."""
    monkeypatch.chdir(tmp_path)
    office = Office(tmp_path)
    with configured(monkeypatch, tmp_path / "var", database_url=office.url, secret_key=SECRET), held_clock():
        office.lkk("db", "upgrade")
        office.lkk("provider", "add", "--code", "voda", "--name", "Водоканал", "--kind", "water")
        office.lkk("register", "import", office.write("register.csv", REGISTER), *PROVIDER)
        told = office.lkk("meters", "load", office.write("meters.csv", METERS), *PROVIDER)
        assert told.exit_code == 0, told.output
        assert "Счётчиков новых: 1, изменено: 0." in told.output
        yield office


def test_a_bad_file_is_refused_with_its_report(office: Office) -> None:
    bad = office.write("bad.csv", METERS + "99;1;Газ;;\n")
    refused = office.lkk("meters", "load", bad, *PROVIDER)
    assert refused.exit_code == 1
    assert "строка 3: счёта 99 у поставщика нет" in refused.stderr
    assert "--skip-bad" in refused.stderr
    assert office.lkk("meters", "load", bad, *PROVIDER, "--skip-bad").exit_code == 0


def test_tariffs_are_loaded(office: Office) -> None:
    file = office.write("tariffs.csv", "Услуга;Действует с;Тариф\nХВС;01.01.2026;47,88\n")
    assert "Тарифов у поставщика: 1." in office.lkk("meters", "tariffs", file, *PROVIDER).output


def test_rules_are_shown_and_changed(office: Office) -> None:
    shown = office.lkk("meters", "policy", *PROVIDER, "--resource", "cold_water")
    assert "Холодная вода: с 1 по 25 число, вне срока — учесть в следующем месяце" in shown.output
    changed = office.lkk(
        "meters", "policy", *PROVIDER, "--resource", "cold_water", "--window-to", "20", "--outside", "refuse",
        "--no-zero", "--max-consumption", "12,5", "--expired", "refuse",
    )  # fmt: skip
    assert "с 1 по 20 число, вне срока — не принимать; нулевой расход — нет" in changed.output
    assert "не больше за месяц: 12,5 м³" in changed.output
    assert office.lkk("meters", "policy", *PROVIDER, "--resource", "cold_water").output == changed.output
    assert len(office.lkk("meters", "policy", *PROVIDER).output.splitlines()) == 7


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("--window-to", "40"), 1), (("--max-consumption", "сто"), 2), (("--outside", "никогда"), 2)],
)
def test_a_rule_that_cannot_be_is_refused(office: Office, arguments: tuple[str, ...], code: int) -> None:
    assert office.lkk("meters", "policy", *PROVIDER, *arguments).exit_code == code


def test_readings_go_out_and_come_back_counted(office: Office) -> None:
    office.send_reading()
    told = office.lkk("readings", "export", "out.csv", *PROVIDER)
    assert "Выгружено показаний: 1." in told.output
    assert office.state() is ReadingState.EXPORTED
    content = (office.folder / "out.csv").read_text("utf-8-sig")
    assert content.splitlines()[1] == "0012;77-1;Холодная вода;107;;;20.11.2026;абонент;48-1120;"
    assert sorted(path.suffix for path in office.folder.glob("*out.csv*")) == [".csv"]
    counted = office.lkk("readings", "counted", "out.csv", *PROVIDER, "--period", "2026-11")
    assert "Учтено показаний: 1." in counted.output
    assert office.state() is ReadingState.COUNTED


def test_photo_of_a_reading_is_written_and_nothing_is_overwritten(office: Office) -> None:
    office.send_reading()
    missing = office.lkk("readings", "photo", "48-1120", "dial.jpg")
    assert missing.exit_code == 1
    assert not (office.folder / "dial.jpg").exists()
    office.add_photo(b"a picture")
    assert "Фото записано." in office.lkk("readings", "photo", "48-1120", "dial.jpg").output
    assert (office.folder / "dial.jpg").read_bytes() == b"a picture"
    assert "Фото записано." in office.lkk("readings", "photo", numbered("48-1120"), "copied.jpg").output
    assert office.lkk("readings", "photo", "48-1120", "dial.jpg").exit_code == 2
    office.lkk("readings", "export", "out.csv", *PROVIDER)
    assert (office.folder / "out.csv").read_text("utf-8-sig").splitlines()[1].endswith("48-1120;да")


def test_an_export_that_cannot_be_written_marks_nothing(office: Office) -> None:
    office.send_reading()
    refused = office.lkk("readings", "export", "nowhere/out.csv", *PROVIDER)
    assert refused.exit_code == 2
    assert "Файл не записан" in refused.stderr
    assert office.state() is ReadingState.ACCEPTED


def test_an_export_does_not_write_over_a_file(office: Office) -> None:
    office.send_reading()
    refused = office.lkk("readings", "export", "meters.csv", *PROVIDER)
    assert refused.exit_code == 2
    assert (office.folder / "meters.csv").read_text() == METERS
    assert office.lkk("readings", "export", "out.csv", *PROVIDER, "--period", "ноябрь").exit_code == 2


def test_a_register_of_meters_brings_them(office: Office) -> None:
    line = "0013;ПЕТРОВ;75ДА533315;0c5b2444-70a0-4932-980c-b4dc0d3f02b5;ЛЕНИНА,1;9;88-1;ХВС;;5;20.10.2026;"
    file = office.write("meters.txt", f"{line}\n")
    told = office.lkk("register", "import", file, *PROVIDER, "--preset", "sber_14_1")
    assert "Счётчиков новых: 1, изменено: 0." in told.output
    engine = make_engine(office.url)
    with Session(engine) as session:
        of = select(PersonalAccount.number).join(Meter, Meter.account_id == PersonalAccount.id)  # type: ignore[arg-type]
        assert session.exec(of.where(Meter.serial == "88-1")).one() == "0013"
    engine.dispose()
