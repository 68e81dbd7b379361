"""The rows that an empty registry starts with."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, literal, select

from luml.server.db import artifacts, collections, orbits, people
from luml.server.db.ids import new_id
from luml.server.db.tables import (
    api_keys,
    bucket_secrets,
    memberships,
    organizations,
    users,
)
from luml.server.db.tables import collections as collections_table
from luml.server.db.tables import orbits as orbits_table
from luml.server.db.types import now

LOCAL = "local"
USER_NAME = "admin"
ORGANIZATION_NAME = "default"
ORBIT_NAME = "default"
COLLECTION_NAME = "default"


@dataclass(frozen=True, slots=True)
class FirstRows:
    """Ids of what the first start made."""

    user: str
    organization: str
    orbit: str
    collection: str


def first_rows(connection: Connection) -> FirstRows | None:
    """Return the oldest user, organization, orbit and collection; None in an empty registry."""
    user = connection.execute(select(users.c.id).order_by(users.c.id).limit(1)).scalar_one_or_none()
    if user is None:
        return None
    organization = connection.execute(
        select(memberships.c.organization_id)
        .where(memberships.c.user_id == user)
        .order_by(memberships.c.organization_id)
        .limit(1)
    ).scalar_one()
    columns = orbits_table.c
    orbit = connection.execute(
        select(columns.id)
        .where(columns.organization_id == organization)
        .order_by(columns.id)
        .limit(1)
    ).scalar_one_or_none()
    found = collections_table.c
    collection = connection.execute(
        select(found.id).where(found.orbit_id == orbit).order_by(found.id).limit(1)
    ).scalar_one_or_none()
    return FirstRows(user, organization, orbit or "", collection or "")


def add_first_rows(connection: Connection, key_digest: bytes) -> FirstRows:
    """Make a user, an organization, an orbit with the local bucket, a collection and a key."""
    moment = now()
    rows = FirstRows(new_id(), new_id(), new_id(), new_id())
    connection.execute(insert(users), {"id": rows.user, "name": USER_NAME, "created_at": moment})
    connection.execute(
        insert(organizations),
        {"id": rows.organization, "name": ORGANIZATION_NAME, "created_at": moment},
    )
    connection.execute(
        insert(memberships),
        {
            "organization_id": rows.organization,
            "user_id": rows.user,
            "role": "owner",
            "created_at": moment,
        },
    )
    _add_orbit(connection, rows, moment)
    collections.add(
        connection,
        {
            "id": rows.collection,
            "orbit_id": rows.orbit,
            "type": "mixed",
            "name": COLLECTION_NAME,
            "description": "",
            "description_sort": artifacts.description_sort(""),
            "search_text": artifacts.search_text(COLLECTION_NAME, "", ()),
            "total_artifacts": 0,
            "created_at": moment,
        },
    )
    add_key(connection, rows, key_digest)
    return rows


def _add_orbit(connection: Connection, rows: FirstRows, moment: int) -> None:
    secret = new_id()
    connection.execute(
        insert(bucket_secrets),
        {
            "id": secret,
            "organization_id": rows.organization,
            "type": "s3",
            "endpoint": LOCAL,
            "bucket_name": LOCAL,
            "region": LOCAL,
            "secure": 1,
            "cert_check": 1,
            "created_at": moment,
        },
    )
    orbit = {
        "id": rows.orbit,
        "organization_id": rows.organization,
        "bucket_secret_id": secret,
        "name": ORBIT_NAME,
        "total_members": 1,
        "total_collections": 0,
        "total_artifacts": 0,
        "created_at": moment,
    }
    member = {
        "id": new_id(),
        "orbit_id": rows.orbit,
        "user_id": rows.user,
        "role": "admin",
        "created_at": moment,
    }
    orbits.add(connection, orbit, [member])


def add_key(connection: Connection, rows: FirstRows, digest: bytes) -> None:
    """Give the first user an admin key."""
    people.add_key(
        connection,
        {
            "id": new_id(),
            "digest": digest,
            "user_id": rows.user,
            "name": "credentials.json",
            "role": "admin",
            "created_at": now(),
        },
    )


def is_known_key(connection: Connection, digest: bytes) -> bool:
    """Say whether a key is in the database."""
    query = select(literal(1)).where(api_keys.c.digest == digest).limit(1)
    return connection.execute(query).first() is not None
