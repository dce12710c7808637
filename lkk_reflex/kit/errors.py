"""The base of every expected refusal."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import ClassVar, Final, Self


class PortalError(Exception):
    """A refusal that the portal expects and can explain.

    A subclass gives `code` (stable, for tests and the audit) and `text`: the Russian sentence for the person,
    a `str.format` template over the keyword arguments. `field` names the form field to which it belongs, if any.
    """

    code: ClassVar[str] = "portal.error"
    text: ClassVar[str] = "Не получилось выполнить действие. Попробуйте ещё раз."
    #: True when what was written before the refusal must stay (a counted attempt, a queued message).
    keeps_work: bool = False
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


class FormRefused(PortalError):
    """Several things are wrong with a form; each problem names its field."""

    code = "portal.form_refused"
    text = "Проверьте, что введено."

    def __init__(self, problems: Sequence[PortalError]) -> None:
        super().__init__()
        self.problems = tuple(problems)
        self.keeps_work = any(problem.keeps_work for problem in problems)


#: Where a form says what is wrong with no single field of it.
WHOLE: Final = "form"


class Problems:
    """What is wrong with the fields of a form, gathered so that a person mends all of it at once.

    `with problems.noted(): …` for each field, in the order of the screen, then `problems.refuse()`.
    """

    def __init__(self) -> None:
        self._found: list[PortalError] = []

    def __bool__(self) -> bool:
        """Tell whether anything is wrong so far."""
        return bool(self._found)

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Go on after a refusal, and remember it, if it is the first one of its field."""
        try:
            yield
        except PortalError as refusal:
            if not refusal.field or all(problem.field != refusal.field for problem in self._found):
                self._found.append(refusal)

    def refuse(self) -> None:
        """Raise what was found: a refusal that is about no field comes before all that are, one alone comes as itself.

        Raises:
            PortalError: the only problem, or the first one that names no field.
            FormRefused: several fields are wrong.
        """
        for problem in self._found:
            if not problem.field:
                raise problem
        if len(self._found) > 1:
            raise FormRefused(self._found)
        for problem in self._found:
            raise problem


def problems_of(refusal: PortalError) -> tuple[PortalError, ...]:
    """Return the problems of a form that was refused; of any other refusal, itself."""
    return refusal.problems if isinstance(refusal, FormRefused) else (refusal,)


def sentences_of(
    refusal: PortalError, say: Callable[[PortalError], str] = lambda problem: problem.message
) -> dict[str, str]:
    """Return what to say at which field; `WHOLE` is no field of its own."""
    return {problem.field or WHOLE: say(problem) for problem in problems_of(refusal)}


def summary_of(sentences: Mapping[str, str], elements: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """Return the lines of a summary above a form: none for one wrong field, which says it by itself.

    What is wrong with the whole stands in a place of its own, to which no line leads. `elements` names the element of
    a field that is called otherwise.
    """
    lines = [((elements or {}).get(field, field), text) for field, text in sentences.items() if field != WHOLE]
    return lines if len(lines) > 1 else []
