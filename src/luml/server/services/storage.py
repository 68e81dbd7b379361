"""Opens the store behind a bucket secret."""

from __future__ import annotations

from sqlalchemy import Connection

from luml.server.db import bucket_secrets
from luml.server.errors import Problem, not_found
from luml.server.services.bucket_secrets import Bucket, bucket_of_row
from luml.server.services.registry import Registry
from luml.server.storage.base import Storage

LOCAL = "local"


def open_storage(
    registry: Registry, connection: Connection, secret_id: str, base_url: str
) -> Storage:
    """Return the store of a bucket secret, signing for a client that came by ``base_url``."""
    row = bucket_secrets.get(connection, secret_id)
    if row is None:
        raise not_found("Secret")
    return storage_of(registry, bucket_of_row(row, registry.sealer), base_url)


def storage_of(registry: Registry, bucket: Bucket, base_url: str) -> Storage:
    """Return the store of a bucket."""
    if bucket.type == "s3" and bucket.endpoint == LOCAL:
        return registry.local_store.bind(base_url, registry.settings.url_lifetime)
    detail = "This registry has the built-in local store only."
    raise Problem(501, "store_not_supported", detail)
