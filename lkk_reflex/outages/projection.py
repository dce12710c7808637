"""What of outages is read by people: ready-to-show texts, at basic access without the address and the text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from lkk_reflex.accounts.models import LinkLevel
from lkk_reflex.accounts.rules import day_and_month
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.outages.models import Outage, OutageKind, OutageState
from lkk_reflex.outages.repository import Concerned
from lkk_reflex.outages.rules import Phase, phase_at

PAGE: Final = "/outages"
EVERYWHERE: Final = "все адреса поставщика"
_HIDDEN_PLACE: Final = "по вашему счёту"
_HIDDEN_PLACES: Final = "по вашим счетам"
Tone = Literal["info", "good", "warn", "bad"]

KIND_LABELS: Final[Mapping[OutageKind, str]] = {OutageKind.PLANNED: "Плановое", OutageKind.EMERGENCY: "Авария"}
PHASE_LABELS: Final[Mapping[Phase, str]] = {
    Phase.COMING: "Скоро",
    Phase.ON: "Сейчас",
    Phase.PASSED: "Срок вышел",
    Phase.ENDED: "Закончилось",
    Phase.CANCELLED: "Отменено",
}
_TITLES: Final[Mapping[Phase, str]] = {
    Phase.COMING: "Отключение: {service}",
    Phase.ON: "Отключение: {service}",
    Phase.PASSED: "Отключение должно было закончиться: {service}",
    Phase.ENDED: "Подача возобновлена: {service}",
    Phase.CANCELLED: "Отключения не будет: {service}",
}
_NEAR_DAYS: Final = {-1: "вчера", 0: "сегодня", 1: "завтра"}


@dataclass(frozen=True, slots=True)
class OutageAccount:
    """An account that an outage concerns."""

    #: Which one, and whose: `Дача · № 1000 123 456`.
    name: str
    href: str


@dataclass(frozen=True, slots=True)
class OutageView:
    """An outage as it concerns accounts of one person."""

    #: `Отключение: холодная вода`.
    title: str
    #: `Плановое`, `Авария`, or that it is over.
    badge: str
    tone: Tone
    #: `Завтра с 9:00 до 17:00`.
    when: str
    #: `ул. Ленина, 12, 14`; of an account that was not proved nothing of its address.
    place: str
    #: The words of the staff; empty for an account that was not proved, because they may name streets.
    text: str
    #: `Изменено сегодня в 8:10`.
    changed: str
    accounts: list[OutageAccount]
    #: Said at the first of several accounts: `Касается также: Дача · № 1000 123 456`; empty where it is the only one.
    also: str
    #: Whom to call when the service is not back; empty while that is not late.
    late: str


def outage_view(concerned: Sequence[Concerned], now: datetime) -> OutageView:
    """Show an outage to who has connected the accounts that it concerns, all at the same level of access."""
    found, *others = concerned
    outage, zone = found.outage, ZoneInfo(found.provider.time_zone)
    phase = phase_at(outage.state, outage.starts_at, outage.ends_at, now)
    is_extended = found.level is LinkLevel.EXTENDED
    is_open = phase in (Phase.COMING, Phase.ON, Phase.PASSED)
    return OutageView(
        title=_TITLES[phase].format(service=outage.service),
        badge=KIND_LABELS[outage.kind] if phase in (Phase.COMING, Phase.ON) else PHASE_LABELS[phase],
        tone=_tone(outage.kind, phase),
        when=_sentence(outage, phase, zone, now),
        place=place_of(outage) if is_extended else _HIDDEN_PLACES if others else _HIDDEN_PLACE,
        text=outage.text if is_extended and is_open else "",
        changed=f"Изменено {moment(outage.changed_at, zone, now)}" if outage.changed_at and is_open else "",
        accounts=[OutageAccount(_name(each), f"/account/{each.link_id}") for each in concerned],
        also=f"Касается также: {'; '.join(map(_name, others))}" if others else "",
        late=_late(found.provider.phone) if phase is Phase.PASSED else "",
    )


def _name(found: Concerned) -> str:
    return f"{found.own_name or found.provider.name} · {numbered(found.number_shown)}"


def place_of(outage: Outage) -> str:
    """Return where an outage is, as the staff wrote it."""
    if not outage.street:
        return EVERYWHERE
    return f"{outage.street}, {outage.houses}" if outage.houses else outage.street


def span(outage: Outage, zone: ZoneInfo, now: datetime, *, is_kept: bool = False) -> str:
    """Return `завтра с 9:00 до 17:00`, `с 25 ноября, 22:00 до 26 ноября, 6:00` in the provider's time.

    What is kept, as a letter, is read on other days and names its own.
    """
    first, last, today = outage.starts_at.astimezone(zone), outage.ends_at.astimezone(zone), _day(now, zone)
    near = _dated if is_kept else _near
    # A night belongs to the evening: nobody says «tomorrow at 0:00».
    is_until_midnight = last.time() == time() and last.date() - first.date() == timedelta(days=1)
    if first.date() == last.date() or is_until_midnight:
        end = "полуночи" if is_until_midnight else _time(last)
        return f"{near(first.date(), today)} с\N{NO-BREAK SPACE}{_time(first)} до\N{NO-BREAK SPACE}{end}"
    return f"с\N{NO-BREAK SPACE}{_day_and_time(first, today)} до\N{NO-BREAK SPACE}{_day_and_time(last, today)}"


def moment(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return `сегодня в 8:10`, `20 ноября в 8:10` in the provider's time."""
    local = at.astimezone(zone)
    return f"{_near(local.date(), _day(now, zone))} в\N{NO-BREAK SPACE}{_time(local)}"


def _sentence(outage: Outage, phase: Phase, zone: ZoneInfo, now: datetime) -> str:
    planned = span(outage, zone, now)
    match phase:
        case Phase.ENDED:
            return f"Сообщили {moment(outage.revised_at, zone, now)}"
        case Phase.CANCELLED:
            return f"Было назначено: {planned}"
        case Phase.PASSED:
            return f"Объявленное время: {planned}"
        case _:
            return planned[0].upper() + planned[1:]


def _tone(kind: OutageKind, phase: Phase) -> Tone:
    if phase in (Phase.COMING, Phase.ON):
        return "bad" if kind is OutageKind.EMERGENCY else "warn"
    return "info" if phase is Phase.PASSED else "good"


def _late(phone: str) -> str:
    whom = f"позвоните поставщику: {phone}" if phone else "сообщите поставщику"
    return f"Если услуги ещё нет, {whom}."


def _day_and_time(local: datetime, today: date) -> str:
    return f"{_dated(local.date(), today)}, {_time(local)}"


def _near(day: date, today: date) -> str:
    return _NEAR_DAYS.get((day - today).days) or _dated(day, today)


def _dated(day: date, today: date) -> str:
    return day_and_month(day, today).replace(" ", "\N{NO-BREAK SPACE}")


def _time(local: datetime) -> str:
    return f"{local.hour}:{local:%M}"


def _day(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date()


def is_over(outage: Outage, now: datetime) -> bool:
    """Tell whether an outage belongs to the past."""
    return outage.state is not OutageState.ANNOUNCED or outage.ends_at <= now
