"""The `lkk` command: what it says, and with which exit code it ends."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, func, select
from typer.testing import CliRunner, Result

from lkk_reflex import cli
from lkk_reflex.accounts.models import Bill, PersonalAccount
from lkk_reflex.kit import clock
from lkk_reflex.kit.db import make_engine, unit_of_work
from lkk_reflex.payments import repository
from lkk_reflex.settings import get_settings
from tests.factories.payments import make_payable, make_payment

Lkk = Callable[..., Result]
SECRET = "a-secret-of-the-tests-that-is-long-enough"
REGISTER = "ЛС;ФИО;Период;К оплате\n0012;Иванов;10.2026;5,00\n"
PROVIDER = ("provider", "add", "--code", "voda", "--name", "Водоканал", "--kind", "water")


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The database of the command, unless a test takes both kinds in turn."""
    return f"sqlite:///{tmp_path / 'portal.sqlite3'}"


@pytest.fixture
def lkk(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lkk]:
    """Run the command as a person would, in an installation of its own."""
    monkeypatch.chdir(tmp_path)
    for name, value in {"DATA_DIR": str(tmp_path / "var"), "DATABASE_URL": url, "SECRET_KEY": SECRET}.items():
        monkeypatch.setenv(f"LKK_{name}", value)

    def run(*arguments: str, **settings: str) -> Result:
        for name, value in settings.items():
            monkeypatch.setenv(f"LKK_{name.upper()}", value)
        get_settings.cache_clear()
        return CliRunner().invoke(cli.app, arguments)

    yield run
    get_settings.cache_clear()


def rows(url: str, kind: type[object]) -> int:
    """Count the rows of a table."""
    engine = make_engine(url)
    with Session(engine) as session:
        found = session.exec(select(func.count()).select_from(kind)).one()
    engine.dispose()
    return found


def test_a_fresh_installation_is_set_up_step_by_step(lkk: Lkk, empty_database_url: str, tmp_path: Path) -> None:
    url = empty_database_url
    (tmp_path / "register.csv").write_text(REGISTER)
    assert lkk("db", "upgrade", database_url=url).output == "База данных готова.\n"
    assert "Поставщиков пока нет" in lkk("provider", "list").output
    assert "lkk register import" in lkk(*PROVIDER).output
    assert lkk("provider", "list").output == "voda\tВодоканал\tИНН —\n"
    tried = lkk("register", "import", "register.csv", "--provider", "voda", "--dry-run")
    assert (tried.exit_code, rows(url, Bill)) == (0, 0)
    assert "ничего не изменено" in tried.output
    loaded = lkk("register", "import", "register.csv", "--provider", "voda")
    assert (loaded.exit_code, rows(url, Bill)) == (0, 1)
    assert "Реестр загружен." in loaded.output
    again = lkk("register", "import", "register.csv", "--provider", "voda")
    assert (again.exit_code, rows(url, Bill)) == (1, 1)
    assert "уже загружен" in again.stderr


def test_a_bad_register_is_refused_with_its_report(lkk: Lkk, url: str, tmp_path: Path) -> None:
    (tmp_path / "register.csv").write_text(REGISTER + ";;;\n")
    lkk("db", "upgrade")
    lkk(*PROVIDER)
    command = ("register", "import", "register.csv", "--provider", "voda")
    refused = lkk(*command)
    assert (refused.exit_code, rows(url, PersonalAccount)) == (1, 0)
    assert "строка 3: нет номера лицевого счёта" in refused.stderr
    assert "rejects" in refused.stderr
    assert lkk(*command, "--skip-bad").exit_code == 0
    assert rows(url, PersonalAccount) == 1


def test_a_format_that_is_not_named_is_offered(lkk: Lkk, tmp_path: Path) -> None:
    (tmp_path / "register.txt").write_text("12;Иванов;ул. Мира, 1;1026;5.00\n")
    lkk("db", "upgrade")
    lkk(*PROVIDER)
    asked = lkk("register", "import", "register.txt", "--provider", "voda")
    assert asked.exit_code == 1
    assert "--preset ls_fio_addr" in asked.stderr
    command = ("register", "import", "register.txt", "--provider", "voda", "--preset", "ls_fio_addr")
    assert lkk(*command, "--data-as-of", "2026-11-01 18:00").exit_code == 0


