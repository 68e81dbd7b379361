"""How a transfer tells what it does. Progress is an argument, never a print."""

from __future__ import annotations

import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import cached_property
from threading import Lock
from typing import TextIO


class BaseProgressHandler(ABC):
    """Told of each piece that was transferred; subclass it to show progress your way.

    A transfer calls :meth:`start` once, :meth:`update` from any thread but never twice at once,
    and :meth:`finish` at the end, whether it went well or not (client spec, Progress).

    Attributes:
        file_name: What is transferred.
        total: Its size in bytes.
        transferred: Bytes done; none counts twice when a part is tried again.

    Example:
        >>> class Dots(BaseProgressHandler):
        ...     def on_chunk(self, transferred: int, total: int) -> None:
        ...         print(".", end="")
        ...
        ...     def finish(self) -> None:
        ...         print(" done")
    """

    file_name: str = ""
    total: int = 0
    transferred: int = 0

    @cached_property
    def _guard(self) -> Lock:
        # Made in start() and not in a constructor, which a subclass may leave uncalled.
        return Lock()

    def start(self, file_name: str, total: int) -> None:
        """Begin a transfer of ``total`` bytes."""
        with self._guard:
            self.file_name = file_name
            self.total = total
            self.transferred = 0

    def update(self, chunk_size: int) -> None:
        """Count ``chunk_size`` more bytes; a negative number takes back what is sent again."""
        with self._guard:
            self.transferred = max(0, self.transferred + chunk_size)
            self.on_chunk(self.transferred, self.total)

    def phase(self, text: str) -> None:  # noqa: B027  # optional: most handlers show bytes alone
        """Hear what is being done, such as "checking"; does nothing unless overridden."""

    @abstractmethod
    def on_chunk(self, transferred: int, total: int) -> None:
        """Show that ``transferred`` of ``total`` bytes are done."""

    @abstractmethod
    def finish(self) -> None:
        """Clear up; the transfer is over."""


OFF = {"0", "false", "no", "off"}


def progress_handler(
    on_progress: BaseProgressHandler | None,
    progress: bool | None = None,
    environ: Mapping[str, str] = os.environ,
) -> BaseProgressHandler | None:
    """Return who is told of a transfer: the caller's handler, a bar, or nobody.

    A bar goes to standard error: by default on a terminal, with ``progress=True`` anywhere
    (then a plain one, rewriting its line, as tqdm does in a pipe, a notebook or a log).
    ``progress=False`` and ``LUML_PROGRESS=0`` turn bars off, not the caller's handler.
    """
    if on_progress is not None:
        return on_progress
    stream = _stream(progress, environ)
    if stream is None:
        return None
    from luml.api.bars import bar

    return bar(stream, terminal=stream.isatty())


@contextmanager
def many_handlers(
    on_progress: Callable[[], BaseProgressHandler] | None,
    progress: bool | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Generator[Callable[[], BaseProgressHandler | None]]:
    """Yield what makes a handler for each of many files: a line each and a total, or nobody."""
    stream = _stream(progress, environ)
    if on_progress is not None:
        yield on_progress
    elif stream is None:
        yield _nobody
    else:
        from luml.api.bars import many_bars

        with many_bars(stream, terminal=stream.isatty()) as handlers:
            yield handlers


def _stream(progress: bool | None, environ: Mapping[str, str]) -> TextIO | None:
    """Return where bars go: a terminal, or anywhere when told to; None where they are off."""
    if progress is False or environ.get("LUML_PROGRESS", "").strip().lower() in OFF:
        return None
    stream = sys.stderr
    if stream is None:  # a program without a console (pythonw)
        return None
    return stream if progress or stream.isatty() else None


def _nobody() -> None:
    return None
