"""What identity holds of a person, for the person's own copy."""

from collections.abc import Mapping
from typing import Final

from sqlmodel import Session

from lkk_reflex.identity import consents, privacy_repository
from lkk_reflex.identity.models import AuditEvent, Subscriber, SubscriberProfile
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit.own_table import Cell, OwnTable

#: What the tags of the audit mean.
_ACTIONS: Final[Mapping[str, str]] = {
    "bill_sum.refused": "Сумма квитанции не подошла",
    "bill_sum.used": "Доступ открыт по сумме квитанции",
    "cabinet.closed": "Кабинет закрыт",
    "cabinet.created": "Кабинет создан",
    "cabinet.erased": "Данные кабинета уничтожены",
    "cabinet.returned": "Кабинет возвращён",
    "guest.opened": "Счёт открыт без входа",
    "link.ended": "Счёт отключён поставщиком",
    "link.erased": "Подключение счёта уничтожено вместе с кабинетом",
    "login.changed": "Логин изменён",
    "login_change.cancelled": "Смена логина отменена",
    "login_change.requested": "Запрошена смена логина",
    "message.login_change": "Отправлен код для смены логина",
    "message.new_device": "Отправлен код для нового устройства",
    "message.registration": "Отправлен код регистрации",
    "message.reset": "Отправлен код для нового пароля",
    "message.second_email": "Отправлен код на почту для уведомлений",
    "message.withheld": "Сообщение не отправлено: слишком часто",
    "meter_serial.refused": "Номер счётчика не подошёл",
    "meter_serial.used": "Доступ открыт по номеру счётчика",
    "notices.chosen": "Изменены уведомления",
    "owner.changed": "У счёта сменился владелец",
    "outage.announced": "Объявлено отключение",
    "outage.cancelled": "Отключение отменено",
    "outage.changed": "Изменено отключение",
    "outage.ended": "Отключение закончилось",
    "own_data.asked": "Запрошена копия своих данных",
    "own_password.refused": "Введён неверный пароль при подтверждении",
    "password.changed": "Пароль изменён",
    "password.reset": "Пароль задан заново",
    "pin.issued": "Выдан пин-код",
    "pin.refused": "Пин-код не подошёл",
    "pin.revoked": "Пин-код отозван",
    "pin.used": "Доступ открыт по пин-коду",
    "profile.changed": "Изменены данные о себе",
    "proofs.chosen": "Поставщик изменил способы подтверждения",
    "recovery_code.used": "Использован запасной код",
    "recovery_codes.renewed": "Сделаны новые запасные коды",
    "reset.link_followed": "Открыта ссылка для нового пароля",
    "second_email.confirmed": "Почта для уведомлений подтверждена",
    "second_factor.off": "Второй шаг входа выключен",
    "second_factor.on": "Второй шаг входа включён",
    "second_factor.refused": "Введён неверный код второго шага",
    "second_email.cancelled": "Подтверждение почты для уведомлений отменено",
    "session.all_revoked": "Выход на всех устройствах",
    "session.closed": "Выход",
    "session.opened": "Вход выполнен",
    "session.revoked": "Сеанс завершён",
    "sign_in.accepted": "Пароль принят",
    "sign_in.confirmed": "Вход подтверждён кодом",
    "sign_in.locked": "Вход остановлен: слишком много попыток",
    "sign_in.refused": "Введён неверный пароль при входе",
    "ticket.answered": "Ответ на обращение",
    "ticket.closed": "Обращение закрыто",
    "ticket.opened": "Обращение отправлено",
    "ticket.rated": "Обращение оценено",
    "ticket.reopened": "Обращение открыто снова",
    "ticket.term_set": "Изменён срок ответа",
}
#: Tags that end with the purpose or the kind of what they tell, by their beginning.
_FAMILIES: Final[Mapping[str, str]] = {
    "code_refused": "Введён неверный код",
    "consent.given": "Согласие дано",
    "consent.withdrawn": "Согласие отозвано",
    "message": "Отправлено сообщение с кодом",
}
_OTHER: Final = "Другое действие"
_ROLES: Final[Mapping[Role, str]] = {
    Role.ANONYMOUS: "до входа",
    Role.SUBSCRIBER: "вы",
    Role.CLOSED: "вы",
    Role.OPERATOR: "сотрудник",
    Role.SYSTEM: "портал",
}


