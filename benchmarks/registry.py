"""What requests, importing and constructing cost, at 2,000 and at 100,000 artifacts."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import construction, peer
from benchmarks.cases import cases
from benchmarks.fill import fill
from benchmarks.machine import ROOT, SCRATCH, Report, clean_environment
from benchmarks.processes import peak_mib, running_registry
from benchmarks.tables import ratio, show

CLIENTS = 8
SIZES = (2_000, 100_000)
QUICK_SIZES = (2_000, 5_000)
PEERS = {2_000: peer.AT_2_000, 100_000: peer.AT_100_000}


def measure(size: int, *, quick: bool) -> dict[str, Any]:
    """Return the cost of every kind of request at ``size`` artifacts."""
    folder = SCRATCH / f"registry-{size}"
    filled = fill(folder, size)
    print(f"{size:,} artifacts were filled in at {filled:,.0f} a second.", flush=True)
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
        peak = peak_mib(place.pid)
    return {
        "filled_per_second": round(filled),
        "database_mib": round(_size(folder) / 2**20, 1),
        "server_peak_mib": round(peak, 1),
        "requests": json.loads(answer.stdout),
    }


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def beside_the_peer(size: int, requests: dict[str, Any]) -> None:
    """Print the table of one size, and add the ratios to the results."""
    theirs = PEERS.get(size, {})
    rows: list[list[object]] = []
    for name, ours in requests.items():
        other = theirs.get(name)
        if other is not None:
            ours["peer"] = asdict(other)
            ours["ratio_p50"] = ratio(other.p50, ours["p50_ms"])
            ours["ratio_cpu"] = ratio(other.cpu, ours["cpu_ms"])
            ours["ratio_rate"] = ratio(ours["requests_per_second"], other.rate)
        rows.append(
            [
                name,
                *(ours[key] for key in ("p50_ms", "p95_ms", "cpu_ms", "requests_per_second")),
                other and f"{other.p50:g} / {other.p95:g}",
                other and other.cpu,
                other and other.rate,
                ours.get("ratio_cpu"),
                ours.get("ratio_rate"),
            ]
        )
    print(f"\n{size:,} artifacts; peer: {peer.SOURCE}\n")
    head = ("request", "p50 ms", "p95 ms", "CPU ms", f"{CLIENTS} clients req/s")
    show((*head, "peer p50 / p95", "peer CPU", "peer req/s", "CPU x", "req/s x"), rows)


def growth(results: dict[str, Any], small: int, large: int) -> dict[str, Any]:
    """Print and return how much dearer each request is in the large registry."""
    before = results[str(small)]["requests"]
    after = results[str(large)]["requests"]
    grown: dict[str, Any] = {}
    for name in before:
        grown[name] = {
            key: ratio(after[name][key], before[name][key]) for key in ("p50_ms", "cpu_ms")
        }
    print(f"How many times dearer at {large:,} than at {small:,} artifacts\n")
    show(("request", "p50", "CPU"), [[name, *grown[name].values()] for name in grown])
    return grown


def main() -> None:
    """Measure all of it."""
    parser = argparse.ArgumentParser(description="Measure requests to a registry.")
    parser.add_argument("--quick", action="store_true")
    quick: bool = parser.parse_args().quick
    report = Report("registry", quick)
    report.results["peer"] = {"server": peer.SOURCE, "client": peer.CLIENT_SOURCE}
    report.results["import"] = construction.imports(quick=quick)
    report.results["construct"] = construction.constructions(quick=quick)
    sizes = QUICK_SIZES if quick else SIZES
    for size in sizes:
        report.results[str(size)] = measure(size, quick=quick)
        beside_the_peer(size, report.results[str(size)]["requests"])
    report.results["growth"] = growth(report.results, *sizes)
    report.write()


if __name__ == "__main__":
    main()
