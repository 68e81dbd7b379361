"""Pages of artifacts, whatever is asked of them, at a bounded cost.

Where a condition is common its artifacts are met soon in the order of the list; where it is rare an
index may find them all. So a page first looks at a few artifacts in order, then for an index that
finds few, and if there is none looks at more in order. What it may look at is limited: a page may
be shorter than asked, or empty, with a place from which to go on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from luml.server.db import candidates
from luml.server.db.filtering import clause
from luml.server.db.listing import Listing, Pair, pairs_of, segments
from luml.server.db.scanning import Place, Scan, Slice


@dataclass(frozen=True, slots=True)
class Effort:
    """How much a page may look at where a condition has to be looked up row by row.

    Attributes:
        glance: Artifacts in the order of the list, before an index is asked.
        few: Artifacts that an index may find, to be sorted.
        look: Artifacts in the order of the list if no index finds few, for each of its segments.
    """

    glance: int = 1000
    few: int = 5000
    look: int = 20_000


USUAL = Effort()


def page(
    connection: Connection,
    listing: Listing,
    after: Place | None,
    count: int,
    effort: Effort = USUAL,
) -> Slice:
    """Return the places of the next ``count`` artifacts after a place, or of the first ones."""
    pairs = pairs_of(connection, listing)
    if listing.condition is None:
        return _scan(connection, listing, pairs, after, Scan(listing.descending, count))
    scan = Scan(listing.descending, count, clause(listing.condition), effort.glance)
    first = _scan(connection, listing, pairs, after, scan)
    if first.reached is None:
        return first
    source = None
    if listing.name is None:
        source = candidates.smallest(connection, listing, pairs, effort.few)
    if source is not None:
        found = candidates.read(connection, listing, pairs, source, after)
        return Slice(found[:count])
    rest = replace(scan, count=count - len(first.places), budget=effort.look)
    second = _scan(connection, listing, pairs, first.reached, rest)
    return Slice(first.places + second.places, second.reached)


def _scan(
    connection: Connection, listing: Listing, pairs: list[Pair], after: Place | None, scan: Scan
) -> Slice:
    found: list[Place] = []
    for segment in segments(connection, listing, pairs, after):
        part = replace(scan, count=scan.count - len(found)).read(connection, segment)
        found += part.places
        if len(found) >= scan.count:
            break
        if part.reached is not None:
            return Slice(found, part.reached)
    return Slice(found)
