"""The temporary table through which a register passes; it lives as long as one load."""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table

#: The columns of a parsed row, in order. A register of sums alone stops at `service`.
SUM_COLUMNS = (
    "number", "number_shown", "unified_number", "owner_name", "address", "period", "closing", "service",
)  # fmt: skip
PART_COLUMNS = ("opening", "charged", "recalculated", "conceded", "penalty", "paid")
DETAIL_COLUMNS = ("unit", "volume", "tariff", *PART_COLUMNS)

#: In a list of tables of its own, so that no migration makes it.
staged_lines = Table(
    "staged_line",
    MetaData(),
    Column("line", Integer),
    Column("number", String(30)),
    Column("number_shown", String(60)),
    Column("unified_number", String(13)),
    Column("owner_name", String(160)),
    Column("address", String(250)),
    Column("period", Integer),
    Column("closing", BigInteger),
    Column("service", String(120)),
    Column("unit", String(20), server_default=""),
    Column("volume", String(24), server_default=""),
    Column("tariff", String(24), server_default=""),
    *(Column(name, BigInteger) for name in PART_COLUMNS),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)
staged_by_bill = Index("ix_staged_line_bill", staged_lines.c.number, staged_lines.c.period)
