"""Pages of artifacts: each is the slice of a sort done in Python, whatever is written meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from luml.server.db import shapes
from luml.server.db.tables import artifact_shapes
from luml.server.services import pages
from tests.contract.database import Bench, DatabasePlace, page_request
from tests.contract.world import ARTIFACTS, SORT_KEYS, Scope, World, in_order, make_world


@pytest.fixture(scope="module")
def bench(engine: DatabasePlace) -> Iterator[Bench]:
    made = engine.bench("pages")
    yield made
    made.database.close()


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
