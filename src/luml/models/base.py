"""What all wire models share: frozen, and indifferent to fields of a newer server."""

from pydantic import BaseModel, ConfigDict


class WireModel(BaseModel):
    """A value that travels on the wire."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        use_enum_values=False,
        defer_build=True,  # validators are built when first used: the import stays short
    )