def test_a_guessed_encoding_waits_for_a_person_s_word(lkk: Lkk, url: str, tmp_path: Path) -> None:
    (tmp_path / "register.csv").write_bytes(REGISTER.encode("cp1251"))
    lkk("db", "upgrade")
    lkk(*PROVIDER)
    command = ("register", "import", "register.csv", "--provider", "voda")
    asked = lkk(*command)
    assert (asked.exit_code, rows(url, Bill)) == (1, 0)
    assert "Иванов" in asked.stdout
    assert "--encoding cp1251" in asked.stderr
    assert lkk(*command, "--encoding", "cp1251").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [("--period", "октябрь"), ("--data-as-of", "вчера"), ("--encoding", "utf-7")],
)
def test_arguments_that_cannot_be_read_end_with_code_2(lkk: Lkk, tmp_path: Path, arguments: tuple[str, str]) -> None:
    (tmp_path / "register.csv").write_text(REGISTER)
    assert lkk("register", "import", "register.csv", "--provider", "voda", *arguments).exit_code == 2


def test_the_demo_town_is_loaded_once_and_reset_on_demand(lkk: Lkk, empty_database_url: str) -> None:
    loaded = lkk("demo", "load", database_url=empty_database_url)
    assert "1010000000" in loaded.output
    assert "/demo/inbox" in loaded.output
    again = lkk("demo", "load")
    assert again.exit_code == 1
    assert "demo reset" in again.stderr
    assert lkk("demo", "reset").exit_code == 1, "without a confirmation nothing is deleted"
    assert "загружен заново" in lkk("demo", "reset", "--yes").output
    assert rows(empty_database_url, PersonalAccount) >= 300


PRODUCTION = {
    "mode": "production",
    "company_name": "Горводоканал",
    "public_url": "https://lk.example.ru",
    "mail_sender": "smtp",
}


def test_a_working_portal_never_gets_the_demo_town(lkk: Lkk) -> None:
    refused = lkk("demo", "reset", "--yes", smtp_host="localhost", **PRODUCTION)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "только в демонстрации" in refused.stderr


def test_wrong_settings_are_told_in_sentences(lkk: Lkk) -> None:
    wrong = lkk("doctor", port="много", mode="test")
    assert wrong.exit_code == 2
    assert "LKK_PORT: нужно целое число" in wrong.stderr
    assert "LKK_MODE: выберите одно из" in wrong.stderr
    assert "Traceback" not in wrong.output


