"""The demo town of Среднереченск: four providers, three hundred accounts, 24 months of bills and readings, two outages.

It comes through the same doors as the data of a real company: providers and shops through their use cases, bills
from register files (`town_data/`, made by `town_maker`) through the import.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from sqlalchemy import MetaData
from sqlmodel import Session

from lkk_reflex.accounts.models import ServiceKind
from lkk_reflex.accounts.provider_requisites import Requisites, set_requisites
from lkk_reflex.accounts.providers import NewProvider, add_provider, providers_of_staff
from lkk_reflex.accounts.register.directives import local_moment
from lkk_reflex.accounts.register.importer import import_register
from lkk_reflex.accounts.register.opening import ImportOrder
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.meters.loading import load_meters
from lkk_reflex.meters.policies import set_policy
from lkk_reflex.meters.tariffs import load_tariffs
from lkk_reflex.payments.shops import NewShop, Recipient, add_shop
from lkk_reflex.sandbox import town_meters
from lkk_reflex.sandbox.town_maker import data_as_of, registers_of
from lkk_reflex.sandbox.town_outages import announce_outages

_ZONE = "Europe/Moscow"
#: One bank serves the whole town; the check digits are right, because bank apps look at them.
_KPP, _BANK_NAME, _BIC = "750101001", "Демо-банк", "044525225"
_BANK_ACCOUNT, _CORRESPONDENT_ACCOUNT = "40702810138000077504", "30101810400000000225"
#: The table in which Alembic remembers where the database stands.
_MIGRATIONS = "alembic_version"


@dataclass(frozen=True, slots=True)
class DemoShop:
    """A shop that both the portal and the demo bank know; `is_utilities` as in the merchant's cabinet."""

    provider_code: str
    gateway_id: str
    secret: str
    name: str
    is_utilities: bool = False


PROVIDERS = (
    NewProvider(
        code="gorvodokanal",
        name="МУП «Горводоканал»",
        kind=ServiceKind.WATER,
        inn="7501001110",
        phone="8 (4842) 55-01-01",
        email="abonent@gorvodokanal.example",
        address="г. Среднереченск, ул. Речная, д. 1",
        account_pattern=r"\d{10}",
        account_example="1010000000",
        account_hint="10 цифр, стоят в квитанции справа вверху, в строке «Лицевой счёт».",
    ),
    NewProvider(
        code="mezhraigaz",
        name="АО «Межрайгаз»",
        kind=ServiceKind.GAS,
        inn="7501002227",
        phone="8 (4842) 55-04-04",
        email="abonent@mezhraigaz.example",
        address="г. Среднереченск, ул. Заводская, д. 8",
        account_pattern=r"\d{12}",
        account_example="004512000000",
        account_hint="12 цифр, начинаются с нулей, стоят под адресом в строке «Л/с».",
    ),
    NewProvider(
        code="uyutny-dom",
        name="УК «Уютный дом»",
        kind=ServiceKind.HOUSING,
        inn="7501003333",
        phone="8 (4842) 55-07-07",
        email="dom@uyutny-dom.example",
        address="г. Среднереченск, ул. Мира, д. 3",
        account_pattern=r"\d{10}",
        account_example="20100-100-10",
        account_hint="10 цифр через чёрточки, стоят рядом с QR-кодом. Чёрточки можно не вводить.",
    ),
    NewProvider(
        code="teploset",
        name="АО «Теплосеть»",
        kind=ServiceKind.HEAT,
        inn="7501004440",
        phone="8 (4842) 55-09-09",
        email="abonent@teploset.example",
        address="г. Среднереченск, ул. Кирпичная, д. 20",
        account_pattern=r"\d{8}",
        account_example="77300000",
        account_hint="8 цифр, стоят слева вверху под фамилией.",
    ),
)

#: One account with an ordinary debt at each of three providers, for a visitor's first steps.
ACCOUNTS_TO_TRY = (
    ("МУП «Горводоканал»", "1010000000"),
    ("АО «Межрайгаз»", "004512000000"),
    ("УК «Уютный дом»", "20100-100-10"),
)

SHOPS = (
    DemoShop("gorvodokanal", "100501", "test_demo_gorvodokanal", "МУП «Горводоканал»"),
    DemoShop("mezhraigaz", "100502", "test_demo_mezhraigaz", "АО «Межрайгаз»"),
    DemoShop("uyutny-dom", "100503", "test_demo_uyutny_dom", "УК «Уютный дом»"),
    DemoShop("teploset", "100504", "test_demo_teploset", "АО «Теплосеть»", is_utilities=True),
)


