"""Organizations and the caller (wire, section 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from luml.server.db import people
from luml.server.db.types import wire_time
from luml.server.services.documents import optional_time
from luml.server.services.policy import Grant, Right, rights_of


def list_mine(connection: Connection, grant: Grant) -> list[Mapping[str, Any]]:
    """Return the caller's organizations that the key may see, by name."""
    rows = people.organizations_of(connection, grant.key.user_id, grant.key.organization_id)
    return [
        {
            "id": row.id,
            "name": row.name,
            "logo": row.logo,
            "role": row.role,
            "permissions": permissions(grant, row.role),
            "created_at": wire_time(row.created_at),
            "updated_at": optional_time(row.updated_at),
        }
        for row in rows
    ]


def permissions(grant: Grant, role: str) -> dict[str, list[str]]:
    """Return what the caller may do in an organization, by noun."""
    manages = rights_of(grant.key.role) >= Right.ADMIN and role in ("owner", "admin")
    managed = ["list", "read", "create", "update", "delete"] if manages else ["list", "read"]
    return {"organization": ["read"], "orbit": managed, "bucket_secret": managed}


def me(connection: Connection, grant: Grant) -> Mapping[str, Any]:
    """Return the caller and the key in use."""
    row, key = people.user(connection, grant.key.user_id), grant.key
    return {
        "id": row.id,
        "name": row.name,
        "email": row.email,
        "created_at": wire_time(row.created_at),
        "api_key": {
            "id": key.id,
            "role": key.role,
            "organization_id": key.organization_id,
            "orbit_id": key.orbit_id,
            "expires_at": optional_time(key.expires_at),
        },
    }
