"""What requests, importing and constructing cost, at 2,000 and at 100,000 artifacts."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import construction, pages, peer
from benchmarks.cases import cases
from benchmarks.fill import fill
from benchmarks.floor import sqlite_floor
from benchmarks.machine import ROOT, SCRATCH, Report, clean_environment
from benchmarks.processes import own_mib, peak_mib, running_registry
from benchmarks.tables import ratio

CLIENTS = 8
SIZES = (2_000, 100_000)
QUICK_SIZES = (2_000, 5_000)
PEERS = {2_000: peer.AT_2_000, 100_000: peer.AT_100_000}


def measure(size: int, *, quick: bool) -> dict[str, Any]:
    """Return the cost of every kind of request at ``size`` artifacts."""
    folder = SCRATCH / f"registry-{size}"
    filled = fill(folder, size)
    with running_registry(folder) as place:
        load = {
            "base_url": place.base_url,
            "api_key": place.api_key,
            "pid": place.pid,
            "seconds": 0.3 if quick else 2.0,
            "samples": 20 if quick else 100,
            "longest": 3.0 if quick else 20.0,
            "clients": CLIENTS,
        }
        asked = {"load": load, "cases": [asdict(case) for case in cases(place, size)]}
        answer = subprocess.run(
            [sys.executable, "-m", "benchmarks.load"],
            cwd=ROOT,
            env=clean_environment(),
            input=json.dumps(asked),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        memory = {
            "server_peak_mib": round(peak_mib(place.pid), 1),
            "server_own_mib": round(own_mib(place.pid), 1),
        }
    return {
        "filled_per_second": round(filled),
        "database_mib": round(_size(folder) / 2**20, 1),
        **memory,
        "sqlite_floor": sqlite_floor(folder),
        "requests": json.loads(answer.stdout),
    }


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def compare(size: int, requests: dict[str, Any]) -> None:
    """Add the peer's figures and the ratios to the results of one size."""
    theirs = PEERS.get(size, {})
    for name, other in theirs.items():
        ours = requests[name]
        ours["peer"] = asdict(other)
        ours["ratio_p50"] = ratio(other.p50, ours["p50_ms"])
        ours["ratio_cpu"] = ratio(other.cpu, ours["cpu_ms"])
        ours["ratio_rate"] = ratio(ours["requests_per_second"], other.rate)


def growth(small: dict[str, Any], large: dict[str, Any]) -> dict[str, Any]:
    """Return how many times dearer each kind of request is in the large registry."""
    return {
        name: {key: ratio(large[name][key], small[name][key]) for key in ("p50_ms", "cpu_ms")}
        for name in small
    }


def main() -> None:
    """Measure all of it."""
    parser = argparse.ArgumentParser(description="Measure requests to a registry.")
    parser.add_argument("--quick", action="store_true")
    quick: bool = parser.parse_args().quick
    report = Report("registry", quick)
    report.results["peer"] = {"server": peer.SOURCE, "client": peer.CLIENT_SOURCE}
    report.results["import"] = construction.imports(quick=quick)
    report.results["construct"] = construction.constructions(quick=quick)
    sizes: dict[str, Any] = {}
    for size in QUICK_SIZES if quick else SIZES:
        print(f"{size:,} artifacts ...", flush=True)
        sizes[str(size)] = measure(size, quick=quick)
        compare(size, sizes[str(size)]["requests"])
    small, large = (measured["requests"] for measured in sizes.values())
    report.results |= {"sizes": sizes, "growth": growth(small, large)}
    print(pages.registry(report.results))
    report.write()


if __name__ == "__main__":
    main()
