"""`lkk ticket`: what the staff does with tickets until the operator's pages exist."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session

from lkk_reflex import runtime
from lkk_reflex.accounts.errors import ProviderUnknown
from lkk_reflex.accounts.models import LinkLevel, ServiceProvider
from lkk_reflex.accounts.providers import providers_of_staff
from lkk_reflex.attachments.contents import cleaned
from lkk_reflex.attachments.files import FILE_LIMIT, MEGABYTE, size_in_words
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import PortalError
from lkk_reflex.settings import get_settings
from lkk_reflex.support import attachments, deadlines, staff
from lkk_reflex.support.attachments import Enclosure
from lkk_reflex.support.models import Author, TicketAttachment, TicketMessage, Topic
from lkk_reflex.support.projection import STATE_LABELS, TOPIC_LABELS, zone_of
from lkk_reflex.support.rules import FILES_LIMIT
from lkk_reflex.support.staff import Dossier

_SYSTEM = Viewer.system()
_SUPPORT = "техподдержка"
_AUTHORS = {Author.SUBSCRIBER: "Абонент", Author.STAFF: "Сотрудник", Author.SYSTEM: "Портал абоненту"}
_LEVELS = {
    LinkLevel.EXTENDED: "расширенный доступ, счёт подтверждён",
    LinkLevel.BASIC: "базовый доступ: счёт не подтверждён, личных данных не сообщайте",
    None: "счёт отключён от кабинета, личных данных не сообщайте",
}
#: What would move the cursor of a terminal or colour it.
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_Number = Annotated[str, typer.Argument(help="Номер обращения: 482-1120.")]
_Text = Annotated[str, typer.Option(help="Текст ответа.")]
_TextFile = Annotated[Path | None, typer.Option(help="Файл с текстом ответа, UTF-8.")]
_Files = Annotated[
    list[Path] | None,
    typer.Option(
        "--file",
        help=f"Приложить фото или PDF; можно повторить до {FILES_LIMIT} раз, каждый до {FILE_LIMIT // MEGABYTE} МБ.",
    ),
]

app = typer.Typer(help="Обращения абонентов.", no_args_is_help=True)


@app.command("list")
def list_tickets(
    provider: Annotated[str, typer.Option(help="Только этого поставщика, см. lkk provider list.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="И те, на которые уже ответили.")] = False,
) -> None:
    """Показать обращения, которые ждут ответа, ближайший срок — первым."""
    with runtime.open_runtime(get_settings()), reading() as session:
        provider_id = _provider(session, provider).id if provider else None
        found = staff.staff_tickets(session, _SYSTEM, provider_id=provider_id, with_closed=everything)
    for ticket, company, _ in found:
        whom = company.code if company else _SUPPORT
        typer.echo(
            f"{ticket.number}\tдо {ticket.due_on:%d.%m.%Y}\t{STATE_LABELS[ticket.state][0]}\t{whom}\t"
            f"{TOPIC_LABELS[ticket.topic]}"
        )
    if not found:
        typer.echo("Обращений нет.")


@app.command("show")
def show(number: _Number) -> None:
    """Показать переписку и где лежат приложенные файлы."""
    with runtime.open_runtime(get_settings()), reading() as session:
        dossier = staff.staff_ticket(session, _SYSTEM, number=number)
    typer.echo("\n".join(_head(dossier)))
    for message in dossier.messages:
        typer.echo("\n".join(_said(dossier, message, dossier.attachments)))


@app.command("answer")
def answer(number: _Number, text: _Text = "", text_file: _TextFile = None, file: _Files = None) -> None:
    """Ответить; абоненту придёт письмо со ссылкой на ответ, приложенные файлы он увидит в переписке."""
    words, files = _words(text, text_file), [_enclosure(path) for path in file or ()]
    with runtime.open_runtime(get_settings()), unit_of_work() as session:
        staff.answer(session, _SYSTEM, number=number, text=words, files=files)
    typer.echo(f"Ответ на обращение {number} отправлен{f', файлов: {len(files)}' if files else ''}.")


@app.command("close")
def close(number: _Number, text: _Text = "", text_file: _TextFile = None) -> None:
    """Закрыть обращение; если на него ещё не ответили, нужен текст ответа."""
    words = _words(text, text_file)
    with runtime.open_runtime(get_settings()), unit_of_work() as session:
        staff.close_by_staff(session, _SYSTEM, number=number, text=words)
    typer.echo(f"Обращение {number} закрыто. Абонент может открыть его снова в течение 30 дней.")


@app.command("term")
def set_term(
    days: Annotated[int, typer.Argument(help="Сколько рабочих дней на ответ.")],
    provider: Annotated[str, typer.Option(help="Только для этого поставщика.")] = "",
    topic: Annotated[Topic | None, typer.Option(help="Только для этой темы.")] = None,
) -> None:
    """Назначить срок ответа на новые обращения, с сегодняшнего дня."""
    with runtime.open_runtime(get_settings()), unit_of_work() as session:
        code = _provider(session, provider).code if provider else None
        deadlines.set_term(session, _SYSTEM, provider_code=code, topic=topic, working_days=days)
    typer.echo(f"Срок ответа: {days} раб. дн.")


def _head(dossier: Dossier) -> list[str]:
    ticket, company, account = dossier.found
    return [
        f"Обращение {ticket.number}: {TOPIC_LABELS[ticket.topic]}",
        f"Кому: {company.name if company else _SUPPORT}.",
        f"Состояние: {STATE_LABELS[ticket.state][0]}. Ответить до {ticket.due_on:%d.%m.%Y}.",
        *([f"Лицевой счёт {account.number_shown}: {_LEVELS[dossier.level]}."] if account else []),
        *([f"Оценка: {ticket.rating} из 5. {_plain(ticket.rating_comment)}".rstrip()] if ticket.rating else []),
    ]


def _said(dossier: Dossier, message: TicketMessage, files: Sequence[TicketAttachment]) -> list[str]:
    at = message.at.astimezone(zone_of(dossier.found.provider))
    return [
        "",
        f"— {_AUTHORS[message.author]}, {at:%d.%m.%Y, %H:%M}",
        _plain(message.text),
        *(
            f"  Файл {file.shown_name}, {size_in_words(file.size)}: {attachments.FILES.path_of(file.stored_name)}"
            for file in files
            if file.message_id == message.id
        ),
    ]


def _plain(text: str) -> str:
    return _CONTROLS.sub(" ", text)


def _words(text: str, file: Path | None) -> str:
    if text and file:
        raise typer.BadParameter("Укажите --text или --text-file, не оба.")
    try:
        return file.read_text(encoding="utf-8") if file else text
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter("Файл не прочитан: нужен текст в UTF-8.") from error


def _enclosure(path: Path) -> Enclosure:
    """Read a file as an upload is read: what it is, its content says."""
    try:
        with path.open("rb") as stream:
            # One byte more than allowed is enough to refuse.
            return Enclosure(path.name, cleaned(stream.read(FILE_LIMIT + 1)))
    except OSError as error:
        raise typer.BadParameter(f"{_plain(path.name)}: файл не прочитан, проверьте путь и права.") from error
    except PortalError as refusal:
        raise typer.BadParameter(f"{_plain(path.name)}: {refusal.message}") from refusal


def _provider(session: Session, code: str) -> ServiceProvider:
    found = next((each for each in providers_of_staff(session, _SYSTEM) if each.code == code), None)
    if found is None:
        raise ProviderUnknown(provider_code=code)
    return found
