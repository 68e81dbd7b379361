"""Orbits (wire, section 2)."""

from __future__ import annotations

from luml.api.operations.paths import OrbitPath, OrganizationPath
from luml.api.operations.request import Repeat, Request, given, into, into_type, nothing
from luml.models import Orbit


def list_orbits(path: OrganizationPath) -> Request[list[Orbit]]:
    """List all orbits of an organization; there is no paging."""
    return Request("GET", f"{path.url}/orbits", into_type(list[Orbit]))


def get_orbit(path: OrbitPath) -> Request[Orbit]:
    """Ask for one orbit."""
    return Request("GET", path.url, into(Orbit))


def create_orbit(path: OrganizationPath, name: str, bucket_secret_id: str) -> Request[Orbit]:
    """Make an orbit."""
    body = {"name": name, "bucket_secret_id": bucket_secret_id}
    return Request("POST", f"{path.url}/orbits", into(Orbit), json=body, repeat=Repeat.KEYED)


def update_orbit(path: OrbitPath, name: str | None, bucket_secret_id: str | None) -> Request[Orbit]:
    """Change what is given."""
    body = given(name=name, bucket_secret_id=bucket_secret_id)
    return Request("PATCH", path.url, into(Orbit), json=body)


def delete_orbit(path: OrbitPath) -> Request[None]:
    """Remove an orbit."""
    return Request("DELETE", path.url, nothing)
