"""What every part of the bank shares: its settings, storage, clock, chance, and how it announces events."""

import json
import random
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from lkk_reflex.sandbox.bank_clock import VirtualClock, stamp
from lkk_reflex.sandbox.bank_config import BankConfig
from lkk_reflex.sandbox.bank_storage import Books, Item, Json, Notification, Storage


@dataclass(frozen=True, slots=True)
class Switches:
    """How the bank misbehaves or decides beyond single requests; kept in the storage.

    `duplicates` adds copies of every notification, `delay_seconds` and `shuffle_seconds` (at random up to it)
    put them off, `hold` keeps them until released, `drop` loses them for ever, `before_answer` delivers them
    before the request that caused them is answered. `pay_on_create` pays every payment at once, as if the
    person had been faster than the answer. `utilities_refusal` and `refund_refusal` are reasons with which
    ГИС ЖКХ or the refund network refuse; empty means consent. `final_refusal` makes a refused card end the
    payment.
    """

    duplicates: int = 0
    delay_seconds: float = 0.0
    shuffle_seconds: float = 0.0
    hold: bool = False
    drop: bool = False
    before_answer: bool = False
    pay_on_create: bool = False
    utilities_refusal: str = ""
    refund_refusal: str = ""
    final_refusal: bool = False


class Core:
    """The bank without its doors: no HTTP here."""

    def __init__(self, config: BankConfig) -> None:
        self.config = config
        self.storage = Storage(config.storage)
        self.clock = VirtualClock(self.storage)
        # Payment ids open the hosted page, so they come from the system's source unless a test wants repetition.
        self.random = random.SystemRandom() if config.seed is None else random.Random(config.seed)  # noqa: S311
        with self.storage.books() as books:
            for shop in config.shops:
                books.save_shop(shop)

    def now(self) -> str:
        """Return the bank's present moment as merchants see it."""
        return stamp(self.clock.now())

    def later(self, seconds: float) -> str:
        """Return a moment that many seconds ahead."""
        return stamp(self.clock.now() + timedelta(seconds=seconds))

    def new_id(self, prefix: str = "") -> str:
        """Make an identifier of YooKassa's shape: 36 characters, looks like a UUID, is not version 4."""
        seconds = int(self.clock.now().timestamp()) & 0xFFFFFFFF
        return f"{prefix}{seconds:08x}-000f-5000-{self.random.choice('89ab')}000-{self.random.getrandbits(48):012x}"

    def digits(self, count: int) -> str:
        """Make a reference number of so many digits."""
        return "".join(str(self.random.randrange(10)) for _ in range(count))

    def switches(self, books: Books) -> Switches:
        """Return the switches as they stand."""
        return Switches(**books.setting("switches"))

    def turn(self, books: Books, changes: Json) -> Switches:
        """Turn some switches and return them all.

        Raises:
            TypeError: for an unknown switch.
        """
        switches = replace(self.switches(books), **changes)
        books.set_setting("switches", asdict(switches))
        return switches

    def announce(self, books: Books, event: str, item: Item, seen: Json) -> None:
        """Queue the notification of an event, in the transaction of the event, with the object as it is now."""
        shop = books.shop(item.shop_id)
        if shop is None or not shop["notify_url"] or event not in json.loads(shop["events"]):
            return
        switches = self.switches(books)
        # YooKassa's own samples leave the recipient out of notifications.
        snapshot = {name: value for name, value in seen.items() if name != "recipient"}
        body = json.dumps({"type": "notification", "event": event, "object": snapshot}, ensure_ascii=False)
        state = "dropped" if switches.drop else "held" if switches.hold else "waiting"
        for _ in range(1 + switches.duplicates):
            pause = switches.delay_seconds + self.random.uniform(0, switches.shuffle_seconds)
            note = Notification(
                seq=0,
                shop_id=item.shop_id,
                event=event,
                item_id=item.id,
                body=body,
                event_at=self.now(),
                due_at=self.later(pause),
                state=state,
                attempts=0,
            )
            books.post(note)
