"""Every page is a range read of an index: SQLite's own plan of each statement says so."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event

from luml.models import CollectionSortBy, SortOrder
from luml.server.db import access
from luml.server.services import collections, pages
from luml.server.services.collections import CollectionsRequest
from luml.server.services.policy import Grant
from tests.contract.database import Bench, DatabasePlace, page_request

KINDS = ("model", "dataset", "experiment")
SORT_KEYS = ("created_at", "name", "size", "description", "status", "type", "F1", "rare")
ARTIFACTS = 300


@pytest.fixture(scope="module")
def bench(place: DatabasePlace) -> Iterator[Bench]:
    made = place.bench("plans")
    with made.database.write() as connection:
        other = made.add_collection(connection, made.rows.orbit)
        for number in range(ARTIFACTS):
            values: dict[str, Any] = {"F1": number % 7, "loss": 1.5} if number % 3 else {"loss": 2}
            if number % 25 == 0:
                values["rare"] = number
            here = made.rows.collection if number % 2 else other
            made.add_artifact(connection, here, KINDS[number % 3], values, name=f"n{number % 9}")
    yield made
    made.database.close()


@contextmanager
def statements(bench: Bench) -> Generator[list[tuple[str, Any]]]:
    """Collect what is sent to the database."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, text: str, values: Any, *_: Any) -> None:
        if text.startswith("SELECT"):
            seen.append((text, values))

    event.listen(bench.database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(bench.database.engine, "before_cursor_execute", note)


def check_plans(connection: Connection, seen: list[tuple[str, Any]]) -> None:
    assert seen
    for text, values in list(seen):
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
        plan = "\n".join(row[3] for row in rows)
        assert "SCAN" not in plan, f"{text}\n{plan}"
        assert "TEMP B-TREE" not in plan, f"{text}\n{plan}"


def scopes(bench: Bench) -> list[dict[str, Any]]:
    return [
        {"collection_ids": [bench.rows.collection]},
        {"collection_ids": [bench.rows.collection], "types": ["model"]},
        {},
        {"types": ["dataset", "experiment"], "search": "n1"},
    ]


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sort_by", SORT_KEYS)
def test_pages_of_artifacts(bench: Bench, sort_by: str, descending: bool) -> None:
    for scope in scopes(bench):
        cursor = None
        for _ in range(4):
            asked = page_request(
                sort_by=sort_by, descending=descending, cursor=cursor, limit=60, **scope
            )
            with bench.database.read() as connection:
                grant = bench.grant(connection, bench.rows.orbit)
                with statements(bench) as seen:
                    cursor = pages.read(connection, grant, asked).cursor
                check_plans(connection, seen)
            if cursor is None:
                break


@pytest.mark.parametrize("descending", [True, False])
def test_lookups_by_name(bench: Bench, descending: bool) -> None:
    for scope in scopes(bench):
        asked = page_request(name="n1", descending=descending, limit=2, **scope)
        with bench.database.read() as connection:
            grant = bench.grant(connection, bench.rows.orbit)
            with statements(bench) as seen:
                page = pages.read(connection, grant, asked)
                again = page_request(
                    name="n1", descending=descending, limit=2, cursor=page.cursor, **scope
                )
                pages.read(connection, grant, again)
            check_plans(connection, seen)


@pytest.mark.parametrize("sort_by", list(CollectionSortBy))
def test_pages_of_collections(bench: Bench, sort_by: CollectionSortBy) -> None:
    for order in SortOrder:
        with bench.database.read() as connection:
            grant = bench.grant(connection, bench.rows.orbit)
            with statements(bench) as seen:
                asked = CollectionsRequest((), (), "", None, sort_by, order, None, 1)
                cursor = collections.read(connection, grant, asked)["cursor"]
                asked = CollectionsRequest((), (), "", None, sort_by, order, cursor, 1)
                collections.read(connection, grant, asked)
            check_plans(connection, seen)


def test_the_policy_and_collection_details(bench: Bench) -> None:
    rows = bench.rows
    places = (
        (None, None, None),
        (rows.organization, None, None),
        (rows.organization, rows.orbit, None),
        (rows.organization, rows.orbit, rows.collection),
    )
    with bench.database.read() as connection, statements(bench) as seen:
        found = [access.find(connection, b"digest", *place) for place in places][-1]
        assert found is not None
        grant = Grant(found.key, found.role, None, found.orbit, found.collection)
        collections.details(connection, grant)
    with bench.database.read() as connection:
        check_plans(connection, seen)
