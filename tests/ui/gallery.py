"""Every building block in every state, for tests that compile them and for looking at them."""

import dataclasses
from decimal import Decimal

import reflex as rx

from lkk_reflex.help.components import help_tip
from lkk_reflex.identity.guard import access
from lkk_reflex.ui.amounts import amount, badge, between, card, fact, facts, lines, muted
from lkk_reflex.ui.buttons import actions, add_link, button, button_link, link, submit_button, text_button
from lkk_reflex.ui.charts import BarChart, Month, bar_chart, chart_of
from lkk_reflex.ui.choices import Option, choice, choice_group, picker
from lkk_reflex.ui.feedback import (
    content_or_skeleton,
    empty_state,
    live_error,
    live_status,
    notice,
    resend_button,
    result_mark,
    skeleton,
)
from lkk_reflex.ui.forms import checkbox, code_field, error_summary, form, password_field, text_field
from lkk_reflex.ui.layout import Page, back_link, cabinet_page, public_page, steps
from lkk_reflex.ui.tables import Column, table


@dataclasses.dataclass(frozen=True)
class PaymentRow:
    """A payment as a projection shows it."""

    paid_on: str
    account: str
    amount: str
    label: str
    tone: str


class GalleryState(rx.State):
    """Values that switch the blocks between their states."""

    ready: bool = False
    busy: bool = False
    saved: str = ""
    refusal: str = ""
    number_error: str = ""
    errors: rx.Field[list[tuple[str, str]]] = rx.field(default_factory=list)
    wait: int = 0
    sent: int = 0
    received: str = ""
    providers: rx.Field[list[Option]] = rx.field(default_factory=list)
    rows: rx.Field[list[PaymentRow]] = rx.field(default_factory=list)
    chart: BarChart = BarChart()

    @rx.event
    @access("public")
    async def load(self) -> None:
        """Fill the lists."""
        self.providers = [
            Option("water", "Горводоканал", "Рязань · вода и стоки"),
            Option("gas", "Межрайгаз", "Рязанская область · газ"),
            Option("house", "УК «Тёплый дом»", "Рязань · содержание жилья"),
        ]
        self.rows = [
            PaymentRow("21.11.2026, 18:00", "Квартира на Ленина", "1 954,60 ₽", "зачислен", "good"),
            PaymentRow("20.10.2026, 09:12", "Дача", "120,00 ₽", "проверяем", "warn"),
            PaymentRow("19.09.2026, 23:59", "Квартира на Ленина", "1 310,00 ₽", "отклонён", "bad"),
        ]
        names = (("май", 9, 8), ("июн", 10, 9), ("июл", 12, 11), ("авг", 11, 9), ("сен", 9, 8), ("окт", 7, 9))
        self.chart = chart_of(
            [
                Month(name, f"{name} 2026", Decimal(now), str(now), Decimal(before), str(before))
                for name, now, before in names
            ],
            "7 м³ в октябре — на 2 меньше, чем год назад",
        )
        self.ready = True

    @rx.event
    @access("public")
    async def fail(self, data: dict[str, str]) -> None:
        """Refuse what was typed."""
        self.received = ",".join(f"{key}={value}" for key, value in sorted(data.items()))
        self.number_error = "Похоже, это расчётный счёт компании. Лицевой счёт короче и стоит рядом с вашей фамилией."
        self.errors = [("number", self.number_error), ("code", "Код не подошёл. Проверьте цифры")]
        self.refusal = "Не удалось подтвердить счёт. Проверьте номер. Если всё верно — напишите нам, поможем."

    @rx.event
    @access("public")
    async def resend(self) -> None:
        """Pretend that a message was sent."""
        self.wait = 45
        self.sent += 1
        self.saved = "Код отправлен ещё раз"

    @rx.event
    @access("public")
    async def toggle_busy(self) -> None:
        """Switch the progress on and off."""
        self.busy = not self.busy


def fields_page() -> rx.Component:
    """Show every field."""
    return public_page(
        "Подключить лицевой счёт",
        error_summary(GalleryState.errors),
        card(
            form(
                picker(
                    "Поставщик услуг",
                    "provider",
                    GalleryState.providers,
                    search_label="Найти поставщика",
                    tip=help_tip("account.provider"),
                ),
                text_field(
                    "Номер лицевого счёта",
                    "number",
                    hint="Пробелы и дефисы можно не убирать",
                    error=GalleryState.number_error,
                    tip=help_tip("account.number"),
                    input_mode="numeric",
                    auto_complete="off",
                    max_length=64,
                ),
                password_field("Придумайте пароль", hint="От 5 до 10 знаков: латинские буквы и цифры"),
                code_field(hint="Мы отправили код на +7 ••• •••-67-89", error="Код не подошёл. Проверьте цифры"),
                resend_button(
                    "Отправить ещё раз",
                    GalleryState.resend,
                    seconds=GalleryState.wait,
                    restart=GalleryState.sent,
                ),
                checkbox(
                    "consent", "Согласен на обработку ", link("персональных данных", "/documents/consent"), error=""
                ),
                submit_button("Подключить", busy=GalleryState.busy),
                on_submit=GalleryState.fail,
            )
        ),
        live_status(GalleryState.saved),
        live_error(GalleryState.refusal),
        rx.el.p(GalleryState.received, id="received", class_name="muted small"),
        text_button("Показать ход", GalleryState.toggle_busy),
        above=steps(2, 2, "/cabinet"),
    )


