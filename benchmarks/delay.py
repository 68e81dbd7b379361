"""Uploads and downloads over a wire with 50 ms of delay, beside the published client."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks import pages
from benchmarks.files import make_files
from benchmarks.link import Link, NoLinkError, delayed_link
from benchmarks.machine import SCRATCH, Report
from benchmarks.processes import running_registry
from benchmarks.rounds import measure, open_bench

ONE_WAY = 0.025
ROUNDS = 3
CASES = {"256 MiB": (256, "one PUT of the published client"), "520 MiB": (520, "in parts")}
QUICK_CASES = {"16 MiB": (16, "one PUT of the published client")}


def over(link: Link, *, quick: bool) -> dict[str, Any]:
    """Measure all cases over a wire."""
    results: dict[str, Any] = {}
    with ExitStack() as stack:
        folder = SCRATCH / "delay"
        registry = running_registry(folder, host=link.server_host, prefix=link.server)
        place = stack.enter_context(registry)
        bench = open_bench(stack, place, SCRATCH / "downloads", prefix=link.client)
        for name, (mib, kind) in (QUICK_CASES if quick else CASES).items():
            print(f"{name}, {kind} ...", flush=True)
            files: list[Path] = make_files(SCRATCH / "files", 1, mib)
            results[name] = {"kind": kind, **measure(bench, files, 1 if quick else ROUNDS)}
            files[0].unlink()
    return results


def main() -> None:
    """Measure, or say why that is not possible here."""
    parser = argparse.ArgumentParser(description="Measure transfers over a delayed wire.")
    parser.add_argument("--quick", action="store_true")
    quick: bool = parser.parse_args().quick
    report = Report("delay", quick)
    try:
        with delayed_link(ONE_WAY) as link:
            report.results |= {"milliseconds": link.milliseconds, "method": link.method}
            report.results["cases"] = over(link, quick=quick)
    except NoLinkError as error:
        report.results["skipped"] = str(error)
    print(pages.delay(report.results))
    report.write()


if __name__ == "__main__":
    main()
