"""From an answer, or none, to the error that a caller sees: what happened, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from pydantic_core import from_json

from luml.api._runtime.exchange import HttpFailure, HttpResponse, Reason
from luml.errors import (
    APIConnectionError,
    APIStatusError,
    status_error_type,
    without_query,
)

MAX_DETAIL = 2_000
"""Characters of a server's text that a message shows."""

ADVICE = {
    401: "Check the API key: the api_key argument, LUML_API_KEY, or run `luml login`.",
    403: "The key may not do this or may not see the organization; ask an admin for another role.",
    404: "Check the ids, and that organization, orbit and collection belong together.",
    408: "Try again.",
    409: "Look at the state of the resource, then try again.",
    413: "Send less.",
    422: "Correct the values that are named.",
    429: "Wait a while, then try again.",
    501: "Use another registry for this.",
}
SERVER_ADVICE = "The registry failed; try again later, and tell its operator the request id."

CONNECTION_ADVICE = {
    Reason.REFUSED: "Nothing listens there. Start a registry with `luml up`, or set base_url "
    "or LUML_BASE_URL to one that runs.",
    Reason.UNKNOWN_HOST: "Check base_url or LUML_BASE_URL, and the network.",
    Reason.TLS: "Check that base_url starts with the right one of http:// and https://; for "
    "a private certificate authority set SSL_CERT_FILE or TransferOptions(verify=...).",
    Reason.TIMEOUT: "Try again, or allow more with timeout=.",
    Reason.CUT: "Try again.",
    Reason.PROXY: "Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY.",
    Reason.UNREACHABLE: "Check base_url or LUML_BASE_URL, and the network.",
    Reason.INVALID: "Check base_url or LUML_BASE_URL.",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which request it was."""

    method: str
    url: str

    def __str__(self) -> str:
        return f"{self.method} {without_query(self.url)}"


def connection_error(asked: Asked, failure: HttpFailure) -> APIConnectionError:
    """Return the error for a request that got no answer."""
    advice = CONNECTION_ADVICE[failure.reason]
    message = f"{asked} got no answer: {failure.reason.value} ({failure.detail}). {advice}"
    return APIConnectionError(message, method=asked.method, url=asked.url)


def status_error(asked: Asked, response: HttpResponse) -> APIStatusError:
    """Return the error for an answer of 300 and above."""
    body = _decoded(response)
    if body is None or "detail" not in body:
        return foreign_error(asked, response)
    code, request_id = _text(body.get("code")), _request_id(body, response)
    named = " ".join(part for part in (str(response.status), code) if part)
    traced = f", request {request_id}" if request_id else ""
    advice = ADVICE.get(response.status) or (SERVER_ADVICE if response.status >= 500 else "")
    message = f"{asked}: {_detail(body['detail'])} ({named}{traced}). {advice}".rstrip()
    return status_error_type(response.status)(
        message,
        method=asked.method,
        url=asked.url,
        status_code=response.status,
        code=code,
        body=body,
        request_id=request_id,
    )


def foreign_error(asked: Asked, response: HttpResponse) -> APIStatusError:
    """Return the error for an answer that no luml registry gives."""
    location = response.headers.get("location")
    if 300 <= response.status < 400 and location:
        what = f"it redirects to {without_query(location)}, which is not followed"
    elif response.status >= 500:
        what = "a proxy or another server answered in the place of the registry, or it is down"
    else:
        kind = response.headers.get("content-type", "an unnamed type").partition(";")[0]
        what = f"it answered {kind} that is not of the API"
    kind_of = status_error_type(response.status) if response.status >= 400 else APIStatusError
    return kind_of(
        f"{asked} did not reach a luml registry: {what} ({response.status}). "
        "Check base_url or LUML_BASE_URL.",
        method=asked.method,
        url=asked.url,
        status_code=response.status,
        body=response.body[:MAX_DETAIL].decode("utf-8", "replace"),
        request_id=response.headers.get("x-request-id"),
    )


def says_missing(error: APIStatusError, noun: str) -> bool:
    """Say whether the registry itself answered that the ``noun`` does not exist.

    A 404 of another level, of an unknown route, or of another server says nothing of it.
    """
    if error.status_code != 404:
        return False
    known = {f"{noun}_not_found", f"{noun} not found"}
    return error.code in known or _body_detail(error.body).lower() in known


def _body_detail(body: object) -> str:
    return str(cast("dict[str, Any]", body).get("detail")) if isinstance(body, dict) else ""


def _decoded(response: HttpResponse) -> dict[str, Any] | None:
    if "json" not in response.headers.get("content-type", "json"):
        return None
    try:
        body = from_json(response.body)
    except ValueError:
        return None
    return cast("dict[str, Any]", body) if isinstance(body, dict) else None


def _detail(detail: object) -> str:
    if isinstance(detail, list):
        text = "; ".join(_violation(item) for item in cast("list[object]", detail))
    else:
        text = str(detail)
    return text if len(text) <= MAX_DETAIL else f"{text[:MAX_DETAIL]}…"


def _violation(item: object) -> str:
    """Name one value that a 422 complains of. Its input is left out: it may be a secret."""
    if not isinstance(item, dict):
        return str(item)
    violation = cast("dict[str, Any]", item)
    place = ".".join(str(step) for step in violation.get("loc", ()))
    return f"{place}: {violation.get('msg')}" if place else str(violation.get("msg"))


def _request_id(body: dict[str, Any], response: HttpResponse) -> str | None:
    return _text(body.get("request_id")) or response.headers.get("x-request-id")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
