"""Refusals of the meters slice and their Russian sentences."""

from lkk_reflex.kit.errors import PortalError


class ReadingMissing(PortalError):
    """No value was typed in the whole form."""

    code = "meters.reading_missing"
    text = "Введите показание хотя бы одного счётчика."


class ScaleMissing(PortalError):
    """Some scales of a meter have a value and this one has none."""

    code = "meters.scale_missing"
    text = "Введите показания всех шкал этого счётчика: они передаются вместе."


class ReadingUnreadable(PortalError):
    """The text is not what a dial shows; `allowed` says what is."""

    code = "meters.reading_unreadable"
    text = "Введите только цифры со счётчика: {allowed}."


class ReadingNegative(PortalError):
    """A dial shows nothing below zero."""

    code = "meters.reading_negative"
    text = "Показание не бывает отрицательным. Введите цифры со счётчика: {allowed}."


class TooManyDigits(PortalError):
    """More digits before the point than the dial has."""

    code = "meters.too_many_digits"
    text = "Слишком много цифр. Нужно: {allowed}. Проверьте, нет ли лишней цифры."


class TooManyDecimals(PortalError):
    """More digits after the point than are taken."""

    code = "meters.too_many_decimals"
    text = "Лишние цифры после запятой. Нужно: {allowed}."


class LowerThanPrevious(PortalError):
    """The dial went back."""

    code = "meters.lower_than_previous"
    text = (
        "Меньше прошлого показания ({previous}, {taken_on}). Проверьте цифры. "
        "Если счётчик заменили, напишите поставщику."
    )


class ZeroRefused(PortalError):
    """The provider does not take a reading without consumption."""

    code = "meters.zero_refused"
    text = "Показание такое же, как прошлое ({previous}). Поставщик не принимает нулевой расход через портал."


class ConsumptionTooLarge(PortalError):
    """More than can be used in the time."""

    code = "meters.consumption_too_large"
    text = "Расход {consumption} больше возможного ({limit}). Проверьте, нет ли лишней или пропущенной цифры."


class WindowClosed(PortalError):
    """The provider takes no readings today."""

    code = "meters.window_closed"
    text = "Сейчас показания не принимаются. Следующий приём — с {opens_on} по {closes_on}."


class VerificationExpired(PortalError):
    """The provider takes no readings of a meter whose verification has expired."""

    code = "meters.verification_expired"
    text = "Срок поверки истёк {verified_until}. Поставщик не принимает показания, пока счётчик не поверен."


class MeterNotRead(PortalError):
    """The form names a meter that the account does not have or no longer has."""

    code = "meters.meter_not_read"
    text = "По этому счётчику показания больше не принимаются. Обновите страницу."


class FormAlreadySent(PortalError):
    """The same form has already saved another value, or what it saved was corrected or withdrawn since."""

    code = "meters.form_already_sent"
    text = "Эта форма уже отправлена. Обновите страницу, чтобы увидеть показание, и при надобности исправьте его."


class CorrectionRequested(PortalError):
    """The reading of the period is on its way into the bill: only the provider can change it."""

    code = "meters.correction_requested"
    text = (
        "Показание за {period} уже передано поставщику. Исправить его может только он: "
        "напишите об этом в разделе «Обратная связь»."
    )


class SentBySomebodyElse(PortalError):
    """Somebody else has sent the reading of the period, and the viewer has not proved that the account is theirs."""

    code = "meters.sent_by_somebody_else"
    text = "Показание за {period} уже передали. Чтобы исправить чужое показание, подтвердите, что счёт ваш."


class ReadingEnded(PortalError):
    """The reading can no longer be withdrawn."""

    code = "meters.reading_ended"
    text = "Это показание уже нельзя отозвать. Обновите страницу, чтобы увидеть, что с ним стало."


class MetersBusy(PortalError):
    """A file of the provider is changing these meters or their readings, which takes longer than a person waits."""

    code = "meters.busy"
    text = (
        "Поставщик сейчас обновляет данные этого счёта, поэтому мы пока ничего не изменили. "
        "Введённое не пропало: повторите через несколько минут."
    )


class PhotoGone(PortalError):
    """An uploaded photo is not waiting for this reading any more."""

    code = "meters.photo_gone"
    text = "Фото счётчика не нашлось: оно ждало слишком долго. Приложите его ещё раз или передайте показания без него."


class PhotosFull(PortalError):
    """A subscriber's photos wait unsent, or too many came in a day."""

    code = "meters.photos_full"
    text = "Слишком много фото за день. Передайте показания без него или попробуйте через {wait}."
    keeps_work = True


class FileRefused(PortalError):
    """A file of meters, tariffs or counted readings was not accepted; the parameter `report` holds the report."""

    code = "meters.file_refused"
    text = "Файл не принят, в портале ничего не изменено: {reason}"


class PolicyUnfit(PortalError):
    """A rule for readings cannot be right; `reason` says what."""

    code = "meters.policy_unfit"
    text = "Правило не сохранено: {reason}"


class SignedLinkOver(PortalError):
    """A link of a letter is not ours, or its time is over."""

    code = "meters.signed_link_over"
    text = "Ссылка из письма больше не действует. Войдите в кабинет или передайте показания по номеру счёта."
