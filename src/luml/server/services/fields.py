"""The limits of what clients may write, each once (wire, sections 2 to 4)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

NAME_LENGTH = 100
DESCRIPTION_LENGTH = 1000
COLLECTION_TAGS = 50
COLLECTION_TAG_LENGTH = 64
ARTIFACT_NAME_LENGTH = 255
ARTIFACT_DESCRIPTION_LENGTH = 10_000
ARTIFACT_TAGS = 200
ARTIFACT_TAG_LENGTH = 255
BATCH = 100
RESUME_TOKEN_LENGTH = 128


def _plain(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not hold a NUL character")
    return text


def _distinct(tags: list[str]) -> list[str]:
    return list(dict.fromkeys(tags))


PlainText = Annotated[str, AfterValidator(_plain)]
Name = Annotated[PlainText, Field(min_length=1, max_length=NAME_LENGTH)]
Description = Annotated[PlainText, Field(max_length=DESCRIPTION_LENGTH)]
CollectionTags = Annotated[
    list[Annotated[PlainText, Field(max_length=COLLECTION_TAG_LENGTH)]],
    Field(max_length=COLLECTION_TAGS),
    AfterValidator(_distinct),
]
ArtifactName = Annotated[PlainText, Field(min_length=1, max_length=ARTIFACT_NAME_LENGTH)]
ArtifactDescription = Annotated[PlainText, Field(max_length=ARTIFACT_DESCRIPTION_LENGTH)]
ArtifactTags = Annotated[
    list[Annotated[PlainText, Field(max_length=ARTIFACT_TAG_LENGTH)]],
    Field(max_length=ARTIFACT_TAGS),
    AfterValidator(_distinct),
]


class Request(BaseModel):
    """A JSON body; keys that it does not know are ignored, as the public server does."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    def named(self, *names: str) -> dict[str, Any]:
        """Return the given fields that the client named and did not leave null."""
        given = {name: getattr(self, name) for name in names if name in self.model_fields_set}
        return {name: value for name, value in given.items() if value is not None}
