"""Mutated files: only FileError comes out, in bounded time and memory."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from luml.errors import FileError
from luml.files import read_artifact
from luml.models import ArtifactType
from tests.unit.files.archives import (
    DATASET,
    dataset,
    document,
    header,
    long_name,
    member,
    model,
    pax,
    write,
)
from tests.unit.files.fuzzing import mutated

SAMPLES = Path(__file__).parents[3] / "examples" / "artifacts"
SECONDS = 2.0
MEMORY = 64 * 1024 * 1024
ROUNDS = 6
FILES_A_ROUND = 600


def seeds() -> list[bytes]:
    files = sorted(path for path in SAMPLES.iterdir() if path.suffix != ".json")
    made = dataset(
        pax((b"path", b"p" * 200), (b"size", b"5")), header(b"a"), member(b"", b"data!"),
        long_name(b"l" * 200), member(b"b", b"data"), pax((b"comment", b"c"), kind=b"g"),
        document("manifest-a.patch.json", [{"op": "add", "path": "/x", "value": DATASET}]),
    )  # fmt: skip
    return [*(path.read_bytes() for path in files), model(meta=[{"a": 1}]), made]


def outcome(path: Path) -> str:
    """Read ``path``; anything but an artifact or a FileError fails the test."""
    try:
        return read_artifact(path).type
    except FileError as error:
        return "refused" if f"{path}: " in error.message else error.message


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_mutated_files(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    originals = seeds()
    slowest, outcomes = 0.0, set[str]()
    for _ in range(FILES_A_ROUND):
        path = write(tmp_path, mutated(chance.choice(originals), originals, chance))
        start = time.perf_counter()
        outcomes.add(outcome(path))
        slowest = max(slowest, time.perf_counter() - start)
    assert slowest < SECONDS
    assert {"refused", "model", "dataset"} <= outcomes <= {"refused", *ArtifactType}


def manifest(text: bytes) -> bytes:
    return dataset(member(b"manifest.json", text))


FULL = 4 * 1024 * 1024 - 4
GREEDY: dict[str, Callable[[], bytes]] = {
    "brackets": lambda: manifest(b"[" * FULL),
    "quotes": lambda: manifest(b'"' * FULL),
    "escapes": lambda: manifest(b'"\\' * (FULL // 2)),
    "empty lists": lambda: manifest(b"[" + b"[]," * (FULL // 3 - 1)),
    "empty objects": lambda: manifest(b"[" + b'{"":{}},' * 49_000 + b"1]"),
    "wide text": lambda: manifest('["😀{}"]'.format("x" * (FULL - 10)).encode()),
    "digits": lambda: manifest(b"[" + (b"9" * 4000 + b",") * 1000 + b"1]"),
    "names": lambda: dataset((pax((b"path", b"x" * 4000)) + header(b"a")) * 4000),
    "records": lambda: dataset((pax(*[(b"a", b"")] * 40_000, kind=b"g")) * 200),
    "unknown kinds": lambda: dataset(header(b"a", kind=b"Q") * 199_000),
    "zeros and nothing": lambda: bytes(512) + b"x" * 100_000,
    "the most members": lambda: dataset(
        *(header(b"data/%07d.bin" % number) for number in range(199_999))
    ),
}


@pytest.mark.parametrize("greed", GREEDY)
def test_time_of_greedy_files(tmp_path: Path, greed: str) -> None:
    path = write(tmp_path, GREEDY[greed]())
    start = time.process_time()
    outcome(path)
    assert time.process_time() - start < SECONDS


MEASURE = """
import resource, sys
from luml.errors import FileError
from luml.files import normalise_manifest, read_artifact
try:
    normalise_manifest({})  # what is built at first use is no cost of a file
except FileError:
    pass
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_artifact(sys.argv[1])
except FileError:
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("greed", ["wide text", "quotes", "names", "the most members"])
def test_memory_of_greedy_files(tmp_path: Path, greed: str) -> None:
    path = write(tmp_path, GREEDY[greed]())
    command = [sys.executable, "-c", MEASURE, str(path)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert int(printed) * 1024 < MEMORY
