"""Multipart uploads of the local store.

All parts of an upload go straight to their place in one preallocated file, so that completing it
copies nothing. A ledger beside it has a line for every part whose bytes are flushed. The SHA-256
of the whole follows the unbroken run of finished parts, on the thread that finished one, after
that part was answered.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import threading
import uuid
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import ValidationError

from luml.io.blocks import Block
from luml.io.following import update_from_file
from luml.models import StoredPart
from luml.server.storage.base import InvalidPartError, UnknownUploadError
from luml.server.storage.durable import make_folder, reserve, sync_folder
from luml.server.storage.local_writers import PartWriters
from luml.transfer.plan import Part, Plan

UPLOAD_ID = re.compile(r"[0-9a-f]{32}")
DATA, LEDGER, ABOUT = "data", "parts.jsonl", "about.json"
VOID = ""
"""The ETag of a part that is not to be trusted any more."""


class RunningDigest:
    """SHA-256 of the finished parts from the first one on, without a gap."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.digest = hashlib.sha256()
        self.parts: list[str] = []

    def restart(self) -> None:
        """Forget everything: a part that was hashed came again with other bytes."""
        self.digest = hashlib.sha256()
        self.parts = []

    def advance(self, descriptor: int, plan: Plan, etags: dict[int, str]) -> None:
        """Hash the finished parts that follow without a gap."""
        known = [etags.get(number + 1) for number in range(len(self.parts))]
        if known != self.parts:
            self.restart()
        with Block() as view:
            while (etag := etags.get(len(self.parts) + 1)) is not None:
                part = plan.part(len(self.parts) + 1)
                update_from_file(self.digest, descriptor, part.start, part.size, view)
                self.parts.append(etag)


