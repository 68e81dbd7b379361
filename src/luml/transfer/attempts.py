"""When to try a part again (pure: time and chance come in from outside)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

RETRIED_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
FIRST_DELAY = 0.25
LONGEST_DELAY = 20.0
LONGEST_RETRY_AFTER = 120.0


def delay_before(attempt: int, chance: float) -> float:
    """Return the seconds to wait before try ``attempt`` + 1: exponential, full jitter.

    Args:
        attempt: How many tries there were, from 1 on.
        chance: A random number from 0 to 1.
    """
    return chance * min(LONGEST_DELAY, FIRST_DELAY * 2.0**attempt)


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return the seconds that a ``Retry-After`` header (lower-case name) asks for, capped; None
    without one (RFC 9110, 10.2.3).
    """
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return min(float(value), LONGEST_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)
