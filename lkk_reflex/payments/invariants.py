"""What must always be true of payments; checked after every fault test and by `lkk verify`."""

from dataclasses import dataclass

from sqlmodel import Session

from lkk_reflex.payments import invariants_repository as repository
from lkk_reflex.payments import rules


@dataclass(frozen=True, slots=True)
class Breach:
    """A broken invariant; the codes are those of the quality plan (I1, I2, I4, I5)."""

    invariant: str
    what: str


@dataclass(frozen=True, slots=True)
class Report:
    """What `verify` has found; `total_kopecks` is to equal what the gateway has paid out (I6)."""

    lines: int
    total_kopecks: int
    breaches: tuple[Breach, ...]


def verify(session: Session) -> Report:
    """Check the ledger against the payments. Whether it equals the gateway (I6), `reconcile` finds out."""
    breaches = [
        *(
            Breach("I1", f"платёж {name}: оплачен, но не записан в журнал")
            for name in repository.payments_without_line(session)
        ),
        *(
            Breach("I1", f"платёж {name}: в журнале другая сумма или счёт")
            for name in repository.lines_against_payments(session)
        ),
        *(
            Breach("I2", f"платёж ЮKassa {name}: зачислен дважды")
            for name in repository.objects_credited_twice(session)
        ),
        *(
            Breach("I4", f"платёж {name}: нет строки для выгрузки компании")
            for name in repository.lines_without_export(session)
        ),
        *(
            Breach("I5", f"платёж {name}: конечное состояние без времени или наоборот")
            for name in repository.finals_out_of_step(session, rules.FINAL)
        ),
    ]
    lines, total = repository.ledger_totals(session)
    return Report(lines=lines, total_kopecks=total, breaches=tuple(breaches))
