"""SHA-256 of a file, of its parts and of its members, out of one pass over its bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from luml.transfer.plan import Plan

SAMPLES = 16
SAMPLE = 64 * 1024


@dataclass(frozen=True, slots=True)
class FileDigests:
    """Hex digests of one file.

    Attributes:
        whole: Of all its bytes.
        parts: Of each part of its plan, lowest first.
        members: Of each member's data, by name.
    """

    whole: str
    parts: list[str]
    members: dict[str, str]


def sample_digest(path: Path, size: int) -> str:
    """Return SHA-256 of 16 runs of 64 KiB, spread evenly over a file of ``size`` bytes.

    Enough to tell files apart that look alike from outside, such as a model and the same one
    trained again, and never enough to call bytes the same.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for number in range(SAMPLES):
            file.seek(max(0, size - SAMPLE) * number // (SAMPLES - 1))
            digest.update(file.read(SAMPLE))
    return digest.hexdigest()


class PieceDigests:
    """Digests of parts and members, fed with the bytes of the file in order.

    Args:
        plan: How the file is cut into parts.
        index: Member name to (offset, size); members do not overlap.
    """

    def __init__(self, plan: Plan, index: Mapping[str, tuple[int, int]]) -> None:
        self._plan = plan
        self._part = hashlib.sha256()
        self._parts: list[str] = []
        self._coming = sorted(
            ((start, size, name) for name, (start, size) in index.items()), reverse=True
        )
        self._member = hashlib.sha256()
        self._members: dict[str, str] = {}

    def update(self, view: memoryview, offset: int) -> None:
        """Take the bytes at ``offset``, which follow those of the last call."""
        self._update_parts(view, offset)
        self._update_members(view, offset)

    def result(self, whole: str) -> FileDigests:
        """Return all digests; ``whole`` is that of the file, which is also its only part's."""
        if self._plan.total == 1:
            return FileDigests(whole, [whole], self._members)
        return FileDigests(whole, self._parts, self._members)

    def _update_parts(self, view: memoryview, offset: int) -> None:
        if self._plan.total == 1:
            return
        while len(view):
            part = self._plan.part(len(self._parts) + 1)
            taken = min(len(view), part.start + part.size - offset)
            self._part.update(view[:taken])
            view, offset = view[taken:], offset + taken
            if offset == part.start + part.size:
                self._parts.append(self._part.hexdigest())
                self._part = hashlib.sha256()

    def _update_members(self, view: memoryview, offset: int) -> None:
        end = offset + len(view)
        while self._coming and self._coming[-1][0] < end + 1:
            start, size, name = self._coming[-1]
            low, high = max(start, offset), min(start + size, end)
            if low < high:
                self._member.update(view[low - offset : high - offset])
            if start + size > end:
                return
            self._members[name] = self._member.hexdigest()
            self._member = hashlib.sha256()
            self._coming.pop()
