"""Receives an object in parallel ranges, hashed close behind the writers."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass

from luml.api._engine.coordinator import Coordinator
from luml.api._engine.crew import Crew
from luml.api._engine.engine import Engine
from luml.api._engine.faults import (
    LinkError,
    ObjectChangedError,
    RangesIgnoredError,
    TransferCancelledError,
    URLExpiredError,
)
from luml.api._engine.part_file import PartFile
from luml.api._engine.response import Response
from luml.io.blocks import write_all
from luml.io.following import DigestStoppedError, FollowingDigest
from luml.transfer.ledger import Fetched
from luml.transfer.plan import Part, Plan

CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


@dataclass(slots=True)
class _Range:
    """A part of the object; ``filled`` of its bytes are in the file."""

    part: Part
    filled: int = 0

    @property
    def next(self) -> int:
        return self.part.start + self.filled


class Receiver:
    """Fetches one object into a part file.

    Args:
        plan: The size of the object and of its ranges.
        ranged: False fetches it in one stream, for stores without ranges.
    """

    def __init__(
        self,
        engine: Engine,
        coordinator: Coordinator,
        file: PartFile,
        artifact_id: str,
        plan: Plan,
        *,
        ranged: bool = True,
    ) -> None:
        self._engine = engine
        self._coordinator = coordinator
        self._file = file
        self._artifact_id = artifact_id
        self._plan = plan
        self._ranged = ranged
        self._lock = threading.Lock()
        self._ranges = [_Range(part) for part in plan.parts()]
        for number in file.done:
            self._ranges[number - 1].filled = self._ranges[number - 1].part.size
        self._counted = 0
        self._front = 0
        self._digest = FollowingDigest(file.descriptor, plan.size)
        self._advance()

    @property
    def kept(self) -> int:
        """Bytes that were there before."""
        return sum(piece.filled for piece in self._ranges)

    def fetch(self, url: str) -> URLExpiredError | None:
        """Fetch what is missing; returns the refusal where the URL ran out and a new one is needed.

        Raises:
            ObjectChangedError: The object is not the one that was begun with.
            RangesIgnoredError: The store has no ranges.
            LinkError, StoreError: A range failed for good.
        """
        expired: list[URLExpiredError] = []
        missing = [piece for piece in self._ranges if piece.filled < piece.part.size]
        crew: Crew[_Range]

        def work(piece: _Range) -> None:
            try:
                self._engine.attempt(self._coordinator, lambda: self._fetch_once(url, piece))
            except URLExpiredError as error:
                expired.append(error)
                crew.stop_taking()

        crew = Crew(missing, self._engine.options.max_in_flight, work, self._coordinator)
        crew.run()
        return expired[0] if expired else None

    def digest(self) -> str:
        """Wait for the digest of the whole and return it."""
        try:
            return self._digest.result()
        except DigestStoppedError:
            raise TransferCancelledError from None

    def ask_to_stop(self) -> None:
        """End the digest from any thread."""
        self._digest.ask_to_stop()

    def stop(self) -> None:
        """End the digest's thread."""
        self._digest.cancel()

    def _fetch_once(self, url: str, piece: _Range) -> None:
        headers = {"Range": f"bytes={piece.next}-{piece.part.end}"} if self._ranged else {}
        slots, budget = self._engine.slots, self._engine.budget
        with (
            slots.part(self._coordinator, piece.part.size - piece.filled),
            budget.blocks(1, self._coordinator) as (buffer,),
            self._engine.exchange(
                self._coordinator, "GET", url, headers=headers, buffer=buffer
            ) as response,
        ):
            self._check(response, piece)
            self._store(response, piece, buffer)
        # Flushing range by range overlaps the disk with the link, and makes the ledger true.
        self._file.flush()
        with self._lock:
            self._file.mark(piece.part.number)

    def _check(self, response: Response, piece: _Range) -> None:
        """See that the answer is the range asked for, of the object that was begun with."""
        etag = response.headers.get("etag", "")
        whole_object = self._plan.total == 1 and piece.filled == 0
        if response.status == 206:
            self._check_range(response.headers.get("content-range", ""), piece)
        elif self._ranged and not whole_object:
            raise RangesIgnoredError
        else:
            self._restart(piece)
            if response.length is not None and response.length != self._plan.size:
                raise ObjectChangedError(f"it has {response.length} bytes, not {self._plan.size}")
        with self._lock:
            fetched = Fetched(self._artifact_id, self._plan.size, etag, self._plan.part_size)
            if self._file.fetched is None:
                self._file.begin(fetched)
            elif self._file.fetched.etag != etag:
                raise ObjectChangedError("its ETag is another one")

    def _check_range(self, header: str, piece: _Range) -> None:
        match = CONTENT_RANGE.fullmatch(header.strip())
        if match is None:
            raise LinkError("the store sent a range without a proper Content-Range")
        if match[3] not in ("*", str(self._plan.size)):
            raise ObjectChangedError(f"it has {match[3]} bytes, not {self._plan.size}")
        if (int(match[1]), int(match[2])) != (piece.next, piece.part.end):
            raise LinkError("the store sent another range than was asked for")

    def _restart(self, piece: _Range) -> None:
        """Begin a stream from its first byte again; what was counted is not counted twice."""
        if piece.filled == 0:
            return
        with self._lock:
            self._digest.cancel()
            piece.filled = self._front = 0
            self._digest = FollowingDigest(self._file.descriptor, self._plan.size)

    def _store(self, response: Response, piece: _Range, buffer: memoryview) -> None:
        while (left := piece.part.size - piece.filled) > 0:
            got, fault = self._fill(response, buffer[: min(len(buffer), left)])
            write_all(self._file.descriptor, buffer[:got], piece.next)
            self._arrived(piece, got)
            if fault is not None:
                raise fault

    def _fill(self, response: Response, view: memoryview) -> tuple[int, Exception | None]:
        """Fill ``view``; return how far, and what ended it early: what came before that is kept."""
        filled = 0
        while filled < len(view):
            try:
                got = response.read_into(view[filled:])
            except (LinkError, OSError) as error:
                return filled, error
            if got == 0:
                return filled, LinkError("the body ended early")
            filled += got
        return filled, None

    def _arrived(self, piece: _Range, size: int) -> None:
        with self._lock:
            piece.filled += size
            self._advance()
            total = sum(entry.filled for entry in self._ranges) if not self._ranged else 0
        if self._ranged:
            self._coordinator.count(size)
        elif total > self._counted:
            self._coordinator.count(total - self._counted)
            self._counted = total

    def _advance(self) -> None:
        """Tell the digest up to where the file has no gap."""
        while self._front < len(self._ranges):
            piece = self._ranges[self._front]
            if piece.filled < piece.part.size:
                self._digest.advance(piece.next)
                return
            self._front += 1
        self._digest.advance(self._plan.size)
