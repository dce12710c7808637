"""`lkk provider requisites`: the bank of a provider, for its bills and their payment codes."""

from typing import Annotated

import typer

from lkk_reflex import runtime
from lkk_reflex.accounts.models import CodeEncoding
from lkk_reflex.accounts.provider_requisites import Requisites, set_requisites
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.settings import get_settings


def requisites(
    provider: Annotated[str, typer.Option(help="Код поставщика, см. lkk provider list.")],
    payee: Annotated[str, typer.Option(help="Название получателя, как его знает банк.")],
    bank_name: Annotated[str, typer.Option(help="Банк получателя.")],
    bic: Annotated[str, typer.Option(help="БИК банка, 9 цифр.")],
    bank_account: Annotated[str, typer.Option(help="Расчётный счёт, 20 знаков.")],
    correspondent_account: Annotated[str, typer.Option(help="Корреспондентский счёт банка.")] = "",
    kpp: Annotated[str, typer.Option(help="КПП получателя.")] = "",
    code_encoding: Annotated[
        CodeEncoding, typer.Option(help="Кодировка QR-кода: windows-1251 крупнее и читается легче, но не всеми.")
    ] = CodeEncoding.UTF_8,
) -> None:
    """Задать реквизиты для квитанций и QR-кода на них."""
    new = Requisites(
        payee_name=payee.strip(),
        bank_name=bank_name.strip(),
        bic=bic,
        bank_account=bank_account,
        correspondent_account=correspondent_account,
        kpp=kpp,
        code_encoding=code_encoding,
    )
    with runtime.open_runtime(get_settings()), unit_of_work() as session:
        set_requisites(session, Viewer.system(), provider_code=provider, new=new)
    typer.echo("Реквизиты сохранены: они появятся на квитанциях вместе с QR-кодом для оплаты.")
