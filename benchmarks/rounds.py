"""Transfers of two clients in turns against one server, and what each round costs."""

from __future__ import annotations

import filecmp
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import published_python
from benchmarks.processes import Place, Worker, cpu_seconds, peak_mib, reset_peak
from benchmarks.tables import median, ratio

CLIENTS = ("luml", "published")
DIRECTIONS = ("up", "down")
Costs = dict[str, float]
Limits = Callable[[list[str]], dict[str, float]]
"""Measures limits beside a round, given the ids of the files in the store."""


@dataclass(frozen=True, slots=True)
class Bench:
    """One server, a worker of each client, and a folder for what is downloaded."""

    place: Place
    workers: dict[str, Worker]
    folder: Path

    def cost(self, client: str, verb: str, **arguments: Any) -> tuple[Costs, dict[str, Any]]:
        """Have a client do something and return what it cost, and its answer."""
        worker = self.workers[client]
        pids = {"client": worker.pid, "server": self.place.pid}
        os.sync()
        for pid in pids.values():
            reset_peak(pid)
        before = {name: cpu_seconds(pid) for name, pid in pids.items()}
        answer = worker.ask(verb, **arguments)
        costs = {"seconds": answer["seconds"]}
        for name, pid in pids.items():
            costs[f"cpu_seconds_{name}"] = cpu_seconds(pid) - before[name]
            costs[f"peak_mib_{name}"] = peak_mib(pid)
        return costs, answer

    def round(
        self, client: str, files: Sequence[Path], limits: Limits | None, *, check: bool
    ) -> tuple[dict[str, Costs], dict[str, float]]:
        """Send files up and back with one client; return the costs of both and the limits."""
        paths = [str(path) for path in files]
        up, sent = self.cost(client, "upload", paths=paths)
        self.folder.mkdir(parents=True, exist_ok=True)
        down, got = self.cost(client, "download", ids=sent["ids"], folder=str(self.folder))
        if check:
            _check(files, [Path(path) for path in got["paths"]])
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        measured = limits(sent["ids"]) if limits else {}
        self.workers[client].ask("delete", ids=sent["ids"])
        return {"up": up, "down": down}, measured


def _check(files: Sequence[Path], copies: Sequence[Path]) -> None:
    for path, copy in zip(files, copies, strict=True):
        if not filecmp.cmp(path, copy, shallow=False):
            raise RuntimeError(f"{copy} is not byte for byte {path}")


def open_bench(
    stack: ExitStack, place: Place, folder: Path, *, prefix: Sequence[str] = ()
) -> Bench:
    """Start a worker of each client; the stack ends them."""
    pythons = {"luml": Path(sys.executable), "published": published_python()}
    workers = {
        client: stack.enter_context(closing(Worker(python, client, place, prefix=prefix)))
        for client, python in pythons.items()
    }
    return Bench(place, workers, folder)


def measure(
    bench: Bench, files: Sequence[Path], rounds: int, limits: Limits | None = None
) -> dict[str, Any]:
    """Let the clients take turns, and return medians and ratios.

    The first round of each warms up, is checked byte for byte, and does not count.
    """
    costs: dict[str, dict[str, list[Costs]]] = {
        client: {direction: [] for direction in DIRECTIONS} for client in CLIENTS
    }
    bounds: list[dict[str, float]] = []
    for number in range(-1, rounds):
        for client in CLIENTS:
            beside = limits if client == CLIENTS[0] else None
            cost, bound = bench.round(client, files, beside, check=number < 0)
            if number < 0:
                continue
            for direction in DIRECTIONS:
                costs[client][direction].append(cost[direction])
            if beside is not None:
                bounds.append(bound)
    results: dict[str, Any] = {
        "rounds": rounds,
        "files": len(files),
        "bytes": sum(path.stat().st_size for path in files),
        "limits": _medians(bounds),
    }
    for direction in DIRECTIONS:
        results[direction] = _summary({name: costs[name][direction] for name in CLIENTS})
        _compare(results[direction], results["limits"], direction)
    return results


def _medians(costs: Sequence[Costs]) -> Costs:
    names = costs[0] if costs else {}
    return {name: round(median([cost[name] for cost in costs]), 3) for name in names}


def _summary(costs: dict[str, list[Costs]]) -> dict[str, Any]:
    """Return for each client its medians, and the seconds of each round."""
    every = {name: [round(cost["seconds"], 3) for cost in costs[name]] for name in costs}
    return {name: {**_medians(costs[name]), "all_seconds": every[name]} for name in costs}


def _compare(results: dict[str, Any], limits: Costs, direction: str) -> None:
    ours, theirs = results["luml"], results["published"]
    for name in ("seconds", "cpu_seconds_client", "cpu_seconds_server", "peak_mib_client"):
        results[f"ratio_{name}"] = ratio(theirs[name], ours[name])
    if limits:
        results["limit_seconds"] = max(limits["sha256"], limits[f"raw_{direction}"])
        results["of_limit"] = round(results["limit_seconds"] / ours["seconds"], 2)
