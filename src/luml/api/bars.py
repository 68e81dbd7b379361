"""Progress bars of the SDK: rich draws them if it is installed, else a plain line."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib.util import find_spec
from threading import Lock
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
        self._phase = ""

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

    def phase(self, text: str) -> None:
        """Say beside the name what is being done."""
        self._phase = f" ({text})" if text else ""
        if self._open:
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
            f"\r{self.file_name}{self._phase}: {share:4.0%} |{filled:<{WIDTH}}| "
            f"{size_text(self.transferred)}/{size_text(self.total)}, "
            f"{size_text(self.transferred / seconds)}/s"
        )
        self._stream.flush()


class PlainTally:
    """Writes a line for each of many files that is over, with the total so far."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = Lock()
        self._begun = self._over = self._bytes = 0

    def begin(self) -> None:
        """Count a file in."""
        with self._lock:
            self._begun += 1

    def over(self, file_name: str, transferred: int, total: int) -> None:
        """Say how far a file came that is over."""
        with self._lock:
            self._over += 1
            self._bytes += transferred
            self._stream.write(
                f"{file_name}: {size_text(transferred)}/{size_text(total)}, total "
                f"{self._over} of {self._begun} files, {size_text(self._bytes)}\n"
            )
            self._stream.flush()


class PlainLine(BaseProgressHandler):
    """One of many files where no live display can be drawn."""

    def __init__(self, tally: PlainTally) -> None:
        self._tally = tally
        tally.begin()

    def on_chunk(self, transferred: int, total: int) -> None:
        """Draw nothing before the end: lines of several files would overwrite one another."""

    def finish(self) -> None:
        """Write the line."""
        self._tally.over(self.file_name, self.transferred, self.total)


class RichBar(BaseProgressHandler):
    """A bar with bytes, rate and time left, drawn by rich."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._progress: Progress | None = None
        self._line: RichLine | None = None

    def start(self, file_name: str, total: int) -> None:
        """Show the bar."""
        super().start(file_name, total)
        if self._progress is None:
            self._progress = rich_progress(self._stream)
            self._progress.start()
        if self._line is None:
            self._line = RichLine(self._progress)
        self._line.start(file_name, total)

    def on_chunk(self, transferred: int, total: int) -> None:
        """Move the bar."""
        if self._line is not None:
            self._line.on_chunk(transferred, total)

    def phase(self, text: str) -> None:
        """Say beside the name what is being done."""
        if self._line is not None:
            self._line.phase(text)

    def finish(self) -> None:
        """Leave the bar as it is."""
        if self._progress is not None:
            self._progress.stop()
        self._progress = self._line = None


class RichLine(BaseProgressHandler):
    """One line among others; a total, if there is one, moves along."""

    def __init__(self, progress: Progress, total: RichTotal | None = None) -> None:
        self._progress = progress
        self._all = total
        if total is not None:
            total.begin()
        self._task: TaskID | None = None
        self._shown = 0

    def start(self, file_name: str, total: int) -> None:
        """Show the line."""
        super().start(file_name, total)
        if self._task is None:
            self._task = self._progress.add_task("", total=total)
        self._progress.update(self._task, total=total)
        if self._all is not None:
            self._all.expect(total)
        self.phase("")

    def on_chunk(self, transferred: int, total: int) -> None:
        """Move the line."""
        if self._task is not None:
            self._progress.update(self._task, completed=transferred, total=total)
        if self._all is not None:
            self._all.count(transferred - self._shown)
        self._shown = transferred

    def phase(self, text: str) -> None:
        """Say beside the name what is being done."""
        from rich.markup import escape

        if self._task is not None:
            label = escape(f"{self.file_name} ({text})" if text else self.file_name)
            self._progress.update(self._task, description=label)

    def finish(self) -> None:
        """Take a line that is done away, so that those that move stay in sight."""
        if self._task is not None and self._all is not None:
            self._progress.update(self._task, visible=False)
            self._all.file_done()


class RichTotal:
    """The last line of many: files and bytes of all."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._lock = Lock()
        self._bytes = self._expected = self._files = self._begun = 0
        self._task = progress.add_task("total", total=0)

    def begin(self) -> None:
        """Count a file in."""
        with self._lock:
            self._begun += 1

    def expect(self, size: int) -> None:
        """Count a file's bytes in, once its size is known."""
        with self._lock:
            self._expected += size
            self._draw()

    def count(self, size: int) -> None:
        """Count bytes that are safe."""
        with self._lock:
            self._bytes += size
            self._draw()

    def file_done(self) -> None:
        """Count a file that is over."""
        with self._lock:
            self._files += 1
            self._draw()

    def _draw(self) -> None:
        label = f"total, {self._files} of {self._begun} files"
        self._progress.update(
            self._task, description=label, completed=self._bytes, total=self._expected
        )


@contextmanager
def many_bars(stream: TextIO, *, terminal: bool) -> Generator[Callable[[], BaseProgressHandler]]:
    """Draw a line for each of many files and a total below; a plain line each where rich lacks."""
    if not terminal or find_spec("rich") is None:
        tally = PlainTally(stream)
        yield lambda: PlainLine(tally)
        return
    with rich_progress(stream) as progress:
        total = RichTotal(progress)
        yield lambda: RichLine(progress, total)


def rich_progress(stream: TextIO) -> Progress:
    """Return rich's live display with bytes, rate and time left."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(file=stream),
    )
