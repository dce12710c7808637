"""Refusals of identity, with their sentences for the person."""

from lkk_reflex.kit.errors import PortalError

#: Numbers for examples, in one piece: no line ends at their spaces and hyphens.
_MOBILE, _LANDLINE = (
    number.replace(" ", "\N{NO-BREAK SPACE}").replace("-", "\N{NON-BREAKING HYPHEN}")
    for number in ("+7 912 345-67-89", "+7 4912 12-34-56")
)


class LoginUnreadable(PortalError):
    """The text is neither an e-mail address nor a Russian mobile phone."""

    code = "identity.login_unreadable"
    text = f"Укажите мобильный телефон или электронную почту, например {_MOBILE} или ivanov@mail.ru."
    field = "login"


class PhonesNotServed(PortalError):
    """The company has no SMS gateway."""

    code = "identity.phones_not_served"
    text = "Сообщения на телефон мы пока не отправляем. Укажите электронную почту."
    field = "login"


class ConsentMissing(PortalError):
    """The box of the consent is not ticked."""

    code = "identity.consent_missing"
    text = "Отметьте согласие на обработку персональных данных: без него кабинет создать нельзя."
    field = "consent"


class PasswordRefused(PortalError):
    """Base of the reasons for which a new password is not accepted."""

    code = "identity.password_refused"
    text = "Этот пароль не подходит. Придумайте другой."
    field = "password"


class PasswordMissing(PasswordRefused):
    """Nothing was typed."""

    code = "identity.password_missing"
    text = "Введите пароль."


class PasswordShapeWrong(PasswordRefused):
    """Not what the instruction allows."""

    code = "identity.password_shape_wrong"
    text = "В пароле должно быть от 5 до 10 латинских букв и цифр, без пробелов и других знаков."


class PasswordTooShort(PasswordRefused):
    """Shorter than the profile allows."""

    code = "identity.password_too_short"
    text = "Пароль слишком короткий: нужно не меньше {characters} знаков. Удобно взять три-четыре слова."


class PasswordTooLong(PasswordRefused):
    """Longer than anything we hash."""

    code = "identity.password_too_long"
    text = "Пароль слишком длинный: можно не больше {characters} знаков."


class PasswordDigitsOnly(PasswordRefused):
    """A short number is guessed in seconds."""

    code = "identity.password_digits_only"
    text = "Пароль только из цифр легко подобрать. Добавьте буквы."


class PasswordCommon(PasswordRefused):
    """The password stands in the lists that are tried first."""

    code = "identity.password_common"
    text = "Этот пароль один из самых частых, его подбирают первым. Придумайте другой."


class PasswordPattern(PasswordRefused):
    """Repeats, sequences, rows of the keyboard."""

    code = "identity.password_pattern"
    text = "Повторы и знаки подряд легко подобрать. Перемешайте буквы и цифры."


class PasswordDate(PasswordRefused):
    """Looks like a birthday."""

    code = "identity.password_date"
    text = "Пароль похож на дату, такие подбирают первыми. Придумайте другой."


class PasswordFamiliar(PasswordRefused):
    """Made of the login, of the company's name or of a word of the trade."""

    code = "identity.password_familiar"
    text = "Не берите в пароль свой логин, название компании и слова вроде «водоканал»: их пробуют первыми."


class WrongPair(PortalError):
    """Unknown login or wrong password; which of them is not said."""

    code = "identity.wrong_pair"
    text = (
        "Не получилось войти: телефон (почта) или пароль не подходят. "
        "Проверьте раскладку и заглавные буквы. Осталось попыток: {left}."
    )
    keeps_work = True
    field = "password"


class WrongPairWait(WrongPair):
    """The same, and the next try must wait."""

    code = "identity.wrong_pair_wait"
    text = (
        "Не получилось войти: телефон (почта) или пароль не подходят. "
        "Следующая попытка через {wait}. Или нажмите «Не помню пароль»."
    )


