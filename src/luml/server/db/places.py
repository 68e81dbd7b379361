"""Where things lie."""

from __future__ import annotations

from sqlalchemy import Connection, select

from luml.server.db.tables import collections, orbits


def above(connection: Connection, collection_id: str) -> tuple[str, str]:
    """Return the organization and the orbit of a collection that is there."""
    query = (
        select(orbits.c.organization_id, orbits.c.id)
        .join(collections, collections.c.orbit_id == orbits.c.id)
        .where(collections.c.id == collection_id)
    )
    row = connection.execute(query).one()
    return row[0], row[1]
