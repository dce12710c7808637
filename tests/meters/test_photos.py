"""Photos of dials as proof of readings: which reading carries which, who sees them, when they go."""

import os
from datetime import timedelta

import pytest
from sqlmodel import select

from lkk_reflex.attachments.contents import photo_alone
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden, SignInRequired
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.kit.rate_limit import Scope, take
from lkk_reflex.meters import own_data, photos
from lkk_reflex.meters.errors import PhotoGone, PhotosFull
from lkk_reflex.meters.exporting import export_readings
from lkk_reflex.meters.history import history
from lkk_reflex.meters.models import Meter, Reading, ReadingPhoto
from lkk_reflex.meters.photos import PHOTOS, UPLOADS
from lkk_reflex.meters.readings_form import read_form
from lkk_reflex.meters.submitting import submit
from lkk_reflex.meters.views import Form, Outcome, PastReading
from tests.factories.accounts import make_account, make_link, make_operator
from tests.factories.files import photo
from tests.factories.identity import make_viewer
from tests.factories.meters import make_form, make_meter
from tests.meters.conftest import Flat
from tests.support.portal import HeldClock

SYSTEM = Viewer.system()


def uploaded(flat: Flat, viewer: Viewer | None = None, meter: Meter | None = None) -> str:
    """Upload a photo of the meter as its owner, unless somebody or something else is told."""
    with unit_of_work() as session:
        meter_id = (meter or flat.meter).public_id
        file = photo_alone(photo())
        return photos.store(session, viewer or flat.owner, meter_id=meter_id, file=file, name="счётчик.jpg").public_id


def send(flat: Flat, value: str, photo_id: str, viewer: Viewer | None = None, intent_id: str = "") -> Outcome:
    """Send a reading with a photo."""
    who = viewer or flat.owner
    link = flat.owner_link if who is flat.owner else flat.guest_link
    typed = make_form(link, (flat.meter, value), intent_id=intent_id)
    form = Form(link, typed.intent_id, typed.values, photos={flat.meter.public_id: photo_id})
    with unit_of_work() as session:
        (outcome,) = submit(session, who, form=form).outcomes
        return outcome


def seen(viewer: Viewer, public_id: str) -> bool:
    with reading() as session:
        try:
            return bool(photos.photo_of(session, viewer, public_id=public_id).content)
        except Forbidden:
            return False


def past(flat: Flat, viewer: Viewer | None = None) -> list[PastReading]:
    who = viewer or flat.owner
    with reading() as session:
        return history(session, who, link_id=flat.owner_link if who is flat.owner else flat.guest_link)


def rows() -> list[ReadingPhoto]:
    with reading() as session:
        return list(session.exec(select(ReadingPhoto)).all())


def test_reading_carries_its_photo_and_the_history_names_it(flat: Flat) -> None:
    public_id = uploaded(flat)
    outcome = send(flat, "107", public_id)
    assert outcome.saved is not None
    assert outcome.saved.has_photo
    (mine, counted) = past(flat)
    assert (mine.photo_id, counted.photo_id) == (public_id, "")


def test_reading_without_a_photo_is_as_good(flat: Flat) -> None:
    outcome = flat.sent("107")
    assert outcome.saved is not None
    assert not outcome.saved.has_photo
    assert past(flat)[0].photo_id == ""


def test_form_sent_twice_attaches_once(flat: Flat) -> None:
    public_id = uploaded(flat)
    for _ in range(2):
        outcome = send(flat, "107", public_id, intent_id="the-same-click")
        assert outcome.saved is not None
        assert outcome.saved.has_photo
    assert len(rows()) == 1


def test_photo_belongs_to_its_version_and_a_correction_has_its_own(flat: Flat) -> None:
    first, second = uploaded(flat), uploaded(flat)
    send(flat, "107", first)
    send(flat, "108", second)
    assert [(line.version, line.photo_id) for line in past(flat)[:2]] == [(2, second), (1, first)]
    with pytest.raises(PhotoGone):
        send(flat, "109", first)
    assert past(flat)[0].version == 2, "nothing is saved when the photo is gone"


