"""Who is told of a transfer, and what bars write."""

from __future__ import annotations

import io
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from luml.api.bars import PlainBar, RichBar, bar, many_bars, size_text
from luml.api.progress import BaseProgressHandler, progress_handler


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Counter(BaseProgressHandler):
    """Remembers what it is told; leaves the constructor of its base uncalled."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []
        self.ended = 0

    def on_chunk(self, transferred: int, total: int) -> None:
        self.seen.append((transferred, total))

    def finish(self) -> None:
        self.ended += 1


def test_bytes_are_counted_across_threads() -> None:
    counter = Counter()
    counter.start("file", 1000)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(counter.update, [1] * 1000))
    counter.phase("checking")
    assert counter.seen == [(number, 1000) for number in range(1, 1001)]
    counter.update(-400)
    assert counter.transferred == 600
    counter.update(-10_000)
    assert counter.transferred == 0
    counter.start("next", 5)
    assert (counter.file_name, counter.total, counter.transferred) == ("next", 5, 0)


def test_the_base_is_abstract() -> None:
    assert BaseProgressHandler.__abstractmethods__ == {"on_chunk", "finish"}


@pytest.mark.parametrize(
    ("stream", "progress", "variable", "shown"),
    [
        (Terminal(), None, None, True),
        (Terminal(), True, None, True),
        (Terminal(), False, None, False),
        (Terminal(), None, "0", False),
        (Terminal(), None, "1", True),
        (io.StringIO(), None, None, False),
        (io.StringIO(), True, None, True),
        (io.StringIO(), True, "0", False),
        (io.StringIO(), None, "1", False),
        (None, True, None, False),
    ],
)
def test_when_a_bar_shows(
    monkeypatch: pytest.MonkeyPatch,
    stream: io.StringIO | None,
    progress: bool | None,
    variable: str | None,
    shown: bool,
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    environ = {} if variable is None else {"LUML_PROGRESS": variable}
    assert (progress_handler(None, progress, environ) is not None) == shown
    own = Counter()
    assert progress_handler(own, progress, environ) is own


def test_bars_for_terminals_and_others() -> None:
    assert isinstance(bar(Terminal(), terminal=True), RichBar)
    assert isinstance(bar(io.StringIO(), terminal=False), PlainBar)


def test_plain_bar() -> None:
    stream, times = io.StringIO(), iter(range(100))
    plain = PlainBar(stream, lambda: next(times))
    plain.start("model.fnnx", 2000)
    plain.update(500)
    plain.update(1500)
    plain.finish()
    plain.finish()
    lines = stream.getvalue().split("\r")
    assert lines[1].startswith("model.fnnx:   0% |                        | 0 B/2.0 kB")
    assert "  25% |######                  | 500 B/2.0 kB, " in lines[2]
    assert " 100% |########################| 2.0 kB/2.0 kB" in lines[-1]
    assert stream.getvalue().count("\n") == 1


def test_plain_bar_draws_ten_times_a_second_at_most() -> None:
    stream = io.StringIO()
    plain = PlainBar(stream, lambda: 5.0)
    plain.start("file", 1000)
    for _ in range(900):
        plain.update(1)
    assert stream.getvalue().count("\r") == 1


def test_an_empty_file_is_done() -> None:
    stream = io.StringIO()
    plain = PlainBar(stream)
    plain.start("empty", 0)
    plain.finish()
    assert "100%" in stream.getvalue()


def test_rich_bar() -> None:
    stream = Terminal()
    rich = RichBar(stream)
    rich.start("[red]model.fnnx", 1000)
    rich.phase("checking")
    rich.update(1000)
    rich.finish()
    rich.finish()
    assert "[red]model.fnnx (checking)" in stream.getvalue()


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (5e9, "5.0 GB"), (5e15, "5000.0 TB")],
)
def test_sizes(count: float, text: str) -> None:
    assert size_text(count) == text


@pytest.mark.parametrize("terminal", [False, True])
def test_many_files_have_a_line_each_and_a_total(terminal: bool) -> None:
    stream = io.StringIO()
    with many_bars(stream, terminal=terminal) as handlers:
        good, bad = handlers(), handlers()
        bad.start("bad", 0)
        bad.finish()
        good.start("good", 2000)
        good.phase("sending")
        good.update(2000)
        good.finish()
    assert "2 of 2 files" in stream.getvalue()
    if not terminal:
        assert "good: 2.0 kB/2.0 kB" in stream.getvalue()


def test_a_plain_bar_says_what_is_being_done() -> None:
    stream = io.StringIO()
    plain = PlainBar(stream)
    plain.start("model", 10)
    plain.phase("hashing")
    plain.finish()
    assert "model (hashing)" in stream.getvalue()
