"""Units of work on both databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum

import pytest
from sqlalchemy import Engine, MetaData, Table, UniqueConstraint, bindparam, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlmodel import Field, Session, SQLModel, select

from lkk_reflex.kit import db
from lkk_reflex.kit.db import reading, rows_of, text_enum, unit_of_work, violates
from lkk_reflex.kit.errors import PortalError

#: The driver lets the server prepare what it is asked more than five times.
_UNTIL_PREPARED = 7
_METADATA = MetaData(naming_convention=SQLModel.metadata.naming_convention)


class Taste(StrEnum):
    """An enum whose values are not its names."""

    SWEET = "very-sweet"


class Fruit(SQLModel, table=True):
    """A table of the tests alone, kept out of the portal's own."""

    metadata = _METADATA
    __tablename__ = "fruit"
    __table_args__ = (UniqueConstraint("name", "taste"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str
    code: str = Field(unique=True)
    taste: Taste = Field(default=Taste.SWEET, sa_type=text_enum(Taste))
    picked_at: datetime | None = None


class Kept(PortalError):
    """A refusal whose trace stays."""

    keeps_work = True


@pytest.fixture
def fruits(engine: Engine) -> Iterator[None]:
    table: Table = _METADATA.tables["fruit"]
    table.create(engine)
    yield
    table.drop(engine)


def pick(code: str, name: str = "apple") -> None:
    with unit_of_work() as session:
        session.add(Fruit(name=name, code=code, taste=Taste.SWEET))


def picked() -> list[str]:
    with reading() as session:
        return list(session.exec(select(Fruit.code).order_by(Fruit.code)))


def test_unit_of_work_is_committed_once_at_the_end(fruits: None) -> None:
    pick("a")
    assert picked() == ["a"]


@pytest.mark.parametrize(("refusal", "stays"), [(PortalError, []), (Kept, ["a"]), (KeyError, [])])
def test_refusal_undoes_the_work_unless_it_keeps_it(fruits: None, refusal: type[Exception], stays: list[str]) -> None:
    def work() -> None:
        with unit_of_work() as session:
            session.add(Fruit(name="apple", code="a"))
            raise refusal

    with pytest.raises(refusal):
        work()
    assert picked() == stays


def test_reading_changes_nothing(fruits: None) -> None:
    # PostgreSQL refuses it, SQLite forgets it at the end.
    with suppress(DBAPIError), reading() as session:
        session.add(Fruit(name="apple", code="a"))
        session.flush()
    with reading() as session:
        session.add(Fruit(name="pear", code="b"))
    assert picked() == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_plans_are_kept_from_one_reading_to_the_next(fruits: None) -> None:
    for _ in range(_UNTIL_PREPARED):
        assert picked() == []
    plans = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%FROM fruit%'")
    with reading() as session:
        assert session.connection().execute(plans).scalar_one() == 1


def test_question_past_the_mapper_knows_what_is_not_written_yet(fruits: None) -> None:
    with unit_of_work() as session:
        session.add(Fruit(name="apple", code="a"))
        of_apples = select(Fruit.code, Fruit.taste).where(Fruit.name == bindparam("name"))
        assert list(rows_of(session, of_apples, {"name": "apple"})) == [("a", Taste.SWEET)]


def test_rows_can_be_read_after_the_unit_of_work(fruits: None) -> None:
    with unit_of_work() as session:
        fruit = Fruit(name="apple", code="a")
        session.add(fruit)
    assert fruit.code == "a"
    assert fruit.id


def test_enum_is_stored_as_its_value(fruits: None, engine: Engine) -> None:
    pick("a")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT taste FROM fruit").scalar_one() == "very-sweet"
    with reading() as session:
        assert session.exec(select(Fruit.taste)).one() is Taste.SWEET


def test_time_comes_back_aware_and_naive_time_is_refused(fruits: None) -> None:
    moment = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    with unit_of_work() as session:
        session.add(Fruit(name="apple", code="a", picked_at=moment))
    with reading() as session:
        assert session.exec(select(Fruit.picked_at)).one() == moment
    with pytest.raises((StatementError, ValueError)):
        _store_naive(moment)


def _store_naive(moment: datetime) -> None:
    with unit_of_work() as session:
        session.add(Fruit(name="pear", code="b", picked_at=moment.replace(tzinfo=None)))


def test_violated_constraint_is_told_by_its_name(fruits: None) -> None:
    pick("a")
    with pytest.raises(IntegrityError) as same_code:
        pick("a", name="pear")
    assert violates(same_code.value, "uq_fruit_code")
    assert not violates(same_code.value, "uq_fruit_name_taste")
    with pytest.raises(IntegrityError) as same_pair:
        pick("b")
    assert violates(same_pair.value, "uq_fruit_name_taste")
    assert not violates(same_pair.value, "uq_fruit_name")
    assert not violates(same_pair.value, "uq_fruit_code")


def test_error_does_not_show_the_values(fruits: None) -> None:
    pick("very-secret-code")
    with pytest.raises(IntegrityError) as error:
        pick("very-secret-code", name="pear")
    assert "pear" not in str(error.value)


def test_writers_wait_for_one_another(fruits: None) -> None:
    """Reading first and writing later in one unit must not fail because another writer was faster."""

    def count_and_pick(number: int) -> None:
        with unit_of_work() as session:
            session.exec(select(Fruit)).all()
            session.add(Fruit(name=f"fruit {number}", code=f"{number:02}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count_and_pick, range(24)))
    assert len(picked()) == 24


def test_foreign_keys_hold_on_both_databases(engine: Engine) -> None:
    with engine.connect() as connection:
        is_on = connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() if engine.name == "sqlite" else 1
    assert is_on == 1


def test_process_without_a_database_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db._Binding, "engine", None)
    with pytest.raises(RuntimeError, match="no database is bound"), unit_of_work():
        pass


def test_session_type_is_the_one_of_the_use_cases(fruits: None) -> None:
    with reading() as session:
        assert isinstance(session, Session)
