"""The built-in store: objects as files on local disk.

An object lies at ``objects/aa/bb/{key}.{sha256}``, where ``aabb{key}`` starts the SHA-256 of its
location: nothing from outside ever becomes a path, and the name says what the bytes must hash to.
A file appears under ``objects`` only by a rename, after its bytes were flushed.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
import uuid
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from luml.io.following import FollowingDigest
from luml.models import BucketType, StoredPart
from luml.server.storage.base import ObjectExistsError, StorageError, StoredObject
from luml.server.storage.durable import make_folder, publish, reserve
from luml.server.storage.local_multipart import LocalUploads
from luml.server.storage.signing import Signer
from luml.transfer.plan import Part, Plan

KEY_LENGTH = 40
OBJECT_NAME = re.compile(rf"[0-9a-f]{{{KEY_LENGTH - 4}}}\.[0-9a-f]{{64}}")


@dataclass(slots=True)
class IncomingObject:
    """A single PUT while it comes in: write at offsets, then say how far."""

    descriptor: int
    digest: FollowingDigest


class LocalStore:
    """A folder of objects, shared by all processes that serve it.

    Args:
        root: The folder; made when missing.
        signing_key: At least 32 secret bytes, the same for every process.
    """

    def __init__(self, root: Path, signing_key: bytes) -> None:
        self.root = root
        self.signer = Signer(signing_key)
        self._objects = root / "objects"
        self._incoming = root / "incoming"
        for folder in (self._objects, self._incoming):
            make_folder(folder)
        self.uploads = LocalUploads(root / "uploads", self._publish)

    def bind(self, base_url: str, lifetime: int) -> LocalStorage:
        """Return the store as seen by a client that came by ``base_url``; URLs live ``lifetime``
        seconds.
        """
        return LocalStorage(self, base_url, lifetime)

    def find(self, location: str) -> tuple[Path, StoredObject] | None:
        """Return the file of an object and what is known of it."""
        folder, stem = self._place(location)
        found: list[tuple[int, Path, StoredObject]] = []
        with suppress(FileNotFoundError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(stem + ".") and OBJECT_NAME.fullmatch(entry.name):
                    status, sha256 = entry.stat(), entry.name.rpartition(".")[2]
                    stored = StoredObject(status.st_size, sha256, sha256)
                    found.append((status.st_mtime_ns, Path(entry.path), stored))
        if not found:
            return None
        _, path, stored = max(found, key=lambda item: item[0])
        return path, stored

    @contextmanager
    def receive(self, location: str, size: int) -> Generator[IncomingObject]:
        """Take in an object of ``size`` bytes: it exists when the block ends, and not at all when
        it raises.
        """
        path = self._incoming / uuid.uuid4().hex
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            reserve(descriptor, size)
            incoming = IncomingObject(descriptor, FollowingDigest(descriptor, size))
            try:
                yield incoming
                sha256 = incoming.digest.result()
            finally:
                incoming.digest.cancel()
            os.fsync(descriptor)
            self._publish(path, location, sha256)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        finally:
            os.close(descriptor)

    def delete(self, location: str) -> None:
        """Remove an object; a missing one is fine."""
        folder, stem = self._place(location)
        for path in folder.glob(f"{stem}.*"):
            path.unlink(missing_ok=True)

    def sweep(self, older_than: float) -> int:
        """Remove what was begun, and not touched for ``older_than`` seconds; return how many."""
        limit = time.time() - older_than
        stale = [path for path in self._incoming.iterdir() if path.stat().st_mtime < limit]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale) + self.uploads.sweep(limit)

    def _place(self, location: str) -> tuple[Path, str]:
        key = hashlib.sha256(location.encode("utf-8", "surrogateescape")).hexdigest()[:KEY_LENGTH]
        return self._objects / key[:2] / key[2:4], key[4:]

    def _publish(self, source: Path, location: str, sha256: str) -> None:
        folder, stem = self._place(location)
        make_folder(folder)
        target = folder / f"{stem}.{sha256}"
        found = self.find(location)
        if found is not None and found[1].sha256 != sha256:
            raise ObjectExistsError("there is an object already, of other bytes")
        publish(source, target)


@contextmanager
def disk_errors() -> Generator[None]:
    """Turn what the operating system says of a disk into a StorageError."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"the local store failed: {error.strerror or error}") from error


class LocalStorage:
    """The local store behind the address by which one client came; see ``Storage`` for the
    methods.
    """

    kind = BucketType.S3

    def __init__(self, store: LocalStore, base_url: str, lifetime: int) -> None:
        self._store = store
        self._base_url = base_url
        self._lifetime = lifetime

    def put_url(self, location: str, size: int, sha256: str | None = None) -> str:
        parameters = {"size": str(size)} | ({"sha256": sha256} if sha256 else {})
        return self._sign("PUT", location, parameters)

    def initiate_url(self, location: str, plan: Plan) -> str:
        return self._sign("POST", location, {"uploads": "", **_plan_parameters(plan)})

    def get_url(self, location: str, file_name: str) -> str:
        return self._sign("GET", location, {"filename": file_name})

    def delete_url(self, location: str) -> str:
        return self._sign("DELETE", location, {})

    def start_multipart(self, location: str, plan: Plan) -> str:
        with disk_errors():
            return self._store.uploads.start(location, plan)

    def part_url(self, location: str, upload_id: str, plan: Plan, part: Part) -> str:
        parameters = {"uploadId": upload_id, "partNumber": str(part.number)}
        return self._sign("PUT", location, parameters | _plan_parameters(plan))

    def complete_url(self, location: str, upload_id: str, plan: Plan) -> str:
        return self._sign("POST", location, {"uploadId": upload_id, **_plan_parameters(plan)})

    def list_parts(self, location: str, upload_id: str) -> list[StoredPart]:
        with disk_errors():
            return self._store.uploads.parts(location, upload_id)

    def complete(
        self, location: str, upload_id: str, plan: Plan, parts: Sequence[StoredPart]
    ) -> None:
        with disk_errors():
            if self._store.uploads.exists(upload_id) or self._store.find(location) is None:
                self._store.uploads.complete(location, upload_id, plan, parts)

    def abort(self, location: str, upload_id: str) -> None:
        with disk_errors():
            self._store.uploads.abort_at(location, upload_id)

    def stat(self, location: str) -> StoredObject | None:
        with disk_errors():
            found = self._store.find(location)
        return found and found[1]

    def delete(self, location: str) -> None:
        with disk_errors():
            self._store.delete(location)

    def _sign(self, verb: str, location: str, parameters: dict[str, str]) -> str:
        return self._store.signer.url(self._base_url, verb, location, parameters, self._lifetime)


def _plan_parameters(plan: Plan) -> dict[str, str]:
    return {"size": str(plan.size), "part": str(plan.part_size)}
