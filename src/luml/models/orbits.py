"""Orbits, the workspaces of an organization."""

from luml.models.base import WireModel


class Orbit(WireModel):
    """A workspace whose bytes lie in one bucket."""

    id: str
    name: str
    organization_id: str
    bucket_secret_id: str
    total_members: int | None = None
    total_collections: int | None = None
    total_artifacts: int | None = None
    role: str | None = None
    created_at: str
    updated_at: str | None = None


class OrbitBase(WireModel):
    """An orbit as a bucket secret names it."""

    id: str
    name: str
    created_at: str
    updated_at: str | None = None
