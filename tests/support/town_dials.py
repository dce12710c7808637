"""What the dials of the demo town's meters showed last: read from a living portal's database."""

from dataclasses import dataclass

from tests.support.live_portal import LivePortal

_LAST_VALUES = """
SELECT meter.place, reading_value.scale, reading_value.value_milli
FROM meter
JOIN personal_account ON personal_account.id = meter.account_id
JOIN reading ON reading.meter_id = meter.id
JOIN reading_value ON reading_value.reading_id = reading.id
WHERE personal_account.number = ? AND reading.source = 'provider'
ORDER BY reading.period DESC, meter.place, reading_value.scale
"""


@dataclass(frozen=True)
class TownDial:
    """One dial of an account's meter."""

    place: str
    scale: int
    #: The last value of the provider's, in whole units.
    last: int


def dials_of(portal: LivePortal, number: str) -> list[TownDial]:
    """Return the dials of an account, meter by meter."""
    newest: dict[tuple[str, int], TownDial] = {}
    for place, scale, milli in portal.rows(_LAST_VALUES, number):
        dial = TownDial(str(place), int(str(scale)), int(str(milli)) // 1000)
        newest.setdefault((dial.place, dial.scale), dial)
    return [newest[key] for key in sorted(newest)]
