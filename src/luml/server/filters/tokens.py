"""Cuts the text of a filter into words, with the column of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["word", "text", "literal", "operator", "open", "close", "end"]

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<metric>metrics\.(?="))
  | (?P<literal>[-+]?\.?[0-9][0-9A-Za-z_.:+-]*)
  | (?P<word>[^\W\d][\w./-]*)
  | (?P<text>"(?:[^"\\]|\\.)*")
  | (?P<operator><=|>=|!=|=|<|>|~)
  | (?P<open>\()
  | (?P<close>\))
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class FilterError(Exception):
    """A filter is wrong.

    Attributes:
        message: What is wrong, and what would be right.
        column: Where in the text, from 1.
    """

    def __init__(self, message: str, column: int) -> None:
        super().__init__(f"column {column}: {message}")
        self.message = message
        self.column = column


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a filter.

    Attributes:
        text: As written; of a quoted text what it stands for.
        column: Where it begins, from 1.
        metric: The key, if the word names a metric.
    """

    kind: Kind
    text: str
    column: int
    metric: str | None = None

    @property
    def shown(self) -> str:
        """The word as an error names it."""
        return "the end" if self.kind == "end" else f'"{self.text}"'


def tokens(text: str) -> Iterator[Token]:
    """Yield the words of a filter, and one for its end.

    Raises:
        FilterError: A character begins no word, or a quoted text does not end.
    """
    start = 0
    while start < len(text):
        match = _TOKEN.match(text, start)
        column = start + 1
        if match is None:
            raise _nonsense(text[start], column)
        kind, start = match.lastgroup, match.end()
        if kind == "metric":
            quoted = _TOKEN.match(text, start)
            if quoted is None or quoted.lastgroup != "text":
                raise _nonsense('"', start + 1)
            start = quoted.end()
            yield Token("word", text[column - 1 : start], column, _unquoted(quoted.group()))
        elif kind != "space":
            yield _token(kind, match.group(), column)
    yield Token("end", "", len(text) + 1)


def _token(kind: str | None, written: str, column: int) -> Token:
    if kind == "text":
        return Token("text", _unquoted(written), column)
    if kind == "word":
        metric = written.removeprefix("metrics.")
        return Token("word", written, column, metric if metric != written else None)
    if kind == "literal":
        return Token("literal", written, column)
    if kind == "operator":
        return Token("operator", written, column)
    return Token("open" if kind == "open" else "close", written, column)


def _unquoted(written: str) -> str:
    return _ESCAPE.sub(r"\1", written[1:-1])


def _nonsense(character: str, column: int) -> FilterError:
    if character == '"':
        return FilterError("the quoted text does not end", column)
    if character == "'":
        return FilterError('texts are quoted like "this"', column)
    return FilterError(f'"{character}" does not belong here', column)
