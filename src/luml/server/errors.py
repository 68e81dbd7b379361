"""What goes wrong, as the wire says it: a status, a stable code, a sentence (wire, section 1)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence, Sized
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

PROBLEM_TYPE = "application/problem+json"
SHOWN_INPUT = 500


class Problem(Exception):  # noqa: N818  # the name that RFC 9457 gives it
    """An answer that is an error.

    Attributes:
        status: The HTTP status.
        code: Stable, snake_case.
        detail: A sentence, or the list of a failed validation.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str | list[dict[str, Any]],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail if isinstance(detail, str) else code)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})


def not_authenticated() -> Problem:
    """401: no key, or one that is not known or has run out."""
    return Problem(401, "not_authenticated", "Not authenticated", {"WWW-Authenticate": "Bearer"})


def not_enough_rights() -> Problem:
    """403: the organization is unknown, or the caller may not do this in it."""
    return Problem(403, "not_enough_rights", "Not enough rights")


def not_found(kind: str) -> Problem:
    """404: a resource that the caller cannot see, whether it exists or not."""
    return Problem(404, f"{kind.lower().replace(' ', '_')}_not_found", f"{kind} not found")


def bad_request(code: str, detail: str) -> Problem:
    """400: the request contradicts itself or the resource."""
    return Problem(400, code, detail)


def conflict(code: str, detail: str) -> Problem:
    """409: the state of the resource does not allow it."""
    return Problem(409, code, detail)


def storage_failed() -> Problem:
    """502: the store of the orbit did not do what was asked; the log says what."""
    return Problem(502, "storage_error", "The store of this orbit did not answer as expected.")


def no_room(detail: str) -> Problem:
    """507: a disk is full; the same request fails again until there is room."""
    return Problem(507, "insufficient_storage", detail)


def busy() -> Problem:
    """503: the database has no room for this request now, or is not there for a moment."""
    return Problem(503, "busy", "The registry is busy; try again.", {"Retry-After": "1"})


def invalid(location: Sequence[str | int], message: str, value: object = None) -> Problem:
    """422: one value does not fit its rules."""
    entry = {"type": "value_error", "loc": list(location), "msg": message, "input": value}
    return validation_failed([entry])


def validation_failed(entries: Sequence[Mapping[str, Any]]) -> Problem:
    """422: the list of what does not fit, in the public form."""
    return Problem(422, "validation_error", [_wire_entry(entry) for entry in entries])


def _wire_entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {key: entry[key] for key in ("type", "msg") if key in entry}
    shown["loc"] = list(entry.get("loc", ()))
    shown["input"] = _shorten(entry.get("input"))
    context = entry.get("ctx")
    if context:
        shown["ctx"] = {key: _shorten(value) for key, value in context.items()}
    return shown


def _shorten(value: object) -> object:
    """Return ``value`` if it is small and plain, else the beginning of its text."""
    if value is None or isinstance(value, bool | int | float):
        text = repr(value)
        return (
            value
            if len(text) < SHOWN_INPUT and text not in ("nan", "inf", "-inf")
            else text[:SHOWN_INPUT]
        )
    if isinstance(value, str):
        return value[:SHOWN_INPUT].encode("utf-8", "replace").decode()
    if isinstance(value, Sized):
        return f"{type(value).__name__} of {len(value)}"
    return str(value)[:SHOWN_INPUT]


def problem_response(problem: Problem, request_id: str) -> Response:
    """Return a problem as ``application/problem+json``."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        "request_id": request_id,
    }
    content = json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    return Response(content, problem.status, problem.headers, PROBLEM_TYPE)
