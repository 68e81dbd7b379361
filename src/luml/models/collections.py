"""Collections of artifacts."""

from luml.models.base import WireModel
from luml.models.enums import CollectionType


class Collection(WireModel):
    """A named set of artifacts within an orbit."""

    id: str
    orbit_id: str
    description: str
    name: str
    type: CollectionType
    tags: list[str] | None = None
    total_artifacts: int = 0
    created_at: str
    updated_at: str | None = None


class CollectionDetails(Collection):
    """A collection with what its artifacts have in common.

    Attributes:
        artifacts_tags: The tags that its artifacts carry.
        artifacts_extra_values: The metric keys that its artifacts carry.
    """

    artifacts_tags: list[str] | None = None
    artifacts_extra_values: list[str] | None = None


class CollectionsList(WireModel):
    """One page of collections; ``cursor`` is None on the last one."""

    items: list[Collection]
    cursor: str | None = None
