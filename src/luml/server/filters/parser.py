"""Reads the text of a filter.

``metrics.F1 > 0.9 and (tag = "prod" or size < 10MiB) and not name ~ "test"``: tests joined by
``and``, ``or`` and ``not``, of which ``not`` binds most and ``or`` least.
"""

from __future__ import annotations

from typing import Final, cast, get_args

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
from luml.server.filters.tokens import FilterError, Token, tokens
from luml.server.filters.values import CHOICES, choice_of, created, number_of, size_of, text_of

MAX_LENGTH: Final = 2000
MAX_DEPTH: Final = 16
MAX_TESTS: Final = 50

TEXTS: Final = ("name", "file_name", "description", "tag")
FIELDS: Final = (*TEXTS, *CHOICES, "size", "created_at", "metrics.KEY")
COMPARISONS: Final = frozenset(get_args(Comparison))


def parse(text: str) -> Condition:
    """Return what a filter says.

    Args:
        text: At most 2000 characters, with at most 50 tests, 16 deep.

    Raises:
        FilterError: It is no filter; the error has the column of what is wrong.

    Example:
        >>> parse('not metrics.F1 > 0.9')
        Not(part=Measures(key='F1', comparison='>', value=0.9))
    """
    if len(text) > MAX_LENGTH:
        raise FilterError(f"a filter has at most {MAX_LENGTH} characters", MAX_LENGTH + 1)
    return _Parser(list(tokens(text))).whole()


class _Parser:
    """Goes through the words of a filter once, one rule of the grammar a method."""

    def __init__(self, words: list[Token]) -> None:
        self._words = words
        self._next = 0
        self._tests = 0

    def whole(self) -> Condition:
        """Read all of it."""
        condition = self._either(1)
        rest = self._word
        if rest.kind != "end":
            raise FilterError(f'expected "and", "or" or the end, not {rest.shown}', rest.column)
        return condition

    @property
    def _word(self) -> Token:
        return self._words[self._next]

    def _take(self) -> Token:
        word = self._word
        self._next = min(self._next + 1, len(self._words) - 1)
        return word

    def _takes(self, keyword: str) -> bool:
        """Go on if the next word is a keyword, in any case."""
        found = self._word.kind == "word" and self._word.text.lower() == keyword
        if found:
            self._take()
        return found

    def _either(self, depth: int) -> Condition:
        parts = [self._every(depth)]
        while self._takes("or"):
            parts.append(self._every(depth))
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _every(self, depth: int) -> Condition:
        parts = [self._one(depth)]
        while self._takes("and"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self, depth: int) -> Condition:
        word = self._word
        if depth > MAX_DEPTH:
            raise FilterError(f"a filter is at most {MAX_DEPTH} deep", word.column)
        if self._takes("not"):
            return Not(self._one(depth + 1))
        if word.kind != "open":
            return self._test()
        self._take()
        condition = self._either(depth + 1)
        end = self._take()
        if end.kind != "close":
            raise FilterError(
                f'expected ")" for the "(" of column {word.column}, not {end.shown}', end.column
            )
        return condition

    def _test(self) -> Condition:
        field = self._take()
        self._tests += 1
        if self._tests > MAX_TESTS:
            raise FilterError(f"a filter has at most {MAX_TESTS} tests", field.column)
        if field.kind != "word" or (field.metric is None and field.text not in FIELDS[:-1]):
            names = ", ".join(FIELDS)
            raise FilterError(f"expected a field ({names}), not {field.shown}", field.column)
        operator = self._take()
        if operator.kind != "operator":
            raise FilterError(
                f"expected a comparison (= != < <= > >= ~), not {operator.shown}", operator.column
            )
        return _test(field, operator, self._take())


def _test(field: Token, operator: Token, value: Token) -> Condition:
    if field.metric is None and field.text in (*TEXTS, *CHOICES):
        return _text_test(cast("TextField", field.text), operator, value)
    if operator.text not in COMPARISONS:
        raise FilterError(f'"~" compares texts, and {field.text} is none', operator.column)
    comparison = cast("Comparison", operator.text)
    if field.metric is not None:
        if not field.metric or "\0" in field.metric:
            raise FilterError("expected the key of a metric, like metrics.F1", field.column)
        return Measures(field.metric, comparison, number_of(value))
    if field.text == "size":
        return Compares("size", comparison, size_of(value))
    return created(comparison, value)


def _text_test(field: TextField, operator: Token, value: Token) -> Condition:
    if operator.text == "~":
        return Contains(field, folded(text_of(value)))
    if operator.text not in ("=", "!="):
        detail = f'{field} compares by =, != and ~, not by "{operator.text}"'
        raise FilterError(detail, operator.column)
    wanted = Equals(field, choice_of(field, value) if field in CHOICES else text_of(value))
    return wanted if operator.text == "=" else Not(wanted)
