"""`lkk outage`: a dry figure before anything is said, Russian sentences when it cannot be."""

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from lkk_reflex.cli import app
from lkk_reflex.kit.db import bind, bound_engine, unit_of_work
from lkk_reflex.settings import get_settings
from tests.accounts.conftest import held, portal
from tests.factories.accounts import make_account, make_provider

__all__ = ["held", "portal"]
TIMES = ("--from", "2026-11-25 09:00", "--until", "2026-11-25 17:00")
WHAT = ("--service", "холодная вода", "--kind", "planned", *TIMES)


@pytest.fixture(autouse=True)
def provider(portal: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command open the database of this test, where a company of the Far East has two homes."""
    monkeypatch.setenv("LKK_DATABASE_URL", database_url)
    get_settings.cache_clear()
    with unit_of_work() as session:
        company = make_provider(session, code="water", time_zone="Asia/Kamchatka")
        for house in (10, 12):
            make_account(session, company, address=f"г. Рязань, ул. Ленина, д. {house}, кв. 1")
        make_provider(session, code="empty")


def lkk(*arguments: str, typed: str = "") -> Result:
    engine = bound_engine()
    try:
        return CliRunner().invoke(app, ["outage", *arguments], input=typed)
    finally:
        # The command binds an engine of its own and disposes of it.
        bind(engine)


def test_announcing_tells_first_how_many_accounts_it_concerns(held: object) -> None:
    told = lkk("announce", "water", *WHAT, "--street", "ул. Ленина", typed="n\n")
    assert "Счетов: 2." in told.stdout
    assert "например: г. Рязань, ул. Ленина, д. 10, кв. 1" in told.stdout
    assert "Объявить отключение? [да/нет]: " in told.stdout
    assert (told.exit_code, told.stderr) == (1, "Отменено.\n")
    assert lkk("list").stdout == "Отключений нет.\n"
    assert lkk("announce", "water", *WHAT, "--street", "ул. Ленина", typed="Да\n").exit_code == 0
    assert "ул. Ленина\tсчетов: 2" in lkk("list").stdout


def test_an_outage_from_its_announcement_to_its_end() -> None:
    told = lkk("announce", "water", *WHAT, "--street", "Ленина", "--house", "10", "--house", "12", "--yes")
    assert (told.exit_code, "Отключение 1 объявлено." in told.stdout) == (0, True)
    line = "1\twater\tСкоро\tПлановое\tхолодная вода\t25.11.2026 09:00 — 25.11.2026 17:00\tЛенина, 10, 12\tсчетов: 2\n"
    assert lkk("list", "water").stdout == line
    assert lkk("list", "empty").stdout == "Отключений нет.\n"
    assert lkk("change", "1", "--until", "2026-11-25 19:30").exit_code == 0
    assert "25.11.2026 19:30" in lkk("list").stdout
    assert lkk("cancel", "1").exit_code == 0
    assert "Отменено" in lkk("list").stdout
    # In Kamchatka it is the evening of the 22nd.
    now = ("--service", "свет", "--kind", "emergency", "--from", "2026-11-22 20:00", "--until", "2026-11-22 22:00")
    assert lkk("announce", "water", *now, "--all", "--yes").exit_code == 0
    assert "Сейчас\tАвария\tсвет" in lkk("list").stdout
    assert "все адреса поставщика" in lkk("list").stdout
    assert lkk("end", "2").exit_code == 0
    assert "Закончилось" in lkk("list").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("announce", "nobody", *WHAT, "--all"), 1, "Поставщика с кодом nobody нет"),
        (("announce", "empty", *WHAT, "--all"), 1, "У поставщика нет ни одного счёта"),
        (("announce", "water", *WHAT, "--street", "ул. Мира"), 1, "По адресу «ул. Мира» у поставщика нет"),
        (("announce", "water", *WHAT, "--street", "Ленина", "--house", "1"), 1, "По адресу «Ленина, 1» у поставщика"),
        (("announce", "water", *WHAT, "--street", "Ленина, 10"), 1, "Улица не читается"),
        (("announce", "water", *WHAT, "--street", "Ленина", "--house", "а"), 1, "Номер дома не читается: а"),
        (("announce", "water", *WHAT), 2, "Укажите --street"),
        (("announce", "water", *WHAT, "--street", "Ленина", "--all"), 2, "Укажите --street"),
        (("announce", "water", *WHAT, "--all", "--house", "1"), 2, "Укажите --street"),
        (("announce", "water", *WHAT[:-1], "2026-11-25 08:00", "--all"), 1, "Окончание должно быть позже"),
        (("announce", "water", *WHAT[:-1], "завтра", "--all"), 2, "Момент пишется так"),
        (("announce", "water", *WHAT, "--all", "--kind", "other"), 2, "не подходит. Бывает: planned, emergency."),
        (("announce", "water", *WHAT, "--all", "--service", ""), 1, "Назовите услугу коротко"),
        (("change", "1"), 1, "Укажите, что изменить"),
        (("change", "1", "--until", "2026-11-21 08:00"), 1, "Окончание должно быть позже начала"),
        (("end", "1"), 1, "Отключение ещё не началось"),
        (("end", "7"), 1, "Такой записи нет. Проверьте номер."),
        (("cancel", "один"), 2, "значение не подходит"),
        (("list", "nobody"), 1, "Поставщика с кодом nobody нет"),
    ],
)
def test_refusal_is_a_russian_sentence(arguments: tuple[str, ...], code: int, words: str) -> None:
    assert lkk("announce", "water", *WHAT, "--all", "--yes").exit_code == 0
    done = lkk(*arguments)
    assert (done.exit_code, words in done.stderr) == (code, True), done.output
    assert lkk("list").stdout.count("\n") == 1
