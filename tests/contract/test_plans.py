"""Every page is a range read of an index: the plan of each statement says so, on each database."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from luml.models import CollectionSortBy, SortOrder
from luml.server.db import access
from luml.server.db.pages import Effort
from luml.server.services import collections, pages
from luml.server.services.collections import CollectionsRequest
from luml.server.services.policy import Grant
from tests.contract.bulk import Bulk
from tests.contract.database import Bench, DatabasePlace, page_request

TAGS = ("prod", "candidate", "old")
KINDS = ("model", "dataset", "experiment")
SORT_KEYS = ("created_at", "name", "size", "description", "status", "type", "F1", "rare")
ARTIFACTS = 20_000
LARGE = {"artifacts", "artifact_documents", "artifact_metrics", "artifact_tags"}
EFFORT = Effort(glance=100, few=300, look=1000)
READ_AT_MOST = 1500


@pytest.fixture(scope="module")
def bench(engine: DatabasePlace) -> Iterator[Bench]:
    made = engine.bench("plans")
    with made.database.write() as connection:
        other = made.add_collection(connection, made.rows.orbit)
        parts = [Bulk(made, made.rows.collection), Bulk(made, other)]
        for number in range(ARTIFACTS):
            values: dict[str, Any] = {"F1": number % 701} if number % 3 else {"loss": 2}
            if number % 25 == 0:
                values["rare"] = number
            tags = [TAGS[number % 7 % 3]] + (["one in a thousand"] if number % 1000 == 0 else [])
            columns = {"name": f"n{number % 9}-{number}", "size": number, "created_at": number}
            parts[number % 2].add(KINDS[number % 3], values, tags, **columns)
        for part in parts:
            part.write(connection)
    if not made.database.is_sqlite:
        with made.database.write() as connection:
            connection.execute(text("ANALYZE"))
    yield made
    made.database.close()


@contextmanager
def statements(bench: Bench) -> Generator[list[tuple[str, Any]]]:
    """Collect what is sent to the database."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "SET LOCAL")):
            seen.append((statement, values))

    event.listen(bench.database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(bench.database.engine, "before_cursor_execute", note)


def check_plans(connection: Connection, seen: list[tuple[str, Any]]) -> None:
    """Check that each statement reads ranges of indexes, and not much of them."""
    assert seen
    for statement, values in list(seen):
        if statement.startswith("SET LOCAL"):
            connection.exec_driver_sql(statement)
        elif connection.dialect.name == "sqlite":
            check_sqlite(connection, statement, values)
        else:
            check_postgresql(connection, statement, values)


def check_sqlite(connection: Connection, statement: str, values: Any) -> None:
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    plan = "\n".join(row[3] for row in rows)
    scans = [row[3] for row in rows if row[3].startswith("SCAN")]
    # What a subquery yields, its limit included, and what the trigram index finds.
    bounded = ("SCAN looked", "SCAN anon_1", "SCAN artifact_search VIRTUAL TABLE INDEX 0:M")
    assert all(scan.startswith(bounded) for scan in scans), f"{statement}\n{plan}"
    assert "TEMP B-TREE" not in plan, f"{statement}\n{plan}"


def check_postgresql(connection: Connection, statement: str, values: Any) -> None:
    explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
    (plan,) = connection.exec_driver_sql(explain, values).scalar_one()
    for node in nodes(plan["Plan"]):
        shown = f"{statement}\n{values}\n{json.dumps(plan)}"
        relation = node.get("Relation Name")
        if relation in LARGE:
            assert node["Node Type"] != "Seq Scan", shown
            read = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            assert read * node["Actual Loops"] <= READ_AT_MOST, shown
        if "Sort" in node["Node Type"]:
            assert sum(one["Actual Rows"] for one in nodes(node)) <= READ_AT_MOST, shown


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a node of a plan with all that are below it."""
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def scopes(bench: Bench) -> list[dict[str, Any]]:
    return [
        {"collection_ids": [bench.rows.collection]},
        {"collection_ids": [bench.rows.collection], "types": ["model"]},
        {},
        {"types": ["dataset", "experiment"], "search": "n1"},
        {"search": "n3-199"},
        {"collection_ids": [bench.rows.collection], "search": "thousand"},
        {"search": "prod"},
        {"search": "nowhere"},
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
                    cursor = pages.read(connection, grant, asked, EFFORT).cursor
                check_plans(connection, seen)
            if cursor is None:
                break


@pytest.mark.parametrize("descending", [True, False])
def test_lookups_by_name(bench: Bench, descending: bool) -> None:
    for scope in scopes(bench):
        asked = page_request(name="n1-10", descending=descending, limit=2, **scope)
        with bench.database.read() as connection:
            grant = bench.grant(connection, bench.rows.orbit)
            with statements(bench) as seen:
                page = pages.read(connection, grant, asked, EFFORT)
                again = page_request(
                    name="n1-10", descending=descending, limit=2, cursor=page.cursor, **scope
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
