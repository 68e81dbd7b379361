"""Lists of artifacts: filters, sort keys and cursors (wire, section 4)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from luml.models import ArtifactSortBy, ArtifactType, SortOrder
from luml.server.db import artifacts, collections, listing, tables
from luml.server.db import pages as lists
from luml.server.db.listing import Listing
from luml.server.db.pages import USUAL, Effort
from luml.server.errors import Problem, bad_request
from luml.server.filters.conditions import Condition, Contains, both, folded
from luml.server.filters.parser import parse
from luml.server.filters.tokens import FilterError
from luml.server.services import cursors
from luml.server.services.documents import Page
from luml.server.services.policy import Grant

LOOKUP = "id"
_KINDS: dict[str, type[str] | type[int]] = {
    "created_at": int,
    "size": int,
    "name": str,
    "description": str,
    "status": str,
    "type": str,
}


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What a client asks of a list; see the wire for each name."""

    collection_ids: tuple[str, ...]
    types: tuple[ArtifactType, ...]
    search: str
    condition: Condition | None
    name: str | None
    sort_by: str
    order: SortOrder
    cursor: str | None
    limit: int
    summary: bool
    excluded_tracks: tuple[str, ...] = ()


def read(
    connection: Connection, grant: Grant, request: PageRequest, effort: Effort = USUAL
) -> Page:
    """Return a page of artifacts.

    Raises:
        Problem: 404 if a collection is not of the orbit, 400 if the sort key or the cursor is none.
    """
    wanted = _listing(grant, request)
    _check_collections(connection, wanted)
    if request.cursor is None:
        # Later pages go on even if the last artifact with the metric has just been deleted.
        _check_sort_key(connection, wanted)
    key = wanted.sort_by if wanted.name is None else LOOKUP
    scope = cursors.scope_of(
        [
            wanted.orbit_id,
            sorted(set(wanted.collection_ids)),
            sorted(set(wanted.types)),
            repr(wanted.condition),
            wanted.name,
            sorted(request.excluded_tracks),
        ]
    )
    after = None
    if request.cursor is not None:
        after = cursors.decode(request.cursor, key, wanted.descending, scope, _KINDS.get(key))
    found = lists.page(connection, wanted, after, request.limit + 1, effort)
    shown = found.places[: request.limit]
    last = shown[-1] if len(found.places) > request.limit else found.reached
    rows = artifacts.listed(connection, [place.id for place in shown], summary=request.summary)
    names = collections.names(connection, sorted({row.collection_id for row in rows}))
    cursor = None if last is None else cursors.encode(last, key, wanted.descending, scope)
    return Page(rows, names, cursor)


def _listing(grant: Grant, request: PageRequest) -> Listing:
    return Listing(
        orbit_id=grant.the_orbit().id,
        collection_ids=tuple(dict.fromkeys(request.collection_ids)),
        types=tuple(dict.fromkeys(kind.value for kind in request.types)),
        condition=both(_searched(request.search), request.condition),
        name=request.name,
        sort_by=request.sort_by,
        descending=request.order is SortOrder.DESC,
    )


def condition_of(text: str) -> Condition | None:
    """Return what the text of a filter says; nothing, if it is blank.

    Raises:
        Problem: 400 ``invalid_filter``, with the column of what is wrong.
    """
    if not text.strip():
        return None
    try:
        return parse(text)
    except FilterError as error:
        raise bad_request(
            "invalid_filter", f"Column {error.column} of the filter: {error.message}."
        ) from None


def _searched(search: str) -> Condition | None:
    return Contains("search", folded(search)) if search else None


def _check_collections(connection: Connection, wanted: Listing) -> None:
    if not wanted.collection_ids:
        return
    columns = tables.collections.c
    query = select(columns.id).where(
        columns.id.in_(wanted.collection_ids), columns.orbit_id == wanted.orbit_id
    )
    known = set(connection.execute(query).scalars())
    unknown = [name for name in wanted.collection_ids if name not in known]
    if unknown:
        detail = f"You don't have access to the following collections: {', '.join(unknown)}"
        raise Problem(404, "collection_not_found", detail)


def _check_sort_key(connection: Connection, wanted: Listing) -> None:
    if wanted.name is not None and wanted.sort_by != ArtifactSortBy.CREATED_AT:
        raise bad_request("invalid_sorting", "Artifacts of one name are sorted by created_at only.")
    if wanted.by_metric and not listing.has_metric(connection, wanted):
        raise bad_request("invalid_sorting", f"Invalid sorting column: {wanted.sort_by}")
