"""What the address bar of the browser says, known before the server has answered."""

import reflex as rx
from reflex.vars import VarData
from reflex_base.utils.imports import ImportVar


def address_part(name: str) -> rx.Var[str]:
    """Return the part of the page's address that its route calls `[name]`.

    The state still speaks of the former page while a new one is being read; what is shown of it is compared with
    this first. `rx.cond(AccountState.asked_id == address_part("id"), account(), skeleton("title"))`
    """
    hook = VarData(imports={"react-router": [ImportVar(tag="useParams")]}, hooks={"const address = useParams();": None})
    return rx.Var(f'(address["{name}"] ?? "")', _var_type=str, _var_data=hook)
