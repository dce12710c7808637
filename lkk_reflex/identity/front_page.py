"""The front door: what the portal is, and the ways in."""

import reflex as rx

from lkk_reflex.identity.front_state import FrontState
from lkk_reflex.settings import get_settings
from lkk_reflex.ui.amounts import amount, badge, card, fact, facts, lines, muted
from lkk_reflex.ui.buttons import button_link, link
from lkk_reflex.ui.feedback import notice
from lkk_reflex.ui.icons import icon
from lkk_reflex.ui.layout import Page, public_page

_FEATURES = (
    ("account", "Видно, сколько платить", "Сумма, срок и время последних данных по каждому лицевому счёту."),
    ("card", "Оплата за минуту", "Картой или через СБП, без комиссии. Платёж учитывается сразу."),
    ("house", "Все счета вместе", "Вода, газ и квартира, своё жильё и родителей — в одном кабинете."),
)
_FIRST_STEPS = (
    "Создайте кабинет: понадобится телефон или почта.",
    "Введите код из сообщения: так мы убедимся, что это вы.",
    "Подключите лицевой счёт: его номер есть на квитанции.",
    "Посмотрите сумму и оплатите картой или через СБП.",
)


def front_door() -> rx.Component:
    """Say what the portal is in one sentence and open its two doors; who is signed in finds the cabinet behind them."""
    demo = notice(
        "info",
        "Это демонстрация",
        "Город, жители и банк придуманы, деньги не списываются. ",
        link("Показать письма и СМС портала", "/demo/inbox", reload=True),
    )
    return public_page(
        "Личный кабинет абонента",
        rx.el.div(
            # Each in the place of the other, so that nothing moves when it is known who looks.
            rx.cond(
                FrontState.is_signed_in,
                button_link("Перейти в кабинет", "/cabinet", main=True),
                button_link("Создать кабинет", "/register", main=True),
            ),
            rx.cond(FrontState.is_signed_in, button_link("Платежи", "/payments"), button_link("Войти", "/sign-in")),
            rx.el.p(
                link("Оплатить без входа", "/quick"),
                link("Передать показания без входа", "/quick"),
                class_name="row full",
            ),
            class_name="row doors",
        ),
        _preview(),
        rx.el.section(
            rx.el.h2("Что здесь можно", class_name="sr-only"),
            *(_feature(*feature) for feature in _FEATURES),
            class_name="columns",
        ),
        card(_first_steps(), link("Подробнее в справке", "/help"), title="Как начать"),
        *([demo] if get_settings().is_demo else []),
        wide=True,
        class_name="front",
        lead="Узнайте, сколько и до какого числа платить за воду, газ и жильё, и заплатите, не выходя из дома.",
    )


def _preview() -> rx.Component:
    """Show what is behind the door: a picture of an account, which is not read out, and a way to pay one's own."""
    return rx.el.div(
        rx.el.div(
            muted("Пример: так счёт выглядит в кабинете"),
            rx.el.div(rx.el.b("Квартира на Ленина"), badge("Не оплачено", "warn"), class_name="card-head"),
            lines(amount("1 542,30\u202f₽"), muted("к оплате до 15 декабря · данные на сегодня")),
            facts(fact("Начислено", "1 542,30"), fact("Оплачено", "0,00"), fact("Пени", "0,00")),
            class_name="stack",
            custom_attrs={"aria-hidden": "true", "inert": "true"},
        ),
        button_link("Оплатить свой счёт", "/quick", full=True),
        class_name="card preview",
    )


def _feature(icon_name: str, title: str, text: str) -> rx.Component:
    return rx.el.div(
        rx.el.div(icon(icon_name), class_name="feature-icon"),
        rx.el.h3(title),
        rx.el.p(text, class_name="muted"),
        class_name="card feature",
    )


def _first_steps() -> rx.Component:
    return rx.el.ol(*(rx.el.li(step) for step in _FIRST_STEPS), class_name="plain-list numbered")


PAGES = [
    Page(
        "/",
        "Личный кабинет абонента",
        front_door,
        description="Долг, срок оплаты и платежи по лицевым счетам: вода, газ, жильё. Оплата картой и через СБП.",
        on_load=FrontState.load,
        public=True,
    )
]
