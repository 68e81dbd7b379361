"""Organizations."""

from luml.models.base import WireModel


class Organization(WireModel):
    """A company or team; the tenant of a registry."""

    id: str
    name: str
    logo: str | None = None
    role: str | None = None
    created_at: str
    updated_at: str | None = None