def home_page() -> rx.Component:
    """Show the cabinet's home."""
    accounts = rx.el.div(
        card(
            lines(
                muted("Горводоканал · № 1000 123 456"),
                amount("1 542,30 ₽"),
                muted("к оплате до 15 ноября · данные на 21.11, 18:00"),
            ),
            actions(button_link("Оплатить онлайн", "/pay/1", main=True), button_link("Подробнее", "/account/1")),
            title="Квартира на Ленина",
            badge=badge("Просрочено 2 дня", "bad"),
        ),
        card(
            lines(
                muted("Межрайгаз · № 3700 1234 5678"),
                amount("Переплата 120,00 ₽", middle=True),
                muted("спишем в счёт следующих начислений"),
            ),
            actions(button_link("Пополнить", "/pay/2"), button_link("Подробнее", "/account/2")),
            title="Дача",
            badge=badge("Оплачено", "good"),
        ),
        class_name="columns",
    )
    waiting = rx.el.div(
        skeleton("title", "short", "amount", "line", "button"),
        skeleton("title", "short", "amount", "line", "button"),
        class_name="columns",
    )
    return cabinet_page(
        "Лицевые счета",
        content_or_skeleton(GalleryState.ready, accounts, waiting),
        notice(
            "warn",
            "Поверка счётчика ХВС",
            "№ 12-345678 — до 20.01.2027, осталось 60 дней.",
            link("Что делать", "/help"),
        ),
        notice("info", "Это демонстрация", "Деньги не списываются."),
        add_link("Подключить лицевой счёт", "/cabinet/connect"),
        card(
            empty_state(
                "account",
                "Пока ни одного счёта. Подключите первый — это займёт минуту, понадобится квитанция",
                button_link("Подключить", "/cabinet/connect", main=True),
            )
        ),
        active="home",
        help_topic="bill",
    )


def account_page() -> rx.Component:
    """Show an account, its facts and its payments."""
    return cabinet_page(
        "Квартира на Ленина",
        rx.el.div(
            card(
                between(
                    rx.el.div(muted("К оплате до 15 декабря"), help_tip("bill.amount_due"), class_name="row"),
                    rx.el.div(muted("данные на 21.11, 18:00"), help_tip("bill.data_as_of"), class_name="row"),
                ),
                amount("1 542,30 ₽"),
                facts(
                    fact("На начало октября", "1 310,00"),
                    fact("Начислено", "1 542,30"),
                    fact("Оплачено", "−1 310,00"),
                    fact("Пени", "0,00", tip=help_tip("bill.penalty")),
                    fact("К оплате", "1 542,30", total=True),
                ),
                actions(
                    button_link("Оплатить онлайн", "/pay/1", main=True),
                    button("Скачать", GalleryState.toggle_busy, busy=GalleryState.busy),
                ),
            ),
            card(
                result_mark("good"),
                rx.el.div(
                    amount("1 954,60 ₽"),
                    rx.el.p("зачислено на счёт № 1000 123 456", class_name="muted small"),
                    class_name="result",
                ),
                facts(fact("Платёж", "№ 48-1120"), fact("Способ", "СБП, Т-Банк"), fact("Чек", link("открыть", "/"))),
            ),
            class_name="columns",
        ),
        card(
            table(
                "История платежей",
                [
                    Column("Когда", lambda row: row.paid_on),
                    Column("Счёт", lambda row: row.account),
                    Column("Сумма", lambda row: row.amount, figures=True),
                    Column("Состояние", lambda row: badge(row.label, row.tone)),
                ],
                GalleryState.rows,
            )
        ),
        card(
            muted("7 в октябре — на 2 меньше, чем год назад"),
            bar_chart("Расход по месяцам", GalleryState.chart, unit="м³", empty="Расхода пока нет"),
            title="Расход холодной воды, м³",
        ),
        active="home",
        lead="№ 1000 123 456 · г. Рязань, ул. Л•••, д. 10, кв. •",
        aside=badge("Базовый доступ"),
    )


def pay_page() -> rx.Component:
    """Show the choice of a sum."""
    return cabinet_page(
        "Оплата",
        choice_group(
            "Сколько оплатить",
            choice("kind", "debt", "Текущий долг", note="за октябрь 2026", amount="1 542,30 ₽", checked=True),
            choice("kind", "own", "Другая сумма", note="от 1 ₽"),
            name="kind",
        ),
        card(
            between(rx.el.span("К оплате"), amount("1 954,60 ₽", middle=True)),
            button("Оплатить 1 954,60 ₽", GalleryState.toggle_busy, busy=GalleryState.busy, main=True, full=True),
            rx.el.p("Карта или СБП, на защищённой странице ЮKassa", class_name="muted small"),
        ),
        active="payments",
        above=back_link("Квартира на Ленина", "/account/1"),
    )


PAGES = [
    Page("/gallery/fields", "Поля", fields_page, on_load=GalleryState.load),
    Page("/gallery/home", "Главная", home_page, on_load=GalleryState.load),
    Page("/gallery/account", "Счёт", account_page, on_load=GalleryState.load),
    Page("/gallery/pay", "Оплата", pay_page, on_load=GalleryState.load),
]
