"""Filters and searches: what a list holds is what Python would keep, however it is found."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from luml.server.db.pages import Effort
from luml.server.filters.conditions import Condition, Contains
from tests.contract.database import Bench, DatabasePlace
from tests.contract.support import Tenant, problem
from tests.contract.world import ARTIFACTS, Scope, make_world
from tests.unit.filters.evaluation import conditions

TEXTS = st.sampled_from(["", "a", "A", "ä", "SS", "z z", "😀", "prod", "Old", ".lu", "a.luml", "%"])
EFFORTS = [Effort(1, 3, 2), Effort(1, 100, 1), Effort(1, 1, 100), Effort()]
"""Short of breath, soon with an index, never with one, as usual."""


@pytest.fixture(scope="module")
def bench(engine: DatabasePlace) -> Iterator[Bench]:
    made = engine.bench("filters")
    yield made
    made.database.close()


@given(
    drawn=st.lists(ARTIFACTS, min_size=1, max_size=12),
    condition=conditions(TEXTS, ["F1", "loss", "none"]),
    search=st.sampled_from(["", "", "a", "old", "ss", "LUML", "a.luml", "luml\nprod"]),
    sort_by=st.sampled_from(["created_at", "name", "type", "F1"]),
    descending=st.booleans(),
    limit=st.integers(1, 6),
    effort=st.sampled_from(EFFORTS),
)
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_filtered_list_holds_what_python_keeps(
    bench: Bench,
    drawn: list[dict[str, Any]],
    condition: Condition,
    search: str,
    sort_by: str,
    descending: bool,
    limit: int,
    effort: Effort,
) -> None:
    world = make_world(bench, drawn)
    if sort_by == "F1" and not any("F1" in kept.fields["extra_values"] for kept in world.kept):
        return
    scope = Scope(search=search, condition=condition)
    found = list(world.pages(sort_by, descending, limit, scope, effort))
    assert list(chain(*found)) == world.expected(sort_by, descending, scope)
    assert all(len(page) <= limit for page in found)
    if effort == Effort():
        assert all(len(page) == limit for page in found[:-1])


@pytest.mark.parametrize("effort", EFFORTS)
@pytest.mark.parametrize("value", ["rare", "ra", "v-4", "\U000f0001\U000f0000\U00100000", '"; --'])
def test_rare_texts_are_found_at_any_effort(bench: Bench, effort: Effort, value: str) -> None:
    artifact: dict[str, Any] = {
        "kind": "model",
        "extra_values": {},
        "description": None,
        "size": 1,
        "tags": [],
    }
    rest = {"status": "uploaded", "created_at": 1, "collection": 0}
    names = [f"v-{number}" for number in range(40)]
    names[7] = f"it is {value} here"
    world = make_world(bench, [{**artifact, **rest, "name": name} for name in names])
    scope = Scope(condition=Contains("name", value))
    found = list(chain(*world.pages("created_at", True, 3, scope, effort)))
    assert found == world.expected("created_at", True, scope)
    assert found


def test_filters_on_the_wire(here: Tenant) -> None:
    for number in range(6):
        values = {"F1": number / 10} if number else {}
        here.create(name=f"Net {number}", extra_values=values, tags=["prod"] if number % 2 else [])
    path = f"{here.col}/artifacts"

    def names(filter: str, **more: Any) -> list[str]:
        return [item["name"] for item in here.get(path, filter=filter, **more)["items"]]

    assert names('metrics.F1 >= 0.3 and tag = "prod"') == ["Net 5", "Net 3"]
    assert names('not metrics.F1 > 0 and name ~ "net"', order="asc") == ["Net 0"]
    assert names("  ") == [f"Net {number}" for number in range(5, -1, -1)]
    wrong = here.call("GET", path, params={"filter": "metrics.F1 > high"})
    assert problem(wrong, 400, "invalid_filter") == (
        'Column 14 of the filter: expected a number, like 0.9, not "high".'
    )
    cursor = here.get(path, filter="size > 0", limit=1)["cursor"]
    assert here.get(path, filter="size > 0", limit=1, cursor=cursor)["items"]
    other = here.call("GET", path, params={"filter": "size > 1", "limit": 1, "cursor": cursor})
    problem(other, 400, "invalid_cursor")


def test_a_wrong_filter_is_no_way_around_the_policy(here: Tenant) -> None:
    stranger = here.with_key("luml_nobody")
    answer = stranger.call("GET", f"{here.col}/artifacts", params={"filter": "x"})
    problem(answer, 401, "not_authenticated")
