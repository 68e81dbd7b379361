"""Who is writing to a multipart upload of the local store: one writer a part, none at its end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

from luml.server.storage.base import InvalidPartError, UnknownUploadError

LEAVE_SECONDS = 10.0


class PartWriters:
    """Keeps the writers of one process apart.

    A part that is sent again means that its sender gave the older connection up: that one is cut
    and gone before the newer one writes, so that nothing late lands on newer bytes.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._writers: dict[tuple[str, int], Callable[[], None]] = {}
        self._completing: set[str] = set()

    @contextmanager
    def writing(self, upload_id: str, number: int, cut: Callable[[], None]) -> Generator[None]:
        """Be the writer of a part while the block runs; ``cut`` ends the block early.

        Raises:
            UnknownUploadError: The upload is being completed.
            InvalidPartError: The older writer did not leave.
        """
        key = (upload_id, number)
        with self._changed:
            while (older := self._writers.get(key)) is not None:
                older()
                if not self._changed.wait(LEAVE_SECONDS):
                    raise InvalidPartError(f"part {number} is still being written")
            if upload_id in self._completing:
                raise UnknownUploadError("the multipart upload is being completed")
            self._writers[key] = cut
        try:
            yield
        finally:
            with self._changed:
                del self._writers[key]
                self._changed.notify_all()

    @contextmanager
    def alone(self, upload_id: str) -> Generator[None]:
        """Let no part be written while the block runs.

        Raises:
            InvalidPartError: A part is still arriving.
        """
        with self._changed:
            if any(writing == upload_id for writing, _ in self._writers):
                raise InvalidPartError("a part is still arriving; complete the upload after it")
            self._completing.add(upload_id)
        try:
            yield
        finally:
            with self._changed:
                self._completing.discard(upload_id)
