"""Refusals of the bank's API in the form of YooKassa's error object."""

from typing import Any


class ApiRefusal(Exception):
    """A request that was not performed: an HTTP status and the fields of the error object."""

    def __init__(self, status: int, code: str, description: str, parameter: str | None = None) -> None:
        super().__init__(f"{status} {code}: {description}")
        self.status, self.code, self.description, self.parameter = status, code, description, parameter

    def body(self, error_id: str) -> dict[str, Any]:
        """Return the error object; `id` is what a merchant would quote to the support service."""
        answer = {"type": "error", "id": error_id, "code": self.code, "description": self.description}
        return answer | ({"parameter": self.parameter} if self.parameter else {})


def invalid(parameter: str, description: str) -> ApiRefusal:
    """Return the refusal of a request that breaks a rule of the API (HTTP 400)."""
    return ApiRefusal(400, "invalid_request", description, parameter)


def not_found(what: str) -> ApiRefusal:
    """Return the refusal for an object that does not exist or belongs to another shop (HTTP 404)."""
    return ApiRefusal(404, "not_found", f"{what} doesn't exist or access denied")
