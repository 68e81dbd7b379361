"""What no transfer can beat: SHA-256 of a file on one thread, and its bytes through the server."""

from __future__ import annotations

import hashlib
import http.client
import json
import mmap
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.cases import Api
from benchmarks.processes import Place
from luml.files import read_artifact

BUFFER = 1024 * 1024
CONNECTIONS = 4
"""Kept connections of a raw copy; more gain nothing on loopback."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run of bytes of a file and the presigned URL that it goes to."""

    path: Path
    start: int
    size: int
    url: str


def sha256_seconds(files: Sequence[Path]) -> float:
    """Return how long SHA-256 of all files takes on this thread, one after another."""
    began = time.perf_counter()
    with mmap.mmap(-1, BUFFER) as buffer, memoryview(buffer) as view:
        for path in files:
            digest = hashlib.sha256()
            with path.open("rb", buffering=0) as file:
                while got := file.readinto(view):
                    digest.update(view[:got])
    return time.perf_counter() - began


def raw_up_seconds(place: Place, files: Sequence[Path]) -> float:
    """Return how long the bytes of all files take to the store by ``sendfile``, without an end.

    The artifacts are made before and removed after, and nothing is completed: the time is that of
    the PUTs alone, over a few kept connections.
    """
    with closing(Api(place)) as api:
        made = [_create(api, place, path) for path in files]
        runs = [run for path, artifact in made for run in _runs(api, place, path, artifact)]
        seconds = _spread(runs, _put_all)
        for _, artifact in made:
            api.ask("DELETE", f"{place.collection_path}/artifacts/{artifact}/force")
    return seconds


def _create(api: Api, place: Place, path: Path) -> tuple[Path, str]:
    """Make an artifact for a file and return its id."""
    file = read_artifact(path)
    body = {
        "file_name": path.name,
        "extra_values": {},
        "manifest": file.manifest,
        "file_index": file.file_index,
        "file_hash": None,
        "size": file.size,
    }
    answer: Any = api.ask("POST", f"{place.collection_path}/artifacts", json.dumps(body))
    return path, str(answer["artifact"]["id"])


def _runs(api: Api, place: Place, path: Path, artifact: str) -> list[Run]:
    session = api.ask("POST", f"{place.collection_path}/artifacts/{artifact}/upload")
    return [
        Run(path, part["start_byte"], part["end_byte"] - part["start_byte"] + 1, part["url"])
        for part in session["parts"]
    ]


def raw_down_seconds(place: Place, ids: Sequence[str], *, into: Path | None = None) -> float:
    """Return how long the bytes of all artifacts take from the store, over a few connections.

    Args:
        place: The registry.
        ids: The artifacts.
        into: A folder to write them to; without one, the bytes are dropped.
    """
    with closing(Api(place)) as api:
        artifacts = f"{place.collection_path}/artifacts"
        urls = [api.ask("GET", f"{artifacts}/{one}/download-url")["url"] for one in ids]
    targets = [Path(os.devnull) if into is None else into / f"raw-{one}" for one in ids]
    runs = [Run(path, 0, 0, url) for path, url in zip(targets, urls, strict=True)]
    seconds = _spread(runs, _get_all)
    if into is not None:
        for path in targets:
            path.unlink()
    return seconds


def _spread(runs: Sequence[Run], work: Callable[[Sequence[Run]], None]) -> float:
    """Do the work over a few connections and return how long it took."""
    shares = [runs[start::CONNECTIONS] for start in range(CONNECTIONS)]
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        began = time.perf_counter()
        list(pool.map(work, [share for share in shares if share]))
        return time.perf_counter() - began


def _put_all(runs: Sequence[Run]) -> None:
    with closing(http.client.HTTPConnection(urlsplit(runs[0].url).netloc)) as connection:
        for run in runs:
            connection.putrequest("PUT", _target(run.url), skip_accept_encoding=True)
            connection.putheader("Content-Length", str(run.size))
            connection.endheaders()
            with run.path.open("rb") as file:
                _send(connection, file.fileno(), run)
            answer = connection.getresponse()
            assert answer.status == 200, (answer.status, answer.read())
            answer.read()


def _send(connection: http.client.HTTPConnection, source: int, run: Run) -> None:
    offset, end = run.start, run.start + run.size
    while offset < end:
        offset += os.sendfile(connection.sock.fileno(), source, offset, end - offset)


def _get_all(runs: Sequence[Run]) -> None:
    connection = http.client.HTTPConnection(urlsplit(runs[0].url).netloc)
    with closing(connection), mmap.mmap(-1, BUFFER) as buffer, memoryview(buffer) as view:
        for run in runs:
            connection.request("GET", _target(run.url))
            answer = connection.getresponse()
            assert answer.status == 200, (answer.status, answer.read())
            with run.path.open("wb", buffering=0) as file:
                while got := answer.readinto(view):
                    file.write(view[:got])


def _target(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"
