"""The JSON members of an artifact file: manifest, patches, metadata (format, section 2)."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from luml.errors import FileError
from luml.files.blocks import Blocks
from luml.files.json_text import check_depth, is_array, is_object, parse_json
from luml.files.limits import (
    MAX_METADATA_BYTES,
    MAX_METADATA_TOTAL,
    MAX_PATCH_OPERATIONS,
    MAX_SIDECARS,
)
from luml.files.manifest import MANIFEST, artifact_type_of, check_manifest
from luml.files.names import shown
from luml.files.patches import apply_patch
from luml.models import ArtifactType

METADATA: Final = "meta.json"
_SIDECAR = re.compile(r"meta-[^/]*\.json")
_PATCH = re.compile(r"manifest-[^/]*\.patch\.json")


class Documents:
    """The JSON members of one artifact file, each read once and within one budget.

    Args:
        blocks: The open file.
        index: Member name to (offset, size) in bytes.
    """

    def __init__(self, blocks: Blocks, index: Mapping[str, tuple[int, int]]) -> None:
        self._blocks = blocks
        self._index = index
        self._total = 0
        self._patched = False

    def manifest(self) -> tuple[dict[str, Any], ArtifactType]:
        """Return the effective manifest and the type that follows from it.

        Raises:
            FileError: There is none, it or a patch is damaged, or it fits no form.
        """
        if MANIFEST not in self._index:
            raise FileError(f"It holds no {MANIFEST}, so it is no artifact.")
        with _inside(MANIFEST):
            manifest = _object(self._parse(MANIFEST, finite=True))
        for name, operations in self._patches():
            with _inside(name):
                manifest = _object(apply_patch(manifest, operations))
        with _inside(MANIFEST):
            if self._patched:
                _check_patched(manifest)
            check_manifest(manifest)
            return manifest, artifact_type_of(manifest, self._index)

    def _patches(self) -> Iterator[tuple[str, Any]]:
        count = 0
        for name in self._named(_PATCH):
            with _inside(name):
                operations = self._parse(name, finite=True)
            count += len(operations) if is_array(operations) else 0
            if count > MAX_PATCH_OPERATIONS:
                raise FileError(f"Its manifest patches hold more than {MAX_PATCH_OPERATIONS:,}.")
            self._patched = True
            yield name, operations

    def metadata(self) -> Iterator[Any]:
        """Yield the entries of ``meta.json``, then of the sidecars in byte order of their names.

        Raises:
            FileError: One of them is not a JSON array.
        """
        first = [METADATA] if METADATA in self._index else []
        for name in first + self._named(_SIDECAR):
            with _inside(name):
                entries = self._parse(name, finite=False)
                if not is_array(entries):
                    raise FileError("is not a JSON array")
            yield from entries

    def _named(self, pattern: re.Pattern[str]) -> list[str]:
        names = [name for name in self._index if pattern.fullmatch(name)]
        if len(names) > MAX_SIDECARS:
            raise FileError(f"It holds more than {MAX_SIDECARS:,} files like {shown(names[0])}.")
        return sorted(names, key=str.encode)

    def _parse(self, name: str, *, finite: bool) -> Any:
        offset, size = self._index[name]
        self._total += size
        if size > MAX_METADATA_BYTES:
            raise FileError(f"has {size} bytes; at most {MAX_METADATA_BYTES:,} are allowed")
        if self._total > MAX_METADATA_TOTAL:
            raise FileError(
                f"and the manifest and metadata before it have more than {MAX_METADATA_TOTAL:,} "
                "bytes together"
            )
        return parse_json(self._blocks.read(offset, size), finite=finite)


def _object(value: Any) -> dict[str, Any]:
    if not is_object(value):
        raise FileError("is not a JSON object")
    return value


def _check_patched(manifest: dict[str, Any]) -> None:
    check_depth(manifest)
    size = len(json.dumps(manifest, ensure_ascii=False, separators=(",", ":")).encode())
    if size > MAX_METADATA_BYTES:
        raise FileError(f"has, patched, {size} bytes; at most {MAX_METADATA_BYTES:,} are allowed")


@contextmanager
def _inside(name: str) -> Generator[None]:
    try:
        yield
    except FileError as error:
        raise FileError(f"Member {shown(name)} {error.message}.") from None
