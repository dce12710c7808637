"""SMS through smsc.ru (https://smsc.ru/api/http/)."""

from typing import Any, Final

import httpx

from lkk_reflex.notifications.sender import Delivery, Outgoing

#: The second host answers when the first does not.
_URLS: Final = ("https://smsc.ru/sys/send.php", "https://www2.smsc.ru/sys/send.php")
_TIMEOUT: Final = httpx.Timeout(15, connect=5)
#: Wrong login or password, no money, our address blocked, too many requests a minute: it may pass.
_RETRYABLE: Final = frozenset({2, 3, 4, 9})


class SmscSender:
    """Sends one message to one number a request."""

    def __init__(
        self, login: str, password: str, sender_name: str = "", transport: httpx.BaseTransport | None = None
    ) -> None:
        """Send with this account; `transport` replaces the network in tests."""
        self._login = login
        self._password = password
        self._sender_name = sender_name
        self._transport = transport

    def send(self, message: Outgoing) -> Delivery:
        """Send; the second host is asked only when the first cannot be reached, so nothing goes out twice."""
        form = {
            "login": self._login,
            "psw": self._password,
            "phones": message.to,
            "mes": message.body,
            "fmt": "3",
            "charset": "utf-8",
        }
        if self._sender_name:
            form["sender"] = self._sender_name
        try:
            return _read(self._post(form).json())
        except httpx.HTTPStatusError as refusal:
            return Delivery(ok=False, error=f"smsc_http_{refusal.response.status_code}")
        except httpx.HTTPError as fault:
            return Delivery(ok=False, error=f"smsc_{type(fault).__name__}")
        except (ValueError, TypeError, AttributeError):
            return Delivery(ok=False, error="smsc_unreadable")

    def _post(self, form: dict[str, str]) -> httpx.Response:
        first, reserve = _URLS
        with httpx.Client(timeout=_TIMEOUT, transport=self._transport) as client:
            try:
                answer = client.post(first, data=form)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                answer = client.post(reserve, data=form)
        return answer.raise_for_status()


def _read(answer: dict[str, Any]) -> Delivery:
    if "error_code" in answer:
        code = int(answer["error_code"])
        return Delivery(ok=False, error=f"smsc_{code}", retryable=code in _RETRYABLE)
    return Delivery(ok=True, provider_id=str(answer["id"])) if "id" in answer else _unreadable()


def _unreadable() -> Delivery:
    return Delivery(ok=False, error="smsc_unreadable")
