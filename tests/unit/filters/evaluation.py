"""Conditions as Python understands them, and the text that stands for each."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from luml.server.filters.conditions import (
    All,
    AnyOf,
    Compares,
    Comparison,
    Condition,
    Contains,
    Equals,
    Measures,
    Not,
    TextField,
    folded,
)

COMPARE: dict[Comparison, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Facts:
    """What a condition may ask of an artifact."""

    texts: Mapping[str, str]
    tags: Sequence[str]
    numbers: Mapping[str, int]
    metrics: Mapping[str, float]

    def texts_of(self, field: TextField) -> list[str]:
        """Return the texts of a field."""
        if field == "tag":
            return list(self.tags)
        if field == "search":
            return [self.texts["name"], self.texts["file_name"], *self.tags]
        return [self.texts[field]]


def holds(condition: Condition, facts: Facts) -> bool:
    """Say whether a condition holds."""
    match condition:
        case All(parts):
            return all(holds(part, facts) for part in parts)
        case AnyOf(parts):
            return any(holds(part, facts) for part in parts)
        case Not(part):
            return not holds(part, facts)
        case Equals(field, value):
            return value in facts.texts_of(field)
        case Contains(field, value):
            return any(value in folded(text) for text in facts.texts_of(field))
        case Measures(key, comparison, number):
            return key in facts.metrics and COMPARE[comparison](facts.metrics[key], number)
        case Compares(field, comparison, whole):
            return COMPARE[comparison](facts.numbers[field], whole)


def written(condition: Condition) -> str:
    """Return a text that stands for a condition."""
    match condition:
        case All(parts):
            return " and ".join(f"({written(part)})" for part in parts)
        case AnyOf(parts):
            return " or ".join(f"({written(part)})" for part in parts)
        case Not(part):
            return f"not ({written(part)})"
        case Equals(field, value):
            return f"{field} = {quoted(value)}"
        case Contains(field, value):
            return f"{field} ~ {quoted(value)}"
        case Measures(key, comparison, number):
            return f"metrics.{quoted(key)} {comparison} {number!r}"
        case Compares("size", comparison, whole):
            return f"size {comparison} {whole}"
        case Compares(_, comparison, whole):
            moment = EPOCH + timedelta(microseconds=whole)
            return f"created_at {comparison} {moment.isoformat(timespec='microseconds')}"


def quoted(text: str) -> str:
    """Return a text in quotes."""
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))


NUMBER = st.sampled_from([-1.0, 0.0, 0.5, 1.0, 2.0, 1e308, -1e-9])
COMPARISONS = st.sampled_from(list(COMPARE))


def conditions(texts: st.SearchStrategy[str], keys: Sequence[str]) -> st.SearchStrategy[Condition]:
    """Return conditions over some texts and metric keys."""
    fields: st.SearchStrategy[TextField] = st.sampled_from(
        ["name", "file_name", "description", "tag"]
    )
    # The texts of comparisons with a moment other than < and >= are read as intervals.
    tests: st.SearchStrategy[Condition] = st.one_of(
        st.builds(Equals, fields, texts),
        st.builds(Contains, fields, texts.map(folded)),
        st.builds(Equals, st.just("type"), st.sampled_from(["model", "dataset"])),
        st.builds(Compares, st.just("size"), COMPARISONS, st.integers(0, 3)),
        st.builds(Compares, st.just("created_at"), st.sampled_from(["<", ">="]), st.integers(0, 5)),
        st.builds(Measures, st.sampled_from(keys), COMPARISONS, NUMBER),
    )
    return st.recursive(
        tests,
        lambda inner: st.one_of(
            st.builds(Not, inner),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: All(tuple(parts))),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
        ),
        max_leaves=6,
    )
