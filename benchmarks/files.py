"""Artifact files to transfer: a real model with one large member, written a MiB at a time."""

from __future__ import annotations

import tarfile
from pathlib import Path

from tests.making import BLOCK, MIB, MODEL

MEMBER = "variant_artifacts/extra_files/weights.bin"


def make_file(path: Path, size: int) -> Path:
    """Write a model of ``size`` bytes or a little more, no two blocks alike; return its path."""
    with (
        path.open("wb") as raw,
        tarfile.open(fileobj=raw, mode="w") as target,
        tarfile.open(MODEL) as source,
    ):
        for member in source:
            target.addfile(member, source.extractfile(member) if member.isfile() else None)
        large = tarfile.TarInfo(MEMBER)
        blocks = max(1, (size - target.offset) // tarfile.BLOCKSIZE - 3)
        large.size = blocks * tarfile.BLOCKSIZE
        target.addfile(large)
        target.offset += large.size
        for number, start in enumerate(range(0, large.size, MIB)):
            block = number.to_bytes(8, "big") + BLOCK[8:]
            raw.write(block[: large.size - start])
    return path


def make_files(folder: Path, count: int, mib: int) -> list[Path]:
    """Write ``count`` files of ``mib`` MiB."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"file-{mib}-{number}.pyfnx" for number in range(count)]
    return [make_file(path, mib * MIB) for path in paths]
