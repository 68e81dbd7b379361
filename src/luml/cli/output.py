"""What commands print: tables and records for people, JSON for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, TextIO, cast

from pydantic import BaseModel

from luml.api.bars import size_text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

PIPE_WIDTH: Final = 1_000_000
"""Columns of an output that is no terminal: nothing is folded there."""

WHOLE: Final = "ID"
"""The column that is not folded, so that it can be copied, where the terminal has room."""

WIDTH_FOR_WHOLE: Final = 60
GAP: Final = 2


@dataclass(frozen=True, slots=True)
class Output:
    """Where a command prints its answer.

    Attributes:
        as_json: True for JSON on standard output, and nothing else there.
    """

    as_json: bool

    def table(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[object]],
        *,
        dispensable: Sequence[str] = (),
    ) -> None:
        """Print rows below a heading.

        Where they are wider than the terminal, the dispensable columns go first, then cells fold.
        """
        if not rows:
            self.note("There are none.")
            return
        from rich.table import Table

        console = _console()
        cells = [[_cell(value) for value in row] for row in rows]
        kept = _fitting(columns, cells, dispensable, console.width)
        table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
        for number in kept:
            whole = columns[number] == WHOLE and console.width >= WIDTH_FOR_WHOLE
            table.add_column(columns[number], overflow="fold", no_wrap=whole)
        for row in cells:
            table.add_row(*(row[number] for number in kept))
        _print(console, table)

    def record(self, fields: Mapping[str, object]) -> None:
        """Print one thing, a field a line."""
        from rich.table import Table

        table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True, style="bold")
        table.add_column(overflow="fold")
        for label, value in fields.items():
            table.add_row(_cell(label), _cell(value))
        _print(_console(), table)

    def json(self, value: object) -> None:
        """Print JSON."""
        ascii_only = not (sys.stdout.encoding or "").lower().startswith("utf")
        print(json.dumps(plain(value), indent=2, ensure_ascii=ascii_only), flush=True)  # noqa: T201  # what a command is for

    def done(self, text: str) -> None:
        """Say on standard output what was done; with JSON the answer itself says it."""
        if not self.as_json:
            print(printable(text), flush=True)  # noqa: T201  # what a command is for

    def note(self, text: str) -> None:
        """Say something beside the answer, on standard error."""
        say(text)


def say(text: str, stream: TextIO | None = None) -> None:
    """Print one line to standard error."""
    print(f"luml: {printable(text)}", file=stream or sys.stderr)  # what a command is for


def plain(value: object) -> object:
    """Return a value as JSON has it; wire models become objects."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, list):
        return [plain(item) for item in cast("list[object]", value)]
    return value


def printable(value: object) -> str:
    """Return text without anything that could steer a terminal; names come from anyone."""
    text = str(value)
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    return " " if char in "\n\t" else char.encode("unicode_escape").decode()


def time_text(moment: str | None) -> str:
    """Return a time of the wire to the second, in local time."""
    if moment is None:
        return ""
    try:
        return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return moment


def bytes_text(size: int) -> str:
    """Return a number of bytes for people."""
    return size_text(size)


def number_text(value: object) -> str:
    """Return a metric for a table: numbers to six digits."""
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def tags_text(tags: Sequence[str] | None) -> str:
    """Return tags in one cell."""
    return ", ".join(tags or ())


def _cell(value: object) -> Text:
    from rich.text import Text

    return Text("" if value is None else printable(value))


def _fitting(
    columns: Sequence[str], cells: Sequence[Sequence[Text]], dispensable: Sequence[str], width: int
) -> list[int]:
    """Return the numbers of the columns to show."""
    widths = [
        GAP + max(len(column), *(row[number].cell_len for row in cells))
        for number, column in enumerate(columns)
    ]
    kept = list(range(len(columns)))
    for name in dispensable:
        if sum(widths[number] for number in kept) - GAP > width:
            kept = [number for number in kept if columns[number] != name]
    return kept


def _print(console: Console, table: Table) -> None:
    """Print without the blanks at the ends of lines that a pipe has no use for."""
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        print(line.rstrip())  # noqa: T201  # what a command is for


def _console() -> Console:
    from rich.console import Console

    stated = os.environ.get("COLUMNS", "").isdigit()
    fits = sys.stdout.isatty() or stated
    return Console(width=None if fits else PIPE_WIDTH, highlight=False, soft_wrap=False)
