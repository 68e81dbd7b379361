"""Who may do what: the one question that every route asks.

A key stands for a person, with a role and perhaps a scope (one organization or one orbit). What a
request may do is the
least of three: the role of the key, its scope, and the person's membership. A caller never learns
whether something that it
may not see exists (wire, section 1).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

from sqlalchemy import Connection

from luml.server.db import access
from luml.server.db.types import now
from luml.server.errors import Problem, not_authenticated, not_enough_rights, not_found

Value = TypeVar("Value")

KEY_PREFIX = "luml_"
KEY_BYTES = 32


class Right(IntEnum):
    """What a request does; each right holds the ones before it."""

    READ = 1
    WRITE = 2
    ADMIN = 3


ROLE_RIGHTS = {"read": Right.READ, "write": Right.WRITE, "admin": Right.ADMIN}
MANAGERS = frozenset({"owner", "admin"})


def rights_of(role: str) -> Right:
    """Return the most that a key with a role may do."""
    return ROLE_RIGHTS[role]


def _present(value: Value | None) -> Value:
    if value is None:
        raise LookupError("the place of this grant does not go that deep")
    return value


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request goes; each id lies within the one before it."""

    organization: str | None = None
    orbit: str | None = None
    collection: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A request that may go on: who asks, and the rows it is about.

    Attributes:
        key: The key, its user, and its scope.
        role: The caller's role in the organization: owner, admin or member; None outside of one.
        orbit: The orbit; only there if the place names one.
        collection: The collection; only there if the place names one.
    """

    key: access.Key
    role: str | None
    orbit_role: str | None
    orbit: access.Orbit | None
    collection: access.Collection | None

    @property
    def manages(self) -> bool:
        """True for owners and admins of the organization."""
        return self.role in MANAGERS

    def the_orbit(self) -> access.Orbit:
        """Return the orbit of a place that names one."""
        return _present(self.orbit)

    def the_collection(self) -> access.Collection:
        """Return the collection of a place that names one."""
        return _present(self.collection)


def new_key() -> str:
    """Return the text of a new API key."""
    return KEY_PREFIX + secrets.token_urlsafe(KEY_BYTES)


def digest_of(key: str) -> bytes:
    """Return what is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def authorize(connection: Connection, key: str | None, right: Right, place: Place) -> Grant:
    """Return the grant for a request, with one query.

    Args:
        connection: An open transaction.
        key: The text of the API key, None if the request has none.
        right: What the request does.
        place: Where it goes.

    Raises:
        Problem: 401, 403 or 404, as the table of the wire's section 1 says.
    """
    if key is None:
        raise not_authenticated()
    digest = digest_of(key)
    found = access.find(connection, digest, place.organization, place.orbit, place.collection)
    if found is None or not hmac.compare_digest(found.key.digest, digest):
        raise not_authenticated()
    refusal = decide(found, right, place, now())
    if refusal is not None:
        raise refusal
    return Grant(found.key, found.role, found.orbit_role, found.orbit, found.collection)


def decide(found: access.Found, right: Right, place: Place, moment: int) -> Problem | None:
    """Return why a request may not go on, or None."""
    key = found.key
    if key.expires_at is not None and key.expires_at <= moment:
        return not_authenticated()
    refusal = None
    if place.organization is not None:
        refusal = _outside(found, place)
    if refusal is None and ROLE_RIGHTS[key.role] < right:
        refusal = not_enough_rights()
    if refusal is None and right is Right.ADMIN:
        refusal = _unfit_to_manage(found, place)
    return refusal


def _outside(found: access.Found, place: Place) -> Problem | None:
    key = found.key
    if found.role is None or key.organization_id not in (None, place.organization):
        return not_enough_rights()
    if place.orbit is not None:
        visible = found.role in MANAGERS or found.orbit_role is not None
        if found.orbit is None or not visible or key.orbit_id not in (None, place.orbit):
            return not_found("Orbit")
    if place.collection is not None and found.collection is None:
        return not_found("Collection")
    return None


def _unfit_to_manage(found: access.Found, place: Place) -> Problem | None:
    if place.organization is None or found.role in MANAGERS:
        narrow = found.key.orbit_id is not None and place.orbit is None
        return not_enough_rights() if narrow and place.organization is not None else None
    orbit_manager = place.orbit is not None and found.orbit_role in MANAGERS
    return None if orbit_manager else not_enough_rights()
