"""How a file is cut into parts.

Two plans exist. The public one is what every client and server of the wire agrees on (wire,
section 6); the session one is what registries with upload sessions use (wire, section 7). Parts of
8, 16 and 32 MiB are equally fast on kept connections, so a session takes the size that gives a
file eight parts to send at once, within those bounds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MIB = 1024 * 1024
GIB = 1024 * MIB
TIB = 1024 * GIB

MAX_OBJECT_SIZE = 5 * TIB
MAX_PARTS = 10_000
MIN_PART_SIZE = 5 * MIB

PUBLIC_SINGLE_LIMIT = 500 * MIB
PUBLIC_PART_SIZES = (
    (GIB, 32 * MIB),
    (5 * GIB, 64 * MIB),
    (10 * GIB, 128 * MIB),
    (100 * GIB, 512 * MIB),
    (MAX_OBJECT_SIZE, GIB),
)

SESSION_SINGLE_LIMIT = 64 * MIB
SESSION_PART_SIZES = (8 * MIB, 16 * MIB, 32 * MIB)
SESSION_PARTS_WANTED = 8
SESSION_BATCH = 100


@dataclass(frozen=True, slots=True)
class Part:
    """A run of bytes of a file.

    Attributes:
        number: From 1 on.
        start: Offset of the first byte.
        size: Bytes; at least one.
    """

    number: int
    start: int
    size: int

    @property
    def end(self) -> int:
        """Offset of the last byte, inclusive, as the wire counts."""
        return self.start + self.size - 1


@dataclass(frozen=True, slots=True)
class Plan:
    """A file of ``size`` bytes in parts of ``part_size``, the last one shorter."""

    size: int
    part_size: int

    @property
    def total(self) -> int:
        """How many parts there are."""
        return max(1, -(-self.size // self.part_size))

    def part(self, number: int) -> Part:
        """Return part ``number``, from 1 to ``total``; anything else is a ValueError."""
        if not 1 <= number <= self.total:
            raise ValueError(f"part {number} is not among 1 to {self.total}")
        start = (number - 1) * self.part_size
        return Part(number, start, min(self.part_size, self.size - start))

    def parts(self) -> Iterator[Part]:
        """Yield every part, lowest first."""
        return (self.part(number) for number in range(1, self.total + 1))


def public_plan(size: int) -> Plan:
    """Return the plan of the public wire for a file of ``size`` bytes (wire, section 6)."""
    part_size = next((part for limit, part in PUBLIC_PART_SIZES if size <= limit), GIB)
    return Plan(size, part_size)


def session_plan(size: int) -> Plan:
    """Return the plan of upload sessions and of ranged downloads: 8 to 32 MiB, larger only to stay
    within 10,000 parts.
    """
    part_size = next(
        (part for part in SESSION_PART_SIZES if size <= part * SESSION_PARTS_WANTED),
        SESSION_PART_SIZES[-1],
    )
    while size > part_size * MAX_PARTS:
        part_size *= 2
    return Plan(size, part_size)
