"""Pages of artifacts: each is the slice of a sort done in Python, whatever is written meanwhile."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from luml.server.db import shapes
from luml.server.db.tables import artifact_shapes
from luml.server.services import pages
from tests.contract.database import Bench, DatabasePlace, page_request

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
        "collection": st.integers(0, 1),
    }
)


@dataclass
class Kept:
    """An artifact as the test remembers it."""

    id: str
    collection_id: str
    fields: dict[str, Any]

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
        self, sort_by: str, descending: bool, limit: int, scope: Scope
    ) -> Iterator[list[str]]:
        cursor = None
        while True:
            request = page_request(
                collection_ids=scope.collection_ids,
                types=scope.types,
                search=scope.search,
                sort_by=sort_by,
                descending=descending,
                cursor=cursor,
                limit=limit,
            )
            with self.bench.database.read() as connection:
                grant = self.bench.grant(connection, self.orbit_id)
                page = pages.read(connection, grant, request)
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

    def holds(self, kept: Kept) -> bool:
        text = f"{kept.fields['name']}\na.luml".casefold()
        return (
            (not self.collection_ids or kept.collection_id in self.collection_ids)
            and (not self.types or kept.fields["kind"] in self.types)
            and self.search.casefold() in text
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


@pytest.fixture(scope="module")
def bench(place: DatabasePlace) -> Iterator[Bench]:
    made = place.bench("pages")
    yield made
    made.database.close()


def make_world(bench: Bench, drawn: Sequence[dict[str, Any]]) -> World:
    with bench.database.write() as connection:
        orbit_id = bench.add_orbit(connection)
        found = [bench.add_collection(connection, orbit_id) for _ in range(2)]
    world = World(bench, orbit_id, found)
    world.add(*drawn)
    return world


def scopes(world: World, number: int) -> Scope:
    first, second = world.collection_ids
    return [
        Scope(),
        Scope((first,)),
        Scope((second, first)),
        Scope((second,), ("model", "dataset")),
        Scope(types=("experiment",)),
        Scope(search="A"),
        Scope((first,), search="_"),
    ][number]


def metric_is_known(world: World, sort_by: str, scope: Scope) -> bool:
    wanted = scope.collection_ids or tuple(world.collection_ids)
    return any(
        sort_by in kept.fields["extra_values"] and kept.collection_id in wanted
        for kept in world.kept
    )


def is_sortable(world: World, sort_by: str, scope: Scope) -> bool:
    return sort_by in SORT_KEYS[:6] or metric_is_known(world, sort_by, scope)


@given(
    drawn=st.lists(ARTIFACTS, min_size=1, max_size=12),
    sort_by=st.sampled_from(SORT_KEYS),
    descending=st.booleans(),
    limit=st.integers(1, 6),
    number=st.integers(0, 6),
)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_pages_are_slices_of_a_sort(
    bench: Bench,
    drawn: list[dict[str, Any]],
    sort_by: str,
    descending: bool,
    limit: int,
    number: int,
) -> None:
    world = make_world(bench, drawn)
    scope = scopes(world, number)
    if not is_sortable(world, sort_by, scope):
        return
    expected = world.expected(sort_by, descending, scope)
    found = list(world.pages(sort_by, descending, limit, scope))
    slices = [expected[start : start + limit] for start in range(0, len(expected), limit)]
    assert found == (slices or [[]])


@given(
    drawn=st.lists(ARTIFACTS, min_size=2, max_size=10),
    between=st.lists(st.one_of(ARTIFACTS, st.integers(0, 50)), max_size=6),
    sort_by=st.sampled_from(SORT_KEYS),
    descending=st.booleans(),
    limit=st.integers(1, 4),
)
@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_writes_in_between_neither_hide_nor_repeat(
    bench: Bench,
    drawn: list[dict[str, Any]],
    between: list[dict[str, Any] | int],
    sort_by: str,
    descending: bool,
    limit: int,
) -> None:
    world = make_world(bench, drawn)
    if not is_sortable(world, sort_by, Scope()):
        return
    before = list(world.kept)
    writes = iter(between)
    seen: list[str] = []
    for page in world.pages(sort_by, descending, limit, Scope()):
        seen += page
        write = next(writes, None)
        if isinstance(write, dict):
            world.add(write)
        elif write is not None and world.kept:
            world.remove(world.kept[write % len(world.kept)])
    throughout = [kept for kept in before if kept in world.kept]
    wanted = [kept.id for kept in in_order(throughout, sort_by, descending)]
    assert [artifact_id for artifact_id in seen if artifact_id in set(wanted)] == wanted
    assert len(seen) == len(set(seen))


@given(
    drawn=st.lists(ARTIFACTS, max_size=12),
    descending=st.booleans(),
    limit=st.integers(1, 4),
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_kept_is_what_a_count_would_give(
    bench: Bench, drawn: list[dict[str, Any]], descending: bool, limit: int
) -> None:
    world = make_world(bench, drawn)
    for kept in list(world.kept)[:: 2 if descending else 3]:
        world.remove(kept)
    with bench.database.read() as connection:
        check_kept(connection, world)
        for kept in list(world.kept):
            found = lookup(connection, world, kept.fields["name"], descending, limit)
            same = [other for other in world.kept if other.fields["name"] == kept.fields["name"]]
            assert found == sorted((other.id for other in same), reverse=descending)


def lookup(
    connection: Connection, world: World, name: str, descending: bool, limit: int
) -> list[str]:
    found: list[str] = []
    cursor = None
    while True:
        request = page_request(name=name, descending=descending, limit=limit, cursor=cursor)
        page = pages.read(connection, world.bench.grant(connection, world.orbit_id), request)
        found += [row.id for row in page.rows]
        cursor = page.cursor
        if cursor is None:
            return found


def check_kept(connection: Connection, world: World) -> None:
    orbit = world.bench.grant(connection, world.orbit_id).the_orbit()
    assert orbit.total_artifacts == len(world.kept)
    for collection_id in world.collection_ids:
        here = [kept for kept in world.kept if kept.collection_id == collection_id]
        keys = {key for kept in here for key in kept.fields["extra_values"]}
        assert shapes.metric_keys(connection, collection_id) == sorted(keys)
        columns = artifact_shapes.c
        query = select(func.coalesce(func.sum(columns.total), 0))
        total = connection.execute(query.where(columns.collection_id == collection_id)).scalar_one()
        assert total == len(here)
