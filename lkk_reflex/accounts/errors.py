"""Refusals of the accounts slice and their Russian sentences."""

from lkk_reflex.kit.errors import PortalError


class NumberMissing(PortalError):
    """Nothing that could be an account number was typed."""

    code = "accounts.number_missing"
    text = "Введите номер лицевого счёта из квитанции."
    field = "number"


class CodeWithoutNumber(PortalError):
    """The payment code names no account of a subscriber."""

    code = "accounts.code_without_number"
    text = "В этом платёжном коде нет лицевого счёта. Введите номер с квитанции."
    field = "number"


class NumberUnfit(PortalError):
    """The number does not look like one of this provider's; `hint` is the provider's own sentence."""

    code = "accounts.number_unfit"
    text = "Номер не похож на лицевой счёт этого поставщика. {hint}"
    field = "number"


class BankAccountTyped(PortalError):
    """The company's bank account was typed."""

    code = "accounts.bank_account_typed"
    text = "Похоже, это расчётный счёт компании. Лицевой счёт короче и стоит в квитанции рядом с вашей фамилией."
    field = "number"


class InnTyped(PortalError):
    """The company's taxpayer number was typed."""

    code = "accounts.inn_typed"
    text = "Похоже, это ИНН компании. Нужен номер из строки «Лицевой счёт»."
    field = "number"


class BicTyped(PortalError):
    """The bank's BIC was typed."""

    code = "accounts.bic_typed"
    text = "Похоже, это БИК банка. Нужен номер из строки «Лицевой счёт»."
    field = "number"


class UnifiedNumberUnknown(PortalError):
    """A ЕЛС was typed which the provider's registers do not hold."""

    code = "accounts.unified_number_unknown"
    text = "Это единый лицевой счёт ГИС ЖКХ. Нужен номер из строки «Лицевой счёт»."
    field = "number"
    keeps_work = True


class AccountNotConfirmed(PortalError):
    """The one refusal for every account that cannot be connected; the attempt stays counted."""

    code = "accounts.not_confirmed"
    text = (
        "Не удалось подтвердить счёт. Проверьте номер по последней квитанции. Если всё верно — напишите нам, поможем."
    )
    field = "number"
    keeps_work = True


class ProviderMissing(PortalError):
    """No provider was chosen, or the chosen one is not served here."""

    code = "accounts.provider_missing"
    text = "Выберите поставщика из списка."
    field = "provider"


class PayeeUnknown(PortalError):
    """Neither a provider nor a payment code of one of them was given."""

    code = "accounts.payee_unknown"
    text = "Не нашли поставщика по этому тексту. Проверьте, весь ли код вставлен, или выберите поставщика из списка."
    field = "number"


class OwnNameTooLong(PortalError):
    """The person's own name for an account is too long."""

    code = "accounts.own_name_too_long"
    text = "Название не длиннее {limit} знаков."
    field = "own_name"


class ExtendedAccessRequired(PortalError):
    """Details are personal; a number that stands on a letter-box is no proof."""

    code = "accounts.extended_access_required"
    text = "Подробности начислений видны после подтверждения, что счёт ваш."


class NoNewsOfBills(PortalError):
    """Who would get neither paper nor a message would learn of a bill by its penalty."""

    code = "accounts.no_news_of_bills"
    text = (
        "Без бумаги вы не узнаете о новой квитанции. Сначала отметьте СМС или письмо о ней в разделе «Уведомления», "
        "почту можно указать в профиле."
    )


class ProviderCodeTaken(PortalError):
    """Another provider has this code."""

    code = "accounts.provider_code_taken"
    text = "Поставщик с кодом {provider_code} уже есть. Выберите другой код."


class ProviderUnfit(PortalError):
    """Something in the description of a provider cannot be right; `reason` says what."""

    code = "accounts.provider_unfit"
    text = "Поставщик не добавлен: {reason}"


class RequisitesUnfit(PortalError):
    """The requisites of a provider cannot be right; `reason` says what is wrong."""

    code = "accounts.requisites_unfit"
    text = "Реквизиты не сохранены: {reason}"


class BillMissing(PortalError):
    """The account has no bill of this month."""

    code = "accounts.bill_missing"
    text = "За этот период начислений нет."


class ProviderUnknown(PortalError):
    """No provider has this code."""

    code = "accounts.provider_unknown"
    text = "Поставщика с кодом {provider_code} нет. Список: lkk provider list."


class RegisterUnreadable(PortalError):
    """The file is no register that can be read; `reason` says what is wrong with it as a whole."""

    code = "accounts.register_unreadable"
    text = "Файл не прочитан: {reason}"


