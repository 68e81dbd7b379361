"""A download in the making: the ``.part`` file beside its target, and its ledger."""

from __future__ import annotations

import errno
import hashlib
import os
import sys
import uuid
from pathlib import Path
from typing import Self

from luml.errors import FileDownloadError
from luml.transfer.ledger import Fetched, Ledger
from luml.transfer.plan import Plan

if sys.platform != "win32":
    import fcntl

OPENING = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
"""A link that somebody laid in the place of a part file is not followed."""

LONGEST_NAME = 200
"""Bytes of a target's name to which ``.part.ledger`` can be added on any file system."""

CAN_LOCK = sys.platform != "win32"
"""Without locks every download gets a part file of its own, and starts afresh."""


class PartFile:
    """The bytes of a download until they are whole and verified.

    Only one download at a time works on ``{target}.part``; another one to the same target gets a
    name of its own.
    """

    def __init__(
        self, target: Path, path: Path, ledger_path: Path, descriptor: int, ledger: int
    ) -> None:
        self.target = target
        self.path = path
        self.descriptor = descriptor
        self.done: set[int] = set()
        self.fetched: Fetched | None = None
        self._ledger_path = ledger_path
        self._ledger = ledger
        self._open = True

    @classmethod
    def open(cls, target: Path, artifact_id: str, plan: Plan) -> Self:
        """Open or go on with the part file of ``target``.

        Raises:
            FileDownloadError: The folder is missing or not writable, or the disk has no room.
        """
        try:
            part = cls._open_files(target, ".part") if CAN_LOCK else None
            if part is None or not part.lock():
                part = cls._open_files(target, f".{uuid.uuid4().hex[:8]}.part")
            part.take_up(artifact_id, plan)
        except OSError as error:
            raise disk_error(target, error) from error
        return part

    @classmethod
    def _open_files(cls, target: Path, suffix: str) -> Self:
        name = target.name
        if len(os.fsencode(name)) > LONGEST_NAME:
            name = hashlib.sha256(os.fsencode(name)).hexdigest()
        path = target.with_name(name + suffix)
        ledger_path = target.with_name(f"{path.name}.ledger")
        ledger = os.open(ledger_path, OPENING | os.O_APPEND, 0o644)
        try:
            descriptor = os.open(path, OPENING, 0o644)
        except BaseException:
            os.close(ledger)
            raise
        return cls(target, path, ledger_path, descriptor, ledger)

    def lock(self) -> bool:
        """Take the files for this download alone; False, and closed, where another one has them."""
        try:
            fcntl.flock(self._ledger, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            return False
        if not self._in_place():
            # Its owner finished and removed it between our opening and our locking it.
            self.close()
            return False
        return True

    def begin(self, fetched: Fetched) -> None:
        """Forget what is there and take note of what is to be fetched."""
        self.done.clear()
        self.fetched = fetched
        os.ftruncate(self._ledger, 0)
        os.write(self._ledger, Ledger.opening(fetched))

    def mark(self, number: int) -> None:
        """Take note that range ``number`` is in the file."""
        self.done.add(number)
        os.write(self._ledger, Ledger.line(number))

    def flush(self) -> None:
        """Make what was written survive a power cut."""
        os.fdatasync(self.descriptor)

    def finish(self) -> None:
        """Flush the bytes and give them the name of the target."""
        try:
            os.fsync(self.descriptor)
            os.replace(self.path, self.target)
            folder = os.open(self.target.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise disk_error(self.target, error) from error
        self._ledger_path.unlink(missing_ok=True)
        self.close()

    def discard(self) -> None:
        """Remove the bytes and the ledger."""
        self.path.unlink(missing_ok=True)
        self._ledger_path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Leave what is there to be gone on with."""
        if self._open:
            self._open = False
            os.close(self.descriptor)
            os.close(self._ledger)

    def take_up(self, artifact_id: str, plan: Plan) -> None:
        """Go on with what is there if it is of this artifact, else make room for it."""
        text = os.pread(self._ledger, os.fstat(self._ledger).st_size, 0)
        ledger = Ledger.read(text)
        if ledger is not None and ledger.fetched.artifact_id == artifact_id:
            same = (ledger.fetched.size, ledger.fetched.part_size) == (plan.size, plan.part_size)
            if same and os.fstat(self.descriptor).st_size == plan.size:
                self.fetched = ledger.fetched
                self.done = ledger.done & set(range(1, plan.total + 1))
                return
        os.ftruncate(self._ledger, 0)
        self._reserve(plan.size)

    def _reserve(self, size: int) -> None:
        os.ftruncate(self.descriptor, 0)
        if size and hasattr(os, "posix_fallocate"):
            try:
                os.posix_fallocate(self.descriptor, 0, size)
            except OSError as error:
                if error.errno != errno.EOPNOTSUPP:
                    self.discard()
                    raise
        os.ftruncate(self.descriptor, size)

    def _in_place(self) -> bool:
        try:
            there = os.stat(self._ledger_path)
        except FileNotFoundError:
            return False
        return there.st_ino == os.fstat(self._ledger).st_ino


def disk_error(target: Path, error: OSError) -> FileDownloadError:
    """Say what the disk said, and what to do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FileDownloadError(
            f"No room on the disk for {target}: free some, or download elsewhere. "
            "The target was not touched."
        )
    return FileDownloadError(
        f"Cannot write {target}: {error.strerror or error}. The target was not touched."
    )
