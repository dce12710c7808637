"""How an outage stands, and what may be said of it."""

from datetime import UTC, datetime, timedelta

import pytest

from lkk_reflex.kit.errors import PortalError
from lkk_reflex.outages import rules
from lkk_reflex.outages.errors import (
    HouseUnfit,
    OutageBegun,
    OutageNotBegun,
    OutageOver,
    ServiceUnfit,
    StreetUnfit,
    TextTooLong,
    TimesReversed,
    TimesTooLong,
    UntilPassed,
)
from lkk_reflex.outages.models import OutageState
from lkk_reflex.outages.rules import Phase, Where, phase_at

NOON = datetime(2026, 11, 22, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("state", "hours", "phase"),
    [
        (OutageState.ANNOUNCED, -1, Phase.COMING),
        (OutageState.ANNOUNCED, 0, Phase.ON),
        (OutageState.ANNOUNCED, 3, Phase.ON),
        (OutageState.ANNOUNCED, 4, Phase.PASSED),
        (OutageState.ENDED, 1, Phase.ENDED),
        (OutageState.ENDED, 9, Phase.ENDED),
        (OutageState.CANCELLED, -1, Phase.CANCELLED),
    ],
)
def test_phase_follows_from_the_times_and_from_what_was_said(state: OutageState, hours: int, phase: Phase) -> None:
    assert phase_at(state, NOON, NOON + 4 * HOUR, NOON + hours * HOUR) is phase


@pytest.mark.parametrize(
    ("first", "last", "refusal"),
    [
        (1, 0, TimesReversed),
        (1, 1, TimesReversed),
        (-2, -1, UntilPassed),
        (-2, 0, UntilPassed),
        (0, 24 * 121, TimesTooLong),
    ],
)
def test_times_that_cannot_be_meant_are_refused(first: int, last: int, refusal: type[PortalError]) -> None:
    with pytest.raises(refusal):
        rules.check_times(NOON + first * HOUR, NOON + last * HOUR, NOON)


def test_what_has_begun_may_be_announced() -> None:
    rules.check_times(NOON - 2 * HOUR, NOON + HOUR, NOON)


@pytest.mark.parametrize(
    ("phase", "refusal"),
    [
        (Phase.COMING, OutageNotBegun),
        (Phase.ON, OutageBegun),
        (Phase.PASSED, OutageOver),
        (Phase.ENDED, OutageOver),
        (Phase.CANCELLED, OutageOver),
    ],
)
def test_what_comes_too_early_or_too_late_is_refused(phase: Phase, refusal: type[PortalError]) -> None:
    with pytest.raises(refusal):
        rules.require(phase)
    rules.require(phase, phase)


@pytest.mark.parametrize(
    "street",
    [
        "ул. Ленина, д. 12",
        "Ленина 12",
        ",",
        "улица " + "а" * 120,
        "ул. Ленина, ул. Мира",
        "ул. Ленина; пр-т Мира",
        "Ленина ул., Мира ул.",
        "ул. Ленина ул. Мира",
        "мкр. Южный, мкр. Северный",
        "мкр. Южный, ул. Ленина, ул. Мира",
    ],
)
def test_more_or_less_than_a_street_is_refused(street: str) -> None:
    with pytest.raises(StreetUnfit):
        rules.sought_by(Where(street))


@pytest.mark.parametrize("street", ["мкр. Южный, ул. Мира", "5 мкр", "СНТ Рассвет", "с. Дубки, ул. Мира", "с. Дубки"])
def test_a_street_with_its_quarter_or_village_is_accepted(street: str) -> None:
    rules.sought_by(Where(street))


@pytest.mark.parametrize("house", ["", "ул. Ленина", "дом", "12 кв. 3"])
def test_what_is_no_house_is_refused(house: str) -> None:
    with pytest.raises(HouseUnfit):
        rules.sought_by(Where("ул. Ленина", ("12", house)))


@pytest.mark.parametrize("written", ["12, 14", "12;14", " 12 ;14 "])
def test_several_houses_at_once_are_parted(written: str) -> None:
    where = Where("ул. Ленина", (written, "16, корп. 2"))
    assert rules.sought_by(where).houses == {"12": "12", "14": "14", "16, корп. 2": "16к2"}
    assert where.each_house == ["12", "14", "16, корп. 2"]


@pytest.mark.parametrize("written", ["12 14", "12-14", "2–10", "12 и 14", ",", "12,"])
def test_what_may_be_several_houses_is_refused_with_advice(written: str) -> None:
    with pytest.raises(HouseUnfit) as refusal:
        rules.sought_by(Where("ул. Ленина", (written,)))
    assert "--house 12 --house 14" in refusal.value.message


def test_too_many_houses_are_refused() -> None:
    with pytest.raises(HouseUnfit):
        rules.sought_by(Where("ул. Ленина", tuple(str(house) for house in range(1, 300))))


@pytest.mark.parametrize("service", ["", "  ", "а" * 41])
def test_service_is_named_shortly(service: str) -> None:
    with pytest.raises(ServiceUnfit):
        rules.check_service(service)
    assert rules.check_service("  холодная\n вода ") == "холодная вода"


@pytest.mark.parametrize(
    "service",
    [
        "вода 12",
        "вода, ул. Ленина",
        "вода ул Ленина",
        "вода УЛ Ленина",
        # A Latin letter that looks alike.
        "вода yл Ленина",
        "вода на улице Мира",
        "вода, д Ивановка",
        "вода в доме Петровых",
        "пр-т Мира",
        "вода мкр Южный",
        "вода кв Иванова",
        "газ/вода",
        "<b>вода</b>",
        "- вода",
        "вода,",
    ],
)
def test_service_names_no_address_because_it_is_read_at_basic_access(service: str) -> None:
    with pytest.raises(ServiceUnfit) as refusal:
        rules.check_service(service)
    assert "без адреса" in refusal.value.message


@pytest.mark.parametrize(
    "service",
    [
        "холодная вода, горячая вода",
        "газ",
        "ГВС",
        "отопление",
        "свет в местах общего пользования",
        "вывоз мусора",
        "домофон",
        "телефонная линия",
        "интернет, телевидение",
        "вода с насосной станции",
        "хозяйственно-питьевая вода",
        "городская телефонная связь",
        "подача тепла под давлением",
    ],
)
def test_service_is_named_in_its_own_words(service: str) -> None:
    assert rules.check_service(service) == service


def test_text_has_a_limit() -> None:
    assert rules.check_text(" а" * 500) == ("а " * 500).strip()
    with pytest.raises(TextTooLong):
        rules.check_text("а" * 1001)
