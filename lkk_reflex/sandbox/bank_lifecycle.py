"""What happens to the bank's objects by the passing of time alone."""

from datetime import timedelta

from lkk_reflex.sandbox import bank_payments, bank_refunds
from lkk_reflex.sandbox.bank_clock import stamp
from lkk_reflex.sandbox.bank_core import Core

_KEY_LIFETIME = timedelta(hours=24)


def let_time_act(core: Core) -> None:
    """Do everything that time has made due: expiry, settlement, receipts, forgotten keys."""
    with core.storage.books() as books:
        for item in books.due(core.now()):
            match item.kind:
                case "payment":
                    bank_payments.let_time_act(core, books, item)
                case "refund":
                    bank_refunds.settle(core, books, item)
                case "receipt":
                    bank_refunds.register_receipt(core, books, item)
        books.forget_keys(before=stamp(core.clock.now() - _KEY_LIFETIME))
