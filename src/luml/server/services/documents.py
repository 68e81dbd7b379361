"""Artifacts as JSON text: wide documents go out without being parsed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from luml.server.db import artifacts
from luml.server.db.access import Collection
from luml.server.db.types import AnyRow, wire_time

_NO_DEPLOYMENTS = ',"deployments":[]'
_NAMES = tuple(column.key for column in artifacts.WIRE)

dump = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
"""Return a value as compact JSON text."""


def optional_time(moment: int | None) -> str | None:
    """Return a moment as the wire writes it, None for none."""
    return None if moment is None else wire_time(moment)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list, the names of the collections they are in, and the cursor of the next page."""

    rows: Sequence[AnyRow]
    collection_names: Mapping[str, str]
    cursor: str | None


def _narrow(row: AnyRow) -> dict[str, Any]:
    fields = dict(zip(_NAMES, row, strict=False))
    fields["created_at"] = wire_time(row.created_at)
    fields["updated_at"] = optional_time(row.updated_at)
    return fields


def artifact_text(row: AnyRow, *, summary: bool = False, extra: str = "") -> str:
    """Return an artifact; a summary has neither manifest nor file index.

    Args:
        row: A row of ``db.artifacts``.
        extra: Further members as JSON text that begins with a comma.
    """
    documents = f',"tags":{row.tags or "null"},"extra_values":{row.extra_values}'
    if not summary:
        documents += f',"manifest":{row.manifest},"file_index":{row.file_index}'
    return f"{dump(_narrow(row))[:-1]}{documents}{extra}}}"


def details_text(row: AnyRow, collection: Collection) -> str:
    """Return an artifact with its collection, digests and the reason of its status."""
    digests = (
        f',"part_digests":{row.part_digests or "null"}'
        f',"member_digests":{row.member_digests or "null"}'
    )
    around = (
        f',"status_reason":{dump(row.status_reason)},"tracks":[]'
        f',"collection":{dump(collection_fields(collection))}'
    )
    return artifact_text(row, extra=digests + _NO_DEPLOYMENTS + around)


def page_bytes(page: Page, *, summary: bool) -> bytes:
    """Return a page of artifacts."""
    around = {
        collection_id: f',"collection_name":{dump(name)}{_NO_DEPLOYMENTS}'
        for collection_id, name in page.collection_names.items()
    }
    items = ",".join(
        artifact_text(row, summary=summary, extra=around[row.collection_id]) for row in page.rows
    )
    return f'{{"items":[{items}],"cursor":{dump(page.cursor)}}}'.encode()


def collection_fields(collection: Collection | AnyRow) -> Mapping[str, Any]:
    """Return a collection as the wire shows it (wire, section 3)."""
    return {
        "id": collection.id,
        "orbit_id": collection.orbit_id,
        "description": collection.description,
        "name": collection.name,
        "type": collection.type,
        "tags": None if collection.tags is None else json.loads(collection.tags),
        "total_artifacts": collection.total_artifacts,
        "created_at": wire_time(collection.created_at),
        "updated_at": optional_time(collection.updated_at),
    }
