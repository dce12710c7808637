"""The base of every expected refusal."""

from typing import ClassVar, Self


class PortalError(Exception):
    """A refusal that the portal expects and can explain.

    A subclass gives `code` (stable, for tests and the audit) and `text`: the Russian sentence for the person,
    a `str.format` template over the keyword arguments. `field` names the form field to which it belongs, if any.
    """

    code: ClassVar[str] = "portal.error"
    text: ClassVar[str] = "Не получилось выполнить действие. Попробуйте ещё раз."
    #: True when what was written before the refusal must stay (a counted attempt, a queued message).
    keeps_work: ClassVar[bool] = False
    field: str = ""

    def __init__(self, **params: object) -> None:
        super().__init__(self.code)
        self.params = params

    @property
    def message(self) -> str:
        """Return the sentence for the person."""
        return self.text.format(**self.params)

    def at(self, field: str) -> Self:
        """Return the refusal as one of another field, when one rule reads several."""
        self.field = field
        return self


class Forbidden(PortalError):
    """The viewer may not do or see this; the answer is the same as for a thing that does not exist."""

    code = "portal.not_found"
    text = "Такой страницы или записи нет. Вернитесь на главную."


class SignInRequired(PortalError):
    """The action needs a signed-in person."""

    code = "portal.sign_in_required"
    text = "Войдите в кабинет, чтобы продолжить."
