"""Identifiers: UUIDv7, dashed lower case, ever growing within a process (wire, section 1)."""

from __future__ import annotations

import secrets
import threading
import time

_RANDOM_BITS = 74
_STEP_BITS = 40


def dashed(value: bytes) -> str:
    """Return the 16 bytes of an id as dashed lower-case text."""
    text = value.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def packed(value: str) -> bytes:
    """Return a dashed id as its 16 bytes; anything else is a ValueError."""
    return bytes.fromhex(value.replace("-", ""))


class IdFactory:
    """Makes UUIDv7s of which each is greater than the one before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._millisecond = 0
        self._tail = 0

    def new(self) -> str:
        """Return a new id; safe to call from any thread."""
        with self._lock:
            self._advance()
            millisecond, tail = self._millisecond, self._tail
        high = (millisecond << 16) | 0x7000 | (tail >> 62)
        low = (0b10 << 62) | (tail & ((1 << 62) - 1))
        return dashed(((high << 64) | low).to_bytes(16, "big"))

    def _advance(self) -> None:
        now = time.time_ns() // 1_000_000
        if now > self._millisecond:
            self._millisecond = now
            self._tail = secrets.randbits(_RANDOM_BITS - 1)
            return
        self._tail += 1 + secrets.randbits(_STEP_BITS)
        if self._tail >> _RANDOM_BITS:
            self._millisecond += 1
            self._tail = secrets.randbits(_RANDOM_BITS - 1)


_factory = IdFactory()


def new_id() -> str:
    """Return a new UUIDv7."""
    return _factory.new()
