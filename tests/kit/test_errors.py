"""Refusals of forms: everything at once, the first thing first."""

import pytest

from lkk_reflex.kit.errors import WHOLE, FormRefused, PortalError, Problems, problems_of, sentences_of, summary_of


class NameMissing(PortalError):
    """A field is empty."""

    text = "Введите имя."
    field = "name"


class SumWrong(PortalError):
    """Another field is wrong, and that was counted."""

    text = "Не та сумма."
    field = "sum"
    keeps_work = True


class Wait(PortalError):
    """Something about the whole form."""

    text = "Подождите."


def refused(*found: PortalError) -> PortalError:
    problems = Problems()
    for refusal in found:
        with problems.noted():
            raise refusal
    with pytest.raises(PortalError) as raised:
        problems.refuse()
    return raised.value


def test_form_without_faults_is_not_refused() -> None:
    problems = Problems()
    with problems.noted():
        assert not problems
    problems.refuse()


def test_only_problem_comes_as_itself() -> None:
    assert isinstance(refused(NameMissing()), NameMissing)
    assert summary_of(sentences_of(NameMissing())) == []


def test_several_problems_come_together_in_their_order() -> None:
    refusal = refused(SumWrong(), NameMissing())
    assert isinstance(refusal, FormRefused)
    assert [problem.field for problem in problems_of(refusal)] == ["sum", "name"]
    assert sentences_of(refusal) == {"sum": "Не та сумма.", "name": "Введите имя."}
    lines = [("sum-field", "Не та сумма."), ("name", "Введите имя.")]
    assert summary_of(sentences_of(refusal), {"sum": "sum-field"}) == lines


def test_field_says_one_thing() -> None:
    assert isinstance(refused(NameMissing(), NameMissing()), NameMissing)


def test_what_is_about_the_whole_form_comes_before_its_fields() -> None:
    assert isinstance(refused(NameMissing(), Wait(), SumWrong()), Wait)
    assert sentences_of(Wait()) == {"form": "Подождите."}


def test_what_one_problem_has_counted_stays_counted() -> None:
    assert refused(NameMissing(), SumWrong()).keeps_work
    assert not FormRefused([NameMissing(), NameMissing()]).keeps_work


def test_fault_of_ours_is_no_problem_of_the_form() -> None:
    with pytest.raises(ZeroDivisionError), Problems().noted():
        raise ZeroDivisionError


def test_summary_leads_only_where_a_field_is() -> None:
    assert summary_of({WHOLE: "Сумма больше возможной.", "contact": "Введите почту."}) == []
    lines = summary_of({WHOLE: "Сумма больше возможной.", "contact": "Введите почту.", "sum": "Введите сумму."})
    assert [field for field, _ in lines] == ["contact", "sum"]
