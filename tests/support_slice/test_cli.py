"""`lkk ticket`: Russian, terse, and nothing that would move the cursor of a terminal."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from lkk_reflex.cli import app
from lkk_reflex.kit.db import bind, bound_engine, unit_of_work
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.settings import get_settings
from lkk_reflex.support import attachments, dialogue, tickets
from tests.factories.files import document, photo, photo_with_place
from tests.factories.support import company_form, make_ticket, support_form, upload
from tests.support_slice.conftest import Town


@pytest.fixture(autouse=True)
def database(portal: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command open the database of this test."""
    monkeypatch.setenv("LKK_DATABASE_URL", database_url)
    get_settings.cache_clear()


def lkk(*arguments: str) -> Result:
    engine = bound_engine()
    try:
        return CliRunner().invoke(app, ["ticket", *arguments])
    finally:
        # The command binds an engine of its own and disposes of it.
        bind(engine)


def asked(town: Town) -> str:
    with unit_of_work() as session:
        return make_ticket(session, town.anna, company_form(account=town.link_id)).number


def test_list_shows_who_is_asked_and_until_when(town: Town, portal: Engine) -> None:
    number = asked(town)
    with unit_of_work() as session:
        other = make_ticket(session, town.anna).number
    told = lkk("list").stdout
    assert f"{number}\tдо 04.12.2026\tЖдёт ответа\twater\tНачисления и перерасчёт" in told
    assert f"{other}\tдо 04.12.2026\tЖдёт ответа\tтехподдержка" in told
    assert other not in lkk("list", "--provider", "water").stdout
    assert lkk("list", "--provider", "nobody").exit_code == 1


def test_empty_list_says_so(town: Town) -> None:
    assert lkk("list").stdout == "Обращений нет.\n"


def test_show_tells_the_dialogue_the_proof_and_where_files_lie(town: Town, portal: Engine) -> None:
    with unit_of_work() as session:
        file = upload(session, town.anna)
        form = company_form(account=town.link_id, text="Строка\n\x1b[31mещё", files=(file.public_id,))
        number = make_ticket(session, town.anna, form).number
    told = lkk("show", number).stdout
    assert "Лицевой счёт 1000123456: базовый доступ: счёт не подтверждён, личных данных не сообщайте." in told
    assert "— Абонент, 22.11.2026, 12:00\nСтрока\n[31mещё" in told
    assert "\x1b" not in told
    assert Path(told.split("КБ: ")[1].split()[0]).exists()
    assert lkk("show", numbered(number)).stdout == told, "as it is copied from the screen of who has called"


def test_answer_and_close(town: Town, portal: Engine, tmp_path: Path) -> None:
    number = asked(town)
    letter = tmp_path / "ответ.txt"
    letter.write_text("Ответ\nиз файла", encoding="utf-8")
    assert lkk("answer", number, "--text-file", str(letter)).exit_code == 0
    assert number not in lkk("list").stdout
    assert f"{number}\tдо 04.12.2026\tЕсть ответ" in lkk("list", "--all").stdout
    assert "Ответ\nиз файла" in lkk("show", number).stdout
    with unit_of_work() as session:
        public_id = tickets.own_tickets(session, town.anna).lines[0].href.rpartition("/")[2]
        dialogue.rate(session, town.anna, public_id=public_id, rating="4", comment="Хорошо")
    assert "Оценка: 4 из 5. Хорошо" in lkk("show", number).stdout
    assert lkk("close", number).exit_code == 0
    assert lkk("answer", number, "--text", "Ещё").exit_code == 1


def test_answer_with_files_is_read_and_downloaded_by_who_asked(town: Town, portal: Engine, tmp_path: Path) -> None:
    number = asked(town)
    (tmp_path / "акт.exe").write_bytes(photo_with_place())
    (tmp_path / "расчёт.pdf").write_bytes(document())
    done = lkk(
        "answer", number, "--text", "Вот расчёт",
        "--file", str(tmp_path / "акт.exe"), "--file", str(tmp_path / "расчёт.pdf"),
    )  # fmt: skip
    assert done.stdout == f"Ответ на обращение {number} отправлен, файлов: 2.\n"
    assert "Файл акт.jpg" in lkk("show", number).stdout
    with unit_of_work() as session:
        public_id = tickets.own_tickets(session, town.anna).lines[0].href.rpartition("/")[2]
        said = tickets.own_ticket(session, town.anna, public_id=public_id).messages[-1]
        files = [attachments.file_of(session, town.anna, public_id=file.href.rpartition("/")[2]) for file in said.files]
    assert (said.kind, said.text) == ("staff", "Вот расчёт")
    assert [file.name for file in files] == ["акт.jpg", "расчёт.pdf"]
    assert b"SecretCameraMaker" not in files[0].content


def test_answer_is_not_sent_when_one_of_its_files_is_refused(town: Town, portal: Engine, tmp_path: Path) -> None:
    number = asked(town)
    (tmp_path / "a.jpg").write_bytes(photo())
    (tmp_path / "b.pdf").write_bytes(document(script="app.alert(1)"))
    done = lkk("answer", number, "--text", "О", "--file", str(tmp_path / "a.jpg"), "--file", str(tmp_path / "b.pdf"))
    assert (done.exit_code, "b.pdf: В PDF есть вложенные файлы" in done.stderr) == (2, True)
    six = [part for _ in range(6) for part in ("--file", str(tmp_path / "a.jpg"))]
    done = lkk("answer", number, "--text", "О", *six)
    assert (done.exit_code, "не больше 5 файлов" in done.stderr) == (1, True)
    assert f"{number}\tдо 04.12.2026\tЖдёт ответа" in lkk("list").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("answer", "000-0000", "--text", "Ответ"), 1, "Такой записи нет. Проверьте номер."),
        (("show", "000-0000"), 1, "Такой записи нет. Проверьте номер."),
        (("close", "{number}"), 1, "Напишите текст ответа"),
        (("answer", "{number}"), 1, "Напишите текст ответа"),
        (("answer", "{number}", "--text", "а", "--text-file", __file__), 2, "Укажите --text или --text-file"),
        (("answer", "{number}", "--text", "а", "--file", __file__), 2, "test_cli.py: Подойдут фото (JPEG, PNG, WebP)"),
        (("answer", "{number}", "--text", "а", "--file", "нет.pdf"), 2, "нет.pdf: файл не прочитан"),
        (("term", "0"), 1, "Срок ответа — от 1 до 60"),
        (("term", "5", "--provider", "nobody"), 1, "Поставщика с кодом nobody нет"),
    ],
)
def test_refusal_is_a_russian_sentence(town: Town, arguments: tuple[str, ...], code: int, words: str) -> None:
    number = asked(town)
    done = lkk(*(argument.format(number=number) for argument in arguments))
    assert (done.exit_code, words in done.stderr) == (code, True)


def test_term_is_set_for_new_tickets(town: Town, portal: Engine) -> None:
    assert lkk("term", "3", "--provider", "water", "--topic", "charges").exit_code == 0
    assert asked(town) in lkk("list").stdout
    assert "до 25.11.2026" in lkk("list").stdout
    with unit_of_work() as session:
        assert make_ticket(session, town.anna, support_form()).due_days == 10


def test_the_staff_is_told_who_can_open_a_closed_ticket(town: Town, portal: Engine) -> None:
    number = asked(town)
    assert lkk("close", number, "--text", "Это повтор").exit_code == 0
    told = lkk("answer", number, "--text", "Ещё слово")
    assert told.exit_code == 1
    assert "когда абонент откроет обращение снова" in told.output
    assert "Откройте его снова" not in told.output
