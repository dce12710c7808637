"""Texts of consents: one document a purpose (152-ФЗ ст. 9). A changed text gets a new version; old proofs stay."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

PERSONAL_DATA: Final = "personal_data"
NEWS: Final = "news"

_FIRST_PERSONAL_DATA: Final = """\
Согласие на обработку персональных данных

Я свободно, своей волей и в своём интересе даю {company} (далее — оператор) согласие на обработку моих персональных \
данных в личном кабинете абонента.

Цель: создание и работа личного кабинета — вход, подключение лицевых счетов, показ начислений, приём платежей и \
показаний, ответы на обращения.

Данные: номер телефона или адрес электронной почты, имя (если я его укажу), номера подключённых лицевых счетов, \
сведения о платежах, показаниях и обращениях, адрес в сети и сведения о браузере.

Действия: сбор, запись, систематизация, накопление, хранение, уточнение, извлечение, использование, передача \
поставщику услуг по подключённому лицевому счёту и банку при оплате, блокирование, удаление, уничтожение; \
с использованием средств автоматизации. Данные хранятся на серверах в России.

Срок: до удаления кабинета или отзыва согласия. Согласие можно отозвать в любой момент, удалив кабинет или написав \
оператору; на договор о поставке услуг отзыв не влияет."""

_PERSONAL_DATA: Final = """\
Согласие на обработку персональных данных

Я свободно, своей волей и в своём интересе даю согласие на обработку моих персональных данных в личном кабинете \
абонента. Оператор, которому даётся согласие: {company}.

Цель: создание и работа личного кабинета — вход, подключение лицевых счетов, показ начислений, приём платежей и \
показаний, ответы на обращения, уведомления о них.

Данные: номер телефона или адрес электронной почты, фамилия, имя и отчество (если я их укажу), номера подключённых \
лицевых счетов, сведения о платежах и показаниях, обращения и приложенные к ним файлы, адрес в сети и сведения \
о браузере.

Действия: сбор, запись, систематизация, накопление, хранение, уточнение, извлечение, использование, передача \
поставщику услуг по подключённому лицевому счёту и банку при оплате, блокирование, удаление, уничтожение; \
с использованием средств автоматизации. Данные хранятся на серверах в России.

Срок: до закрытия кабинета или отзыва согласия. Согласие можно отозвать в любой момент в разделе «Настройки» или \
написав оператору. После этого данные уничтожают в течение 30 дней, кроме тех, которые велит хранить закон; \
на договор о поставке услуг отзыв не влияет."""

_NEWS: Final = """\
Согласие на получение новостей и полезных писем

Я свободно, своей волей и в своём интересе соглашаюсь получать новости и полезные письма и разрешаю обрабатывать \
для этого мои персональные данные. Оператор, которому даётся согласие: {company}.

Цель: рассылка новостей оператора, советов и приглашений, не связанных с моими начислениями и платежами.

Данные: номер телефона или адрес электронной почты, имя (если я его укажу).

Действия: запись, хранение, использование, удаление; с использованием средств автоматизации. Данные хранятся \
на серверах в России и никому не передаются.

Срок: до отзыва. Согласие не обязательно: без него кабинет работает так же. Отозвать его можно в любой момент \
в разделе «Настройки»."""


@dataclass(frozen=True, slots=True)
class ConsentKind:
    """A purpose for which consent is asked."""

    title: str
    #: False for the one without which there can be no cabinet.
    is_optional: bool
    #: Texts by version, in the order of time; the last one is given now.
    texts: Mapping[str, str]


KINDS: Final[Mapping[str, ConsentKind]] = {
    PERSONAL_DATA: ConsentKind(
        "Обработка персональных данных",
        is_optional=False,
        texts={"2026-11": _FIRST_PERSONAL_DATA, "2026-11-22": _PERSONAL_DATA},
    ),
    NEWS: ConsentKind("Новости и полезные письма", is_optional=True, texts={"2026-11-22": _NEWS}),
}


@dataclass(frozen=True, slots=True)
class ConsentText:
    """A text as it is shown to a person."""

    kind: str
    version: str
    text: str

    @property
    def text_hash(self) -> str:
        """Return the SHA-256 of the text, the proof of what was shown."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def edition(version: str) -> str:
    """Return a version as people write it: `редакция от 22.11.2026`."""
    return f"редакция от {'.'.join(reversed(version.split('-')))}"


def current(kind: str, company: str) -> ConsentText:
    """Return the text that is given now.

    Raises:
        KeyError: for an unknown purpose.
    """
    return of_version(kind, list(KINDS[kind].texts)[-1], company)


def of_version(kind: str, version: str, company: str) -> ConsentText:
    """Return the text of a version with the name of this company.

    Raises:
        KeyError: for an unknown purpose or version.
    """
    return ConsentText(kind, version, KINDS[kind].texts[version].format(company=company))


def personal_data(company: str) -> ConsentText:
    """Return the consent to the processing of personal data by this company (152-ФЗ ст. 9)."""
    return current(PERSONAL_DATA, company)


def document_path(kind: str) -> str:
    """Return the address of the page that shows the text given now."""
    return "/documents/consent" if kind == PERSONAL_DATA else f"/documents/consent/{kind}"
