"""A process of the portal that is killed in the middle of its work.

`victim.py pay FORM…` pays the forms one after the other, `victim.py ask PAYMENT` asks the gateway about one,
`victim.py hook TOKEN BODY` takes one notification.
The database, the bank and the place to be killed come from the environment.
"""

import asyncio
import json
import os
import sys

import httpx
from starlette.applications import Starlette

from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit import crypto, db
from lkk_reflex.kit.crypto import Keyring
from lkk_reflex.payments import checkout
from lkk_reflex.payments.checkout import AmountChoice, PayForm
from lkk_reflex.payments.routes import routes
from lkk_reflex.payments.watch import Asker, advance
from lkk_reflex.settings import get_settings


def pay(forms: list[str]) -> None:
    """Pay each form; say so when the payment is written down and sent."""
    for text in forms:
        given = json.loads(text)
        viewer = Viewer(Role.SUBSCRIBER, subscriber_id=given["subscriber_id"])
        form = PayForm(given["intent_id"], given["link_id"], AmountChoice.OWN, amount_text=given["amount"])
        payment_id = checkout.pay(viewer, form)
        sys.stdout.write(f"{payment_id}\n")
        sys.stdout.flush()


async def hook(token: str, body: str) -> None:
    """Take a notification as the portal's route does."""
    transport = httpx.ASGITransport(Starlette(routes=routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://portal") as client:
        answer = await client.post(f"/hooks/yookassa/{token}", content=body)
        sys.stdout.write(f"{answer.status_code}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    settings = get_settings()
    crypto.bind(Keyring((settings.secret_key,)))
    db.bind(db.make_engine(settings.database_url))
    task, *arguments = sys.argv[1:]
    if task == "pay":
        pay(arguments)
    elif task == "ask":
        advance(arguments[0], Asker.NOTIFICATION)
    else:
        asyncio.run(hook(*arguments))
    os._exit(0)