def is_empty(session: Session) -> bool:
    """Tell whether nobody has put a provider into the portal yet."""
    return not providers_of_staff(session, Viewer.system())


def load_town(session: Session, *, rejects_dir: Path) -> int:
    """Put the town into an empty portal; return how many accounts it has.

    Raises:
        ProviderCodeTaken: when it is there already.
    """
    with registers_of(clock.today(_ZONE)) as (directory, first):
        accounts = sum(
            _load_provider(session, provider, directory / f"{provider.code}.csv", first, rejects_dir)
            for provider in PROVIDERS
        )
    found = providers_of_staff(session, Viewer.system())
    announce_outages(session, {provider.code: provider.id or 0 for provider in found}, _ZONE)
    return accounts


def _load_provider(
    session: Session, provider: NewProvider, register: Path, first: BillingPeriod, rejects_dir: Path
) -> int:
    """Put one provider with everything it has into the portal; return how many accounts that is."""
    system = Viewer.system()
    provider_id = add_provider(session, system, new=provider)
    set_requisites(session, system, provider_code=provider.code, new=_requisites(provider))
    shop = next(shop for shop in SHOPS if shop.provider_code == provider.code)
    add_shop(session, system, _new_shop(provider_id, provider, shop))
    order = ImportOrder(
        file=register, provider_code=provider.code, rejects_dir=rejects_dir, data_as_of=_data_as_of(first)
    )
    accounts = import_register(session, system, order=order).accounts_total
    _load_meters(session, system, provider.code, register)
    return accounts


def clear_portal(session: Session) -> None:
    """Delete every row of every table, so that the demo can begin anew."""
    connection = session.connection()
    # The database is asked, because this process may not have imported every model.
    tables = MetaData()
    tables.reflect(connection)
    for table in reversed(tables.sorted_tables):
        if table.name != _MIGRATIONS:
            connection.execute(table.delete())


def clear_outside_world(data_dir: Path) -> None:
    """Forget what the bank, messages and files have kept outside the database; the portal must not be running."""
    for kept in ("bank.sqlite3*", "outbox/*", "uploads/*", "reading-photos/*"):
        for file in data_dir.glob(kept):
            file.unlink()


def _load_meters(session: Session, system: Viewer, code: str, register: Path) -> None:
    """Put the meters and the tariffs that belong to a register into the portal."""
    today = clock.today(_ZONE)
    with TemporaryDirectory() as directory:
        meters, tariffs = Path(directory, "meters.csv"), Path(directory, "tariffs.csv")
        meters.write_text("\n".join(town_meters.meter_lines(code, register, today)), encoding="utf-8")
        tariffs.write_text("\n".join(town_meters.tariff_lines(code, register)), encoding="utf-8")
        if meters.stat().st_size:
            load_meters(session, system, file=meters, provider_code=code)
            load_tariffs(session, system, file=tariffs, provider_code=code)
    if policy := town_meters.POLICIES.get(code):
        set_policy(session, system, provider_code=code, resource=policy[0], change=policy[1])


def _data_as_of(first: BillingPeriod) -> datetime:
    """Return the moment of the town's data; never a later one than now, or new payments would not count."""
    told = local_moment(data_as_of(first)).replace(tzinfo=ZoneInfo(_ZONE))
    return min(told, clock.now())


def _requisites(provider: NewProvider) -> Requisites:
    return Requisites(
        payee_name=provider.name,
        kpp=_KPP,
        bank_name=_BANK_NAME,
        bic=_BIC,
        bank_account=_BANK_ACCOUNT,
        correspondent_account=_CORRESPONDENT_ACCOUNT,
    )


def _new_shop(provider_id: int, provider: NewProvider, shop: DemoShop) -> NewShop:
    recipient = Recipient(
        name=provider.name,
        inn=provider.inn,
        kpp=_KPP,
        bank_name=_BANK_NAME,
        bank_bic=_BIC,
        bank_account=_BANK_ACCOUNT,
        bank_correspondent_account=_CORRESPONDENT_ACCOUNT,
    )
    return NewShop(
        provider_id=provider_id,
        gateway_id=shop.gateway_id,
        secret=shop.secret,
        recipient=recipient if shop.is_utilities else None,
    )
