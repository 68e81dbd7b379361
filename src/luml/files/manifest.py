"""The manifest of an artifact: its two forms, and its type (format, sections 2 to 5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from luml.errors import FileError
from luml.files.json_text import check_depth
from luml.models import ArtifactType

MANIFEST: Final = "manifest.json"
MODEL_FILES: Final = (
    MANIFEST,
    "ops.json",
    "variant_config.json",
    "dtypes.json",
    "env.json",
    "meta.json",
)
_OPTIONAL: Final = {"name": None, "version": None, "description": None}


class _Form(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True, defer_build=True)


class _Variable(_Form):
    name: str
    description: str | None = None
    tags: list[str] | None = None


class _RowsPort(_Form):
    name: str
    content_type: Literal["NDJSON"]
    dtype: Annotated[str, Field(pattern=r"^(Array\[.+\]|NDContainer\[.+\])$")]
    shape: list[int | str]
    tags: list[str] | None = None


class _JsonPort(_Form):
    name: str
    content_type: Literal["JSON"]
    dtype: str
    tags: list[str] | None = None


_Port = Annotated[_RowsPort | _JsonPort, Field(discriminator="content_type")]


class _Described(_Form):
    variant: str
    name: str | None = None
    version: str | None = None
    description: str | None = None
    producer_name: str
    producer_version: str
    producer_tags: list[str]


class _ModelManifest(_Described):
    inputs: list[_Port]
    outputs: list[_Port]
    dynamic_attributes: list[_Variable]
    env_vars: list[_Variable]


class _LumlManifest(_Described):
    artifact_type: str
    payload: dict[str, Any]


def normalise_manifest(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``manifest`` with the optional keys of its form set to None where they are missing.

    Args:
        manifest: The effective manifest. Keys that the form does not know stay.

    Returns:
        A new dict; ``manifest`` is untouched.

    Raises:
        FileError: It fits neither form; the message names the first key that is wrong.

    Format, sections 2 and 4.
    """
    check_manifest(manifest)
    normal = {**_OPTIONAL, **manifest}
    for key in ("inputs", "outputs", "dynamic_attributes", "env_vars"):
        if key in manifest and not _is_luml(manifest):
            normal[key] = [{"tags": None, **entry} for entry in manifest[key]]
    return normal


def check_manifest(manifest: Mapping[str, Any]) -> None:
    """Check that ``manifest`` fits the form of a model or the one with an ``artifact_type``.

    Raises:
        FileError: It fits neither; the message names the first key that is wrong.
    """
    check_depth(dict(manifest))
    form = _LumlManifest if "artifact_type" in manifest else _ModelManifest
    problem = _problem(form, manifest)
    if problem and (form is _ModelManifest or _problem(_ModelManifest, manifest)):
        raise FileError(f"fits no form of a manifest: {problem}")


def artifact_type_of(manifest: Mapping[str, Any], member_names: Collection[str]) -> ArtifactType:
    """Return the type that follows from the effective manifest and the names of the members.

    Args:
        manifest: The effective manifest.
        member_names: The names in the file index.

    Raises:
        FileError: The type is unknown, or nothing says what it is.

    Example:
        >>> artifact_type_of({"variant": "pipeline"}, MODEL_FILES)
        <ArtifactType.MODEL: 'model'>

    Format, section 5; client and server call this same function.
    """
    if _is_luml(manifest):
        stated = manifest["artifact_type"]
        if stated not in tuple(ArtifactType):
            known = ", ".join(ArtifactType)
            raise FileError(f"says artifact_type {stated[:64]!r}; known are {known}")
        return ArtifactType(stated)
    missing = [name for name in MODEL_FILES if name not in member_names]
    if not missing:
        return ArtifactType.MODEL
    if "artifact_type" in manifest:
        raise FileError(f"fits no form of a manifest: {_problem(_LumlManifest, manifest)}")
    raise FileError(
        "does not say what the artifact is: it has no artifact_type, and the archive lacks "
        f"{', '.join(missing)}, without which it is no model"
    )


def _is_luml(manifest: Mapping[str, Any]) -> bool:
    return "artifact_type" in manifest and _problem(_LumlManifest, manifest) is None


def _problem(form: type[BaseModel], manifest: Mapping[str, Any]) -> str | None:
    try:
        form.model_validate(dict(manifest))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return None
