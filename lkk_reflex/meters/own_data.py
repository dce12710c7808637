"""What the portal holds of a person's readings: for the person's own copy, and to be made nobody's."""

from collections.abc import Collection, Iterator, Mapping

from sqlmodel import Session

from lkk_reflex.attachments.names import ENDINGS
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.own_table import Cell, OwnFile, OwnTable
from lkk_reflex.meters import own_data_repository as repository
from lkk_reflex.meters import photo_repository
from lkk_reflex.meters.access import masked_serial
from lkk_reflex.meters.dial import RESOURCE_NAMES, from_milli
from lkk_reflex.meters.photos import PHOTOS


def own_tables(session: Session, viewer: Viewer) -> list[OwnTable]:
    """Return the readings that the viewer has sent, corrected ones too; those of others for the account are theirs.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    found = repository.readings_sent_by(session, viewer.require_subscriber())
    with_photo = photo_repository.photos_of(session, {reading.id or 0 for reading, *_ in found})
    return [
        OwnTable(
            "readings",
            "Показания",
            {
                "number": "Номер",
                "provider": "Поставщик",
                "account": "Лицевой счёт",
                "resource": "Услуга",
                "meter": "Счётчик",
                "scale": "Шкала",
                "value": "Показание",
                "period": "Месяц",
                "taken_on": "Снято",
                "submitted_at": "Передано",
                "version": "Редакция",
                "has_photo": "Фото",
                "exported_at": "Выгружено поставщику",
                "counted_at": "Учтено",
            },
            [_row(row, with_photo) for row in found],
        )
    ]


def own_files(session: Session, viewer: Viewer) -> Iterator[OwnFile]:
    """Yield the photos that the viewer has sent with readings.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    for photo, reading in photo_repository.sent_by(session, viewer.require_subscriber()):
        try:
            content = PHOTOS.read(photo.stored_name)
        except FileNotFoundError:
            continue
        yield OwnFile(f"показание-{reading.number}.{ENDINGS[photo.kind]}", content)


def erase(session: Session, viewer: Viewer, *, subscriber_id: int) -> Mapping[str, int]:
    """Part the readings of a subscriber from the person; they stay with the account, whose bills rest on them.

    The photos are deleted; their files leave the disk with the next purge.

    Raises:
        Forbidden: the viewer is not the system.
    """
    viewer.require_system()
    return {
        "Фото счётчиков": photo_repository.forget_all_of(session, subscriber_id),
        "Показания, которые больше не связаны с человеком": repository.part_readings_from(session, subscriber_id),
    }


def _row(row: repository.Row, with_photo: Collection[int]) -> tuple[Cell, ...]:
    reading, value, meter, account, provider = row
    return (
        reading.number,
        provider.name,
        account.number_shown,
        RESOURCE_NAMES[meter.resource],
        # In full it would prove that the account is one's own.
        masked_serial(meter.serial),
        value.scale,
        from_milli(value.value_milli),
        BillingPeriod.from_key(reading.period).label,
        reading.taken_on,
        reading.submitted_at,
        reading.version,
        reading.id in with_photo,
        reading.exported_at,
        reading.counted_at,
    )
