"""Rows of orbits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from luml.server.db.access import ORBIT_COLUMNS
from luml.server.db.tables import orbit_buckets, orbit_members, orbits
from luml.server.db.types import AnyRow, AnySelect


def get(connection: Connection, orbit_id: str) -> AnyRow:
    """Return an orbit that is there."""
    return connection.execute(select(*ORBIT_COLUMNS).where(orbits.c.id == orbit_id)).one()


def of_organization(
    connection: Connection, organization_id: str, user_id: str, only: str | None
) -> Sequence[AnyRow]:
    """Return the orbits of an organization by name, each with the person's role in it.

    Args:
        only: Narrows to one orbit.
    """
    query: AnySelect = (
        select(*ORBIT_COLUMNS, orbit_members.c.role.label("orbit_role"))
        .join_from(
            orbits,
            orbit_members,
            (orbit_members.c.orbit_id == orbits.c.id) & (orbit_members.c.user_id == user_id),
            isouter=True,
        )
        .where(orbits.c.organization_id == organization_id)
        .order_by(orbits.c.name, orbits.c.id)
    )
    if only is not None:
        query = query.where(orbits.c.id == only)
    return connection.execute(query).all()


def add(
    connection: Connection, row: Mapping[str, Any], members: Sequence[Mapping[str, Any]]
) -> None:
    """Insert an orbit with its people."""
    connection.execute(insert(orbits), row)
    use_bucket(connection, row["id"], row["bucket_secret_id"])
    connection.execute(insert(orbit_members), members)


def use_bucket(connection: Connection, orbit_id: str, secret_id: str) -> None:
    """Note that an orbit keeps bytes in a bucket."""
    columns = orbit_buckets.c
    here = (columns.orbit_id == orbit_id) & (columns.bucket_secret_id == secret_id)
    if connection.execute(select(orbit_buckets).where(here)).first() is None:
        connection.execute(
            insert(orbit_buckets), {"orbit_id": orbit_id, "bucket_secret_id": secret_id}
        )


def forget_buckets(connection: Connection, orbit_id: str) -> None:
    """Note that an orbit keeps no bytes anywhere."""
    connection.execute(delete(orbit_buckets).where(orbit_buckets.c.orbit_id == orbit_id))


def change(connection: Connection, orbit_id: str, values: Mapping[str, Any]) -> None:
    """Update columns of an orbit."""
    connection.execute(update(orbits).where(orbits.c.id == orbit_id).values(**values))


def remove(connection: Connection, orbit_id: str) -> None:
    """Delete an orbit without collections."""
    forget_buckets(connection, orbit_id)
    connection.execute(delete(orbit_members).where(orbit_members.c.orbit_id == orbit_id))
    connection.execute(delete(orbits).where(orbits.c.id == orbit_id))
