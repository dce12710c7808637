"""Refusals of the cabinet's own and their Russian sentences."""

from lkk_reflex.kit.errors import PortalError


class CodeNotFound(PortalError):
    """There is no code on the photo, or it cannot be read."""

    code = "cabinet.code_not_found"
    text = "На снимке не нашли код. Снимите ближе, чтобы код занял половину кадра, или введите номер."
    field = "number"


class CodeOfAnotherKind(PortalError):
    """What was read is not for paying."""

    code = "cabinet.code_of_another_kind"
    text = "Это не платёжный код. Снимите тот, рядом с которым стоят реквизиты для оплаты, или введите номер."
    field = "number"


class SeveralCodes(PortalError):
    """The codes on the photo name different accounts."""

    code = "cabinet.several_codes"
    text = "На снимке несколько кодов с разными счетами. Снимите один или сначала выберите поставщика."
    field = "number"
