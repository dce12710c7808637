"""Refusals of the outages slice and their Russian sentences."""

from lkk_reflex.kit.errors import PortalError


class ServiceUnfit(PortalError):
    """Nothing is named that is switched off, or too much, as an address."""

    code = "outages.service_unfit"
    text = "Назовите услугу коротко, до {limit} знаков, одними буквами и без адреса: «холодная вода»."


class TextTooLong(PortalError):
    """More than a notice may hold."""

    code = "outages.text_too_long"
    text = "Текст длиннее {limit} знаков. Сократите его."


class TimesReversed(PortalError):
    """The end is not after the beginning."""

    code = "outages.times_reversed"
    text = "Окончание должно быть позже начала."


class UntilPassed(PortalError):
    """Nothing is announced that is over."""

    code = "outages.until_passed"
    text = "Окончание уже прошло. Укажите время позже нынешнего."


class TimesTooLong(PortalError):
    """It would last for months."""

    code = "outages.times_too_long"
    text = "Отключение длиннее {days} дней. Проверьте даты."


class StreetUnfit(PortalError):
    """What was written is no street, or more than a street."""

    code = "outages.street_unfit"
    text = "Улица не читается. Напишите её одну, без дома, до {limit} знаков: «ул. Ленина» или «с. Дубки, ул. Ленина»."


class HouseUnfit(PortalError):
    """What was written is no number of a house, or several in one."""

    code = "outages.house_unfit"
    text = (
        "Номер дома не читается: {house}. Напишите его так: 12, 12А, 12/2 или «12 корп. 2». "
        "Каждый дом указывайте отдельно: --house 12 --house 14."
    )


class AddressUnknown(PortalError):
    """The register has no account at this address."""

    code = "outages.address_unknown"
    text = "По адресу «{address}» у поставщика нет ни одного счёта. Проверьте, как он записан в реестре."


class NoAccounts(PortalError):
    """The provider has no account at all."""

    code = "outages.no_accounts"
    text = "У поставщика нет ни одного счёта. Сначала загрузите реестр: lkk register import --help"


class OutageNotBegun(PortalError):
    """It cannot end before it begins."""

    code = "outages.not_begun"
    text = "Отключение ещё не началось. Если его не будет, отмените: lkk outage cancel НОМЕР"


class OutageBegun(PortalError):
    """What has begun is not cancelled any more, and its beginning is not moved."""

    code = "outages.begun"
    text = "Отключение уже началось. Если подача восстановлена, завершите его: lkk outage end НОМЕР"


class OutageOver(PortalError):
    """Nothing is to be said of what is over."""

    code = "outages.over"
    text = "Отключение уже закончилось или отменено. Если нужно, объявите новое."


class NothingToChange(PortalError):
    """A change without anything new."""

    code = "outages.nothing_to_change"
    text = "Укажите, что изменить: --from, --until или --text."
