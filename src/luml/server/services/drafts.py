"""What a client says of a new artifact, checked before any transaction (wire, section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from luml.errors import FileError
from luml.files import artifact_type_of, check_file_name, normalise_manifest
from luml.files.metrics import plain_value
from luml.models import ArtifactType
from luml.server.db.shapes import Shape, shape_of
from luml.server.errors import Problem, bad_request, invalid
from luml.server.services.documents import dump
from luml.server.services.fields import (
    RESUME_TOKEN_LENGTH,
    ArtifactDescription,
    ArtifactName,
    ArtifactTags,
    PlainText,
    Request,
)
from luml.transfer.plan import MAX_OBJECT_SIZE

HASH_LENGTH = 200
HIGHEST = 2**63 - 1


def _legal_file_name(name: str) -> str:
    try:
        check_file_name(name)
    except FileError as error:
        raise ValueError(error.message) from None
    return name


FileName = Annotated[str, AfterValidator(_legal_file_name)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$"), AfterValidator(str.lower)]
Position = Annotated[int, Field(ge=0, le=HIGHEST)]
PartDigests = list[Digest]
MemberDigests = dict[str, Digest]


class ArtifactDraft(Request):
    """The body that creates an artifact."""

    file_name: FileName
    extra_values: dict[str, Any]
    manifest: dict[str, Any]
    file_hash: Annotated[PlainText, Field(max_length=HASH_LENGTH)] | None
    file_index: dict[str, tuple[Position, Position]]
    size: int = Field(ge=0, le=MAX_OBJECT_SIZE)
    name: ArtifactName | None = None
    description: ArtifactDescription | None = None
    tags: ArtifactTags | None = None
    type: ArtifactType | None = None
    lineage_inputs: list[Any] | None = None
    resume_token: Annotated[PlainText, Field(max_length=RESUME_TOKEN_LENGTH)] | None = None
    part_digests: PartDigests | None = None
    member_digests: MemberDigests | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A draft that fits its rules, with its type, shape and documents as text."""

    draft: ArtifactDraft
    shape: Shape
    documents: dict[str, str | None]

    @property
    def type(self) -> ArtifactType:
        """The type that follows from the manifest and the file index."""
        return ArtifactType(self.shape.type)


def prepare(draft: ArtifactDraft, extensions: frozenset[str], max_size: int) -> Prepared:
    """Return a draft made ready to be stored.

    Args:
        draft: What the client says.
        extensions: Those that are on.
        max_size: Bytes that an artifact may have.

    Raises:
        Problem: 422 if the manifest fits no form, the size is over the limit or the hash is
            missing; 400 if no type
            follows, or another one than stated.
    """
    if draft.size > max_size:
        raise invalid(("body", "size"), f"Artifacts have at most {max_size} bytes here", draft.size)
    if draft.file_hash is None and "upload_sessions" not in extensions:
        raise invalid(("body", "file_hash"), "Input should be a valid string")
    manifest = _manifest(draft)
    artifact_type = _type(draft)
    extra_values = plain_value(draft.extra_values)
    documents = {
        "manifest": _text(manifest, "manifest"),
        "file_index": _text(draft.file_index, "file_index"),
        "extra_values": _text(extra_values, "extra_values"),
        **digest_documents(draft.part_digests, draft.member_digests, extensions),
    }
    return Prepared(draft, shape_of(artifact_type, extra_values), documents)


def digest_documents(
    parts: PartDigests | None, members: MemberDigests | None, extensions: frozenset[str]
) -> dict[str, str | None]:
    """Return the digests that were given as documents."""
    if "digests" not in extensions:
        return {}
    given = {"part_digests": parts, "member_digests": members}
    return {name: dump(value) for name, value in given.items() if value is not None}


def _manifest(draft: ArtifactDraft) -> dict[str, Any]:
    try:
        return normalise_manifest(draft.manifest)
    except FileError as error:
        raise invalid(
            ("body", "manifest"), f"The manifest {error.message}", draft.manifest
        ) from None


def _type(draft: ArtifactDraft) -> ArtifactType:
    try:
        derived = artifact_type_of(draft.manifest, draft.file_index.keys())
    except FileError:
        raise _no_type(draft.manifest) from None
    if draft.type is not None and draft.type != derived:
        detail = "Artifact's real type does not match the type you specified."
        raise bad_request("artifact_type_mismatch", detail)
    return derived


def _no_type(manifest: dict[str, Any]) -> Problem:
    if "artifact_type" in manifest:
        return bad_request("unsupported_artifact_type", "Unsupported LUML Artifact type.")
    return bad_request("undefined_artifact_type", "Could not define artifact type.")


def _text(document: object, name: str) -> str:
    try:
        text = dump(document)
        text.encode()
    except (ValueError, RecursionError) as error:
        raise invalid(("body", name), f"It cannot be kept as JSON: {error}") from None
    return text