class LocalUploads:
    """The multipart uploads under one folder.

    Args:
        root: The folder; made when missing.
        publish: Called with (file, location, sha256) to make a finished file an object.
    """

    def __init__(self, root: Path, publish: Callable[[Path, str, str], None]) -> None:
        self._root = root
        self._publish = publish
        self._digests: dict[str, RunningDigest] = {}
        self._writers = PartWriters()
        make_folder(root)

    def start(self, location: str, plan: Plan) -> str:
        """Begin an upload: room for the whole file is taken at once."""
        upload_id = uuid.uuid4().hex
        folder = self._root / upload_id
        folder.mkdir()
        try:
            with _opened(folder / DATA, os.O_RDWR | os.O_CREAT) as descriptor:
                reserve(descriptor, plan.size)
                os.fsync(descriptor)
            about = {"location": location, "size": plan.size, "part_size": plan.part_size}
            (folder / ABOUT).write_text(json.dumps(about), encoding="utf-8")
            (folder / LEDGER).touch()
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        sync_folder(folder)
        sync_folder(self._root)
        return upload_id

    def exists(self, upload_id: str) -> bool:
        """Say whether the upload is under way: one whose file became the object is not."""
        return bool(UPLOAD_ID.fullmatch(upload_id)) and (self._root / upload_id / DATA).exists()

    def parts(self, location: str, upload_id: str) -> list[StoredPart]:
        """Return the parts that are safe, lowest first; none for an unknown upload."""
        try:
            folder = self._folder(location, upload_id)
        except UnknownUploadError:
            return []
        return [part for _, part in sorted(_read_ledger(folder / LEDGER).items())]

    @contextmanager
    def receive(
        self, location: str, upload_id: str, part: Part, cut: Callable[[], None]
    ) -> Generator[tuple[int, str]]:
        """Take in one part: yields (descriptor, etag); the part is safe when the block ends.

        ``cut`` ends the block early where the part is sent again on another connection.

        A part that comes again counts as missing until it is whole again, and so does one that
        was cut short: whatever was written in its place may be other bytes.
        """
        folder = self._folder(location, upload_id)
        with self._writers.writing(upload_id, part.number, cut):
            if part.number in _read_ledger(folder / LEDGER):
                _note(folder / LEDGER, part.number, VOID, 0)
            etag = uuid.uuid4().hex
            try:
                with _opened(folder / DATA, os.O_RDWR) as descriptor:
                    yield descriptor, etag
                    os.fdatasync(descriptor)
            except BaseException:
                _note(folder / LEDGER, part.number, VOID, 0)
                raise
            _note(folder / LEDGER, part.number, etag, part.size)

    def follow(self, location: str, upload_id: str, plan: Plan) -> None:
        """Let the digest of the whole catch up, unless another thread is doing it."""
        if not self.exists(upload_id):
            return
        running = self._digests.setdefault(upload_id, RunningDigest())
        if not running.lock.acquire(blocking=False):
            return
        try:
            with suppress(UnknownUploadError, FileNotFoundError):
                self._catch_up(running, self._folder(location, upload_id), plan)
        finally:
            running.lock.release()

    def complete(
        self, location: str, upload_id: str, plan: Plan, parts: Sequence[StoredPart]
    ) -> str:
        """Make the upload an object and return its SHA-256; raises InvalidPartError and keeps the
        parts otherwise.
        """
        folder = self._folder(location, upload_id)
        running = self._digests.setdefault(upload_id, RunningDigest())
        with self._writers.alone(upload_id), running.lock:
            _check_parts(plan, parts, _read_ledger(folder / LEDGER))
            sha256 = self._catch_up(running, folder, plan)
            with _opened(folder / DATA, os.O_RDWR) as descriptor:
                os.fsync(descriptor)
            self._publish(folder / DATA, location, sha256)
        self.abort(upload_id)
        return sha256

    def abort(self, upload_id: str) -> None:
        """Drop an upload and its parts; an unknown one is fine."""
        self._digests.pop(upload_id, None)
        if UPLOAD_ID.fullmatch(upload_id):
            shutil.rmtree(self._root / upload_id, ignore_errors=True)

    def abort_at(self, location: str, upload_id: str) -> None:
        """Drop an upload of the object at ``location``; one of another object is left alone."""
        with suppress(UnknownUploadError):
            self._folder(location, upload_id)
            self.abort(upload_id)

    def sweep(self, limit: float) -> int:
        """Drop uploads whose ledger was last written before ``limit`` (seconds since 1970)."""
        dropped = 0
        for folder in self._root.iterdir():
            with suppress(FileNotFoundError):
                ledger = folder / LEDGER
                touched = (ledger if ledger.exists() else folder).stat().st_mtime
                if touched < limit:
                    self.abort(folder.name)
                    dropped += 1
        return dropped

    def _catch_up(self, running: RunningDigest, folder: Path, plan: Plan) -> str:
        etags = {number: part.etag for number, part in _read_ledger(folder / LEDGER).items()}
        with _opened(folder / DATA, os.O_RDONLY) as descriptor:
            running.advance(descriptor, plan, etags)
        return running.digest.hexdigest()

    def _folder(self, location: str, upload_id: str) -> Path:
        unknown = UnknownUploadError(
            "there is no such multipart upload; it was completed or aborted"
        )
        if not self.exists(upload_id):
            raise unknown
        folder = self._root / upload_id
        try:
            about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise unknown from error
        if about["location"] != location:
            raise unknown
        return folder


@contextmanager
def _opened(path: Path, flags: int) -> Generator[int]:
    descriptor = os.open(path, flags, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _read_ledger(path: Path) -> dict[int, StoredPart]:
    """Return the last line of each part; one that a crash cut short is as if it were absent."""
    parts: dict[int, StoredPart] = {}
    for line in path.read_bytes().split(b"\n"):
        with suppress(ValidationError):
            part = StoredPart.model_validate_json(line)
            parts[part.part_number] = part
    return {number: part for number, part in parts.items() if part.etag != VOID}


def _note(ledger: Path, number: int, etag: str, size: int) -> None:
    """Append a line on a part, flushed; it begins on a line of its own, whatever was cut before."""
    line = json.dumps({"part_number": number, "etag": etag, "size": size})
    with suppress(FileNotFoundError), _opened(ledger, os.O_WRONLY | os.O_APPEND) as descriptor:
        os.write(descriptor, f"\n{line}\n".encode())
        os.fdatasync(descriptor)


def _check_parts(plan: Plan, given: Sequence[StoredPart], held: dict[int, StoredPart]) -> None:
    etags = {part.part_number: part.etag.strip('"') for part in given}
    for part in plan.parts():
        stored = held.get(part.number)
        if stored is None:
            raise InvalidPartError(f"part {part.number} of {plan.total} has not arrived")
        if etags.get(part.number) != stored.etag:
            raise InvalidPartError(f"part {part.number} is not the one that the store holds")