def own_tables(session: Session, viewer: Viewer) -> list[OwnTable]:
    """Return the profile, the consents, the sessions and the rest, of the viewer alone.

    No passwords, codes and keys, and no hashes of them: a copy of them helps nobody but a thief.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    subscriber_id = viewer.require_subscriber()
    person = privacy_repository.subscriber(session, subscriber_id)
    return [
        _profile(person, privacy_repository.profile_of(session, subscriber_id)),
        _consents(session, viewer),
        OwnTable(
            "sessions",
            "Сеансы",
            {
                "created_at": "Начат",
                "last_seen_at": "Последнее действие",
                "expires_at": "Действует до",
                "ended_at": "Завершён",
                "device": "Устройство",
                "address": "Адрес в сети",
            },
            [
                (row.created_at, row.last_seen_at, row.expires_at, row.revoked_at, row.device, row.address)
                for row in privacy_repository.sessions_of(session, subscriber_id)
            ],
        ),
        OwnTable(
            "devices",
            "Знакомые устройства",
            {"created_at": "Подтверждено", "last_used_at": "Последний вход"},
            [(row.created_at, row.last_used_at) for row in privacy_repository.devices_of(session, subscriber_id)],
        ),
        OwnTable(
            "notice_choices",
            "Выбор уведомлений",
            {"event": "О чём", "channel": "Как", "is_wanted": "Присылать", "changed_at": "Изменено"},
            [
                (row.event, row.channel, row.is_wanted, row.changed_at)
                for row in privacy_repository.notice_choices_of(session, subscriber_id)
            ],
        ),
        OwnTable(
            "audit",
            "Журнал действий",
            {"at": "Когда", "action": "Метка", "meaning": "Что", "actor": "Кто", "address": "Адрес в сети"},
            [_audit_row(row) for row in privacy_repository.audit_of(session, subscriber_id)],
        ),
    ]


def _profile(person: Subscriber, profile: SubscriberProfile | None) -> OwnTable:
    told = profile or SubscriberProfile(subscriber_id=0, changed_at=person.created_at)
    return OwnTable(
        "profile",
        "Ваши данные",
        {
            "login": "Логин",
            "surname": "Фамилия",
            "name": "Имя",
            "patronymic": "Отчество",
            "phone": "Телефон",
            "second_email": "Почта для уведомлений",
            "created_at": "Кабинет создан",
            "password_changed_at": "Пароль задан",
        },
        [
            (
                person.login,
                told.surname,
                told.name,
                told.patronymic,
                told.phone,
                told.second_email,
                person.created_at,
                person.password_changed_at,
            )
        ],
    )


def _consents(session: Session, viewer: Viewer) -> OwnTable:
    return OwnTable(
        "consents",
        "Согласия",
        {
            "kind": "Метка",
            "title": "Цель",
            "version": "Редакция",
            "given_at": "Дано",
            "address": "Адрес в сети",
            "withdrawn_at": "Отозвано",
            "text": "Текст",
        },
        consents.own_rows(session, viewer),
    )


def _meaning(action: str) -> str:
    family = action.rpartition(".")[0]
    return _ACTIONS.get(action) or _FAMILIES.get(family, _OTHER)


def _audit_row(row: AuditEvent) -> tuple[Cell, ...]:
    # The address of a member of the staff is nobody else's business.
    address = row.address if row.actor_role not in (Role.OPERATOR, Role.SYSTEM) else ""
    return row.at, row.action, _meaning(row.action), _ROLES[row.actor_role], address
