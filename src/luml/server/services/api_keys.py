"""API keys: many a person, each with a role, perhaps a scope and an end (wire, section 1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, select

from luml.server.db import access, people, tables
from luml.server.db.ids import new_id
from luml.server.db.types import AnyRow, from_wire_time, now, wire_time
from luml.server.errors import invalid, not_enough_rights, not_found
from luml.server.services.documents import optional_time
from luml.server.services.fields import Name, Request
from luml.server.services.policy import Grant, digest_of, new_key, rights_of


class KeyDraft(Request):
    """The body that creates an API key."""

    name: Name
    role: Literal["read", "write", "admin"] = "write"
    organization_id: UUID | None = None
    orbit_id: UUID | None = None
    expires_at: datetime | None = None


def list_mine(connection: Connection, grant: Grant) -> list[Mapping[str, Any]]:
    """Return the caller's keys within the scope of the key in use, without their text."""
    rows = people.keys_of(connection, grant.key.user_id)
    return [_fields(row) for row in rows if _within(grant.key, row)]


def create(connection: Connection, grant: Grant, draft: KeyDraft) -> Mapping[str, Any]:
    """Store a new key and return it with its text, which is never shown again.

    Raises:
        Problem: 403 if it could do more than the key in use, 404 or 422 if its scope is none.
    """
    organization_id, orbit_id = _scope(connection, grant, draft)
    if rights_of(draft.role) > rights_of(grant.key.role):
        raise not_enough_rights()
    expires_at = None if draft.expires_at is None else from_wire_time(draft.expires_at.isoformat())
    if expires_at is not None and expires_at <= now():
        raise invalid(("body", "expires_at"), "Must lie in the future", str(draft.expires_at))
    own_end = grant.key.expires_at
    if own_end is not None and (expires_at is None or expires_at > own_end):
        raise not_enough_rights()
    text = new_key()
    key_id = new_id()
    row = {
        "id": key_id,
        "digest": digest_of(text),
        "user_id": grant.key.user_id,
        "name": draft.name,
        "role": draft.role,
        "organization_id": organization_id,
        "orbit_id": orbit_id,
        "expires_at": expires_at,
        "created_at": now(),
    }
    people.add_key(connection, row)
    return {**_fields(people.key(connection, key_id)), "key": text}


def delete(connection: Connection, grant: Grant, key_id: str) -> None:
    """Delete one of the caller's keys; or a 404."""
    row = people.key_of(connection, grant.key.user_id, key_id)
    if row is None or not _within(grant.key, row):
        raise not_found("API key")
    people.remove_key(connection, key_id)


def _scope(connection: Connection, grant: Grant, draft: KeyDraft) -> tuple[str | None, str | None]:
    key = grant.key
    orbit_id = str(draft.orbit_id) if draft.orbit_id else key.orbit_id
    organization_id = str(draft.organization_id) if draft.organization_id else key.organization_id
    if orbit_id is not None:
        columns = tables.orbits.c
        query = select(columns.organization_id).where(columns.id == orbit_id)
        owner = connection.execute(query).scalar_one_or_none()
        if owner is None or key.orbit_id not in (None, orbit_id):
            raise not_found("Orbit")
        if organization_id not in (None, owner):
            raise not_found("Orbit")
        organization_id = owner
    if key.organization_id not in (None, organization_id):
        raise not_enough_rights()
    if organization_id is not None:
        role = people.role_in(connection, organization_id, key.user_id)
        if role is None:
            raise not_found("Orbit") if orbit_id is not None else not_enough_rights()
    return organization_id, orbit_id


def _within(key: access.Key, row: AnyRow) -> bool:
    """Say whether a key's scope holds the scope of another."""
    return key.organization_id in (None, row.organization_id) and key.orbit_id in (
        None,
        row.orbit_id,
    )


def _fields(row: AnyRow) -> Mapping[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "role": row.role,
        "organization_id": row.organization_id,
        "orbit_id": row.orbit_id,
        "expires_at": optional_time(row.expires_at),
        "created_at": wire_time(row.created_at),
    }