def test_photo_can_be_added_to_a_reading_that_is_sent_already_and_replaced(flat: Flat) -> None:
    flat.sent("107")
    first, second = uploaded(flat), uploaded(flat)
    send(flat, "107", first)
    send(flat, "107", second)
    (only,) = [line for line in past(flat) if line.number]
    assert only.photo_id == second
    assert not seen(flat.owner, first)


def test_photo_is_not_added_once_the_provider_has_the_reading(flat: Flat) -> None:
    outcome = send(flat, "107", uploaded(flat), intent_id="click")
    assert outcome.saved is not None
    with unit_of_work() as session:
        export_readings(session, SYSTEM, provider_code="water")
    with pytest.raises(PhotoGone):
        send(flat, "107", uploaded(flat), intent_id="click")


def test_question_leaves_the_photo_waiting_for_the_yes(flat: Flat) -> None:
    public_id = uploaded(flat)
    asked = send(flat, "100", public_id)
    assert asked.saved is None
    assert rows()[0].reading_id is None
    (question,) = asked.checked.questions
    typed = make_form(flat.owner_link, (flat.meter, "100"))
    confirmed = Form(
        flat.owner_link, typed.intent_id, typed.values, frozenset([question.key]), {flat.meter.public_id: public_id}
    )
    with unit_of_work() as session:
        (outcome,) = submit(session, flat.owner, form=confirmed).outcomes
    assert outcome.saved is not None
    assert outcome.saved.has_photo


@pytest.mark.parametrize("whose", ["another person's", "of another meter", "invented"])
def test_photo_that_is_not_ones_own_of_this_meter_is_refused(flat: Flat, whose: str) -> None:
    if whose == "invented":
        public_id = "x" * 22
    elif whose == "of another meter":
        with unit_of_work() as session:
            other = make_meter(session, flat.account)
        public_id = uploaded(flat, meter=other)
    else:
        public_id = uploaded(flat, flat.guest)
    with pytest.raises(PhotoGone):
        send(flat, "107", public_id)
    assert len(past(flat)) == 1


def test_waiting_photo_is_seen_by_its_sender_alone(flat: Flat) -> None:
    public_id = uploaded(flat, flat.guest)
    assert seen(flat.guest, public_id)
    assert not seen(flat.owner, public_id)


def test_sent_photo_is_seen_with_a_proof_or_by_its_sender(flat: Flat) -> None:
    of_guest = uploaded(flat, flat.guest)
    send(flat, "107", of_guest, flat.guest)
    with unit_of_work() as session:
        stranger, neighbour = make_viewer(session), make_viewer(session)
        make_link(session, neighbour, flat.account)
    assert [seen(who, of_guest) for who in (flat.guest, flat.owner, neighbour, stranger)] == [True, True, False, False]
    of_owner = uploaded(flat)
    send(flat, "108", of_owner)
    assert not seen(flat.guest, of_owner)
    assert past(flat, flat.guest)[0].photo_id == of_guest
    for nobody in (Viewer(), make_operator(flat.provider.id or 0), SYSTEM):
        with reading() as session, pytest.raises(SignInRequired):
            photos.photo_of(session, nobody, public_id=of_owner)


def test_photo_is_taken_of_connected_meters_only(flat: Flat) -> None:
    with unit_of_work() as session:
        stranger = make_viewer(session)
        foreign = make_meter(session, make_account(session, flat.provider))
    for who, meter in ((stranger, flat.meter), (flat.owner, foreign)):
        with pytest.raises(Forbidden):
            uploaded(flat, who, meter)
    with unit_of_work() as session, pytest.raises(Forbidden):
        photos.require_room_for_photo(session, flat.owner, meter_id="")
    assert rows() == []


def test_staff_of_the_provider_gets_the_photo_by_the_number_of_its_reading(flat: Flat) -> None:
    saved = send(flat, "107", uploaded(flat)).saved
    assert saved is not None
    provider_id = flat.provider.id or 0
    with reading() as session:
        for staff in (SYSTEM, make_operator(provider_id)):
            for number in (saved.number, numbered(saved.number)):
                found = photos.photo_of_reading(session, staff, number=number)
                assert found.content
                assert found.name == f"Показание {saved.number}.jpg"
        for nobody in (make_operator(provider_id + 1), flat.owner, Viewer()):
            with pytest.raises(Forbidden):
                photos.photo_of_reading(session, nobody, number=saved.number)
        with pytest.raises(Forbidden):
            photos.photo_of_reading(session, SYSTEM, number="48-0000")


