"""What the values of a form mean: the same judgement before sending and at sending."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlmodel import Session

from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.errors import PortalError
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.meters import cost, repository, rules
from lkk_reflex.meters.access import MeterAccount
from lkk_reflex.meters.cost import CostLine, Volume
from lkk_reflex.meters.dial import RESOURCE_NAMES, Dial, about, field_name, meter_and_scale, parsed
from lkk_reflex.meters.errors import MeterNotRead, ScaleMissing
from lkk_reflex.meters.facts import MeterFacts, meters_now, prices_of
from lkk_reflex.meters.rules import Doubt, QuestionKind
from lkk_reflex.meters.views import CheckedMeter, Form, Question, Refusal

_QUESTIONS = {
    QuestionKind.ZERO: "Расход 0. Так бывает, если никого не было дома. Подтвердить?",
    QuestionKind.ROLLOVER: "Счётчик перешёл через ноль? Тогда расход {consumption}.",
    QuestionKind.ANOMALY: "Расход {consumption}: обычно у вас около {average} в месяц. Всё верно?",
}
#: What is usual at a home is not told to who has not proved that it is theirs.
_ANOMALY_AT_BASIC_ACCESS = "Расход {consumption}: это намного больше обычного. Всё верно?"


@dataclass(frozen=True, slots=True)
class Judged:
    """One meter of a form with the judgement about it; `facts` is None for a meter that is not read here."""

    facts: MeterFacts | None
    values: Mapping[int, Decimal]
    checked: CheckedMeter


class Bench:
    """Judges the forms of one account."""

    def __init__(self, session: Session, account: MeterAccount) -> None:
        self.account = account
        self.meters = meters_now(session, account)
        titles = Counter(facts.meter.resource for facts in self.meters)
        self._twins = {resource for resource, meters in titles.items() if meters > 1}
        self._prices = prices_of(repository.tariffs(session, account.provider_id))

    def judge(self, form: Form) -> list[Judged]:
        """Judge every meter for which something was typed, in the order of the desk."""
        typed: dict[str, dict[int, str]] = {}
        for field, text in form.values.items():
            named = meter_and_scale(field)
            if named and text.strip():
                typed.setdefault(named[0], {})[named[1]] = text
        judged = [
            self._judged(facts, typed[facts.meter.public_id], form.confirmed)
            for facts in self.meters
            if facts.meter.public_id in typed
        ]
        known = {facts.meter.public_id for facts in self.meters}
        # One is enough: the page is out of date, or the form was not made by us.
        unknown = next((meter_id for meter_id in typed if meter_id not in known), None)
        return judged + ([_not_read(unknown, min(typed[unknown]))] if unknown else [])

    def costs(self, judged: Sequence[Judged]) -> list[CostLine]:
        """Return the estimate of the meters that have a consumption and no refusals."""
        lines: list[CostLine] = []
        by_period: dict[BillingPeriod, list[Volume]] = {}
        for one in judged:
            if one.facts and not one.checked.refusals:
                by_period.setdefault(one.facts.window.period, []).extend(_volumes(one.facts, one.checked))
        for period, volumes in by_period.items():
            lines += cost.estimate(volumes, cost.prices_on(self._prices, period.first_day))
        return lines

    def _judged(self, facts: MeterFacts, typed: Mapping[int, str], confirmed: frozenset[str]) -> Judged:
        meter_id, scales = facts.meter.public_id, facts.labels
        base = CheckedMeter(
            public_id=meter_id,
            title=self._title(facts),
            dial=facts.dial,
            scales={field_name(meter_id, scale): label for scale, label in scales.items()},
            period=facts.window.period,
            counts_for_next_period=not facts.window.is_open,
        )
        if refusal := facts.refusal(self.account):
            field = field_name(meter_id, min(typed))
            return Judged(facts, _readable(facts.dial, typed), replace(base, refusals=(Refusal(field, refusal),)))
        found = {scale: _value(facts.dial, typed.get(scale)) for scale in scales}
        refusals = tuple(
            Refusal(field_name(meter_id, scale), value)
            for scale, value in found.items()
            if isinstance(value, PortalError)
        )
        values = {scale: value for scale, value in found.items() if isinstance(value, Decimal)}
        if refusals:
            return Judged(facts, values, replace(base, refusals=refusals))
        return Judged(facts, values, self._weighed(base, facts, values, confirmed))

    def _title(self, facts: MeterFacts) -> str:
        """Name a meter, with its serial number where another one has the same name."""
        title, meter = RESOURCE_NAMES[facts.meter.resource], facts.meter
        is_twin = meter.resource in self._twins
        return f"{title}, {numbered(self.account.serial(meter.serial))}" if is_twin else title

    def _weighed(
        self, base: CheckedMeter, facts: MeterFacts, values: Mapping[int, Decimal], confirmed: frozenset[str]
    ) -> CheckedMeter:
        weighed = rules.weigh(
            values,
            facts.previous,
            dial=facts.dial,
            limits=facts.limits,
            average=facts.average,
            months=facts.months,
        )
        meter_id = facts.meter.public_id
        refusals = [Refusal(field_name(meter_id, scale), error) for scale, error in weighed.refusals.items()]
        # What is sent again unchanged was confirmed the first time.
        is_known = facts.present is not None and facts.present.values == values
        questions = [self._question(facts, doubt, values) for doubt in weighed.doubts if not is_known]
        checked = replace(
            base,
            uses=weighed.uses,
            consumption=None if refusals else weighed.consumption,
            questions=tuple(question for question in questions if question.key not in confirmed),
            refusals=tuple(refusals),
        )
        lines = self.costs([Judged(facts, values, checked)])
        return replace(checked, cost=cost.total(lines) if lines else None)

    def _question(self, facts: MeterFacts, doubt: Doubt, values: Mapping[int, Decimal]) -> Question:
        text = _QUESTIONS[doubt.kind]
        if doubt.kind is QuestionKind.ANOMALY and not self.account.is_extended:
            text = _ANOMALY_AT_BASIC_ACCESS
        meter_id = facts.meter.public_id
        average = facts.dial.shown(about(facts.average)) if facts.average is not None else ""
        return Question(
            key=rules.question_key(meter_id, doubt, values),
            kind=doubt.kind,
            text=text.format(consumption=facts.dial.shown(doubt.consumption), average=average),
            field=field_name(meter_id, doubt.scale or min(values)),
        )


def _value(dial: Dial, typed: str | None) -> Decimal | PortalError:
    return ScaleMissing() if typed is None else parsed(dial, typed)


def _readable(dial: Dial, typed: Mapping[int, str]) -> dict[int, Decimal]:
    found = {scale: parsed(dial, text) for scale, text in typed.items()}
    return {scale: value for scale, value in found.items() if isinstance(value, Decimal)}


def _volumes(facts: MeterFacts, checked: CheckedMeter) -> list[Volume]:
    return [
        Volume(facts.meter.resource, use.scale, use.consumption * facts.coefficient)
        for use in checked.uses
        if use.consumption is not None
    ]


def _not_read(meter_id: str, scale: int) -> Judged:
    refusal = Refusal(field_name(meter_id, scale), MeterNotRead())
    return Judged(None, {}, CheckedMeter(meter_id, "", Dial(1), refusals=(refusal,)))
