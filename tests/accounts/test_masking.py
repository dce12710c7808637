"""Addresses shown to people who have proved nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkk_reflex.accounts.masking import mask_address


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("г. Рязань, ул. Ленина, д. 10, кв. 15", "ул. Л***, д. 10, кв. **"),
        ("Г РЯЗАНЬ, УЛ ЛЕНИНА, Д 10, КВ 15", "ул. Л***, д. 10, кв. **"),
        ("РЯЗАНЬ,ЛЕНИНА,10,15", "ул. Л***, д. 10, кв. **"),
        ("390000, г. Рязань, пр-т Мира, д. 1/2, кв. 3", "пр-т М***, д. 1/2, кв. **"),
        ("г. Рязань, ул. Ленина, д. 10", "ул. Л***, д. **"),
        ("ул. 8 Марта, дом 3а, комната 5", "ул. 8***, д. 3а, кв. **"),
        ("", ""),
        ("до востребования", ""),
    ],
)
def test_a_home_can_be_recognised_but_not_found(address: str, masked: str) -> None:
    assert mask_address(address) == masked


@given(st.integers(100, 999), st.sampled_from(["кв. {}", "КВ {}", "кв.{}", "квартира {}", "ком. {}", "{}"]))
def test_the_number_of_the_flat_is_never_shown(flat: int, spelling: str) -> None:
    assert str(flat) not in mask_address(f"г. Рязань, ул. Садовая, д. 7, {spelling.format(flat)}")


@given(st.text(max_size=80))
def test_no_address_breaks_the_masking(address: str) -> None:
    assert len(mask_address(address)) <= len(address) * 3 + 60