def test_export_says_only_that_there_is_a_photo(flat: Flat) -> None:
    send(flat, "107", uploaded(flat))
    with unit_of_work() as session:
        second = make_meter(session, flat.account)
        submit(session, flat.owner, form=make_form(flat.owner_link, (second, "5")))
        lines = export_readings(session, SYSTEM, provider_code="water").lines
    assert lines[0].endswith(";фото")
    assert sorted(line.rpartition(";")[2] for line in lines[1:]) == ["", "да"]


def test_own_copy_holds_the_photos_that_were_sent(flat: Flat) -> None:
    saved = send(flat, "107", uploaded(flat)).saved
    uploaded(flat)
    assert saved is not None
    with reading() as session:
        (file,) = own_data.own_files(session, flat.owner)
        assert not list(own_data.own_files(session, flat.guest))
        (table,) = own_data.own_tables(session, flat.owner)
    assert file.name == f"показание-{saved.number}.jpg"
    assert file.content.startswith(b"\xff\xd8")
    (row,) = table.rows
    assert dict(zip(table.columns, row, strict=True))["has_photo"] is True


def test_own_copy_bears_a_file_that_has_vanished(flat: Flat) -> None:
    send(flat, "107", uploaded(flat))
    PHOTOS.forget(rows()[0].stored_name)
    with reading() as session:
        assert not list(own_data.own_files(session, flat.owner))
    assert not seen(flat.owner, rows()[0].public_id)


def test_discarding_forgets_only_ones_own_waiting_photo(flat: Flat) -> None:
    sent, waiting = uploaded(flat), uploaded(flat)
    send(flat, "107", sent)
    with unit_of_work() as session:
        photos.discard(session, flat.guest, public_id=waiting)
        photos.discard(session, flat.owner, public_id=sent)
    assert len(rows()) == 2
    with unit_of_work() as session:
        photos.discard(session, flat.owner, public_id=waiting)
    assert [row.public_id for row in rows()] == [sent]


def test_forgotten_photos_leave_the_disk_and_sent_ones_stay(flat: Flat, held: HeldClock) -> None:
    sent = uploaded(flat)
    send(flat, "107", sent)
    uploaded(flat)
    held.pass_(hours=25)
    fresh = uploaded(flat)
    folder = PHOTOS.path_of("x").parent
    for file in folder.iterdir():
        long_ago = file.stat().st_mtime - timedelta(hours=2).total_seconds()
        os.utime(file, (long_ago, long_ago))
    with unit_of_work() as session:
        photos.purge(session)
    assert {row.public_id for row in rows()} == {sent, fresh}
    assert {file.name for file in folder.iterdir()} == {row.stored_name for row in rows()}


def test_erased_person_leaves_no_photo(flat: Flat) -> None:
    send(flat, "107", uploaded(flat))
    uploaded(flat)
    with unit_of_work() as session:
        own_data.erase(session, SYSTEM, subscriber_id=flat.owner.require_subscriber())
    assert rows() == []
    with reading() as session:
        assert session.exec(select(Reading).where(Reading.number != None)).one().subscriber_id is None  # noqa: E711


def test_photos_that_wait_are_counted_and_sixty_a_day_are_enough(flat: Flat) -> None:
    for _ in range(20):
        uploaded(flat)
    with pytest.raises(PhotosFull):
        uploaded(flat)
    uploaded(flat, flat.guest)
    with unit_of_work() as session:
        for _ in range(59):
            take(session, [UPLOADS], {Scope.SUBJECT: str(flat.guest.subscriber_id)})
    with pytest.raises(PhotosFull):
        uploaded(flat, flat.guest)


def test_form_names_a_photo_for_each_meter_and_nothing_else(flat: Flat) -> None:
    meter_id, photo_id = flat.meter.public_id, "A" * 22
    fields = {
        f"photo-{meter_id}": photo_id,
        "photo-0123456789abcdef": "../../secret",
        "photo-": photo_id,
        meter_id: photo_id,
        "photo-x": photo_id,
        "photo-fedcba9876543210": 7,
    }
    assert read_form(fields, link_id="x").photos == {meter_id: photo_id}
    assert read_form(None, link_id="x").photos == {}
