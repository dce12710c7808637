"""SMS through sms.ru (https://sms.ru/api/send)."""

from typing import Any, Final

import httpx

from lkk_reflex.notifications.sender import Delivery, Outgoing

_URL: Final = "https://sms.ru/sms/send"
_TIMEOUT: Final = httpx.Timeout(15, connect=5)
_ACCEPTED: Final = 100
#: The gateway is unavailable, our balance or daily limit is used up, the same text was sent within a minute.
_RETRYABLE: Final = frozenset({201, 206, 220, 231, 300, 301})


class SmsRuSender:
    """Sends one message to one number a request."""

    def __init__(self, api_id: str, sender_name: str = "", transport: httpx.BaseTransport | None = None) -> None:
        """Send with this key; `transport` replaces the network in tests."""
        self._api_id = api_id
        self._sender_name = sender_name
        self._transport = transport

    def send(self, message: Outgoing) -> Delivery:
        """Send, and read the status of the number: the status of the whole answer is OK even if it failed."""
        number = message.to.removeprefix("+")
        form = {"api_id": self._api_id, "to": number, "msg": message.body, "json": "1"}
        if self._sender_name:
            form["from"] = self._sender_name
        try:
            with httpx.Client(timeout=_TIMEOUT, transport=self._transport) as client:
                answer = client.post(_URL, data=form)
            answer.raise_for_status()
            return _read(answer.json(), number)
        except httpx.HTTPStatusError as refusal:
            return Delivery(ok=False, error=f"sms_ru_http_{refusal.response.status_code}")
        except httpx.HTTPError as fault:
            return Delivery(ok=False, error=f"sms_ru_{type(fault).__name__}")
        except (ValueError, TypeError, AttributeError):
            return Delivery(ok=False, error="sms_ru_unreadable")


def _read(answer: dict[str, Any], number: str) -> Delivery:
    status = answer.get("sms", {}).get(number, answer)
    code = int(status["status_code"]) if "status_code" in status else -1
    if status is not answer and status.get("status") == "OK" and code == _ACCEPTED:
        return Delivery(ok=True, provider_id=str(status.get("sms_id", "")))
    return Delivery(ok=False, error=f"sms_ru_{code}", retryable=code in _RETRYABLE)
