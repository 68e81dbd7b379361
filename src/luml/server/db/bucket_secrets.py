"""Rows of bucket secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, literal, select, update

from luml.server.db.tables import bucket_secrets, orbit_buckets, orbits
from luml.server.db.types import AnyRow, AnySelect


def get(connection: Connection, secret_id: str) -> AnyRow | None:
    """Return one secret."""
    query = select(bucket_secrets).where(bucket_secrets.c.id == secret_id)
    return connection.execute(query).one_or_none()


def of_organization(connection: Connection, organization_id: str) -> Sequence[AnyRow]:
    """Return the secrets of an organization, oldest first."""
    query = select(bucket_secrets).where(bucket_secrets.c.organization_id == organization_id)
    return connection.execute(query.order_by(bucket_secrets.c.id)).all()


def at(
    connection: Connection, organization_id: str, endpoint: str, bucket_name: str
) -> AnyRow | None:
    """Return the organization's secret for an endpoint and bucket."""
    columns = bucket_secrets.c
    query = select(bucket_secrets).where(
        columns.organization_id == organization_id,
        columns.endpoint == endpoint,
        columns.bucket_name == bucket_name,
    )
    return connection.execute(query).one_or_none()


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    """Insert a secret."""
    connection.execute(insert(bucket_secrets), row)


def change(connection: Connection, secret_id: str, values: Mapping[str, Any]) -> None:
    """Update columns of a secret."""
    here = bucket_secrets.c.id == secret_id
    connection.execute(update(bucket_secrets).where(here).values(**values))


def remove(connection: Connection, secret_id: str) -> None:
    """Delete a secret."""
    connection.execute(delete(bucket_secrets).where(bucket_secrets.c.id == secret_id))


def in_use(connection: Connection, secret_id: str) -> bool:
    """Say whether an orbit keeps, or ever kept, bytes in the bucket."""
    query = select(literal(1)).where(orbit_buckets.c.bucket_secret_id == secret_id).limit(1)
    return connection.execute(query).first() is not None


def orbits_by_secret(connection: Connection, organization_id: str) -> dict[str, list[AnyRow]]:
    """Return the orbits of an organization by the secret that they use."""
    columns = orbits.c
    query: AnySelect = (
        select(
            columns.bucket_secret_id,
            columns.id,
            columns.name,
            columns.created_at,
            columns.updated_at,
        )
        .where(columns.organization_id == organization_id)
        .order_by(columns.name, columns.id)
    )
    found: dict[str, list[AnyRow]] = {}
    for row in connection.execute(query):
        found.setdefault(row.bucket_secret_id, []).append(row)
    return found
