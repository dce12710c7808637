"""Loading tariffs, by which the cost of a reading is estimated."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from sqlmodel import Session

from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.meters import loading_repository as repository
from lkk_reflex.meters.meter_file import RESOURCES
from lkk_reflex.meters.models import Tariff
from lkk_reflex.meters.provider_file import FileReport, LineRejected, day_of, folded, lines_of, provider_of_staff

_COLUMNS = {
    "УСЛУГА": "resource",
    "ШКАЛА": "scale",
    "СТРОКА КВИТАНЦИИ": "service",
    "ДЕЙСТВУЕТ С": "valid_from",
    "ТАРИФ": "price",
}
_NEEDED = ("resource", "valid_from", "price")
_PRICE = re.compile(r"[0-9]{1,6}(?:[.,][0-9]{1,6})?")
_SCALES = {"": 0, "0": 0, "1": 1, "2": 2, "3": 3, "Т1": 1, "Т2": 2, "Т3": 3}
_SERVICE_LIMIT = 120


def load_tariffs(session: Session, viewer: Viewer, *, file: Path, provider_code: str) -> FileReport:
    """Load dated tariffs; the same service, scale and day are replaced.

    Raises:
        Forbidden: the viewer does not work for this provider.
        ProviderUnknown: there is no such provider.
        RegisterUnreadable: the file as a whole is no table of tariffs.
        FileRefused: there are bad lines; the report is in its parameters.
    """
    provider_id = provider_of_staff(session, viewer, provider_code).id or 0
    report = FileReport()
    known = {_key(row): row for row in repository.tariffs_of(session, provider_id)}
    for told in _parsed(file, provider_id, report):
        present = known.setdefault(_key(told), told)
        present.price = told.price
    report.refuse_if_bad(skips_bad=False)
    repository.add(session, known.values())
    report.notes.append(f"Тарифов у поставщика: {len(known)}.")
    return report


def _parsed(file: Path, provider_id: int, report: FileReport) -> Iterator[Tariff]:
    for line, cells in lines_of(file, _COLUMNS, _NEEDED):
        report.read += 1
        try:
            yield _tariff(provider_id, cells)
        except LineRejected as rejection:
            report.reject(line, str(rejection))


def _tariff(provider_id: int, cells: Mapping[str, str]) -> Tariff:
    resource = RESOURCES.get(folded(cells["resource"]))
    if resource is None:
        raise LineRejected(f"услуга «{cells['resource'][:40]}» неизвестна")
    scale = _SCALES.get(folded(cells["scale"]))
    if scale is None:
        raise LineRejected(f"шкала «{cells['scale'][:10]}»: нужна 1, 2, 3 или пусто")
    service = cells["service"] or cells["resource"]
    if len(service) > _SERVICE_LIMIT:
        raise LineRejected(f"строка квитанции длиннее {_SERVICE_LIMIT} знаков")
    if not _PRICE.fullmatch(cells["price"]):
        raise LineRejected(f"тариф «{cells['price'][:20]}» не читается")
    return Tariff(
        provider_id=provider_id,
        resource=resource,
        scale=scale,
        service=service,
        valid_from=day_of(cells["valid_from"], "действует с"),
        price=cells["price"].replace(",", "."),
    )


def _key(row: Tariff) -> tuple[str, int, str, date]:
    return row.resource, row.scale, row.service, row.valid_from
