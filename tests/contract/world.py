"""Artifacts in the database and in Python, so that one can be held against the other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Connection

from luml.server.db.pages import USUAL, Effort
from luml.server.filters.conditions import Condition, folded
from luml.server.services import pages
from tests.contract.database import Bench, page_request
from tests.unit.filters.evaluation import Facts, holds

KEYS = ["F1", "loss", "created_at", "naïve µ", ""]
SORT_KEYS = ["created_at", "name", "size", "description", "status", "type", "F1", "loss", "naïve µ"]
NUMBERS = st.one_of(
    st.sampled_from([0, 0.0, -0.0, 1, -1, 0.5, 10**20, -(10**20), 1e308, -1e308, 5e-324]),
    st.integers(-3, 3),
    st.floats(allow_nan=False, allow_infinity=False),
)
OTHERS = st.sampled_from(["text", "1.5", True, False, None, "NaN", [1], {"a": 1}, 10**400])
VALUES = st.dictionaries(st.sampled_from(KEYS), st.one_of(NUMBERS, NUMBERS, OTHERS), max_size=3)
TEXTS = st.sampled_from(["", "a", "A", "b", "ä", "Z", "z z", "ß", "😀", "%_"])
ARTIFACTS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["model", "dataset", "experiment"]),
        "extra_values": VALUES,
        "name": TEXTS,
        "description": st.one_of(st.none(), TEXTS),
        "size": st.sampled_from([0, 1, 2, 5497558138880]),
        "status": st.sampled_from(["uploaded", "pending_upload", "upload_failed"]),
        "created_at": st.integers(1, 4),
        "tags": st.lists(st.sampled_from(["prod", "Old", "ß", "a"]), max_size=2, unique=True),
        "collection": st.integers(0, 1),
    }
)


@dataclass
class Kept:
    """An artifact as the test remembers it."""

    id: str
    collection_id: str
    fields: dict[str, Any]

    def facts(self) -> Facts:
        """Return what a condition may ask of it."""
        values = {key: self.metric(key) for key in self.fields["extra_values"]}
        names = ("name", "status")
        texts = {name: str(self.fields[name]) for name in names}
        return Facts(
            {
                **texts,
                "file_name": "a.luml",
                "type": self.fields["kind"],
                "description": self.fields["description"] or "",
            },
            self.fields["tags"],
            {name: int(self.fields[name]) for name in ("size", "created_at")},
            {key: value for key, value in values.items() if value is not None},
        )

    def metric(self, key: str) -> float | None:
        value = self.fields["extra_values"].get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        try:
            return float(value) if math.isfinite(value) else None
        except OverflowError:
            return None


@dataclass
class World:
    """An orbit of two collections, in the database and in Python."""

    bench: Bench
    orbit_id: str
    collection_ids: list[str]
    kept: list[Kept] = field(default_factory=list[Kept])

    def add(self, *drawn: dict[str, Any]) -> None:
        with self.bench.database.write() as connection:
            for fields in drawn:
                self._add(connection, fields)

    def _add(self, connection: Connection, fields: dict[str, Any]) -> None:
        collection_id = self.collection_ids[int(fields["collection"])]
        columns = {
            name: value
            for name, value in fields.items()
            if name not in ("kind", "extra_values", "collection")
        }
        artifact_id = self.bench.add_artifact(
            connection, collection_id, fields["kind"], fields["extra_values"], **columns
        )
        self.kept.append(Kept(artifact_id, collection_id, fields))

    def remove(self, kept: Kept) -> None:
        self.kept.remove(kept)
        with self.bench.database.write() as connection:
            self.bench.remove_artifact(connection, kept.collection_id, kept.id)

    def expected(self, sort_by: str, descending: bool, scope: Scope) -> list[str]:
        shown = [kept for kept in self.kept if scope.holds(kept)]
        return [kept.id for kept in in_order(shown, sort_by, descending)]

    def pages(
        self,
        sort_by: str,
        descending: bool,
        limit: int,
        scope: Scope,
        effort: Effort = USUAL,
    ) -> Iterator[list[str]]:
        cursor = None
        while True:
            request = page_request(
                collection_ids=scope.collection_ids,
                types=scope.types,
                search=scope.search,
                condition=scope.condition,
                sort_by=sort_by,
                descending=descending,
                cursor=cursor,
                limit=limit,
            )
            with self.bench.database.read() as connection:
                grant = self.bench.grant(connection, self.orbit_id)
                page = pages.read(connection, grant, request, effort)
            yield [row.id for row in page.rows]
            cursor = page.cursor
            if cursor is None:
                return


@dataclass(frozen=True)
class Scope:
    """Which artifacts a list holds."""

    collection_ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    search: str = ""
    condition: Condition | None = None

    def holds(self, kept: Kept) -> bool:
        texts = [kept.fields["name"], "a.luml", *kept.fields["tags"]]
        return (
            (not self.collection_ids or kept.collection_id in self.collection_ids)
            and (not self.types or kept.fields["kind"] in self.types)
            and any(folded(self.search) in folded(text) for text in texts)
            and (self.condition is None or holds(self.condition, kept.facts()))
        )


def in_order(shown: Sequence[Kept], sort_by: str, descending: bool) -> list[Kept]:
    """Sort as the wire says, section 1."""
    columns = {"created_at", "name", "size", "status"}
    if sort_by == "type":
        return sorted(shown, key=lambda kept: (kept.fields["kind"], kept.id), reverse=descending)
    if sort_by == "description":
        return sorted(
            shown,
            key=lambda kept: (
                kept.fields["description"] is not None,
                kept.fields["description"] or "",
                kept.id,
            ),
            reverse=descending,
        )
    if sort_by in columns:
        return sorted(shown, key=lambda kept: (kept.fields[sort_by], kept.id), reverse=descending)
    having = [(value, kept) for kept in shown if (value := kept.metric(sort_by)) is not None]
    lacking = [kept for kept in shown if kept.metric(sort_by) is None]
    having.sort(key=lambda pair: (pair[0], pair[1].id), reverse=descending)
    lacking.sort(key=lambda kept: kept.id, reverse=descending)
    return [kept for _, kept in having] + lacking


def make_world(bench: Bench, drawn: Sequence[dict[str, Any]]) -> World:
    with bench.database.write() as connection:
        orbit_id = bench.add_orbit(connection)
        found = [bench.add_collection(connection, orbit_id) for _ in range(2)]
    world = World(bench, orbit_id, found)
    world.add(*drawn)
    return world
