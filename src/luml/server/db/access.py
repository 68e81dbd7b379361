"""The one query behind every request: the key, its person, and the rows that the path names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select

from luml.server.db.tables import (
    api_keys,
    collections,
    memberships,
    orbit_members,
    orbits,
    users,
)
from luml.server.db.types import AnyRow, AnySelect, Id


@dataclass(frozen=True, slots=True)
class Key:
    """An API key and whose it is."""

    id: str
    digest: bytes
    user_id: str
    user_name: str
    role: str
    organization_id: str | None
    orbit_id: str | None
    expires_at: int | None


@dataclass(frozen=True, slots=True)
class Orbit:
    """An orbit, with its totals."""

    id: str
    organization_id: str
    bucket_secret_id: str
    name: str
    total_members: int
    total_collections: int
    total_artifacts: int
    created_at: int
    updated_at: int | None


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection, with its total; ``tags`` is JSON text."""

    id: str
    orbit_id: str
    type: str
    name: str
    description: str
    tags: str | None
    total_artifacts: int
    created_at: int
    updated_at: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """What the database knows of a caller and a place."""

    key: Key
    role: str | None
    orbit_role: str | None
    orbit: Orbit | None
    collection: Collection | None


KEY_COLUMNS = (
    api_keys.c.id,
    api_keys.c.digest,
    api_keys.c.user_id,
    users.c.name,
    api_keys.c.role,
    api_keys.c.organization_id,
    api_keys.c.orbit_id,
    api_keys.c.expires_at,
)
ORBIT_COLUMNS = tuple(orbits.c[name] for name in Orbit.__dataclass_fields__)
COLLECTION_COLUMNS = tuple(collections.c[name] for name in Collection.__dataclass_fields__)

_ORGANIZATION = bindparam("organization", type_=Id)
_ORBIT = bindparam("orbit", type_=Id)
_COLLECTION = bindparam("collection", type_=Id)


def _statement(with_organization: bool, with_orbit: bool, with_collection: bool) -> AnySelect:
    columns: list[Any] = [*KEY_COLUMNS]
    source: Any = api_keys.join(users, users.c.id == api_keys.c.user_id)
    if with_organization:
        columns.append(memberships.c.role.label("membership"))
        source = source.outerjoin(
            memberships,
            and_(
                memberships.c.organization_id == _ORGANIZATION,
                memberships.c.user_id == api_keys.c.user_id,
            ),
        )
    if with_orbit:
        columns += [orbit_members.c.role.label("orbit_role"), *ORBIT_COLUMNS]
        source = source.outerjoin(
            orbits, and_(orbits.c.id == _ORBIT, orbits.c.organization_id == _ORGANIZATION)
        ).outerjoin(
            orbit_members,
            and_(orbit_members.c.orbit_id == _ORBIT, orbit_members.c.user_id == api_keys.c.user_id),
        )
    if with_collection:
        columns += COLLECTION_COLUMNS
        source = source.outerjoin(
            collections, and_(collections.c.id == _COLLECTION, collections.c.orbit_id == _ORBIT)
        )
    labelled = [column.label(f"c{number}") for number, column in enumerate(columns)]
    return select(*labelled).select_from(source).where(api_keys.c.digest == bindparam("digest"))


_STATEMENTS = [_statement(depth >= 1, depth >= 2, depth >= 3) for depth in range(4)]
_KEY_END = len(KEY_COLUMNS)
_ORBIT_START = _KEY_END + 2
_ORBIT_END = _ORBIT_START + len(ORBIT_COLUMNS)


def find(
    connection: Connection,
    digest: bytes,
    organization: str | None,
    orbit: str | None,
    collection: str | None,
) -> Found | None:
    """Return the key of ``digest`` with the rows of the place, None if there is no such key."""
    given = {"organization": organization, "orbit": orbit, "collection": collection}
    depth = sum(value is not None for value in given.values())
    values = {name: value for name, value in given.items() if value is not None}
    row = connection.execute(_STATEMENTS[depth], {"digest": digest, **values}).one_or_none()
    return None if row is None else _found(row, depth)


def _found(row: AnyRow, depth: int) -> Found:
    role = row[_KEY_END] if depth >= 1 else None
    orbit_role = row[_KEY_END + 1] if depth >= 2 else None
    orbit = collection = None
    if depth >= 2 and row[_ORBIT_START] is not None:
        orbit = Orbit(*row[_ORBIT_START:_ORBIT_END])
    if depth >= 3 and row[_ORBIT_END] is not None:
        collection = Collection(*row[_ORBIT_END:])
    return Found(Key(*row[:_KEY_END]), role, orbit_role, orbit, collection)
