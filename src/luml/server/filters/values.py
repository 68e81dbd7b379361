"""What a filter compares with: texts, sizes, days and moments, numbers."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta

from luml.models import ArtifactStatus, ArtifactType
from luml.server.filters.conditions import All, Compares, Comparison, Condition, Not
from luml.server.filters.tokens import FilterError, Token

HIGHEST = 2**63 - 1
UNITS = {
    "": 1,
    "b": 1,
    **{f"{letter}b": 1000**power for power, letter in enumerate("kmgtp", 1)},
    **{f"{letter}ib": 1024**power for power, letter in enumerate("kmgtp", 1)},
}
CHOICES = {
    "type": tuple(kind.value for kind in ArtifactType),
    "status": tuple(status.value for status in ArtifactStatus),
}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)([A-Za-z]*)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def text_of(token: Token) -> str:
    """Return a quoted text.

    Raises:
        FilterError: It is something else, or holds a NUL character.
    """
    if token.kind != "text":
        detail = f'expected a text in quotes, like "prod", not {token.shown}'
        raise FilterError(detail, token.column)
    if "\0" in token.text:
        raise FilterError("a text holds no NUL character", token.column)
    return token.text


def choice_of(field: str, token: Token) -> str:
    """Return a type or a status, in quotes or not.

    Raises:
        FilterError: There is none of that name.
    """
    if token.kind not in ("text", "word") or token.text not in CHOICES[field]:
        names = ", ".join(CHOICES[field])
        raise FilterError(f"expected a {field} ({names}), not {token.shown}", token.column)
    return token.text


def number_of(token: Token) -> float:
    """Return a finite number.

    Raises:
        FilterError: It is none.
    """
    try:
        number = float(token.text) if token.kind == "literal" else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or "_" in token.text:
        raise FilterError(f"expected a number, like 0.9, not {token.shown}", token.column)
    return number


def size_of(token: Token) -> int:
    """Return a number of bytes, written with a unit or not.

    Raises:
        FilterError: It is none.
    """
    match = _SIZE.fullmatch(token.text) if token.kind == "literal" else None
    unit: int | None = None if match is None else UNITS.get(match[2].lower())
    if match is None or unit is None:
        raise FilterError(f"expected a size, like 500kB or 10MiB, not {token.shown}", token.column)
    whole, _, part = match[1].partition(".")
    size: int = int(whole) * unit
    if part:
        size += int(part) * unit // 10 ** len(part)
    if size > HIGHEST:
        raise FilterError("the size is larger than any artifact", token.column)
    return size


def created(comparison: Comparison, token: Token) -> Condition:
    """Return a comparison of the time of creation with a day or a moment, in UTC if it says none.

    A day is all of its moments: ``=`` is within it, ``<=`` is up to its end.

    Raises:
        FilterError: It is neither.
    """
    start, end = _moments(token)
    within = All((Compares("created_at", ">=", start), Compares("created_at", "<", end)))
    match comparison:
        case "=":
            return within
        case "!=":
            return Not(within)
        case "<" | ">=":
            return Compares("created_at", comparison, start)
        case "<=":
            return Compares("created_at", "<", end)
        case ">":
            return Compares("created_at", ">=", end)


def _moments(token: Token) -> tuple[int, int]:
    """Return the first moment of a day or time, and the first after it."""
    try:
        known = token.kind in ("literal", "text")
        moment = datetime.fromisoformat(token.text) if known else None
    except ValueError:
        moment = None
    if moment is None:
        example = "expected a day or time, like 2026-01-31 or 2026-01-31T12:00:00Z"
        raise FilterError(f"{example}, not {token.shown}", token.column)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    start = (moment - _EPOCH) // _MICROSECOND
    length = timedelta(days=1) if _DAY.fullmatch(token.text) else _MICROSECOND
    return start, start + length // _MICROSECOND
