"""API keys and who they belong to."""

from pydantic import Field

from luml.models.base import WireModel


class KeyInUse(WireModel):
    """The key of the client itself.

    Attributes:
        role: read, write or admin.
        organization_id: The one organization it is good for; None for all of its user's.
        orbit_id: The one orbit it is good for.
    """

    id: str
    role: str
    organization_id: str | None = None
    orbit_id: str | None = None
    expires_at: str | None = None


class ApiKey(KeyInUse):
    """An API key without its text, of which only a digest is kept."""

    name: str
    created_at: str


class NewApiKey(ApiKey):
    """A new API key with its text, which is shown this once."""

    key: str = Field(repr=False)


class User(WireModel):
    """Whose key it is."""

    id: str
    name: str
    email: str | None = None
    created_at: str
    api_key: KeyInUse
