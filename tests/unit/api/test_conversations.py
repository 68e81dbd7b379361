"""Resolving defaults and finding things, with canned answers in the place of a registry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luml.api import lookup
from luml.api.listing import MAX_EMPTY_PAGES, MAX_STALE_PAGES, Walk
from luml.api.operations.paths import CollectionPath, OrbitPath, OrganizationPath, segment
from luml.api.operations.request import Request, Steps, query
from luml.api.operations.request import given as values_given
from luml.api.scope import Scope, resolve
from luml.errors import (
    APIError,
    ConfigurationError,
    MultipleResourcesFoundError,
    PermissionDeniedError,
)
from luml.models import Organization

T = TypeVar("T")
ID = "0199c455-21ee-74c6-b747-19a82f1a1e67"


def organization(name: str, id: str = ID) -> Organization:
    return Organization(id=id, name=name, created_at="")


def play(steps: Steps[T], answer: Callable[[Request[Any]], Any]) -> tuple[T, list[str]]:
    """Answer a conversation until it ends; return its result and what it asked."""
    asked: list[str] = []
    reply: Any = None
    error: Exception | None = None
    while True:
        try:
            request = steps.send(reply) if error is None else steps.throw(error)
        except StopIteration as done:
            return done.value, asked
        asked.append(f"{request.method} {request.path}")
        reply, error = None, None
        found = answer(request)
        if isinstance(found, Exception):
            error = found
        else:
            reply = found


def test_nothing_there_and_several_there_are_no_defaults() -> None:
    assert play(resolve(Scope()), lambda _: [])[0] == Scope()
    two = [organization("a"), organization("b", ID[:-1] + "8")]
    scope, asked = play(resolve(Scope()), lambda _: two)
    assert scope == Scope()
    assert asked == ["GET /v1/users/me/organizations"]


def test_rights_that_are_missing_are_no_missing_organization() -> None:
    refused = PermissionDeniedError("no", method="GET", url="http://h", status_code=403)

    def answer(request: Request[Any]) -> Any:
        return [organization("a")] if request.path.endswith("organizations") else refused

    with pytest.raises(PermissionDeniedError):
        play(resolve(Scope(ID)), answer)


def test_hierarchy_is_checked_before_anything_is_asked() -> None:
    for wish in (Scope(None, "orbit"), Scope(ID, None, "collection"), Scope(None, None, "c")):
        with pytest.raises(ConfigurationError, match="needs an"):
            play(resolve(wish), lambda _: pytest.fail("asked"))


def test_an_exact_name_wins_over_nothing_else() -> None:
    items = [organization("Name"), organization("name", ID[:-1] + "8")]
    assert lookup.choose("Organization", "Name", items) is items[0]
    assert lookup.choose("Organization", "NAME", items) is None
    assert lookup.choose("Organization", ID.upper(), items) is items[0]
    with pytest.raises(MultipleResourcesFoundError, match=ID):
        lookup.choose("Organization", "x", [organization("x"), organization("x", ID[:-1] + "8")])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (ID, True),
        (ID.upper(), True),
        (ID.replace("-", ""), False),
        ("{" + ID + "}", False),
        ("", False),
        ("model", False),
    ],
)
def test_what_an_id_looks_like(value: str, expected: bool) -> None:
    assert lookup.is_id(value) is expected


@given(st.text(min_size=1))
def test_segments_stay_segments(value: str) -> None:
    try:
        text = segment(value)
    except ConfigurationError:
        assert value in {".", ".."} or any("\ud800" <= letter <= "\udfff" for letter in value)
    else:
        assert not set(text) & set("/?#\\ ")


def test_paths() -> None:
    path = CollectionPath("o", "b", "c d")
    assert path.url == "/v1/organizations/o/orbits/b/collections/c%20d"
    assert path.parent == OrbitPath("o", "b")
    assert path.parent.parent == OrganizationPath("o")


def test_parameters_and_partial_bodies() -> None:
    assert query(a=None, b=[], c=["x", "y"], d=1) == (("c", "x"), ("c", "y"), ("d", "1"))
    with pytest.raises(ConfigurationError, match="half a character"):
        query(name="\ud800")
    assert values_given(a=None, b="", c=[], d=0) == {"b": "", "c": [], "d": 0}


@given(st.lists(st.integers(0, 50), unique=True), st.integers(1, 7))
def test_walks_return_every_item_once(ids: list[int], size: int) -> None:
    walk: Walk[Organization] = Walk("/x")
    seen: list[str] = []
    pages = [ids[start : start + size] for start in range(0, len(ids), size)] or [[]]
    for number, page in enumerate(pages):
        assert not walk.done
        items = [organization("x", str(item)) for item in page]
        cursor = f"c{number}" if number < len(pages) - 1 else None
        seen += [item.id for item in walk.take(items, cursor)]
    assert walk.done
    assert seen == [str(item) for item in ids]


def test_walks_end_where_cursors_do_not() -> None:
    walk: Walk[Organization] = Walk("/x")
    walk.take([organization("x")], "c")
    with pytest.raises(APIError, match="does not end"):
        walk.take([organization("y", "2")], "c")
    walk = Walk("/x")
    for number in range(MAX_STALE_PAGES):
        walk.take([organization("x")], f"c{number}")
    with pytest.raises(APIError, match="does not end"):
        walk.take([organization("x")], "another")
    walk = Walk("/x")
    for number in range(MAX_EMPTY_PAGES - 1):
        walk.take([], f"c{number}")
    with pytest.raises(APIError, match="does not end"):
        walk.take([], "another")
