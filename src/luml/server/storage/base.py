"""What the registry asks of a store. Three of them answer: local disk, S3, Azure Blob.

A *location* is the key of an object:
``orbit-{orbit}/collection-{collection}/{unique_identifier}-{file_name}``. All methods may block
and are called from worker threads. URLs are presigned: for one object, one verb, one hour by
default; they carry no credential. Methods that talk to the store raise ``StorageError``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from luml.models import BucketType, StoredPart
from luml.transfer.plan import Part, Plan


class StorageError(Exception):
    """The store did not do what was asked; the message is fit for an operator."""


class UnknownUploadError(StorageError):
    """No such multipart upload, or it belongs to another object."""


class InvalidPartError(StorageError):
    """A part is missing, still arriving, or not the one that the store holds."""


class ObjectExistsError(StorageError):
    """Another object lies there already, and objects are never replaced."""


class DiskFullError(StorageError):
    """The store has no room for the bytes that were announced."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What the store knows of an object.

    Attributes:
        size: Bytes.
        sha256: Hex digest where the store can tell, else None.
        etag: The version of the bytes, without quotes.
    """

    size: int
    sha256: str | None
    etag: str


class Storage(Protocol):
    """One bucket of one organization."""

    kind: BucketType

    def put_url(self, location: str, size: int, sha256: str | None = None) -> str:
        """Sign a single PUT of exactly ``size`` bytes; with ``sha256`` the store checks it."""
        ...

    def initiate_url(self, location: str, plan: Plan) -> str:
        """Sign the request by which a client of the public wire starts a multipart upload."""
        ...

    def get_url(self, location: str, file_name: str) -> str:
        """Sign ranged GETs; a browser saves the object as ``file_name``."""
        ...

    def delete_url(self, location: str) -> str:
        """Sign a DELETE."""
        ...

    def start_multipart(self, location: str, plan: Plan) -> str:
        """Start a multipart upload and return its id."""
        ...

    def part_url(self, location: str, upload_id: str, plan: Plan, part: Part) -> str:
        """Sign the PUT of one part."""
        ...

    def complete_url(self, location: str, upload_id: str, plan: Plan) -> str:
        """Sign the request that ends a multipart upload of the public wire."""
        ...

    def list_parts(self, location: str, upload_id: str) -> list[StoredPart]:
        """Return the parts that the store holds, lowest first; an unknown upload has none."""
        ...

    def complete(
        self, location: str, upload_id: str, plan: Plan, parts: Sequence[StoredPart]
    ) -> None:
        """Put the parts together; safe to call again after it succeeded."""
        ...

    def abort(self, location: str, upload_id: str) -> None:
        """Drop a multipart upload and its parts; an unknown one is fine."""
        ...

    def stat(self, location: str) -> StoredObject | None:
        """Look at an object; None if there is none."""
        ...

    def delete(self, location: str) -> None:
        """Remove an object; a missing one is fine."""
        ...
