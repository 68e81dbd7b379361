"""Orbits (wire, section 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Connection

from luml.server.db import access, bucket_secrets, collections, orbits, people
from luml.server.db.ids import new_id
from luml.server.db.types import AnyRow, now, wire_time
from luml.server.errors import conflict, invalid, not_found
from luml.server.services.documents import optional_time
from luml.server.services.fields import Name, Request
from luml.server.services.policy import MANAGERS, Grant, Right, rights_of

OrbitRole = Literal["admin", "member"]


class Member(BaseModel):
    """A person that a new orbit starts with."""

    user_id: UUID
    role: OrbitRole = "member"


class OrbitDraft(Request):
    """The body that creates an orbit."""

    name: Name
    bucket_secret_id: UUID
    members: list[Member] | None = None
    notify: bool | None = None


class OrbitChange(Request):
    """The body that changes an orbit; what it does not name stays."""

    name: Name | None = None
    bucket_secret_id: UUID | None = None


def list_visible(
    connection: Connection, grant: Grant, organization_id: str
) -> list[Mapping[str, Any]]:
    """Return the orbits of an organization that the caller may see, by name."""
    key = grant.key
    rows = orbits.of_organization(connection, organization_id, key.user_id, key.orbit_id)
    return [
        orbit_fields(row, grant, row.orbit_role)
        for row in rows
        if grant.manages or row.orbit_role is not None
    ]


def details(connection: Connection, grant: Grant) -> Mapping[str, Any]:
    """Return the grant's orbit with its people and the tags of its collections."""
    orbit = grant.the_orbit()
    return _details(connection, grant, orbit, grant.orbit_role)


def _details(
    connection: Connection, grant: Grant, orbit: access.Orbit | AnyRow, role: str | None
) -> Mapping[str, Any]:
    members = [
        {
            "id": row.id,
            "orbit_id": orbit.id,
            "user_id": row.user_id,
            "name": row.name,
            "email": row.email,
            "role": row.role,
            "created_at": wire_time(row.created_at),
        }
        for row in people.orbit_members_of(connection, orbit.id)
    ]
    tags = collections.tags_of_orbit(connection, orbit.id)
    return {**orbit_fields(orbit, grant, role), "members": members, "collections_tags": tags}


def create(
    connection: Connection, grant: Grant, organization_id: str, draft: OrbitDraft
) -> dict[str, Any]:
    """Store a new orbit, with the caller as its first admin, and return its details."""
    secret_id = _secret(connection, organization_id, draft.bucket_secret_id)
    roles = {str(member.user_id): member.role for member in draft.members or []}
    known = people.members_among(connection, organization_id, list(roles))
    strangers = sorted(set(roles) - known)
    if strangers:
        raise invalid(("body", "members"), "Not in this organization", ", ".join(strangers))
    roles[grant.key.user_id] = "admin"
    moment, orbit_id = now(), new_id()
    row = {
        "id": orbit_id,
        "organization_id": organization_id,
        "bucket_secret_id": secret_id,
        "name": draft.name,
        "total_members": len(roles),
        "total_collections": 0,
        "total_artifacts": 0,
        "created_at": moment,
    }
    members = [
        {
            "id": new_id(),
            "orbit_id": orbit_id,
            "user_id": user_id,
            "role": role,
            "created_at": moment,
        }
        for user_id, role in roles.items()
    ]
    orbits.add(connection, row, members)
    return dict(_details(connection, grant, orbits.get(connection, orbit_id), "admin"))


def update(connection: Connection, grant: Grant, change: OrbitChange) -> Mapping[str, Any]:
    """Change what is named of the grant's orbit; artifacts stay in the bucket they are in."""
    orbit = grant.the_orbit()
    values: dict[str, Any] = change.named("name")
    if change.bucket_secret_id is not None:
        secret_id = _secret(connection, orbit.organization_id, change.bucket_secret_id)
        values["bucket_secret_id"] = secret_id
        if not orbit.total_artifacts:
            orbits.forget_buckets(connection, orbit.id)
        orbits.use_bucket(connection, orbit.id, secret_id)
    if values:
        orbits.change(connection, orbit.id, {**values, "updated_at": now()})
    return orbit_fields(orbits.get(connection, orbit.id), grant, grant.orbit_role)


def delete(connection: Connection, grant: Grant) -> None:
    """Delete the grant's orbit with its empty collections; a 409 if it holds artifacts."""
    orbit = grant.the_orbit()
    if orbit.total_artifacts:
        detail = f"The orbit holds {orbit.total_artifacts} artifacts; delete them first."
        raise conflict("orbit_not_empty", detail)
    for collection_id in collections.of_orbit(connection, orbit.id):
        collections.remove(connection, collection_id, orbit.id)
    people.remove_keys_of_orbit(connection, orbit.id)
    orbits.remove(connection, orbit.id)


def _secret(connection: Connection, organization_id: str, secret_id: UUID) -> str:
    secret = bucket_secrets.get(connection, str(secret_id))
    if secret is None or secret.organization_id != organization_id:
        raise not_found("Secret")
    return str(secret.id)


def orbit_fields(
    orbit: access.Orbit | AnyRow, grant: Grant, orbit_role: str | None
) -> Mapping[str, Any]:
    """Return an orbit as the wire shows it to the caller."""
    role = orbit_role or ("admin" if grant.manages else None)
    return {
        "id": orbit.id,
        "name": orbit.name,
        "organization_id": orbit.organization_id,
        "bucket_secret_id": orbit.bucket_secret_id,
        "total_members": orbit.total_members,
        "total_collections": orbit.total_collections,
        "total_satellites": 0,
        "total_artifacts": orbit.total_artifacts,
        "role": role,
        "permissions": _permissions(grant, role),
        "created_at": wire_time(orbit.created_at),
        "updated_at": optional_time(orbit.updated_at),
    }


def _permissions(grant: Grant, role: str | None) -> dict[str, list[str]]:
    right = rights_of(grant.key.role)
    written = ["list", "read"]
    if right >= Right.WRITE:
        written += ["create", "update", "delete"]
    manages = right >= Right.ADMIN and (grant.manages or role in MANAGERS)
    managed = ["read", "update", "delete"] if manages else ["read"]
    return {"orbit": managed, "collection": written, "artifact": written}
