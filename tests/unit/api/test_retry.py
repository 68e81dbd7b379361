"""When a request is tried again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luml.api._runtime.exchange import HttpFailure, HttpResponse, Reason
from luml.api.operations.request import Repeat
from luml.api.retry import RetryPolicy, is_transient, needs_key, retry_after

POLICY = RetryPolicy(max_retries=2)
NOW = datetime(2025, 1, 1, tzinfo=UTC)


def answer(status: int, **headers: str) -> HttpResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(status, named, b"")


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 599])
def test_passing_statuses(status: int) -> None:
    assert is_transient(status)
    assert POLICY.after(1, answer(status)) is not None
    assert POLICY.after(2, answer(status)) is not None
    assert POLICY.after(3, answer(status)) is None


@pytest.mark.parametrize("status", [200, 301, 400, 401, 403, 404, 409, 422, 501])
def test_lasting_statuses(status: int) -> None:
    assert not is_transient(status)
    assert POLICY.after(1, answer(status)) is None


@pytest.mark.parametrize("reason", list(Reason))
def test_failures(reason: Reason) -> None:
    passing = reason in {Reason.CUT, Reason.TIMEOUT}
    failure = HttpFailure(reason, "x", sent=True)
    assert (POLICY.after(1, failure) is not None) == passing
    assert POLICY.after(3, failure) is None


@given(st.integers(1, 60), st.floats(0, 1, exclude_max=True))
def test_delays_are_bounded_and_jittered(attempt: int, roll: float) -> None:
    delay = POLICY.delay(attempt, lambda: roll)
    bound = min(POLICY.max_delay, POLICY.first_delay * 2 ** (attempt - 1))
    assert 0 <= delay <= bound
    assert delay == bound * roll


def test_retry_after_is_obeyed_up_to_a_minute() -> None:
    assert POLICY.after(1, answer(429, retry_after="7")) == 7
    assert POLICY.after(1, answer(503, retry_after="61")) is None
    assert POLICY.after(1, answer(503, retry_after="soon"), lambda: 1.0) == POLICY.first_delay


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("²", None),
        ("0", 0.0),
        (" 12 ", 12.0),
        ("Wed, 01 Jan 2025 00:00:30 GMT", 30.0),
        ("Wed, 01 Jan 2025 00:00:30 -0000", 30.0),
        ("Tue, 31 Dec 2024 00:00:00 GMT", 0.0),
    ],
)
def test_reading_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def test_creating_again_needs_a_key_unless_nothing_was_done() -> None:
    assert needs_key(Repeat.KEYED, HttpFailure(Reason.CUT, "x", sent=True))
    assert needs_key(Repeat.KEYED, answer(503))
    assert not needs_key(Repeat.KEYED, answer(429))
    assert not needs_key(Repeat.KEYED, HttpFailure(Reason.TIMEOUT, "x", sent=False))
    assert not needs_key(Repeat.FREELY, answer(503))