def test_a_database_that_is_away_is_told_in_a_sentence(lkk: Lkk) -> None:
    away = lkk("provider", "list", database_url="postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    assert away.exit_code == 1
    assert "lkk doctor" in away.stderr
    assert "✗ База данных не отвечает" in lkk("doctor").output


def test_the_doctor_names_what_is_not_ready(lkk: Lkk) -> None:
    first = lkk("doctor")
    assert first.exit_code == 1
    assert "lkk db upgrade" in first.output
    lkk("demo", "load")
    second = lkk("doctor")
    assert second.exit_code == 0
    for sentence in ("Демонстрация", "Правило 5–10 знаков слабее", "Магазины подключены у всех поставщиков: 4"):
        assert sentence in second.output


def test_the_doctor_knocks_at_the_mail_server(lkk: Lkk) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    away = lkk("doctor", mail_sender="smtp", smtp_host="127.0.0.1", smtp_port=port, password_profile="standard")
    assert away.exit_code == 1
    assert f"✗ Почтовый сервер 127.0.0.1:{port} не отвечает" in away.output
    assert "✓ Пароли" in away.output


def test_the_doctor_says_which_provider_cannot_be_paid(lkk: Lkk) -> None:
    lkk("db", "upgrade")
    lkk(*PROVIDER)
    assert "Водоканал: магазин ЮKassa не подключён" in lkk("doctor").output


def test_a_start_prepares_everything_and_says_the_first_steps(
    lkk: Lkk, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts: list[list[str]] = []
    monkeypatch.setattr("lkk_reflex.server.run.run_portal", lambda _settings, *, echo, lines: starts.append(lines))
    assert "Загружен демо-город" in lkk("run").output
    assert "Загружен" not in lkk("run").output
    assert rows(url, PersonalAccount) >= 300
    first, second = ("\n".join(lines) for lines in starts)
    assert first == second
    assert [number in first for number in ("1010000000", "004512000000", "20100-100-10", "/demo/inbox")] == [True] * 4


def test_a_start_that_fails_ends_with_a_sentence(lkk: Lkk, monkeypatch: pytest.MonkeyPatch) -> None:
    from lkk_reflex.server.run import StartError

    def refuse(*_: object, **__: object) -> None:
        raise StartError("Порт занят.")

    monkeypatch.setattr("lkk_reflex.server.run.run_portal", refuse)
    failed = lkk("run")
    assert (failed.exit_code, "Порт занят." in failed.stderr) == (1, True)


def test_a_working_portal_starts_empty_and_without_demo_words(
    lkk: Lkk, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts: list[list[str]] = []
    monkeypatch.setattr("lkk_reflex.server.run.run_portal", lambda _settings, *, echo, lines: starts.append(lines))
    assert lkk("run", smtp_host="localhost", **PRODUCTION).exit_code == 0
    assert (starts, rows(url, PersonalAccount)) == ([[]], 0)


SHOP = ("shop", "add", "--provider", "voda", "--shop-id", "123456")


def test_a_shop_is_added_with_the_address_for_its_notifications(lkk: Lkk) -> None:
    lkk("db", "upgrade")
    lkk(*PROVIDER)
    added = lkk(*SHOP, "--secret", "test_secret_of_the_shop")
    assert added.exit_code == 0
    assert "http://localhost:3000/hooks/yookassa/" in added.output
    assert "test_secret_of_the_shop" not in added.output
    listed = lkk("shop", "list").output
    assert listed.startswith("123456\tВодоканал\tработает")


def test_a_shop_of_nobody_or_with_a_real_key_in_the_demo_is_refused(lkk: Lkk) -> None:
    lkk("db", "upgrade")
    refused = lkk(*SHOP, "--secret", "test_secret_of_the_shop")
    assert refused.exit_code == 1
    assert "Поставщика с кодом voda нет" in refused.output
    lkk(*PROVIDER)
    assert lkk(*SHOP, "--secret", "live_secret_of_the_shop").exit_code == 1
    assert "Магазинов пока нет" in lkk("shop", "list").output


def test_starting_the_demo_anew_forgets_its_bank_and_its_messages(lkk: Lkk, tmp_path: Path) -> None:
    lkk("demo", "load")
    outside = [tmp_path / "var" / "bank.sqlite3", tmp_path / "var" / "outbox" / "1.json"]
    for file in outside:
        file.parent.mkdir(exist_ok=True)
        file.write_text("old")
    assert lkk("demo", "reset", "--yes").exit_code == 0
    assert not any(file.exists() for file in outside)


def test_verifying_an_untouched_ledger_finds_it_right(lkk: Lkk) -> None:
    lkk("db", "upgrade")
    found = lkk("verify")
    assert found.exit_code == 0
    assert "Строк в журнале: 0, всего зачислено: 0,00" in found.output


def test_verifying_names_what_was_credited_and_never_paid(lkk: Lkk, url: str) -> None:
    lkk("db", "upgrade")
    engine = make_engine(url)
    with unit_of_work(engine) as session:
        repository.credit(session, make_payment(session, make_payable(session)), clock.now())
    engine.dispose()
    found = lkk("verify")
    assert found.exit_code == 1
    assert "I1" in found.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("shop", "add"), "--provider: не указано."),
        (("provider", "list", "--quick"), "--quick: такого ключа нет."),
        ((*PROVIDER[:-1], "steam"), "--kind: значение не подходит. Бывает: water, gas, heat, power, housing."),
        (("pin", "issue", "--provider", "voda"), "Укажите --account НОМЕР или --all вместе с --out ФАЙЛ.csv."),
        (("outage", "end", "скоро"), "number: значение не подходит."),
        ((*PROVIDER[:-1], "пар"), "--kind: значение не подходит. Бывает: water, gas, heat, power, housing."),
        (("dance",), "Команда написана неверно."),
    ],
)
def test_a_misspelt_command_is_answered_in_russian(lkk: Lkk, arguments: tuple[str, ...], said: str) -> None:
    answer = lkk(*arguments)
    assert answer.exit_code == 2
    assert answer.stderr.splitlines()[0] == said
    assert answer.stderr.splitlines()[1].startswith("Подсказка: ")
    assert "Usage" not in answer.output