class RegisterAlreadyLoaded(PortalError):
    """The same bytes have been loaded for this provider before."""

    code = "accounts.register_already_loaded"
    text = "Этот файл уже загружен {loaded_at}. Ничего не изменено."


class PresetNotChosen(PortalError):
    """The format was not named; `guess` is a sentence about what it looks like."""

    code = "accounts.preset_not_chosen"
    text = "Формат реестра не указан. {guess}"


class RegisterRefused(PortalError):
    """The register was read, but not accepted; the parameter `report` holds the whole report."""

    code = "accounts.register_refused"
    text = "Реестр не принят, в портале ничего не изменено: {reason}"


class PinMissing(PortalError):
    """Nothing was typed where the PIN belongs."""

    code = "accounts.pin_missing"
    text = "Введите пин-код: 8 знаков, например 7K4M-2X9A."
    field = "pin"


class PinUnreadable(PortalError):
    """It cannot be a PIN, so no try is spent."""

    code = "accounts.pin_unreadable"
    text = "В пин-коде 8 знаков: цифры и латинские буквы. Цифр 0 и 1, букв I, L и O в нём не бывает."
    field = "pin"


class BillMonthMissing(PortalError):
    """The month of the bill was not chosen, or it is none of those that are offered."""

    code = "accounts.bill_month_missing"
    text = "Выберите месяц квитанции из списка."
    field = "bill_month"


class BillSumUnreadable(PortalError):
    """The sum of a bill cannot be read, so no try is spent."""

    code = "accounts.bill_sum_unreadable"
    text = "Впишите сумму из квитанции: рубли и копейки, например 1542,30."
    field = "bill_sum"


class BillSumZero(PortalError):
    """A bill of nothing is nobody's secret, so no try is spent."""

    code = "accounts.bill_sum_zero"
    text = "Нулевая сумма ничего не подтверждает. Выберите месяц, в котором было что платить."
    field = "bill_sum"


class SerialMissing(PortalError):
    """No letter and no digit was typed where the serial number of a meter belongs."""

    code = "accounts.serial_missing"
    text = "Впишите заводской номер счётчика."
    field = "serial"


class SerialTooShort(PortalError):
    """So short a serial number proves nothing for any account, so no try is spent."""

    code = "accounts.serial_too_short"
    text = "Номер короче пяти знаков, не считая нулей впереди, не подойдёт. Перепишите его со счётчика целиком."
    field = "serial"


class SurnameMissing(PortalError):
    """The provider demands the surname of the account's owner too, and no letter of it was typed."""

    code = "accounts.surname_missing"
    text = "Впишите фамилию владельца счёта, как в квитанции."


class ProofRefused(PortalError):
    """The one refusal for every proof that proves nothing; the attempt stays counted.

    `next_try` is a sentence about the tries that remain.
    """

    code = "accounts.proof_refused"
    text = (
        "Не удалось подтвердить, что счёт ваш. Проверьте всё, что введено. {next_try} "
        "Если ошибки нет — обратитесь в офис поставщика или напишите нам, поможем."
    )
    keeps_work = True


class PinRefused(ProofRefused):
    """The PIN is wrong, used, too old, ended, or there is none: which of them is not told."""

    code = "accounts.pin_refused"
    field = "pin"


class BillSumRefused(ProofRefused):
    """The sum is not that of the bill, the bill proves nothing, or the surname is another: which is not told."""

    code = "accounts.bill_sum_refused"
    field = "bill_sum"


class SerialRefused(ProofRefused):
    """No meter of the account has this serial number, or the surname is another: which is not told."""

    code = "accounts.serial_refused"
    field = "serial"


class AccountUnknown(PortalError):
    """The provider has no account of this number; told to its staff only."""

    code = "accounts.account_unknown"
    text = "У поставщика {provider_code} нет лицевого счёта {number}."


class ProofUnknown(PortalError):
    """The proof cannot be allowed or forbidden."""

    code = "accounts.proof_unknown"
    text = "Способа {proof} нет. Бывают: {known}. Пин-код принимается всегда."


class SurnameAlone(PortalError):
    """A surname is known to neighbours: it is demanded in addition to another proof only."""

    code = "accounts.surname_alone"
    text = "Одна фамилия не подтверждает, что счёт свой. Добавьте к ней: {known}."


class PassEnded(PortalError):
    """The guest pass is too old or was never given."""

    code = "accounts.pass_ended"
    text = "Прошло больше часа, или ссылка устарела. Введите номер лицевого счёта из квитанции."
