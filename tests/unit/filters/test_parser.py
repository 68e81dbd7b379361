"""The filter language: what texts stand for, and what is wrong with those that stand for none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luml.server.filters.conditions import (
    All,
    AnyOf,
    Compares,
    Condition,
    Contains,
    Equals,
    Measures,
    Not,
)
from luml.server.filters.parser import MAX_DEPTH, MAX_LENGTH, MAX_TESTS, parse
from luml.server.filters.tokens import FilterError
from tests.unit.filters.evaluation import conditions, written

DAY = 24 * 3600 * 1_000_000
NEW_YEAR = 1_767_225_600_000_000

GOOD: list[tuple[str, Condition]] = [
    (
        'metrics.F1 > 0.9 and tag = "prod" and created_at >= 2026-01-01 and not name ~ "Test"',
        All(
            (
                Measures("F1", ">", 0.9),
                Equals("tag", "prod"),
                Compares("created_at", ">=", NEW_YEAR),
                Not(Contains("name", "test")),
            )
        ),
    ),
    (
        'name = "a" or name = "b" and size < 1',
        AnyOf((Equals("name", "a"), All((Equals("name", "b"), Compares("size", "<", 1))))),
    ),
    ("NOT (type = model)", Not(Equals("type", "model"))),
    ('status != "uploaded"', Not(Equals("status", "uploaded"))),
    ('metrics."odd \\"key\\"">=-1e-3', Measures('odd "key"', ">=", -0.001)),
    ("metrics.val-loss.2 = .5", Measures("val-loss.2", "=", 0.5)),
    ("size <= 10MiB", Compares("size", "<=", 10 * 1024 * 1024)),
    ("size > 1.5kB", Compares("size", ">", 1500)),
    ('description ~ "a\\\\b"', Contains("description", "a\\b")),
    ("created_at > 2026-01-01", Compares("created_at", ">=", NEW_YEAR + DAY)),
    ("created_at <= 2026-01-01", Compares("created_at", "<", NEW_YEAR + DAY)),
    ("created_at < 2026-01-01T01:00:00+01:00", Compares("created_at", "<", NEW_YEAR)),
    ("created_at > 2026-01-01T00:00:00Z", Compares("created_at", ">=", NEW_YEAR + 1)),
    (
        "created_at = 2026-01-01",
        All(
            (
                Compares("created_at", ">=", NEW_YEAR),
                Compares("created_at", "<", NEW_YEAR + DAY),
            )
        ),
    ),
]
BAD = [
    ("", 1, "expected a field"),
    ("foo = 1", 1, 'not "foo"'),
    ('name "x"', 6, "expected a comparison"),
    ("name = 'x'", 8, "quoted like"),
    ("name = x", 8, "a text in quotes"),
    ('name < "x"', 6, "name compares by"),
    ('name = "x', 8, "does not end"),
    ('name = "x" y', 12, 'expected "and", "or" or the end'),
    ('(name = "x"', 12, 'for the "(" of column 1'),
    ("metrics.F1 > high", 14, "expected a number"),
    ("metrics.F1 > nan", 14, "expected a number"),
    ("metrics.F1 > 1_0", 14, "expected a number"),
    ("metrics.F1 ~ 1", 12, '"~" compares texts'),
    ("metrics. > 1", 1, "the key of a metric"),
    ("size > 10XB", 8, "expected a size"),
    ("size > 9999999PB", 8, "larger than any"),
    ("created_at > 2026-13-01", 14, "expected a day or time"),
    ("status = done", 10, "expected a status"),
    ("name = § ", 8, "does not belong"),
    ('name = "\0"', 8, "NUL"),
    ("not " * (MAX_DEPTH + 1) + 'name = "x"', 4 * MAX_DEPTH + 1, "deep"),
    ("(" * (MAX_DEPTH + 1), MAX_DEPTH + 1, "deep"),
    (" or ".join(["size = 1"] * (MAX_TESTS + 1)), 12 * MAX_TESTS + 1, "at most 50 tests"),
    (" " * (MAX_LENGTH + 1), MAX_LENGTH + 1, "characters"),
]


@pytest.mark.parametrize(("text", "expected"), GOOD)
def test_what_a_filter_says(text: str, expected: Condition) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(("text", "column", "message"), BAD)
def test_errors_name_the_column(text: str, column: int, message: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text)
    assert caught.value.column == column
    assert message in caught.value.message


@given(conditions(st.text(st.characters(exclude_characters="\0"), max_size=5), ["F1", 'a "b" \\']))
def test_a_condition_survives_its_text(condition: Condition) -> None:
    assert parse(written(condition)) == condition


def column_of_error(text: str) -> int:
    """Return where a text is wrong; 1 if it is a filter."""
    try:
        parse(text)
    except FilterError as error:
        return error.column
    return 1


@given(st.text(max_size=60))
def test_any_text_is_a_filter_or_an_error_within_it(text: str) -> None:
    assert 1 <= column_of_error(text) <= len(text) + 1
