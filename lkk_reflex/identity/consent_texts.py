"""Texts of consents. A changed text gets a new version; old proofs keep their hash."""

import hashlib
from dataclasses import dataclass
from typing import Final

PERSONAL_DATA: Final = "personal_data"

_VERSION: Final = "2026-11"
_TEXT: Final = """\
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


def personal_data(company: str) -> ConsentText:
    """Return the consent to the processing of personal data by this company (152-ФЗ ст. 9)."""
    return ConsentText(PERSONAL_DATA, _VERSION, _TEXT.format(company=company))
