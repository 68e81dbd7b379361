"""From answers and failures to the errors that callers see."""

from __future__ import annotations

import json
import socket
import ssl

import httpx2
import pytest

from luml.api._runtime.exchange import HttpFailure, HttpResponse, Reason, failure_of
from luml.api.failures import Asked, connection_error, says_missing, status_error
from luml.errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    UnprocessableEntityError,
)

ASKED = Asked("GET", "http://user:word@host/v1/x?signature=secret")


def problem(status: int, detail: object, **more: object) -> HttpResponse:
    body = json.dumps({"detail": detail, **more}).encode()
    return HttpResponse(status, {"content-type": "application/problem+json"}, body)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequestError),
        (401, AuthenticationError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (409, ConflictError),
        (418, APIStatusError),
        (422, UnprocessableEntityError),
        (429, RateLimitError),
        (500, InternalServerError),
        (503, InternalServerError),
    ],
)
def test_kinds(status: int, kind: type[APIStatusError]) -> None:
    error = status_error(ASKED, problem(status, "text", code="c", request_id="r"))
    assert type(error) is kind
    assert (error.status_code, error.code, error.request_id) == (status, "c", "r")
    assert (error.method, error.url) == ("GET", "http://host/v1/x")
    assert "secret" not in str(error)
    assert "word" not in str(error)
    assert str(error).startswith("GET http://host/v1/x: text (")


def test_validation_names_places_and_hides_input() -> None:
    entry = {"type": "t", "loc": ["body", "secret_key", 0], "msg": "too long", "input": "hidden"}
    error = status_error(ASKED, problem(422, [entry, {"msg": "odd"}, "text"]))
    assert "body.secret_key.0: too long; odd; text" in str(error)
    assert "hidden" not in str(error)


def test_long_details_are_cut() -> None:
    assert len(str(status_error(ASKED, problem(400, "x" * 100_000)))) < 3_000


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"null", b"[]", b'{"message": "x"}', b"\xff\xfe", b"[" * 100_000]
)
def test_answers_of_others(body: bytes) -> None:
    error = status_error(ASKED, HttpResponse(404, {}, body))
    assert isinstance(error, NotFoundError)
    assert "did not reach a luml registry" in str(error)
    assert not says_missing(error, "artifact")


def test_missing_is_said_by_code_or_by_the_public_text() -> None:
    by_text = status_error(ASKED, problem(404, "Artifact not found"))
    by_code = status_error(ASKED, problem(404, "Gone", code="artifact_not_found"))
    assert says_missing(by_text, "artifact")
    assert says_missing(by_code, "artifact")
    assert not says_missing(by_text, "collection")
    assert not says_missing(status_error(ASKED, problem(404, "Not Found")), "artifact")
    assert not says_missing(status_error(ASKED, problem(400, "Artifact not found")), "artifact")


def caused(error: Exception, *causes: BaseException) -> Exception:
    current: BaseException = error
    for cause in causes:
        current.__cause__ = cause
        current = cause
    return error


CERTIFICATE = ssl.SSLCertVerificationError("bad certificate")


@pytest.mark.parametrize(
    ("error", "reason", "sent"),
    [
        (
            caused(httpx2.ConnectError("x"), OSError("y"), ConnectionRefusedError()),
            "REFUSED",
            False,
        ),
        (caused(httpx2.ConnectError("x"), socket.gaierror(-2, "unknown")), "UNKNOWN_HOST", False),
        (caused(httpx2.ConnectError("x"), CERTIFICATE), "TLS", False),
        (httpx2.ConnectError("no route"), "UNREACHABLE", False),
        (httpx2.ConnectTimeout("x"), "TIMEOUT", False),
        (httpx2.PoolTimeout("x"), "TIMEOUT", False),
        (httpx2.ReadTimeout("x"), "TIMEOUT", True),
        (httpx2.WriteTimeout("x"), "TIMEOUT", True),
        (httpx2.RemoteProtocolError("disconnected"), "CUT", True),
        (httpx2.ReadError("x"), "CUT", True),
        (httpx2.ProxyError("407"), "PROXY", False),
        (httpx2.UnsupportedProtocol("x"), "INVALID", False),
        (httpx2.InvalidURL("x"), "INVALID", False),
        (
            caused(httpx2.ConnectError("x"), ExceptionGroup("all", [ConnectionRefusedError()])),
            "REFUSED",
            False,
        ),
    ],
)
def test_reasons(error: Exception, reason: str, sent: bool) -> None:
    failure = failure_of(error)
    assert failure.reason is Reason[reason]
    assert failure.sent is sent


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_comes_with_advice(reason: Reason) -> None:
    error = connection_error(ASKED, HttpFailure(reason, "detail", sent=False))
    assert reason.value in str(error)
    assert "secret" not in str(error)
    assert str(error).endswith(".")
