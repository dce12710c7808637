"""PINs of the demo's accounts to try: whoever tries the portal cannot go to an office for them."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlmodel import Session

from lkk_reflex.accounts.models import ProofKind
from lkk_reflex.accounts.pins import issue_pin
from lkk_reflex.accounts.proofs import set_proofs
from lkk_reflex.accounts.providers import providers_of_staff
from lkk_reflex.identity.viewer import Viewer

_FILE = "demo_pins.json"
#: Beside the PIN, so that a visitor may try every way.
_PROOFS = {
    "gorvodokanal": (ProofKind.BILL_SUM, ProofKind.METER_SERIAL),
    "mezhraigaz": (ProofKind.BILL_SUM, ProofKind.SURNAME),
}


@dataclass(frozen=True, slots=True)
class TownPin:
    """A PIN that the demo tells instead of a letter."""

    provider: str
    number: str
    pin: str


def open_office(session: Session, accounts: Sequence[tuple[str, str]], *, data_dir: Path) -> None:
    """Issue PINs for accounts (the name of the provider, the number) and keep them where the demo shows them."""
    system = Viewer.system()
    providers = providers_of_staff(session, system)
    ids = {provider.name: provider.id or 0 for provider in providers}
    for provider in providers:
        set_proofs(session, system, provider_id=provider.id or 0, kinds=_PROOFS.get(provider.code, ()))
    issued = [
        TownPin(name, number, issue_pin(session, system, provider_id=ids[name], number=number).pin)
        for name, number in accounts
    ]
    data_dir.mkdir(parents=True, exist_ok=True)
    (data_dir / _FILE).write_text(json.dumps([asdict(pin) for pin in issued], ensure_ascii=False), encoding="utf-8")


def told_pins(data_dir: Path) -> list[TownPin]:
    """Return the PINs that the demo tells; none before its town is loaded."""
    file = data_dir / _FILE
    return [TownPin(**pin) for pin in json.loads(file.read_text(encoding="utf-8"))] if file.exists() else []
