"""Progress bars of the SDK: rich draws them if it is installed, else a plain line."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, TextIO

from luml.api.progress import BaseProgressHandler

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

MIN_INTERVAL = 0.1
"""Seconds between two drawings."""

WIDTH = 24
UNITS = ("B", "kB", "MB", "GB", "TB")


def bar(stream: TextIO, *, terminal: bool) -> BaseProgressHandler:
    """Return the best bar there is for ``stream``."""
    if terminal and find_spec("rich") is not None:
        return RichBar(stream)
    return PlainBar(stream)


def size_text(count: float) -> str:
    """Return a number of bytes for people: ``12.3 MB``."""
    for unit in UNITS[:-1]:
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} {UNITS[-1]}"


class PlainBar(BaseProgressHandler):
    """One line that is written over and over, ten times a second at most."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._began = self._drawn = 0.0
        self._open = False

    def start(self, file_name: str, total: int) -> None:
        """Draw an empty bar."""
        super().start(file_name, total)
        self._began = self._clock()
        self._open = True
        self._draw()

    def on_chunk(self, transferred: int, total: int) -> None:
        """Draw, unless it was drawn a moment ago."""
        if transferred >= total or self._clock() - self._drawn >= MIN_INTERVAL:
            self._draw()

    def finish(self) -> None:
        """Draw for the last time and end the line."""
        if self._open:
            self._draw()
            self._stream.write("\n")
            self._stream.flush()
        self._open = False

    def _draw(self) -> None:
        self._drawn = self._clock()
        seconds = max(self._drawn - self._began, 1e-9)
        share = min(1.0, self.transferred / self.total) if self.total else 1.0
        filled = "#" * int(share * WIDTH)
        self._stream.write(
            f"\r{self.file_name}: {share:4.0%} |{filled:<{WIDTH}}| "
            f"{size_text(self.transferred)}/{size_text(self.total)}, "
            f"{size_text(self.transferred / seconds)}/s"
        )
        self._stream.flush()


class RichBar(BaseProgressHandler):
    """A bar with bytes, rate and time left, drawn by rich."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def start(self, file_name: str, total: int) -> None:
        """Show the bar."""
        from rich.console import Console
        from rich.markup import escape
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        super().start(file_name, total)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
        )
        self._progress = Progress(*columns, console=Console(file=self._stream))
        self._task = self._progress.add_task(escape(file_name), total=total)
        self._progress.start()

    def on_chunk(self, transferred: int, total: int) -> None:
        """Move the bar."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=transferred, total=total)

    def phase(self, text: str) -> None:
        """Say beside the name what is being done."""
        from rich.markup import escape

        if self._progress is not None and self._task is not None:
            label = escape(f"{self.file_name} ({text})" if text else self.file_name)
            self._progress.update(self._task, description=label)

    def finish(self) -> None:
        """Leave the bar as it is."""
        if self._progress is not None:
            self._progress.stop()
        self._progress = None
