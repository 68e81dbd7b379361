"""What a filter says of an artifact, as a tree of tests.

A test is true or false, never unknown: an artifact without a description has an empty one, and one
without a metric fails every comparison with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

TextField: TypeAlias = Literal[
    "name", "file_name", "description", "type", "status", "tag", "search"
]
"""``tag`` is each tag of an artifact; ``search`` is name, file name and tags."""
NumberField: TypeAlias = Literal["size", "created_at"]
Comparison: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Equals:
    """A text is another one, to the letter."""

    field: TextField
    value: str


@dataclass(frozen=True, slots=True)
class Contains:
    """A text holds another one, in any case; ``value`` is casefolded."""

    field: TextField
    value: str


@dataclass(frozen=True, slots=True)
class Compares:
    """A column compares with a number: bytes, or microseconds since 1970."""

    field: NumberField
    comparison: Comparison
    value: int


@dataclass(frozen=True, slots=True)
class Measures:
    """A metric that is a finite number compares with a number."""

    key: str
    comparison: Comparison
    value: float


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One part holds at least."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """A part does not hold."""

    part: Condition


Test: TypeAlias = Equals | Contains | Compares | Measures
Condition: TypeAlias = Test | All | AnyOf | Not


def folded(text: str) -> str:
    """Return text as a search compares it: in no case, line breaks as spaces."""
    return text.replace("\n", " ").casefold()


def both(first: Condition | None, second: Condition | None) -> Condition | None:
    """Return the condition that both hold; None holds always."""
    parts = tuple(part for part in (first, second) if part is not None)
    return All(parts) if len(parts) > 1 else next(iter(parts), None)


def conjuncts(condition: Condition) -> list[Condition]:
    """Return conditions that must all hold, as many as the tree says plainly."""
    if not isinstance(condition, All):
        return [condition]
    return [one for part in condition.parts for one in conjuncts(part)]
