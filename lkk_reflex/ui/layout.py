"""The frame of every page: who we are, where you are, what you can do, whom to ask."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import reflex as rx
from reflex_base.constants.compiler import MemoizationDisposition, MemoizationMode
from reflex_components_core.el.elements.base import BaseHTML

from lkk_reflex.settings import get_settings
from lkk_reflex.ui.buttons import Handler, Text, link
from lkk_reflex.ui.icons import icon
from lkk_reflex.ui.native_form import NativeForm
from lkk_reflex.ui.theme import icon_address, palettes, tokens_css

STYLESHEETS = ["/portal.css"]

SectionName = Literal["home", "account", "bills", "payments", "readings", "support", "settings", "help"]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the portal, declared in the list `PAGES` of a pages module and added by the composition root."""

    route: str
    title: str
    component: Callable[[], rx.Component]
    description: str = ""
    on_load: Handler | None = None
    #: Whether search engines may show it; only what is the same for everybody.
    public: bool = False

    def add_to(self, app: rx.App) -> None:
        """Add the page with its title, which ends with the name of the company."""
        company = get_settings().company_name
        robots = [] if self.public else [{"name": "robots", "content": "noindex"}]
        app.add_page(
            self.component,
            route=self.route,
            # A company that has not told its name yet is called what the first page is called.
            title=" — ".join(dict.fromkeys((self.title, company))),
            description=self.description or ". ".join(dict.fromkeys((self.title, "Личный кабинет абонента", company))),
            on_load=self.on_load,
            image="",
            meta=robots,
        )


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the cabinet: its address and, in one line, what it is for."""

    title: str
    href: str
    icon_name: str
    purpose: str
    #: What the narrow bar of a phone calls it, when the title does not fit there.
    short_title: str = ""
    #: The bar of a phone has room for five; these stand in the side bar only.
    is_wide_only: bool = False


SECTIONS: Mapping[SectionName, Section] = {
    "home": Section("Главная", "/cabinet", "home", "Лицевые счета: сколько и до какого числа платить"),
    "account": Section(
        "Лицевой счёт",
        "/account",
        "account",
        "Один счёт подробно: долг, расширенный доступ, название",
        is_wide_only=True,
    ),
    "bills": Section(
        "Начисления",
        "/bills",
        "receipt",
        "За что и сколько начислено в каждом месяце, квитанции",
        is_wide_only=True,
    ),
    "payments": Section("Платежи", "/payments", "card", "Что и когда вы заплатили через портал"),
    "readings": Section("Показания", "/readings", "gauge", "Передать показания счётчиков и посмотреть расход"),
    "support": Section(
        "Обратная связь",
        "/support",
        "chat",
        "Спросить поставщика или техническую поддержку и прочитать ответ",
        short_title="Обращения",
    ),
    "settings": Section(
        "Настройки",
        "/settings",
        "user",
        "Подключить ЛС, ваши данные, пароль, уведомления",
    ),
    "help": Section(
        "Справка",
        "/help",
        "help",
        "Как пользоваться порталом и что значат слова в квитанции",
        is_wide_only=True,
    ),
}


def head_components() -> list[rx.Component]:
    """Return what the head of every page holds: colours, the font, the small script, the icon."""
    accent = get_settings().accent_color
    light, dark = palettes(accent)
    return [
        rx.el.style(tokens_css(accent)),
        rx.el.link(
            rel="preload",
            href="/fonts/golos-text.woff2",
            type="font/woff2",
            custom_attrs={"as": "font", "crossOrigin": "anonymous"},
        ),
        rx.el.script(src="/portal.js", defer=True),
        rx.el.link(rel="icon", href=icon_address(accent), type="image/svg+xml"),
        rx.el.link(rel="manifest", href="/home-screen/manifest.webmanifest"),
        rx.el.link(rel="apple-touch-icon", href="/home-screen/icon-192.png"),
        rx.el.meta(name="format-detection", content="telephone=no"),
        rx.el.meta(
            name="theme-color", content=light.background, custom_attrs={"media": "(prefers-color-scheme: light)"}
        ),
        rx.el.meta(name="theme-color", content=dark.background, custom_attrs={"media": "(prefers-color-scheme: dark)"}),
    ]


def public_page(
    title: Text,
    *children: rx.Component,
    wide: bool = False,
    above: rx.Component | None = None,
    lead: Text = "",
    class_name: str = "",
    help_topic: str = "",
) -> rx.Component:
    """Frame a page for everybody: the company, one column, whom to ask.

    `above` stands over the title, for `steps` or `back_link`; `lead` is a sentence below it; `help_topic` is the
    chapter of the help page to which «?» leads.
    `public_page("Вход", card(form(…)))`, `public_page("Справка", …, wide=True)`
    """
    return rx.el.div(
        _skip_link(),
        rx.el.header(_brand("/"), _help_link(_help_href(help_topic)), class_name="top-bar"),
        _main(
            title,
            children,
            above=above,
            lead=lead,
            class_name=f"page {'page-wide' if wide else ''} {class_name}".strip(),
        ),
        _footer(),
        class_name="public",
    )


def cabinet_page(
    title: Text,
    *children: rx.Component,
    active: SectionName | None = None,
    help_topic: str = "",
    above: rx.Component | None = None,
    aside: rx.Component | None = None,
    lead: Text = "",
    narrow: bool = False,
) -> rx.Component:
    """Frame a page of the cabinet: bottom bar on a phone, side bar from 900 px.

    `help_topic` is where «?» and «Справка» lead on the help page; `above` stands over the title, `aside` beside it,
    `lead` below it; `narrow` keeps a form from growing wider than it can be read.
    `cabinet_page("Лицевые счета", accounts(), active="home", help_topic="pay")`
    """
    help_href = _help_href(help_topic)
    return rx.el.div(
        _skip_link(),
        rx.el.header(_brand("/cabinet"), _help_link(help_href), class_name="top-bar"),
        _sections(active, help_href),
        _main(
            title,
            children,
            above=above,
            aside=aside,
            lead=lead,
            class_name="page page-narrow" if narrow else "page",
            help_link=link("Справка по этой странице", help_href, class_name="wide-only small"),
        ),
        _footer(),
        class_name="cabinet",
    )


def back_link(text: Text, href: Text) -> rx.Component:
    """Lead one step back. `back_link("Квартира на Ленина", "/account/7")`"""
    return rx.el.nav(link(rx.fragment(icon("back", small=True), text), href), class_name="steps", aria_label="Назад")


def steps(current: int, total: int, back_href: str) -> rx.Component:
    """Say how far a task of several pages is, with the way back. `steps(2, 2, "/cabinet")`"""
    return rx.el.div(
        rx.el.div(
            link(rx.fragment(icon("back", small=True), "Назад"), back_href),
            rx.el.span(f"Шаг {current} из {total}"),
            class_name="row",
        ),
        rx.el.div(
            *(rx.el.i(class_name="done" if number < current else "") for number in range(total)),
            class_name="step-bar",
            custom_attrs={"aria-hidden": "true"},
        ),
        class_name="steps",
    )


class PageHead(BaseHTML):
    """The element of assets/portal.js that gives its heading the focus after a step to another page."""

    tag = "page-head"
    # The framework names a memoized part after its tag, and a dash is no letter of a name.
    _memoization_mode = MemoizationMode(disposition=MemoizationDisposition.NEVER)


def _main(
    title: Text,
    children: tuple[rx.Component, ...],
    *,
    class_name: str,
    above: rx.Component | None = None,
    aside: rx.Component | None = None,
    lead: Text = "",
    help_link: rx.Component | None = None,
) -> rx.Component:
    heading = rx.el.h1(title, tab_index=-1)
    beside = [part for part in (aside, help_link) if part]
    head = rx.el.div(heading, rx.el.div(*beside, class_name="row"), class_name="page-title") if beside else heading
    return rx.el.main(
        PageHead.create(*([above] if above else []), head, *_lead(lead), class_name="page-head"),
        *children,
        id="main",
        tab_index=-1,
        class_name=class_name,
    )


def _help_href(topic: str) -> str:
    return f"/help#{topic}" if topic else SECTIONS["help"].href


def _help_link(href: str) -> rx.Component:
    return link(rx.el.span(), href, class_name="round", label="Справка по этой странице")


def _lead(text: Text) -> list[rx.Component]:
    return [rx.el.p(text, class_name="muted")] if isinstance(text, rx.Var) or text else []


def _skip_link() -> rx.Component:
    return link("Перейти к содержанию", "#main", class_name="skip-link")


def _brand(href: str, class_name: str = "brand") -> rx.Component:
    mark = rx.el.span(icon("drop"), class_name="brand-mark")
    return link(rx.fragment(mark, rx.el.span(get_settings().company_name)), href, class_name=class_name)


def _sections(active: SectionName | None, help_href: str) -> rx.Component:
    """Draw the sections once: the style sheet makes a bottom bar or a side bar of them."""
    links = [
        _section(name, section, help_href if name == "help" else section.href, current=name == active)
        for name, section in SECTIONS.items()
    ]
    sign_out = NativeForm.create(
        rx.el.button(icon("sign-out"), rx.el.span("Выйти"), type="submit", class_name="section"),
        method="post",
        action="/auth/sign-out",
        class_name="wide-only",
    )
    return rx.el.nav(
        _brand("/cabinet", "brand side-brand"), *links, sign_out, class_name="sections", aria_label="Разделы"
    )


def _section(name: str, section: Section, href: str, *, current: bool) -> rx.Component:
    hint_id = f"section-{name}"
    attributes = {
        "data-tip": hint_id,
        "aria-describedby": hint_id,
        **({"aria-current": "page"} if current else {}),
    }
    content = rx.fragment(icon(section.icon_name), *_section_title(section))
    return rx.el.div(
        link(content, href, class_name="section", attributes=attributes),
        rx.el.div(
            section.purpose,
            id=hint_id,
            class_name="tip tip-line",
            role="tooltip",
            custom_attrs={"popover": "auto", "data-side": "right"},
        ),
        class_name=" ".join(
            [*(["wide-only"] if section.is_wide_only else []), *(["push"] if name == "help" else [])],
        ),
    )


def _section_title(section: Section) -> list[rx.Component]:
    if not section.short_title:
        return [rx.el.span(section.title)]
    return [
        rx.el.span(section.title, class_name="wide-only"),
        rx.el.span(section.short_title, class_name="narrow-only"),
    ]


def _footer() -> rx.Component:
    """Say whom to ask; the contacts are known when the pages are compiled."""
    settings = get_settings()
    phone, email, hours = settings.support_phone, settings.support_email, settings.support_hours
    contacts = [
        *([link(phone, f"tel:{_dialled(phone)}")] if phone else []),
        *([link(email, f"mailto:{email}")] if email else []),
        *([rx.el.span(hours)] if hours else []),
    ]
    return rx.el.footer(
        *([rx.el.span("Поддержка:"), *contacts] if contacts else []),
        link("Справка", "/help"),
        link("Обратная связь", "/support"),
        link("Персональные данные", "/documents/privacy"),
        class_name="site-footer",
    )


def _dialled(phone: str) -> str:
    return "".join(sign for sign in phone if sign.isdigit() or sign == "+")
