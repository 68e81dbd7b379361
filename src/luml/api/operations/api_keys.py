"""API keys and their user (wire, section 1)."""

from __future__ import annotations

from luml.api.operations.paths import segment
from luml.api.operations.request import Repeat, Request, given, into, into_type, nothing
from luml.models import ApiKey, NewApiKey, User

KEYS = "/v1/auth/api-keys"


def validate_key() -> Request[None]:
    """Ask whether the key is good."""
    return Request("GET", f"{KEYS}/validate", nothing)


def get_user() -> Request[User]:
    """Ask whose key it is."""
    return Request("GET", "/v1/users/me", into(User))


def list_keys() -> Request[list[ApiKey]]:
    """List the caller's keys, as far as the key in use may see them."""
    return Request("GET", KEYS, into_type(list[ApiKey]))


def create_key(
    name: str,
    role: str,
    organization_id: str | None,
    orbit_id: str | None,
    expires_at: str | None,
) -> Request[NewApiKey]:
    """Make a key."""
    body = given(
        name=name,
        role=role,
        organization_id=organization_id,
        orbit_id=orbit_id,
        expires_at=expires_at,
    )
    return Request("POST", KEYS, into(NewApiKey), json=body, repeat=Repeat.KEYED)


def delete_key(key_id: str) -> Request[None]:
    """Remove a key; whoever uses it is turned away from then on."""
    return Request("DELETE", f"{KEYS}/{segment(key_id)}", nothing)
