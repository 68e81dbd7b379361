"""Bucket secrets: where orbits keep their bytes. No answer holds a key (wire, section 2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, RootModel
from sqlalchemy import Connection

from luml.server.db import bucket_secrets
from luml.server.db.ids import new_id
from luml.server.db.types import AnyRow, now, wire_time
from luml.server.errors import conflict, not_found
from luml.server.services.documents import optional_time
from luml.server.services.fields import PlainText, Request
from luml.server.services.policy import Grant
from luml.server.services.sealing import Sealer

TEXT_LENGTH = 4096
SEALED = ("access_key", "secret_key", "session_token")
CONNECTION = "connection_string"
_SCHEME = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*://")
_AZURE_SECRETS = ("accountkey", "sharedaccesssignature")

Text = Annotated[PlainText, Field(max_length=TEXT_LENGTH)]
Required = Annotated[Text, Field(min_length=1)]
Endpoint = Annotated[Required, AfterValidator(lambda text: _SCHEME.sub("", text).rstrip("/"))]


class S3Draft(Request):
    """The body that creates the secret of an S3-compatible bucket."""

    type: Literal["s3"]
    endpoint: Endpoint
    bucket_name: Required
    region: Required
    access_key: Text | None = None
    secret_key: Text | None = None
    session_token: Text | None = None
    secure: bool | None = None
    cert_check: bool | None = None


class AzureDraft(Request):
    """The body that creates an Azure secret; the endpoint is a connection string."""

    type: Literal["azure"]
    endpoint: Required
    bucket_name: Required


class BucketSecretDraft(RootModel[Annotated[S3Draft | AzureDraft, Field(discriminator="type")]]):
    """The body that creates a bucket secret."""


class BucketSecretChange(Request):
    """The body that changes a bucket secret; what it does not name stays."""

    id: UUID | None = None
    type: Literal["s3", "azure"] | None = None
    endpoint: Required | None = None
    bucket_name: Required | None = None
    region: Required | None = None
    access_key: Text | None = None
    secret_key: Text | None = None
    session_token: Text | None = None
    secure: bool | None = None
    cert_check: bool | None = None


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket with its keys, as a store needs it; it never leaves the server."""

    type: str
    endpoint: str
    bucket_name: str
    region: str | None
    secure: bool
    cert_check: bool
    secrets: Mapping[str, str]


def bucket_of_draft(draft: BucketSecretDraft) -> Bucket:
    """Return the bucket that a draft describes."""
    given = draft.root
    if isinstance(given, AzureDraft):
        secrets = {CONNECTION: given.endpoint}
        return Bucket(
            "azure", _public(given.endpoint), given.bucket_name, None, True, True, secrets
        )
    secrets = {name: value for name in SEALED if (value := getattr(given, name))}
    return Bucket(
        "s3",
        given.endpoint,
        given.bucket_name,
        given.region,
        given.secure is not False,
        given.cert_check is not False,
        secrets,
    )


def bucket_of_row(row: AnyRow, sealer: Sealer) -> Bucket:
    """Return the bucket that a row describes."""
    return Bucket(
        row.type,
        row.endpoint,
        row.bucket_name,
        row.region,
        bool(row.secure),
        bool(row.cert_check),
        sealer.open(row.sealed),
    )


def changed_bucket(bucket: Bucket, change: BucketSecretChange) -> Bucket:
    """Return a bucket after a change; what the change does not name stays."""
    values: dict[str, Any] = change.named("bucket_name", "region", "secure", "cert_check")
    secrets = {**bucket.secrets, **change.named(*SEALED)}
    endpoint = bucket.endpoint
    if change.endpoint is not None and bucket.type == "azure":
        secrets, endpoint = {CONNECTION: change.endpoint}, _public(change.endpoint)
    elif change.endpoint is not None:
        endpoint = _SCHEME.sub("", change.endpoint).rstrip("/")
    return Bucket(
        bucket.type,
        endpoint,
        values.get("bucket_name", bucket.bucket_name),
        values.get("region", bucket.region),
        values.get("secure", bucket.secure),
        values.get("cert_check", bucket.cert_check),
        secrets,
    )


