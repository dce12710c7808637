"""Refusals of the support slice and their Russian sentences."""

from lkk_reflex.kit.errors import PortalError


class RecipientMissing(PortalError):
    """Neither the support nor a company was chosen."""

    code = "support.recipient_missing"
    text = "Выберите, кому написать."
    field = "recipient"


class ProviderNotChosen(PortalError):
    """The staff of a company is asked, but of which one?"""

    code = "support.provider_missing"
    text = "Выберите компанию, которой пишете."
    field = "provider"


class AccountNotOwn(PortalError):
    """The named account is not connected to the cabinet (any more)."""

    code = "support.account_not_own"
    text = "Этого счёта нет среди подключённых. Выберите другой или напишите без счёта."
    field = "account"


class TopicMissing(PortalError):
    """No topic of this recipient was chosen."""

    code = "support.topic_missing"
    text = "Выберите, о чём обращение."
    field = "topic"


class TextMissing(PortalError):
    """Nothing was written."""

    code = "support.text_missing"
    text = "Напишите, что случилось."
    field = "text"


class AnswerMissing(TextMissing):
    """The staff has sent an answer without words."""

    code = "support.answer_missing"
    text = "Напишите текст ответа."


class TextTooLong(PortalError):
    """More than a message may hold."""

    code = "support.text_too_long"
    text = "Текст длиннее {limit} знаков. Сократите его или отправьте двумя сообщениями."
    field = "text"


class CommentTooLong(PortalError):
    """More than a comment to a rating may hold."""

    code = "support.comment_too_long"
    text = "Отзыв не длиннее {limit} знаков."
    field = "comment"


class RatingMissing(PortalError):
    """No number from 1 to 5 was chosen."""

    code = "support.rating_missing"
    text = "Выберите оценку от 1 до 5."
    field = "rating"


class TooManyTickets(PortalError):
    """The day's messages of a subscriber are used up."""

    code = "support.too_many"
    text = "Сегодня от вас уже много сообщений. Следующее можно отправить через {wait}."
    keeps_work = True


class TicketClosed(PortalError):
    """Nothing is written to a closed ticket."""

    code = "support.closed"
    text = "Обращение закрыто. Откройте его снова, если вопрос остался."


class TicketClosedForStaff(TicketClosed):
    """The same, for who answers: only the person can open the ticket again."""

    code = "support.closed_for_staff"
    text = (
        "Обращение закрыто, ответ не отправлен. Ответить можно, когда абонент откроет обращение снова: "
        "у него на это {days} дней после закрытия."
    )


class ReopeningOver(PortalError):
    """A ticket that was closed long ago stays closed."""

    code = "support.reopening_over"
    text = "Обращение закрыто больше {days} дней назад. Напишите новое, мы увидим и прежнее."


class NothingToReopen(PortalError):
    """The ticket is open."""

    code = "support.not_closed"
    text = "Обращение уже открыто."


class NotAnsweredYet(PortalError):
    """There is nothing to rate."""

    code = "support.not_answered"
    text = "Оценить можно после ответа."
    field = "rating"


class TermUnfit(PortalError):
    """The configured time for an answer cannot be right."""

    code = "support.term_unfit"
    text = "Срок ответа — от 1 до {most} рабочих дней."


class FilesTooMany(PortalError):
    """More files than a message may carry."""

    code = "support.files_too_many"
    text = "К одному сообщению можно приложить не больше {most} файлов."
    field = "files"


class FilesTooHeavy(PortalError):
    """The files of a message are too large together."""

    code = "support.files_too_heavy"
    text = "Файлы вместе больше {most} МБ. Уберите часть или отправьте вторым сообщением."
    field = "files"


class FileGone(PortalError):
    """An uploaded file is not waiting for this message any more."""

    code = "support.file_gone"
    text = "Один из файлов пропал: он ждал слишком долго. Приложите его ещё раз."
    field = "files"


class UploadsFull(PortalError):
    """A subscriber's uploads wait unsent, or too many came in a day."""

    code = "support.uploads_full"
    text = "Слишком много файлов за день. Отправьте сообщение без них или попробуйте через {wait}."
    field = "files"
    keeps_work = True