class ResetNeeded(PortalError):
    """So many wrong passwords that the owner must prove to be the owner."""

    code = "identity.reset_needed"
    text = (
        "Слишком много неудачных попыток. Нажмите «Не помню пароль»: мы пришлём код, "
        "и вы зададите новый. Или попробуйте через {wait}."
    )
    keeps_work = True


class CodeWrong(PortalError):
    """The code does not match."""

    code = "identity.code_wrong"
    text = "Код не подошёл. Проверьте цифры. Осталось попыток: {left}."
    keeps_work = True
    field = "code"


class CodeUnusable(PortalError):
    """The code has expired, was used, was replaced, or all its tries are gone."""

    code = "identity.code_unusable"
    text = "Этот код больше не действует. Нажмите «Отправить ещё раз», мы пришлём новый."
    keeps_work = True
    field = "code"


class CodeUnreadable(PortalError):
    """What was typed is not a code of the right length; it costs no try."""

    code = "identity.code_unreadable"
    text = "Введите {digits} цифр из сообщения."
    field = "code"


class LinkUnusable(PortalError):
    """The link from the message has expired, was used or was replaced."""

    code = "identity.link_unusable"
    text = "Эта ссылка больше не действует: она одноразовая и работает сутки. Запросите новую."


class FlowLost(PortalError):
    """This browser has begun nothing, or too long ago."""

    code = "identity.flow_lost"
    text = (
        "Начните ещё раз: прошло слишком много времени, или код запрошен в другом браузере. "
        "Если вы открыли ссылку из письма, продолжайте в том окне."
    )


class MessageTooSoon(PortalError):
    """The next message to this login must wait."""

    code = "identity.message_too_soon"
    text = "Следующее сообщение можно отправить через {wait}."
    keeps_work = True


class LoginTaken(PortalError):
    """The login got a cabinet while this registration was waiting; told only to its proven owner."""

    code = "identity.login_taken"
    text = "Кабинет с этим логином уже создан. Войдите в него."


class TicketUnusable(PortalError):
    """The one-time ticket has expired or was used."""

    code = "identity.ticket_unusable"
    text = "Страница открыта слишком давно. Войдите ещё раз."


class ConsentTextChanged(PortalError):
    """The company has changed the text of a consent since the page was opened."""

    code = "identity.consent_text_changed"
    text = "Текст согласия только что обновился. Прочитайте новый и нажмите ещё раз."


class ConsentNeeded(PortalError):
    """The cabinet rests on this consent."""

    code = "identity.consent_needed"
    text = "Без этого согласия кабинет работать не может. Чтобы отозвать его, закройте кабинет."


class OwnPasswordMissing(PortalError):
    """Who is signed in has pressed the button before giving the password again; no try is spent."""

    code = "identity.own_password_missing"
    text = "Введите пароль от кабинета."
    field = "own_password"


class OwnPasswordWrong(PortalError):
    """Who is signed in has given a wrong password for something that needs it again."""

    code = "identity.own_password_wrong"
    text = "Пароль не подходит. Проверьте раскладку и заглавные буквы. Осталось попыток: {left}."
    keeps_work = True
    field = "own_password"


class OwnPasswordWait(OwnPasswordWrong):
    """The same, and the next try must wait."""

    code = "identity.own_password_wait"
    text = "Пароль не подходит. Следующая попытка через {wait}."


class CabinetErased(PortalError):
    """The time to take a closed cabinet back is over."""

    code = "identity.cabinet_erased"
    text = "Срок возврата прошёл, данные кабинета удаляются. Создайте новый кабинет и подключите счета снова."


class ProfileFieldRefused(PortalError):
    """Base of the reasons for which a part of the profile is not accepted; each names its field."""

    code = "identity.profile_field_refused"
    text = "Проверьте, что введено."


class NameTooLong(ProfileFieldRefused):
    """Longer than any name."""

    code = "identity.name_too_long"
    text = "{title}: можно не больше {characters} знаков."


