"""Whether a request is tried again, and when. Values in, a decision out; nothing waits here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from luml.api._runtime.exchange import HttpFailure, HttpResponse, Reason
from luml.api.operations.request import Repeat

LASTING = frozenset({501, 507})
"""The 5xx that are the same however often one asks: not implemented, no room on the disk."""

MAX_RETRIES = 3
FIRST_DELAY = 0.25
MAX_DELAY = 8.0
MAX_RETRY_AFTER = 60.0


def _roll() -> float:
    from random import random

    return random()


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often, and how long to wait.

    Attributes:
        max_retries: Tries after the first one; 0 for none.
        first_delay: Upper bound of the first wait, in seconds; it doubles each time.
        max_delay: Upper bound of any wait that the server did not ask for, in seconds.
        max_retry_after: The longest ``Retry-After`` that is waited for, in seconds.
    """

    max_retries: int = MAX_RETRIES
    first_delay: float = FIRST_DELAY
    max_delay: float = MAX_DELAY
    max_retry_after: float = MAX_RETRY_AFTER

    def delay(self, attempt: int, roll: Callable[[], float] = _roll) -> float:
        """Return the wait before try ``attempt`` + 1, from 1 on: exponential, with full jitter."""
        bound: float = min(self.max_delay, self.first_delay * 2 ** (attempt - 1))
        return bound * roll()

    def after(
        self,
        attempt: int,
        outcome: HttpResponse | HttpFailure,
        roll: Callable[[], float] = _roll,
    ) -> float | None:
        """Return the seconds to wait before the next try; None if this outcome stands."""
        if isinstance(outcome, HttpFailure):
            return self.after_failure(attempt, outcome, roll)
        return self.after_response(attempt, outcome, roll)

    def after_response(
        self, attempt: int, response: HttpResponse, roll: Callable[[], float] = _roll
    ) -> float | None:
        """Return the seconds to wait after an answer that is an error; None to give up."""
        if attempt > self.max_retries or not is_transient(response.status):
            return None
        asked = retry_after(response.headers.get("retry-after"))
        if asked is None:
            return self.delay(attempt, roll)
        if asked > self.max_retry_after:
            return None
        return asked

    def after_failure(
        self, attempt: int, failure: HttpFailure, roll: Callable[[], float] = _roll
    ) -> float | None:
        """Return the seconds to wait when no answer came; None to give up."""
        if attempt > self.max_retries or failure.reason not in _PASSING:
            return None
        return self.delay(attempt, roll)


# A refused connection, an unknown host or a bad certificate is the same a second later;
# whoever waits for the message should not wait longer for it.
_PASSING = frozenset({Reason.CUT, Reason.TIMEOUT})


def is_transient(status: int) -> bool:
    """Say whether the same request may well succeed later (client spec, Errors)."""
    return status in {408, 429} or (status >= 500 and status not in LASTING)


def needs_key(repeat: Repeat, outcome: HttpResponse | HttpFailure) -> bool:
    """Say whether only a server that knows idempotency keys may see the request again.

    A creating request that never arrived, or that was turned away before anything was done,
    may always be sent again.
    """
    if repeat is not Repeat.KEYED:
        return False
    if isinstance(outcome, HttpFailure):
        return outcome.sent
    return outcome.status != 429


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks for; None if it says nothing."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    from email.utils import parsedate_to_datetime

    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - (now or datetime.now(UTC))).total_seconds())
