"""Which homes an address means, however a register or a person has written it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkk_reflex.outages.addresses import fits, read_address, read_house

LENIN_10 = (
    "г. Рязань, ул. Ленина, д. 10, кв. 15",
    "Рязань г, Ленина ул, дом № 10, кв. 15",
    "390000, Рязанская обл, г Рязань, ул Ленина, д 10",
    "Рязань, Ленина, 10, 15",
    "Ленина 10-15",
    "Ленина, 10",
    "Г.РЯЗАНЬ УЛ.ЛЕНИНА Д.10 КВ.15",
    "Рязань г Ленина ул 10",
    "улица  им. Ленина , дом 10 , квартира 15",
    "г. Рязань;ул.Ленина;д.10",
)


@pytest.mark.parametrize("written", LENIN_10)
@pytest.mark.parametrize("sought", ["ул. Ленина", "Ленина", "ЛЕНИНА УЛ", "улица Ленина", " ул.ленина "])
def test_one_house_is_found_in_every_spelling(written: str, sought: str) -> None:
    assert fits(read_address(written), read_address(sought), [read_house("10")])
    assert fits(read_address(written), read_address(sought))


@pytest.mark.parametrize("house", ["1", "12", "100", "0", "15", "10а", "10к1", "10/1", "10с1"])
@pytest.mark.parametrize("written", LENIN_10)
def test_another_house_of_the_street_is_not_meant(written: str, house: str) -> None:
    assert not fits(read_address(written), read_address("ул. Ленина"), [house])


@pytest.mark.parametrize(
    ("written", "sought"),
    [
        ("ул. Ленинская, д. 10", "ул. Ленина"),
        ("ул. Ленина, д. 10", "ул. Ленин"),
        ("пер. Ленина, д. 10", "ул. Ленина"),
        ("пр-т Ленина, д. 10", "ул. Ленина"),
        ("ул. Большая Садовая, д. 10", "ул. Садовая"),
        ("ул. 1-я Садовая, д. 10", "ул. Садовая"),
        ("ул. 1-я Садовая, д. 10", "ул. 2-я Садовая"),
        ("г. Ленина, ул. Мира, д. 10", "ул. Ленина"),
        ("с. Дубки, ул. Ленина, д. 10", "с. Липки, ул. Ленина"),
        ("ул. Ленина, д. 10", "с. Дубки, ул. Ленина"),
        ("ул. Мира, д. 10", "мкр. Южный, ул. Мира"),
        ("мкр. Северный, ул. Мира, д. 10", "мкр. Южный, ул. Мира"),
        ("мкр. Южный, ул. Садовая, д. 10", "мкр. Южный, ул. Мира"),
        ("5 мкр, д. 12", "6 мкр"),
        ("", "ул. Ленина"),
        ("10", "ул. Ленина"),
    ],
)
def test_another_street_is_not_meant(written: str, sought: str) -> None:
    assert not fits(read_address(written), read_address(sought))


@pytest.mark.parametrize(
    ("written", "sought"),
    [
        ("ул. 8 Марта, д. 5", "8 марта"),
        ("Рязань ул 8 Марта 5 кв 3", "ул. 8 Марта"),
        ("ул. 50 лет Октября, д. 4", "50 лет октября"),
        ("Садовая 1-я, 3", "ул. 1-я Садовая"),
        ("ул. Лётная, д. 3", "ул. Летная"),
        ("пр-т Строителей, д. 3", "проспект Строителей"),
        ("пр-кт Строителей, д. 3", "пр. Строителей"),
        ("б-р Юности, 3", "бульвар юности"),
        ("мкр. 5, д. 10", "микрорайон 5"),
        ("мкр. Южный, ул. Садовая, 1", "ул. Садовая"),
        ("мкр. Южный, ул. Садовая, 1", "мкр. Южный"),
        ("мкр. Южный, ул. Мира, 1", "ул. Мира, мкр. Южный"),
        ("с. Дубки, мкр. Южный, ул. Мира, 1", "мкр. Южный, ул. Мира"),
        ("5 мкр, д. 12", "мкр. 5"),
        ("Рязань 5 мкр-н д 12", "5 микрорайон"),
        ("г. Рязань, 5 микрорайон, ул. Мира, 12", "5 мкр., ул. Мира"),
        ("7 квартал, 3", "кв-л 7"),
        ("СНТ Рассвет, уч. 5", "снт рассвет"),
        ("с. Дубки, ул. Ленина, д. 10", "с. Дубки, ул. Ленина"),
        ("Рязанский р-н, с. Дубки, ул. Ленина, д. 10", "с. Дубки, ул. Ленина"),
        ("с. Дубки, ул. Ленина, д. 10", "с. Дубки"),
        ("с. Дубки, д. 10", "с. Дубки"),
        ("д. Ивановка, ул. Мира, д. 7", "д. Ивановка"),
        # Latin letters that look alike.
        ("ул. Мира, д. 7", "ул. Mиpa"),
    ],
)
def test_one_street_is_found_in_every_spelling(written: str, sought: str) -> None:
    assert fits(read_address(written), read_address(sought))


@pytest.mark.parametrize(
    ("written", "house"),
    [
        ("д. 12", "12"),
        ("д.12А", "12а"),
        ("д. 12 А, кв. 3", "12а"),
        ("д. 12-а", "12а"),
        ("д. 12A", "12а"),
        ("12А-3", "12а"),
        ("дом 12, литера А", "12а"),
        ("д. 12/2, кв. 1", "12/2"),
        ("д. 12 / 2", "12/2"),
        ("д. 12 корп. 2, кв. 5", "12к2"),
        ("д. 12, корпус 2", "12к2"),
        ("д. 12 к.2 кв.5", "12к2"),
        ("12к2", "12к2"),
        ("д. 12, корп. А", "12ка"),
        ("д. 12 стр. 1", "12с1"),
        ("дом № 12", "12"),
        ("вл. 12", "12"),
        ("12-34", "12"),
        ("12, 34", "12"),
        ("", ""),
        ("кв. 12", ""),
    ],
)
def test_house_is_read(written: str, house: str) -> None:
    assert read_address(f"г. Рязань, ул. Ленина, {written}").house == house


@pytest.mark.parametrize(
    ("written", "house"),
    [
        ("5 мкр, д. 12", "12"),
        ("5 мкр 12", "12"),
        ("г. Рязань, 5 микрорайон, дом 12, кв. 3", "12"),
        ("Рязань 5 мкр дом 12", "12"),
        ("3 квартал, 12", "12"),
        ("ул. Мира, д. 12, мкр. Южный", "12"),
        ("ул. Мира 12 мкр Южный", "12"),
        ("5 мкр", ""),
        ("СНТ Рассвет, уч. 5", "5"),
        ("СНТ Рассвет, уч.5", "5"),
        ("с. Дубки, участок 5", "5"),
        ("с. Дубки, участок № 5", "5"),
    ],
)
def test_house_is_told_from_the_number_of_a_quarter(written: str, house: str) -> None:
    assert read_address(written).house == house


@pytest.mark.parametrize(
    ("typed", "house"),
    [
        ("12", "12"),
        (" д. 12 ", "12"),
        ("Дом 12", "12"),
        ("12 А", "12а"),
        ("12 корп. 2", "12к2"),
        ("12к2", "12к2"),
        ("12/2", "12/2"),
        ("12 / 2", "12/2"),
        ("12-а", "12а"),
        ("12а", "12а"),
        ("12A", "12а"),
        ("12, корп. 2", "12к2"),
        ("12 корп. 2 стр. 1", "12к2с1"),
        ("12 лит. А", "12а"),
        ("д.12к.2", "12к2"),
        ("№ 12", "12"),
        ("вл. 12", "12"),
        ("уч. 5", "5"),
        ("участок 5", "5"),
        ("12к.2", "12к2"),
        ("12к 2", "12к2"),
        ("", ""),
        ("двенадцать", ""),
        ("12 кв 3", ""),
        ("Ленина 12", ""),
    ],
)
def test_house_is_read_as_staff_types_it(typed: str, house: str) -> None:
    assert read_house(typed) == house


@pytest.mark.parametrize(
    "typed",
    ["12, 14", "12;14", "12 14", "12-14", "2–10", "2 — 10", "12 и 14", "12/2/3", "12, д. 14", "12 А 14", "12-14а"],
)
def test_several_houses_are_not_read_as_the_first_of_them(typed: str) -> None:
    assert read_house(typed) == ""


@given(st.text(max_size=250))
def test_no_text_is_too_strange_to_be_read(text: str) -> None:
    address = read_address(text)
    assert fits(address, read_address("ул. Ленина")) in (True, False)
    read_house(text)


@given(st.integers(1, 999), st.integers(1, 999), st.integers(1, 999))
def test_a_house_is_found_exactly_by_its_own_number(house: int, flat: int, other: int) -> None:
    for written in (f"ул. Ленина, д. {house}, кв. {flat}", f"Ленина, {house}, {flat}", f"Ленина {house}-{flat}"):
        assert fits(read_address(written), read_address("ул. Ленина"), [str(other)]) is (house == other)