class NameNotRussian(ProfileFieldRefused):
    """Typed in Latin letters, often because the keyboard was not switched."""

    code = "identity.name_not_russian"
    text = "{title}: напишите русскими буквами. Проверьте раскладку клавиатуры."


class NameUnreadable(ProfileFieldRefused):
    """Something that no name holds: digits, signs, pictures."""

    code = "identity.name_unreadable"
    text = "{title}: подойдут только буквы, дефис, апостроф и пробел между словами."


class PhoneUnreadable(ProfileFieldRefused):
    """Not a Russian phone, or one with an extension."""

    code = "identity.phone_unreadable"
    text = (
        f"Укажите российский номер с кодом города или мобильный, без добавочного: например, {_MOBILE} или {_LANDLINE}."
    )
    field = "phone"


class SecondEmailUnreadable(ProfileFieldRefused):
    """Not an e-mail."""

    code = "identity.second_email_unreadable"
    text = "Проверьте адрес: он пишется латинскими буквами, например ivanov@mail.ru."
    field = "second_email"


class SecondEmailIsLogin(ProfileFieldRefused):
    """The e-mail of the login needs no second mention."""

    code = "identity.second_email_is_login"
    text = "Этот адрес вы уже используете для входа, письма приходят на него и так. Укажите другой."
    field = "second_email"


class PasswordSame(PasswordRefused):
    """The new password is the present one."""

    code = "identity.password_same"
    text = "Это ваш нынешний пароль. Придумайте другой."


class LoginSame(PortalError):
    """The new login is the present one."""

    code = "identity.login_same"
    text = "Вы уже входите по этому телефону или адресу. Укажите другой."
    field = "login"


class NothingPending(PortalError):
    """There is no change that waits for a code: it was made, cancelled or has expired."""

    code = "identity.nothing_pending"
    text = "Подтверждать нечего: прошло слишком много времени, или изменение отменено. Начните ещё раз."


class SecondCodeUnreadable(PortalError):
    """What was typed is neither a code of the application nor a recovery code; it costs no try."""

    code = "identity.second_code_unreadable"
    text = "Введите 6 цифр из приложения или 12 цифр запасного кода."
    field = "second_code"


class FirstCodeUnreadable(SecondCodeUnreadable):
    """The same while the authenticator is being prepared, when there are no recovery codes yet."""

    code = "identity.first_code_unreadable"
    text = "Введите 6 цифр из приложения."


class SecondCodeWrong(PortalError):
    """The code does not match, or was used already."""

    code = "identity.second_code_wrong"
    text = (
        "Код не подошёл. Возьмите новый код из приложения и проверьте, что время на телефоне точное. "
        "Осталось попыток: {left}."
    )
    keeps_work = True
    field = "second_code"


class SecondCodeWait(SecondCodeWrong):
    """The same, and the next try must wait."""

    code = "identity.second_code_wait"
    text = "Код не подошёл. Следующая попытка через {wait}."


class SecondFactorOff(PortalError):
    """Nobody has this login, or its owner has no second factor."""

    code = "identity.second_factor_off"
    text = "Кабинета с таким логином нет, или второй шаг в нём выключен."


class SecondFactorChanged(PortalError):
    """The second factor was switched on or off meanwhile, in another window."""

    code = "identity.second_factor_changed"
    text = "Настройка уже изменилась в другом окне. Обновите страницу."


class TooManyChanges(PortalError):
    """A subscriber changes something of their own faster than people do."""

    code = "identity.too_many_changes"
    text = "Слишком много изменений подряд, это мы не сохранили. Повторите через {wait}."


class SecurityNoticeNeeded(PortalError):
    """Something that concerns the security of the cabinet would be told by no channel; `box` would be one."""

    code = "identity.security_notice_needed"
    text = "О безопасности кабинета мы пишем всегда. В каждой строке последнего раздела оставьте хотя бы одну отметку."
