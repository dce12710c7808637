"""Makes the registers of the demo town, which ship with the project: `python -m lkk_reflex.sandbox.town_maker`.

Everything follows from the numbers below; the same code makes the same bytes on every machine.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from lkk_reflex.accounts.register.presets import Column
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money

FIRST = BillingPeriod(2024, 11)
MONTHS = 24
DATA = Path(__file__).parent / "town_data"
_SEED = 20261101

_COLUMNS = (
    Column.NUMBER, Column.NAME, Column.ADDRESS, Column.UNIFIED, Column.PERIOD, Column.SERVICE, Column.UNIT,
    Column.VOLUME, Column.TARIFF, Column.CHARGED, Column.RECALCULATED, Column.CONCEDED, Column.PENALTY,
    Column.OPENING, Column.PAID, Column.CLOSING,
)  # fmt: skip
#: Multipliers of tariffs from a period on: indexations of July 2025, January 2026 (VAT) and October 2026.
_INDEXATIONS = (
    (BillingPeriod(2025, 7), Decimal("1.119")),
    (BillingPeriod(2026, 1), Decimal("1.017")),
    (BillingPeriod(2026, 10), Decimal("1.094")),
)
_HEATING = frozenset({10, 11, 12, 1, 2, 3, 4})
#: January to December: how cold it is, and how much water and gas people use, against the average.
_COLD = (1.6, 1.5, 1.2, 0.7, 0, 0, 0, 0, 0, 0.6, 1.0, 1.4)
_WATER = (0.93, 0.95, 0.96, 0.98, 1.02, 1.1, 1.12, 1.1, 1.02, 0.98, 0.93, 0.96)
_GAS = (2.2, 2.1, 1.6, 1.0, 0.5, 0.35, 0.3, 0.3, 0.45, 0.9, 1.5, 2.0)

_STREETS = (
    "ул. Садовая", "ул. Речная", "ул. Мира", "пр-т Строителей", "ул. Школьная", "пер. Тихий", "ул. Лесная",
    "ул. Кирпичная", "ул. Заводская", "б-р Юности",
)  # fmt: skip
_SURNAMES = (
    "Иванов", "Смирнов", "Кузнецов", "Попов", "Соколов", "Лебедев", "Козлов", "Новиков", "Морозов", "Волков",
    "Зайцев", "Павлов", "Семёнов", "Голубев", "Виноградов", "Богданов", "Воробьёв", "Фёдоров", "Беляев", "Гусев",
    "Киселёв", "Ильин", "Тарасов", "Баранов", "Ершов", "Никитин", "Сорокин", "Миронов", "Жуков", "Щербаков",
)  # fmt: skip
_MEN = ("Алексей", "Борис", "Виктор", "Григорий", "Дмитрий", "Игорь", "Михаил", "Николай", "Сергей", "Юрий")
_WOMEN = ("Анна", "Вера", "Галина", "Елена", "Ирина", "Любовь", "Мария", "Наталья", "Ольга", "Татьяна")
_FATHERS = ("Александров", "Владимиров", "Иванов", "Николаев", "Павлов", "Петров", "Семёнов", "Степанов")


@dataclass(frozen=True, slots=True)
class Home:
    """A flat and the people in it."""

    index: int
    owner: str
    address: str
    people: int
    area: Decimal
    has_concession: bool

    @property
    def unified_number(self) -> str:
        """Return an invented ЕЛС."""
        return f"75ДА{533000 + self.index:06d}"


#: How much a home uses of a service in a month.
Volume: TypeAlias = Callable[[Home, BillingPeriod, random.Random], Decimal]


@dataclass(frozen=True, slots=True)
class Service:
    """One line of a bill, with the tariff of November 2024."""

    name: str
    unit: str
    tariff: Decimal
    volume: Volume


@dataclass(frozen=True, slots=True)
class Book:
    """What one provider bills: which homes, under which numbers, for what."""

    provider_code: str
    homes: range
    number: Callable[[int], str]
    services: tuple[Service, ...]


def _per_person(norm: str, season: tuple[float, ...]) -> Volume:
    def volume(home: Home, period: BillingPeriod, chance: random.Random) -> Decimal:
        amount = float(norm) * home.people * season[period.month - 1] * (0.75 + 0.5 * chance.random())
        return Decimal(str(round(amount, 6))).quantize(Decimal(1), ROUND_HALF_UP)

    return volume


def _per_metre(norm: str = "1", step: str = "0.1") -> Volume:
    def volume(home: Home, _period: BillingPeriod, _chance: random.Random) -> Decimal:
        return (home.area * Decimal(norm)).quantize(Decimal(step), ROUND_HALF_UP)

    return volume


def _heat(home: Home, period: BillingPeriod, chance: random.Random) -> Decimal:
    amount = float(home.area) * 0.019 * _COLD[period.month - 1] * (0.95 + 0.1 * chance.random())
    return Decimal(str(round(amount, 6))).quantize(Decimal("0.001"), ROUND_HALF_UP)


def _people(home: Home, _period: BillingPeriod, _chance: random.Random) -> Decimal:
    return Decimal(home.people)


def _once(_home: Home, _period: BillingPeriod, _chance: random.Random) -> Decimal:
    return Decimal(1)


BOOKS = (
    Book(
        "gorvodokanal",
        range(110),
        lambda place: f"10{10000000 + place * 37:08d}",
        (
            Service("Холодная вода", "м³", Decimal("38.46"), _per_person("4.2", _WATER)),
            Service("Водоотведение", "м³", Decimal("31.17"), _per_person("6.4", _WATER)),
        ),
    ),
    Book(
        "mezhraigaz",
        range(80),
        lambda place: f"0045{12000000 + place * 41:08d}",
        (Service("Газ природный", "м³", Decimal("7.82"), _per_person("34", _GAS)),),
    ),
    Book(
        "uyutny-dom",
        range(75),
        lambda place: f"{20100 + place // 10}-{(place * 7) % 900 + 100}-{place % 90 + 10}",
        (
            Service("Содержание жилья", "м²", Decimal("27.35"), _per_metre()),
            Service("Взнос на капитальный ремонт", "м²", Decimal("12.05"), _per_metre()),
            Service("Обращение с отходами", "чел.", Decimal("112.40"), _people),
            Service("Электроэнергия на общие нужды", "кВт·ч", Decimal("4.96"), _per_metre("0.42", "0.01")),
            Service("Холодная вода на общие нужды", "м³", Decimal("38.46"), _per_metre("0.004", "0.001")),
            Service("Горячая вода на общие нужды", "м³", Decimal("168.20"), _per_metre("0.003", "0.001")),
            Service("Сточные воды на общие нужды", "м³", Decimal("31.17"), _per_metre("0.007", "0.001")),
            Service("Лифт", "м²", Decimal("3.18"), _per_metre()),
            Service("Домофон", "шт.", Decimal("55.00"), _once),
        ),
    ),
    Book(
        "teploset",
        range(60),
        lambda place: f"77{300000 + place * 13:06d}",
        (
            Service("Отопление", "Гкал", Decimal("2318.40"), _heat),
            Service("Горячая вода", "м³", Decimal("168.20"), _per_person("2.6", _WATER)),
        ),
    ),
)


@dataclass(slots=True)
class _Ledger:
    """How one account stands from month to month; kopecks."""

    habit: str
    opening: int
    months_unpaid: int = 0

    def pays(self, chance: random.Random, charged: int) -> int:
        """Return what is paid this month, by the habit of the payer."""
        debt = max(0, self.opening)
        if self.habit == "ahead":
            return charged * 3 // 100000 * 100000 + 300000 if self.opening > -50000 else 0
        if self.habit == "exact":
            return self.opening + charged
        if self.habit == "never":
            return 0
        if self.habit == "partly":
            return debt * 2 // 3 // 10000 * 10000
        skips = chance.random() < (0.35 if self.habit == "late" else 0.02)
        return 0 if skips else debt


def tariff_in(period: BillingPeriod, base: Decimal) -> Decimal:
    """Return the tariff after the indexations up to a period, in whole kopecks."""
    for since, factor in _INDEXATIONS:
        if period >= since:
            base = (base * factor).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return base


def homes() -> list[Home]:
    """Return the homes of the town."""
    chance = random.Random(_SEED)  # noqa: S311 - repeatable, not secret.
    return [_home(index, chance) for index in range(max(book.homes.stop for book in BOOKS))]


def data_as_of(first: BillingPeriod = FIRST) -> str:
    """Return the moment of the data of a register that begins with a month: the evening after its last one."""
    return f"{first.shifted(MONTHS).first_day} 18:00"


def register_lines(book: Book, first: BillingPeriod = FIRST) -> Iterator[str]:
    """Yield the lines of one provider's register of two years, control lines first."""
    rows = list(_rows(book, homes(), first))
    total = sum(closing for _, closing in rows)
    yield f"#ДАННЫЕ НА {data_as_of(first)}"
    yield f"#СТРОК {len(rows)}"
    yield f"#ИТОГО {Money(total).to_api()}"
    yield ";".join(_COLUMNS)
    yield from (line for line, _ in rows)