def _public(connection_string: str) -> str:
    """Return an Azure connection string without its keys."""
    parts = [part for part in connection_string.split(";") if part.strip()]
    kept = [part for part in parts if part.split("=")[0].strip().lower() not in _AZURE_SECRETS]
    return ";".join(part for part in kept if "=" in part)


def _columns(bucket: Bucket, sealer: Sealer) -> dict[str, Any]:
    return {
        "type": bucket.type,
        "endpoint": bucket.endpoint,
        "bucket_name": bucket.bucket_name,
        "region": bucket.region,
        "secure": int(bucket.secure),
        "cert_check": int(bucket.cert_check),
        "sealed": sealer.seal(dict(bucket.secrets)) if bucket.secrets else None,
    }


def list_visible(
    connection: Connection, grant: Grant, organization_id: str
) -> list[Mapping[str, Any]]:
    """Return the secrets of an organization that the caller may see."""
    used = bucket_secrets.orbits_by_secret(connection, organization_id)
    rows = bucket_secrets.of_organization(connection, organization_id)
    only = grant.key.orbit_id
    return [
        _fields(row, used.get(row.id, []), only)
        for row in rows
        if only is None or any(orbit.id == only for orbit in used.get(row.id, []))
    ]


def find(
    connection: Connection, grant: Grant, organization_id: str, secret_id: str
) -> Mapping[str, Any]:
    """Return one secret; or a 404."""
    for fields in list_visible(connection, grant, organization_id):
        if fields["id"] == secret_id:
            return fields
    raise not_found("Secret")


def row_of(connection: Connection, organization_id: str, secret_id: str) -> AnyRow:
    """Return the row of an organization's secret; or a 404."""
    row = bucket_secrets.get(connection, secret_id)
    if row is None or row.organization_id != organization_id:
        raise not_found("Secret")
    return row


def create(
    connection: Connection, grant: Grant, organization_id: str, bucket: Bucket, sealer: Sealer
) -> dict[str, Any]:
    """Store a new secret and return it without its keys; a 409 if the bucket has one already."""
    _check_free(connection, organization_id, bucket, None)
    secret_id = new_id()
    columns = _columns(bucket, sealer)
    row = {"id": secret_id, "organization_id": organization_id, "created_at": now(), **columns}
    bucket_secrets.add(connection, row)
    return dict(find(connection, grant, organization_id, secret_id))


def update(
    connection: Connection, grant: Grant, row: AnyRow, change: BucketSecretChange, sealer: Sealer
) -> Mapping[str, Any]:
    """Change what is named of a secret and return it without its keys."""
    bucket = changed_bucket(bucket_of_row(row, sealer), change)
    _check_free(connection, row.organization_id, bucket, row.id)
    values = {**_columns(bucket, sealer), "updated_at": now()}
    bucket_secrets.change(connection, row.id, values)
    return find(connection, grant, row.organization_id, row.id)


def delete(connection: Connection, row: AnyRow) -> None:
    """Delete a secret; a 409 if an orbit keeps bytes in its bucket."""
    if bucket_secrets.in_use(connection, row.id):
        raise conflict("secret_in_use", "The bucket secret is in use by an orbit.")
    bucket_secrets.remove(connection, row.id)


def _check_free(
    connection: Connection, organization_id: str, bucket: Bucket, own: str | None
) -> None:
    other = bucket_secrets.at(connection, organization_id, bucket.endpoint, bucket.bucket_name)
    if other is not None and other.id != own:
        detail = "The organization has a secret for this endpoint and bucket already."
        raise conflict("secret_exists", detail)


def _fields(row: AnyRow, used: list[AnyRow], only: str | None) -> Mapping[str, Any]:
    s3 = {"region": row.region, "secure": bool(row.secure), "cert_check": bool(row.cert_check)}
    return {
        "id": row.id,
        "type": row.type,
        "endpoint": row.endpoint,
        "bucket_name": row.bucket_name,
        **(s3 if row.type == "s3" else {}),
        "organization_id": row.organization_id,
        "created_at": wire_time(row.created_at),
        "updated_at": optional_time(row.updated_at),
        "orbits": [
            {
                "id": orbit.id,
                "name": orbit.name,
                "created_at": wire_time(orbit.created_at),
                "updated_at": optional_time(orbit.updated_at),
            }
            for orbit in used
            if only in (None, orbit.id)
        ],
    }
