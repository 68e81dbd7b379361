"""Sends parts of a file."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from luml.api._engine.connection import FileRun
from luml.api._engine.coordinator import Coordinator
from luml.api._engine.crew import Crew
from luml.api._engine.engine import Engine
from luml.api._engine.faults import LinkError, URLExpiredError
from luml.io.blocks import FileChangedError


@dataclass(frozen=True, slots=True)
class PartJob:
    """A part and where it goes; ``size`` bytes from ``start``."""

    number: int
    start: int
    size: int
    url: str


@dataclass(slots=True)
class Sent:
    """What became of a batch of parts.

    Attributes:
        etags: Of the parts that the store has, by number.
        expired: The refusal, where URLs ran out and the rest needs new ones.
    """

    etags: dict[int, str] = field(default_factory=dict[int, str])
    expired: URLExpiredError | None = None


class Sender:
    """Sends batches of parts of one open file.

    Args:
        descriptor: The file.
        headers: What the store wants with each part.
    """

    def __init__(
        self,
        engine: Engine,
        coordinator: Coordinator,
        descriptor: int,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._engine = engine
        self._coordinator = coordinator
        self._descriptor = descriptor
        self._headers = headers or {}
        self._lock = threading.Lock()

    def send(self, jobs: Sequence[PartJob]) -> Sent:
        """Send all ``jobs``; a part that was cut or throttled is tried again on its own."""
        sent = Sent()
        crew: Crew[PartJob]

        def work(job: PartJob) -> None:
            try:
                etag = self._engine.attempt(self._coordinator, lambda: self._send_once(job))
            except URLExpiredError as error:
                sent.expired = error
                crew.stop_taking()
                return
            with self._lock:
                sent.etags[job.number] = etag
            self._coordinator.count(job.size)

        crew = Crew(jobs, self._engine.options.max_in_flight, work, self._coordinator)
        crew.run()
        return sent

    def _send_once(self, job: PartJob) -> str:
        body = FileRun(self._descriptor, job.start, job.size)
        with ExitStack() as held:
            held.enter_context(self._engine.slots.part(self._coordinator, job.size))
            buffer = memoryview(b"")
            if job.url.startswith("https:"):
                (buffer,) = held.enter_context(self._engine.budget.blocks(1, self._coordinator))
            try:
                with self._engine.exchange(
                    self._coordinator,
                    "PUT",
                    job.url,
                    headers=self._headers,
                    body=body,
                    buffer=buffer,
                ) as response:
                    response.read_small()
                    return response.headers.get("etag", "").strip('"')
            except FileChangedError as error:
                raise LinkError("the file became shorter while it was sent") from error
