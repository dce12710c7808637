"""`lkk shop`: the YooKassa shops of the providers; the key is asked for, so that no shell history keeps it."""

from typing import Annotated

import typer

from lkk_reflex import runtime
from lkk_reflex.accounts.errors import ProviderUnknown
from lkk_reflex.accounts.models import ServiceProvider
from lkk_reflex.accounts.providers import providers_of_staff
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.payments import shops
from lkk_reflex.payments.models import ReceiptsMode
from lkk_reflex.settings import get_settings

_SYSTEM = Viewer.system()
_WITHOUT_VAT = 1

app = typer.Typer(help="Магазины ЮKassa.", no_args_is_help=True)


@app.command("list")
def list_shops() -> None:
    """Показать магазины и адреса для уведомлений."""
    with runtime.open_runtime(get_settings()), reading() as session:
        names = {provider.id: provider.name for provider in providers_of_staff(session, _SYSTEM)}
        found = shops.list_shops(session, _SYSTEM)
    for shop in found:
        state = shop.stopped_reason or ("работает" if shop.is_enabled else "заменён другим")
        typer.echo(f"{shop.gateway_id}\t{names[shop.provider_id]}\t{state}\n  уведомления: {shop.notification_url}")
    if not found:
        typer.echo("Магазинов пока нет. Добавить: lkk shop add --help")


@app.command("add")
def add_shop(
    provider: Annotated[str, typer.Option(help="Код поставщика, см. lkk provider list.")],
    shop_id: Annotated[str, typer.Option(help="Номер магазина (shopId) из кабинета ЮKassa.")],
    secret: Annotated[
        str,
        typer.Option(prompt="Секретный ключ", hide_input=True, help="Спросим, если не указан; хранится шифрованным."),
    ],
    receipts: Annotated[ReceiptsMode, typer.Option(help="Кто пробивает чеки: off — не портал.")] = ReceiptsMode.OFF,
    vat_code: Annotated[int, typer.Option(help="Код ставки НДС для долга, 1–12 по справочнику ЮKassa.")] = _WITHOUT_VAT,
    advance_vat_code: Annotated[int, typer.Option(help="Код ставки НДС для аванса.")] = _WITHOUT_VAT,
    tax_system: Annotated[int | None, typer.Option(help="Код системы налогообложения, 1–6.")] = None,
    utilities: Annotated[
        bool, typer.Option("--utilities", help="Магазин принимает платежи за ЖКУ: нужны реквизиты получателя.")
    ] = False,
    kpp: Annotated[str, typer.Option(help="КПП получателя.")] = "",
    bank_name: Annotated[str, typer.Option(help="Банк получателя.")] = "",
    bic: Annotated[str, typer.Option(help="БИК банка.")] = "",
    bank_account: Annotated[str, typer.Option(help="Расчётный счёт.")] = "",
    correspondent_account: Annotated[str, typer.Option(help="Корреспондентский счёт.")] = "",
) -> None:
    """Подключить магазин ЮKassa к поставщику."""
    terms = shops.Terms(
        valid_from=clock.now().date(),
        debt_vat_code=vat_code,
        advance_vat_code=advance_vat_code,
        tax_system_code=tax_system,
    )
    with runtime.open_runtime(get_settings()), unit_of_work() as session:
        found = _provider(providers_of_staff(session, _SYSTEM), provider)
        recipient = shops.Recipient(found.name, found.inn, kpp, bank_name, bic, bank_account, correspondent_account)
        new = shops.NewShop(
            provider_id=found.id or 0,
            gateway_id=shop_id,
            secret=secret.strip(),
            recipient=recipient if utilities else None,
            receipts_mode=receipts,
            terms=() if receipts is ReceiptsMode.OFF else (terms,),
        )
        added = shops.add_shop(session, _SYSTEM, new)
    typer.echo(
        f"Магазин {added.gateway_id} подключён: {found.name}.\n"
        "Впишите этот адрес в кабинете ЮKassa, «Интеграция — HTTP-уведомления»:\n"
        f"  {added.notification_url}"
    )


@app.command("resume")
def resume_shop(
    shop_id: Annotated[str, typer.Option(help="Номер магазина (shopId).")],
    secret: Annotated[
        str, typer.Option(prompt="Новый секретный ключ (Enter — прежний)", hide_input=True, prompt_required=True)
    ] = "",
) -> None:
    """Снова открыть магазин, который портал остановил, потому что ЮKassa отвергла ключ."""
    with runtime.open_runtime(get_settings()), unit_of_work() as session:
        shops.resume_shop(session, _SYSTEM, shop_id, secret=secret.strip() or None)
    typer.echo(f"Магазин {shop_id} снова работает.")


def _provider(known: list[ServiceProvider], code: str) -> ServiceProvider:
    found = next((provider for provider in known if provider.code == code), None)
    if found is None:
        raise ProviderUnknown(provider_code=code)
    return found
