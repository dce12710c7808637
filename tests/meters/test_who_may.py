"""Who may do what: every use case of the slice against every kind of viewer."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from lkk_reflex.accounts.models import LinkLevel
from lkk_reflex.attachments.files import Cleaned, FileKind
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.db import bound_engine, unit_of_work
from lkk_reflex.kit.errors import Forbidden, PortalError, SignInRequired
from lkk_reflex.meters import (
    desk,
    exporting,
    history,
    loading,
    loading_repository,
    own_data,
    photo_repository,
    photos,
    policies,
    submitting,
    tariffs,
)
from lkk_reflex.meters.access import meters_account
from lkk_reflex.meters.dial import Dial, field_name
from lkk_reflex.meters.models import Resource
from lkk_reflex.meters.policies import PolicyChange
from lkk_reflex.meters.views import CheckedMeter, Form, Outcome, Saved
from tests.factories.accounts import everybody, make_account, make_link, make_provider
from tests.factories.meters import make_form, make_meter, make_reading

OK, NO, SIGN_IN = None, Forbidden, SignInRequired
#: The order of the columns below.
VIEWERS = ("anonymous", "owner", "other_subscriber", "operator_of_this_provider", "operator_of_another", "system")

Use = Callable[[Session, Viewer, Path], object]
LINK, METER, NUMBER, PHOTO = "the-link", "0123456789abcdef", "48-1120", "the-photo"
PHOTO_USES = ("attach", "photo_of", "photo_of_reading", "discard", "own_files")
_DAY = date(2026, 11, 20)
_SAVED = Saved(NUMBER, datetime(2026, 11, 20, tzinfo=UTC), _DAY, BillingPeriod(2026, 11), False, _DAY, {})
FORM = Form(LINK, "intent", {field_name(METER, 1): "107"})


def _own(use_case: Callable[..., object], **more: Any) -> Use:
    return lambda session, viewer, _file: use_case(session, viewer, **more)


def _file(use_case: Callable[..., object]) -> Use:
    return lambda session, viewer, file: use_case(session, viewer, file=file, provider_code="water")


def _rule(use_case: Callable[..., object], **more: Any) -> Use:
    told = {"provider_code": "water", "resource": Resource.GAS, **more}
    return lambda session, viewer, _file: use_case(session, viewer, **told)


def _attach(session: Session, viewer: Viewer, _file: Path) -> object:
    """Send the photo with its reading once more."""
    account = meters_account(session, viewer, LINK)
    outcomes = [Outcome(CheckedMeter(METER, "", Dial(5)), _SAVED)]
    return photos.attach(session, viewer, account=account, photos={METER: PHOTO}, outcomes=outcomes)


OWN_ONLY = (SIGN_IN, OK, NO, SIGN_IN, SIGN_IN, SIGN_IN)
SUBSCRIBERS = (SIGN_IN, OK, OK, SIGN_IN, SIGN_IN, SIGN_IN)
STAFF = (NO, NO, NO, OK, NO, OK)
USE_CASES: dict[str, tuple[Use, tuple[type[PortalError] | None, ...]]] = {
    "meters_account": (lambda session, viewer, _: meters_account(session, viewer, LINK), OWN_ONLY),
    "desk": (_own(desk.desk, link_id=LINK), OWN_ONLY),
    "check": (_own(desk.check, form=FORM), OWN_ONLY),
    "submit": (_own(submitting.submit, form=FORM), OWN_ONLY),
    "withdraw": (_own(submitting.withdraw, link_id=LINK, number=NUMBER), OWN_ONLY),
    "history": (_own(history.history, link_id=LINK), OWN_ONLY),
    "consumption": (_own(history.consumption, link_id=LINK), OWN_ONLY),
    "require_room_for_photo": (_own(photos.require_room_for_photo, meter_id=METER), OWN_ONLY),
    "store": (_own(photos.store, meter_id=METER, file=Cleaned(FileKind.JPEG, b"x"), name="a.jpg"), OWN_ONLY),
    "discard": (_own(photos.discard, public_id=PHOTO), SUBSCRIBERS),
    "attach": (_attach, OWN_ONLY),
    "photo_of": (_own(photos.photo_of, public_id=PHOTO), OWN_ONLY),
    "photo_of_reading": (_own(photos.photo_of_reading, number=NUMBER), STAFF),
    "own_files": (lambda session, viewer, _: list(own_data.own_files(session, viewer)), SUBSCRIBERS),
    "load_meters": (_file(loading.load_meters), STAFF),
    "load_tariffs": (_file(tariffs.load_tariffs), STAFF),
    "mark_counted": (_file(exporting.mark_counted), STAFF),
    "export_readings": (_own(exporting.export_readings, provider_code="water"), STAFF),
    "policy_of": (_rule(policies.policy_of), STAFF),
    "set_policy": (_rule(policies.set_policy, change=PolicyChange(window_to=20)), STAFF),
}
FILES = {
    "load_meters": "ЛС;№ ПУ;Услуга\n1000123456;77-1;Газ\n",
    "load_tariffs": "Услуга;Действует с;Тариф\nГаз;01.01.2026;10\n",
    "mark_counted": f"id\n{NUMBER}\n",
}


@pytest.mark.parametrize("use_case", USE_CASES)
def test_each_use_case_lets_pass_only_whom_it_serves(portal: Engine, tmp_path: Path, use_case: str) -> None:
    file = tmp_path / "file.csv"
    file.write_text(FILES.get(use_case, ""))
    with unit_of_work() as session:
        provider = make_provider(session, code="water")
        viewers = everybody(session, provider)
        account = make_account(session, provider, number="1000123456")
        meter = make_meter(session, account, public_id=METER)
        make_reading(session, meter, 100)
        link = make_link(session, viewers["owner"], account, level=LinkLevel.EXTENDED)
        link.public_id = LINK
        session.add(link)
        session.flush()
        if use_case in ("withdraw", "mark_counted", *PHOTO_USES):
            _send(session, viewers["owner"])
        if use_case in PHOTO_USES:
            _photograph(session, viewers["owner"])
    use, answers = USE_CASES[use_case]
    found = {name: _answer(use, viewers[name], file) for name in VIEWERS}
    assert found == dict(zip(VIEWERS, answers, strict=True))


def _send(session: Session, owner: Viewer) -> None:
    (outcome,) = submitting.submit(session, owner, form=FORM).outcomes
    row = loading_repository.sent_readings(session, 1, [outcome.saved.number if outcome.saved else ""])
    (reading,) = row.values()
    reading.number = NUMBER


def _photograph(session: Session, owner: Viewer) -> None:
    """Let the reading carry a photo."""
    file = Cleaned(FileKind.JPEG, b"x")
    stored = photos.store(session, owner, meter_id=METER, file=file, name="a.jpg")
    photo = photo_repository.own_photo(session, owner, stored.public_id)
    reading = loading_repository.sent_readings(session, 1, [NUMBER])[NUMBER]
    assert photo is not None
    photo.public_id = PHOTO
    photo_repository.give_to_reading(session, photo, reading.id or 0)


def _answer(use: Use, viewer: Viewer, file: Path) -> type[PortalError] | None:
    """Return the refusal, or None; whatever was done is undone, so that each viewer finds the same portal."""
    with Session(bound_engine().execution_options(sqlite_begin="IMMEDIATE")) as session:
        try:
            use(session, viewer, file)
        except PortalError as refusal:
            return type(refusal)
        return None


def test_an_ended_connection_opens_nothing(portal: Engine) -> None:
    with unit_of_work() as session:
        provider = make_provider(session)
        owner = everybody(session, provider)["owner"]
        account = make_account(session, provider)
        meter = make_meter(session, account)
        link = make_link(session, owner, account)
        link.ended_at = link.created_at
        session.add(link)
        session.flush()
        with pytest.raises(Forbidden):
            submitting.submit(session, owner, form=make_form(link.public_id, (meter, "5")))
        with pytest.raises(Forbidden):
            history.history(session, owner, link_id=link.public_id)
