"""Who may do what: every use case of the slice against every kind of viewer."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from lkk_reflex.accounts import linking, owner_change, paperless, pins, proofs, providers, repository, statements
from lkk_reflex.accounts.models import LinkLevel, ProofKind, ServiceKind
from lkk_reflex.accounts.providers import NewProvider
from lkk_reflex.accounts.register.importer import import_register
from lkk_reflex.accounts.register.opening import ImportOrder
from lkk_reflex.cabinet import summary
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import bound_engine, unit_of_work
from lkk_reflex.kit.errors import Forbidden, PortalError, SignInRequired
from tests.factories.accounts import PERIOD, everybody, make_account, make_bill, make_link, make_provider

OK, NO, SIGN_IN = None, Forbidden, SignInRequired
#: The order of the columns below.
VIEWERS = ("anonymous", "owner", "other_subscriber", "operator_of_this_provider", "operator_of_another", "system")

Use = Callable[[Session, Viewer, Path], object]


def _own(use_case: Callable[..., object], **more: object) -> Use:
    return lambda session, viewer, _file: use_case(session, viewer, public_id="the-link", **more)


def _of_the_provider(use_case: Callable[..., object], **more: object) -> Use:
    def use(session: Session, viewer: Viewer, _file: Path) -> object:
        provider = next(found for found in repository.providers(session) if found.code == "water")
        return use_case(session, viewer, provider_id=provider.id or 0, **more)

    return use


def _import(session: Session, viewer: Viewer, file: Path) -> object:
    return import_register(session, viewer, order=ImportOrder(file, "water", file.parent / "rejects"))


def _connect(session: Session, viewer: Viewer, _file: Path) -> object:
    return linking.connect(session, viewer, provider_id=1, typed="1000123456")


def _add(session: Session, viewer: Viewer, _file: Path) -> object:
    return providers.add_provider(session, viewer, new=NewProvider("gas", "Газ", ServiceKind.GAS))


OWN_ONLY = (SIGN_IN, OK, NO, SIGN_IN, SIGN_IN, SIGN_IN)
STAFF = (NO, NO, NO, OK, NO, OK)
SUBSCRIBERS = (SIGN_IN, OK, OK, SIGN_IN, SIGN_IN, SIGN_IN)
USE_CASES: dict[str, tuple[Use, tuple[type[PortalError] | None, ...]]] = {
    "connect": (_connect, SUBSCRIBERS),
    "has_connected_before": (
        lambda session, viewer, _file: statements.has_connected_before(session, viewer), SUBSCRIBERS,
    ),
    "rename": (_own(linking.rename, own_name="Дача"), OWN_ONLY),
    "name_first": (_own(linking.name_first, own_name="Дача"), OWN_ONLY),
    "disconnect": (_own(linking.disconnect), OWN_ONLY),
    "linked_bill": (_own(statements.linked_bill), OWN_ONLY),
    "bills_of": (_own(statements.bills_of), OWN_ONLY),
    "charges_of": (_own(statements.charges_of, period=PERIOD), OWN_ONLY),
    "account_now": (_own(summary.account_now), OWN_ONLY),
    "linked_bills": (lambda session, viewer, _file: statements.linked_bills(session, viewer), SUBSCRIBERS),
    "cabinet_home": (lambda session, viewer, _file: summary.cabinet_home(session, viewer), SUBSCRIBERS),
    "provider_choices": (lambda session, viewer, _file: providers.provider_choices(session, viewer), SUBSCRIBERS),
    "providers_of_staff": (
        lambda session, viewer, _file: providers.providers_of_staff(session, viewer), (NO, NO, NO, OK, OK, OK),
    ),
    "import_register": (_import, STAFF),
    "offered_proofs": (_own(proofs.offered_proofs), OWN_ONLY),
    "activate_pin": (_own(proofs.activate_pin, typed="7KMP-2XHA"), OWN_ONLY),
    "prove_by_bill": (_own(proofs.prove_by_bill, month="202609", amount="1"), OWN_ONLY),
    "prove_by_meter": (_own(proofs.prove_by_meter, serial="1", matches=lambda *_: True), OWN_ONLY),
    "set_proofs": (_of_the_provider(proofs.set_proofs, kinds=()), STAFF),
    "proofs_of": (_of_the_provider(proofs.proofs_of), STAFF),
    "count_nameless": (_of_the_provider(proofs.count_nameless), STAFF),
    "issue_pin": (_of_the_provider(pins.issue_pin, number="1000123456"), STAFF),
    "issue_pins": (_of_the_provider(pins.issue_pins), STAFF),
    "list_pins": (_of_the_provider(pins.list_pins), STAFF),
    "revoke_pin": (_of_the_provider(pins.revoke_pin, number="1000123456"), STAFF),
    "is_paperless": (_own(paperless.is_paperless), OWN_ONLY),
    "is_heeded": (_own(paperless.is_heeded), OWN_ONLY),
    "choose_paper": (_own(paperless.choose_paper, wants_paper=False), OWN_ONLY),
    "paperless_accounts": (_of_the_provider(paperless.paperless_accounts), STAFF),
    "end_links": (_of_the_provider(owner_change.end_links, number="1000123456"), STAFF),
    "add_provider": (_add, (NO, NO, NO, NO, NO, OK)),
}  # fmt: skip


@pytest.mark.parametrize("use_case", USE_CASES)
def test_each_use_case_lets_pass_only_whom_it_serves(portal: Engine, tmp_path: Path, use_case: str) -> None:
    file = tmp_path / "register.csv"
    file.write_text("ЛС;Период;К оплате\n77;10.2026;5,00\n")
    with unit_of_work() as session:
        provider = make_provider(session, code="water")
        viewers = everybody(session, provider)
        account = make_account(session, provider, number="1000123456")
        make_bill(session, account)
        proofs.set_proofs(session, Viewer.system(), provider_id=provider.id or 0, kinds=ProofKind)
        link = make_link(session, viewers["owner"], account, level=LinkLevel.EXTENDED)
        link.public_id = "the-link"
        session.add(link)
    use, answers = USE_CASES[use_case]
    found = {name: _answer(use, viewers[name], file) for name in VIEWERS}
    assert found == dict(zip(VIEWERS, answers, strict=True))


def _answer(use: Use, viewer: Viewer, file: Path) -> type[PortalError] | None:
    """Return the refusal, or None; whatever was done is undone, so that each viewer finds the same portal."""
    with Session(bound_engine().execution_options(sqlite_begin="IMMEDIATE")) as session:
        try:
            use(session, viewer, file)
        except PortalError as refusal:
            return type(refusal)
        return None


def test_a_subscriber_sees_own_accounts_only(session: Session) -> None:
    provider = make_provider(session)
    viewer = everybody(session, provider)
    account = make_account(session, provider)
    make_link(session, viewer["owner"], account)
    assert len(statements.linked_bills(session, viewer["owner"])) == 1
    assert not statements.linked_bills(session, viewer["other_subscriber"])
    assert not summary.cabinet_home(session, viewer["other_subscriber"]).accounts