def write_registers(directory: Path, first: BillingPeriod = FIRST) -> None:
    """Write the registers of all providers."""
    directory.mkdir(parents=True, exist_ok=True)
    for book in BOOKS:
        text = "".join(f"{line}\n" for line in register_lines(book, first))
        (directory / f"{book.provider_code}.csv").write_bytes(text.encode())


@contextmanager
def registers_of(today: date) -> Iterator[tuple[Path, BillingPeriod]]:
    """Yield the directory of registers whose newest bills are of the month before a day, and their first month.

    That is what ships, and in other months the same town made anew: a demo does not grow old.
    """
    first = BillingPeriod.of(today).shifted(-MONTHS)
    if first == FIRST:
        yield DATA, first
        return
    with TemporaryDirectory() as directory:
        write_registers(Path(directory), first)
        yield Path(directory), first


def _home(index: int, chance: random.Random) -> Home:
    is_woman = chance.random() < 0.55
    surname = _pick(_SURNAMES, chance) + ("а" if is_woman else "")
    name = _pick(_WOMEN if is_woman else _MEN, chance)
    father = _pick(_FATHERS, chance) + ("на" if is_woman else "ич")
    street = _STREETS[index // 12 % len(_STREETS)]
    house, flat = 2 + index // 12 * 3, 3 + index % 12 * 5
    return Home(
        index=index,
        owner=f"{surname} {name} {father}",
        address=f"г. Среднереченск, {street}, д. {house}, кв. {flat}",
        people=1 + int(chance.random() * 4),
        area=Decimal(320 + int(chance.random() * 480)) / 10,
        has_concession=chance.random() < 0.12,
    )


def _pick(options: tuple[str, ...], chance: random.Random) -> str:
    return options[int(chance.random() * len(options))]


def _rows(book: Book, town: list[Home], first: BillingPeriod) -> Iterator[tuple[str, int]]:
    for place in book.homes:
        # Each account has chances of its own, so that a new one changes no other.
        chance = random.Random(f"{_SEED}/{book.provider_code}/{place}")  # noqa: S311 - repeatable, not secret.
        ledger = _Ledger(_habit(place), opening=0)
        for month in range(MONTHS):
            yield from _bill(book, town[place], place, first.shifted(month), ledger, chance, is_first=not month)


def _habit(place: int) -> str:
    """Deal the habits out evenly; the first home is the one to try, with an ordinary debt."""
    return ("good", "late", "good", "ahead", "good", "partly", "good", "late", "exact", "good", "never")[place % 11]


def _bill(
    book: Book,
    home: Home,
    place: int,
    period: BillingPeriod,
    ledger: _Ledger,
    chance: random.Random,
    *,
    is_first: bool,
) -> Iterator[tuple[str, int]]:
    lines = [_charge(service, home, period, chance) for service in book.services]
    charged = sum(line.total for line in lines)
    penalty = _penalty(ledger)
    paid = 0 if is_first else ledger.pays(chance, charged + penalty)
    opening, closing = ledger.opening, ledger.opening + charged + penalty - paid
    ledger.months_unpaid = ledger.months_unpaid + 1 if opening > 0 and paid < opening else 0
    ledger.opening = closing
    for first, line in zip((True, *[False] * len(lines)), lines, strict=False):
        account = [home.owner, home.address, home.unified_number] if first else ["", "", ""]
        balance = [_text(opening), _text(paid), _text(closing)] if first else ["", "", ""]
        cells = [
            book.number(place),
            *account,
            f"{period.month:02d}.{period.year}",
            line.service.name,
            line.service.unit,
            f"{line.volume}".replace(".", ","),
            f"{line.tariff}".replace(".", ","),
            _text(line.charged),
            _text(line.recalculated, blank=True),
            _text(line.conceded, blank=True),
            _text(penalty, blank=True) if first else "",
            *balance,
        ]
        yield ";".join(cells), closing if first else 0


@dataclass(frozen=True, slots=True)
class _Charge:
    service: Service
    volume: Decimal
    tariff: Decimal
    charged: int
    recalculated: int
    conceded: int

    @property
    def total(self) -> int:
        return self.charged + self.recalculated - self.conceded


def _charge(service: Service, home: Home, period: BillingPeriod, chance: random.Random) -> _Charge:
    tariff = tariff_in(period, service.tariff)
    volume = service.volume(home, period, chance)
    charged = Money.from_decimal(volume * tariff).kopecks
    # Now and then a service failed for some days, and a part is taken back.
    days_without = 1 + int(chance.random() * 5) if chance.random() < 0.03 else 0
    recalculated = -Money.from_decimal(Decimal(charged * days_without) / 3000).kopecks
    is_housing = service.unit == "м²"
    conceded = (charged + recalculated) // 2 if home.has_concession and is_housing else 0
    return _Charge(service, volume, tariff, charged, recalculated, conceded)


def _penalty(ledger: _Ledger) -> int:
    """Charge 1/300 of 9.5 % a day for a month, once a debt is older than two (ЖК РФ ст. 155 ч. 14, simplified)."""
    if ledger.months_unpaid <= 1 or ledger.opening <= 0:
        return 0
    return Money.from_decimal(Decimal(ledger.opening) / 100 * Decimal("0.095") / 300 * 30).kopecks


def _text(kopecks: int, *, blank: bool = False) -> str:
    return "" if blank and not kopecks else Money(kopecks).to_api().replace(".", ",")


if __name__ == "__main__":
    write_registers(DATA)
