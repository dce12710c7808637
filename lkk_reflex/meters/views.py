"""What the use cases of meters tell: plain values, from which pages make their projections. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.errors import PortalError
from lkk_reflex.kit.money import Money
from lkk_reflex.meters.cost import CostLine
from lkk_reflex.meters.dial import Dial
from lkk_reflex.meters.models import ReadingSource, ReadingState, Resource
from lkk_reflex.meters.rules import QuestionKind, ScaleUse, Verification, Window


@dataclass(frozen=True, slots=True)
class Form:
    """What a person sends.

    `values` is what was typed, by the names of `dial.field_name`; fields left empty are no values. `intent_id` is
    made when the form opens, and anew after anything of it was saved. `confirmed` holds the keys of the questions
    that were answered with yes. `photos` names uploaded photos of dials by the public ids of their meters.
    """

    link_id: str
    intent_id: str
    values: Mapping[str, str]
    confirmed: frozenset[str] = frozenset()
    photos: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeskScale:
    """One field of the form."""

    scale: int
    #: `день`, `ночь`; empty on a meter of one tariff.
    label: str
    field: str
    previous: Decimal | None
    #: What has been sent for the period already and may still be corrected.
    present: Decimal | None


@dataclass(frozen=True, slots=True)
class SentReading:
    """A reading that has been sent for a period."""

    number: str
    period: BillingPeriod
    submitted_at: datetime
    state: ReadingState
    source: ReadingSource
    #: Sent by the viewer.
    is_own: bool
    #: False when it is on its way into the bill, or somebody else's at basic access.
    can_be_corrected: bool
    #: By scale; empty for somebody else's at basic access.
    values: Mapping[int, Decimal]
    #: The period in whose bill it was counted indeed.
    counted_period: BillingPeriod | None


@dataclass(frozen=True, slots=True)
class DeskMeter:
    """One meter, with everything that its part of the form needs."""

    public_id: str
    resource: Resource
    title: str
    #: In full with extended access, else the last digits.
    serial: str
    place: str
    dial: Dial
    scales: tuple[DeskScale, ...]
    #: Day of the previous values; None before the first reading.
    previous_on: date | None
    window: Window
    verification: Verification
    #: Of the window's period.
    present: SentReading | None
    #: Of the period before, while its window is over and the next one is not open.
    last: SentReading | None
    #: What it uses in a month; None where too little is known, and at basic access.
    average: Decimal | None
    #: Why no reading is taken now; None when one is.
    refusal: PortalError | None


@dataclass(frozen=True, slots=True)
class Desk:
    """The form of one account."""

    link_id: str
    provider_name: str
    time_zone: str
    #: In the provider's time zone.
    today: date
    is_extended: bool
    meters: tuple[DeskMeter, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the names of all fields, in their order."""
        return tuple(scale.field for meter in self.meters for scale in meter.scales)


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked before a reading is saved. `key` goes into `Form.confirmed` with a yes."""

    key: str
    kind: QuestionKind
    text: str
    field: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a reading is not taken, at the field to which it belongs."""

    field: str
    error: PortalError


@dataclass(frozen=True, slots=True)
class CheckedMeter:
    """What the values of one meter mean; only meters with a value are here.

    `is_ready` when nothing is refused and nothing left to ask.
    """

    public_id: str
    title: str
    dial: Dial
    #: Names of the scales by field; those of a single scale are empty.
    scales: Mapping[str, str] = field(default_factory=dict)
    uses: tuple[ScaleUse, ...] = ()
    consumption: Decimal | None = None
    #: By the tariffs of the period; None without a tariff or before the first reading.
    cost: Money | None = None
    questions: tuple[Question, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    #: For which period it will be counted.
    period: BillingPeriod | None = None
    counts_for_next_period: bool = False

    @property
    def is_ready(self) -> bool:
        """Tell whether the reading can be saved."""
        return not self.questions and not self.refusals


@dataclass(frozen=True, slots=True)
class Checked:
    """What a form means, before anything is saved."""

    meters: tuple[CheckedMeter, ...]
    #: The estimate of all meters without refusals, each service once; empty without tariffs.
    lines: tuple[CostLine, ...] = ()
    total: Money | None = None

    @property
    def is_ready(self) -> bool:
        """Tell whether everything in the form can be saved."""
        return bool(self.meters) and all(meter.is_ready for meter in self.meters)


@dataclass(frozen=True, slots=True)
class Saved:
    """A reading that has been taken."""

    number: str
    submitted_at: datetime
    taken_on: date
    period: BillingPeriod
    counts_for_next_period: bool
    #: The last day on which it may be corrected, unless the provider takes it earlier.
    correctable_until: date
    values: Mapping[int, Decimal]
    #: It took the place of an earlier version.
    is_correction: bool = False
    has_photo: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one meter of a form: `saved`, or the questions and refusals of `checked`."""

    checked: CheckedMeter
    saved: Saved | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """What became of a form."""

    outcomes: tuple[Outcome, ...]
    #: Of the readings that were saved.
    lines: tuple[CostLine, ...] = ()
    total: Money | None = None

    @property
    def is_complete(self) -> bool:
        """Tell whether everything that was typed is saved."""
        return all(outcome.saved for outcome in self.outcomes)

    @property
    def is_anything_saved(self) -> bool:
        """Tell whether something is saved: then the next form needs a new intent."""
        return any(outcome.saved for outcome in self.outcomes)


@dataclass(frozen=True, slots=True)
class PastValue:
    """One scale of a past reading."""

    scale: int
    label: str
    value: Decimal
    consumption: Decimal | None


@dataclass(frozen=True, slots=True)
class PastReading:
    """One version of a reading, with the moments of its way."""

    meter_id: str
    title: str
    serial: str
    resource: Resource
    unit: str
    #: Empty for a reading of the provider.
    number: str
    period: BillingPeriod
    taken_on: date
    source: ReadingSource
    state: ReadingState
    version: int
    counts_for_next_period: bool
    values: tuple[PastValue, ...]
    submitted_at: datetime
    exported_at: datetime | None
    counted_at: datetime | None
    counted_period: BillingPeriod | None
    ended_at: datetime | None
    can_be_withdrawn: bool
    #: Names its photo; empty without one.
    photo_id: str = ""


@dataclass(frozen=True, slots=True)
class MonthUse:
    """What was used in a month, against the same month a year before; None where nothing is known."""

    period: BillingPeriod
    amount: Decimal | None
    year_before: Decimal | None


@dataclass(frozen=True, slots=True)
class Consumption:
    """What the meters of one resource have used, month by month, the oldest first."""

    resource: Resource
    title: str
    unit: str
    months: tuple[MonthUse, ...]
