"""Creating an artifact: the row, and where the bytes go (wire, sections 4 and 5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from luml.models import BucketType
from luml.server.db.types import AnyRow
from luml.server.services import artifacts, documents, idempotency
from luml.server.services.documents import dump
from luml.server.services.drafts import ArtifactDraft, Prepared, prepare
from luml.server.services.idempotency import Once
from luml.server.services.policy import Grant
from luml.server.services.registry import Registry
from luml.server.services.verification import checked_digest
from luml.server.storage.base import Storage
from luml.transfer.plan import PUBLIC_SINGLE_LIMIT, public_plan


def prepared(draft: ArtifactDraft, registry: Registry) -> Prepared:
    """Return a draft made ready to be stored in a registry."""
    settings = registry.settings
    return prepare(draft, settings.extensions, settings.max_artifact_size)


@dataclass(frozen=True, slots=True)
class Creation:
    """What creating gave, without the URL, which is signed anew for every answer."""

    artifact: str
    bucket_location: str
    bucket_secret_id: str
    size: int
    file_hash: str | None
    resumed: bool

    def signed(self, storage: Storage) -> bytes:
        """Return the answer with a URL signed by ``storage``."""
        plan = public_plan(self.size)
        multipart = self.size > PUBLIC_SINGLE_LIMIT
        if not multipart:
            digest = checked_digest(self.file_hash)
            url: str | None = storage.put_url(self.bucket_location, self.size, digest)
        elif storage.kind is BucketType.S3:
            url = storage.initiate_url(self.bucket_location, plan)
        else:
            url = None
        details = {
            "type": storage.kind.value,
            "url": url,
            "multipart": multipart,
            "bucket_location": self.bucket_location,
            "bucket_secret_id": self.bucket_secret_id,
        }
        rest = f'"upload_details":{dump(details)},"resumed":{dump(self.resumed)}'
        return f'{{"artifact":{self.artifact},{rest}}}'.encode()


def create(
    connection: Connection, grant: Grant, draft: Callable[[], Prepared], once: Once | None
) -> Creation:
    """Create an artifact, or return what the same request created before."""

    def work() -> dict[str, Any]:
        created = artifacts.create(connection, grant, draft())
        return _kept(created.row, created.resumed)

    return Creation(**idempotency.once(connection, grant, once, work))


def _kept(row: AnyRow, resumed: bool) -> dict[str, Any]:
    return {
        "artifact": documents.artifact_text(row),
        "bucket_location": row.bucket_location,
        "bucket_secret_id": row.bucket_secret_id,
        "size": row.size,
        "file_hash": row.file_hash,
        "resumed": resumed,
    }
