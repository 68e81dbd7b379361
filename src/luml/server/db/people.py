"""Rows of people, organizations, memberships and keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from luml.server.db.tables import api_keys, memberships, orbit_members, organizations, users
from luml.server.db.types import AnyRow


def user(connection: Connection, user_id: str) -> AnyRow:
    """Return a person that is there."""
    return connection.execute(select(users).where(users.c.id == user_id)).one()


def organizations_of(connection: Connection, user_id: str, only: str | None) -> Sequence[AnyRow]:
    """Return a person's organizations with the role in each, by name; ``only`` narrows to one."""
    query = (
        select(organizations, memberships.c.role)
        .join(memberships, memberships.c.organization_id == organizations.c.id)
        .where(memberships.c.user_id == user_id)
        .order_by(organizations.c.name, organizations.c.id)
    )
    if only is not None:
        query = query.where(organizations.c.id == only)
    return connection.execute(query).all()


def role_in(connection: Connection, organization_id: str, user_id: str) -> str | None:
    """Return a person's role in an organization, None outside of it."""
    query = select(memberships.c.role).where(
        memberships.c.organization_id == organization_id, memberships.c.user_id == user_id
    )
    return connection.execute(query).scalar_one_or_none()


def add_key(connection: Connection, row: Mapping[str, Any]) -> None:
    """Insert an API key."""
    connection.execute(insert(api_keys), row)


def keys_of(connection: Connection, user_id: str) -> Sequence[AnyRow]:
    """Return a person's keys, oldest first."""
    query = select(api_keys).where(api_keys.c.user_id == user_id).order_by(api_keys.c.id)
    return connection.execute(query).all()


def key(connection: Connection, key_id: str) -> AnyRow:
    """Return a key that is there."""
    return connection.execute(select(api_keys).where(api_keys.c.id == key_id)).one()


def key_of(connection: Connection, user_id: str, key_id: str) -> AnyRow | None:
    """Return one key of a person."""
    query = select(api_keys).where(api_keys.c.user_id == user_id, api_keys.c.id == key_id)
    return connection.execute(query).one_or_none()


def remove_key(connection: Connection, key_id: str) -> None:
    """Delete an API key."""
    connection.execute(delete(api_keys).where(api_keys.c.id == key_id))


def remove_keys_of_orbit(connection: Connection, orbit_id: str) -> None:
    """Delete the keys that are good for one orbit only."""
    connection.execute(delete(api_keys).where(api_keys.c.orbit_id == orbit_id))


def orbit_members_of(connection: Connection, orbit_id: str) -> Sequence[AnyRow]:
    """Return the people of an orbit, by name."""
    query = (
        select(orbit_members, users.c.name, users.c.email)
        .join(users, users.c.id == orbit_members.c.user_id)
        .where(orbit_members.c.orbit_id == orbit_id)
        .order_by(users.c.name, users.c.id)
    )
    return connection.execute(query).all()


def members_among(
    connection: Connection, organization_id: str, user_ids: Sequence[str]
) -> set[str]:
    """Return which of some people are in an organization."""
    query = select(memberships.c.user_id).where(
        memberships.c.organization_id == organization_id, memberships.c.user_id.in_(user_ids)
    )
    return set(connection.execute(query).scalars())
