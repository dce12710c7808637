"""Begins payments of the town's first people at the gateway of the settings; prints the address and the ids.

Run as a program in the environment of the portal: `payments_process SHOP SECRET AMOUNT`.
"""

import json
import sys
from datetime import timedelta

from sqlalchemy import update

from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.payments import checkout, repository, shops
from lkk_reflex.payments.checkout import AmountChoice, PayForm
from lkk_reflex.payments.models import Payment
from lkk_reflex.payments.shops import NewShop
from lkk_reflex.runtime import open_runtime
from lkk_reflex.settings import get_settings
from tests.bench.population import people


def main() -> None:
    gateway_id, secret, amount = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with open_runtime(get_settings()):
        with unit_of_work() as session:
            shops.add_shop(session, Viewer.system(), NewShop(1, gateway_id, secret))
        begun = [_begin(person.number, person.link) for person in people(amount)]
        with unit_of_work() as session:
            # Only notifications shall move them.
            session.exec(update(Payment).values(next_check_at=clock.now() + timedelta(hours=1)))
            shop = repository.shop_by_gateway_id(session, gateway_id)
        print(json.dumps({"token": shop.webhook_token if shop else "", "payments": begun}))


def _begin(subscriber_id: int, link: str) -> str:
    viewer = Viewer(role=Role.SUBSCRIBER, subscriber_id=subscriber_id)
    payment_id = checkout.pay(
        viewer, PayForm(checkout.new_intent(), link, AmountChoice.OWN, amount_text="100", receipt_contact="")
    )
    with reading() as session:
        payment = session.get_one(Payment, payment_id)
    if payment.provider_id is None:
        raise RuntimeError(f"the bank did not take payment {payment_id}: {payment.last_error}")
    return payment.provider_id


if __name__ == "__main__":
    main()
