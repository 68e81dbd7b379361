"""How many parts to keep in flight: more while that helps, fewer when a store asks for it."""

from __future__ import annotations

NEAR_SECONDS = 0.002
NEAR_LIMIT = 4
START_LIMIT = 8
GAIN = 1.1


class Pace:
    """Decides the number of parts in flight from what the link gave.

    On the same machine or network four parts saturate a link; a distant one needs more (one stream
    is bounded by its window). From there the number climbs while a round of parts was a tenth
    faster than the one before, and halves when the store throttles or connections break.

    Args:
        cap: The most that is ever allowed.
    """

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self.limit = min(cap, NEAR_LIMIT)
        self._rate = 0.0
        self._bytes = 0
        self._parts = 0
        self._since: float | None = None

    def connected(self, seconds: float) -> None:
        """Take note of how long a connection took to set up."""
        if seconds > NEAR_SECONDS:
            self.limit = max(self.limit, min(self._cap, START_LIMIT))

    def finished(self, size: int, started: float, now: float) -> None:
        """Take note of a part of ``size`` bytes that was sent or received; times in seconds."""
        self._since = started if self._since is None else self._since
        self._bytes += size
        self._parts += 1
        if self._parts < self.limit:
            return
        rate = self._bytes / max(now - self._since, 1e-9)
        if rate > self._rate * GAIN:
            self.limit = min(self._cap, self.limit + 1)
        self._rate = max(self._rate, rate)
        self._bytes = self._parts = 0
        self._since = now

    def throttled(self) -> None:
        """Take note that the other side wants less, or that a connection broke."""
        self.limit = max(1, self.limit // 2)
        self._rate = 0.0
