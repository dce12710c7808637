"""Refusals of the payments slice."""

from lkk_reflex.kit.errors import PortalError


class AmountUnreadable(PortalError):
    """The text is not a sum of money."""

    code = "payments.amount_unreadable"
    text = "Введите сумму в рублях, например 1542,30."
    field = "amount"


class AmountTooSmall(PortalError):
    """Less than the gateway takes."""

    code = "payments.amount_too_small"
    text = "Заплатить можно не меньше {smallest}."
    field = "amount"


class AmountTooLarge(PortalError):
    """More than the gateway takes at once."""

    code = "payments.amount_too_large"
    text = "За один раз можно заплатить не больше {largest}. Разделите сумму на несколько платежей."
    field = "amount"


class NothingToPay(PortalError):
    """The debt was chosen, and there is none."""

    code = "payments.nothing_to_pay"
    text = "Долга нет. Если хотите заплатить вперёд, выберите «Другая сумма»."


class DebtChanged(PortalError):
    """The debt is no longer the one that was shown; `shown` is offered instead."""

    code = "payments.debt_changed"
    text = "Сумма долга изменилась: сейчас к оплате {amount}. Проверьте и нажмите «Оплатить» ещё раз."


class DebtUnknown(PortalError):
    """No bill has come for the account yet, so there is no debt to choose."""

    code = "payments.debt_unknown"
    text = "Начислений по этому счёту пока нет. Введите сумму сами."


class FormAlreadySent(PortalError):
    """This form has made a payment of another sum or account already."""

    code = "payments.form_already_sent"
    text = "По этой форме уже создан платёж на {amount}. Чтобы заплатить другую сумму, откройте оплату заново."


class PaymentUnavailable(PortalError):
    """The provider has no working shop."""

    code = "payments.unavailable"
    text = "Оплата этому поставщику сейчас недоступна. Попробуйте позже или заплатите по реквизитам из квитанции."


class ReceiptContactNeeded(PortalError):
    """The provider's fiscal receipts have to go somewhere."""

    code = "payments.receipt_contact_needed"
    text = "Укажите {what}: туда придёт чек об оплате."
    field = "receipt_contact"


class ShopRefused(PortalError):
    """The data of a new shop are wrong; for the one who sets the portal up."""

    code = "payments.shop_refused"
    text = "Магазин не добавлен: {reason}"
