"""Reads what is in order: merges of ranges, whole or for what fulfils a condition.

A *range* is a prefix of an index, followed by the sort value and the id. The database merges ranges
in order and stops at the limit. Where a condition has to be looked up row by row, a scan ends after
a number of rows, and says how far it came.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, asc, desc, select, union_all

from luml.server.db.filtering import Clause
from luml.server.db.tables import artifacts
from luml.server.db.types import AnySelect

Value = str | int | float | None

MERGED_AT_ONCE = 32
LEAST_BUDGET = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the sort value (None for a metric that is lacking) and the id."""

    value: Value
    id: str

    @property
    def key(self) -> tuple[Any, str]:
        """What places of one segment sort by."""
        return self.value, self.id


@dataclass(frozen=True, slots=True)
class Segment:
    """Ranges that merge.

    Attributes:
        ranges: Queries for (value, id), or for the id alone where the segment is fixed.
        fixed: True if all of it sorts by one value, which is ``value``.
    """

    ranges: list[AnySelect]
    fixed: bool
    value: Value = None


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a list.

    Attributes:
        places: In order.
        reached: How far it was looked for more; None if to the end, or if it is as long as asked.
    """

    places: list[Place]
    reached: Place | None = None


@dataclass(frozen=True, slots=True)
class Scan:
    """How to read a segment.

    Attributes:
        descending: The direction of sort value and id.
        count: How many places are wanted.
        condition: What the artifacts must fulfil; None for all.
        budget: How many rows are looked at where there is a condition.
    """

    descending: bool
    count: int
    condition: Clause | None = None
    budget: int = 0

    def read(self, connection: Connection, segment: Segment) -> Slice:
        """Return the first places of a segment."""
        ranges = segment.ranges
        starts = range(0, len(ranges), MERGED_AT_ONCE)
        budget = max(LEAST_BUDGET, self.budget // max(1, len(starts)))
        slices = [
            self._merged(connection, segment, ranges[start : start + MERGED_AT_ONCE], budget)
            for start in starts
        ]
        if len(slices) == 1:
            return slices[0]
        return self._joined(slices)

    def _joined(self, slices: Sequence[Slice]) -> Slice:
        key = _key
        merged = heapq.merge(*[one.places for one in slices], key=key, reverse=self.descending)
        limits = [one.reached for one in slices if one.reached is not None]
        if not limits:
            return Slice(list(islice(merged, self.count)))
        # What one slice did not look at may come before what another one found.
        first = max(limits, key=key) if self.descending else min(limits, key=key)
        places = list(islice(self._until(merged, first), self.count))
        return Slice(places, None if len(places) >= self.count else first)

    def _until(self, places: Iterable[Place], last: Place) -> Iterable[Place]:
        for place in places:
            if place.key < last.key if self.descending else place.key > last.key:
                return
            yield place

    def _merged(
        self, connection: Connection, segment: Segment, ranges: Sequence[AnySelect], budget: int
    ) -> Slice:
        most = self.count if self.condition is None else budget
        ordered = self._ordered(connection, segment, ranges, most)
        if self.condition is None:
            rows = connection.execute(ordered.limit(self.count))
            return Slice([_place(segment, row) for row in rows])
        looked = ordered.limit(budget).subquery("looked")
        verdict = select(self.condition).where(artifacts.c.id == looked.c.id).scalar_subquery()
        # In the order of the inner query: both databases stream it, and stop at the limit.
        rows = connection.execute(select(*looked.c).where(verdict).limit(self.count))
        places = [_place(segment, row) for row in rows]
        if len(places) >= self.count:
            return Slice(places, places[-1])
        last = connection.execute(ordered.limit(1).offset(budget - 1)).first()
        return Slice(places, None if last is None else _place(segment, last))

    def _ordered(
        self, connection: Connection, segment: Segment, ranges: Sequence[AnySelect], most: int
    ) -> AnySelect | CompoundSelect[*tuple[Any, ...]]:
        names = ("id",) if segment.fixed else ("value", "id")
        direction = desc if self.descending else asc
        order: list[ColumnElement[Any]] = [direction(name) for name in names]
        if len(ranges) == 1:
            return ranges[0].order_by(*order)
        if connection.dialect.name == "postgresql":
            # Its planner sees the order of an index within a range only where that has its own.
            ranges = [one.order_by(*order).limit(most) for one in ranges]
        return union_all(*ranges).order_by(*order)


def _key(place: Place) -> tuple[Any, str]:
    return place.key


def _place(segment: Segment, row: Any) -> Place:
    return Place(segment.value, row[0]) if segment.fixed else Place(row[0], row[1])
