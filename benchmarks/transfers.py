"""Whole uploads and downloads over loopback, beside the published client and beside the limits."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from benchmarks import limits, pages
from benchmarks.files import make_files
from benchmarks.machine import SCRATCH, Report
from benchmarks.processes import Place, Worker, peak_mib, reset_peak, running_registry
from benchmarks.rounds import Bench, measure, open_bench

ROUNDS = 5
AT_ONCE = 8
CASES = {"64 MiB": (1, 64), "400 MiB": (1, 400), "1 GiB": (1, 1024), "200 files of 1 MiB": (200, 1)}
QUICK_CASES = {"8 MiB": (1, 8), "80 MiB": (1, 80), "10 files of 1 MiB": (10, 1)}
NO_S3 = (
    "boto3 and s3transfer speak to S3 stores only; the built-in store answers presigned URLs, and "
    "there is no S3 store beside it yet."
)


def measured_limits(bench: Bench, files: Sequence[Path], ids: list[str]) -> dict[str, float]:
    """Return seconds of the limits of one round."""
    return {
        "sha256": limits.sha256_seconds(files),
        "raw_up": limits.raw_up_seconds(bench.place, files),
        "raw_down": limits.raw_down_seconds(bench.place, ids),
        "raw_down_to_file": limits.raw_down_seconds(bench.place, ids, into=bench.folder),
    }


def case(bench: Bench, count: int, mib: int, rounds: int) -> dict[str, Any]:
    """Measure one number of files of one size."""
    files = make_files(SCRATCH / "files", count, mib)
    try:
        return measure(bench, files, rounds, lambda ids: measured_limits(bench, files, ids))
    finally:
        for path in files:
            path.unlink()


def many_clients(place: Place, mib: int) -> dict[str, Any]:
    """Let eight clients send and fetch at once; return the largest memory of the server."""
    files = make_files(SCRATCH / "files", AT_ONCE, mib)
    peaks: dict[str, Any] = {"clients": AT_ONCE, "mib_each": mib}
    with ExitStack() as stack:
        workers = [
            stack.enter_context(closing(Worker(Path(sys.executable), "luml", place))) for _ in files
        ]
        reset_peak(place.pid)
        for worker, path in zip(workers, files, strict=True):
            worker.tell("upload", paths=[str(path)])
        ids = [worker.answer()["ids"] for worker in workers]
        peaks["server_peak_mib_up"] = round(peak_mib(place.pid), 1)
        reset_peak(place.pid)
        folder = SCRATCH / "many"
        folder.mkdir()
        for worker, mine in zip(workers, ids, strict=True):
            worker.tell("download", ids=mine, folder=str(folder))
        for worker in workers:
            worker.answer()
        peaks["server_peak_mib_down"] = round(peak_mib(place.pid), 1)
        workers[0].ask("delete", ids=[one for mine in ids for one in mine])
    return peaks


def main() -> None:
    """Measure all of it."""
    parser = argparse.ArgumentParser(description="Measure transfers over loopback.")
    parser.add_argument("--quick", action="store_true")
    quick: bool = parser.parse_args().quick
    report = Report("transfers", quick)
    cases = QUICK_CASES if quick else CASES
    results: dict[str, Any] = {}
    with ExitStack() as stack:
        place = stack.enter_context(running_registry(SCRATCH / "transfers"))
        bench = open_bench(stack, place, SCRATCH / "downloads")
        for name, (count, mib) in cases.items():
            print(f"{name} ...", flush=True)
            results[name] = case(bench, count, mib, 2 if quick else ROUNDS)
        together = many_clients(place, 8 if quick else 128)
    report.results |= {"cases": results, "eight clients": together, "boto3": {"skipped": NO_S3}}
    print(pages.transfers(report.results))
    report.write()


if __name__ == "__main__":
    main()
