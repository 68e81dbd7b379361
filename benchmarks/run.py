"""Runs the benchmarks: ``python benchmarks/run.py [NAME …] [--quick]``; ``make bench`` runs all.

Each writes ``benchmarks/results/<name>.json``, and their tables go into
``benchmarks/README.md``; with ``--quick``, which shows that all works and
not how fast it is, ``.cache/bench-quick/<name>.json``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRATCH = ROOT / ".cache" / "bench"
BENCHMARKS = ("registry", "transfers", "delay", "resume")


def run(name: str, *, quick: bool) -> bool:
    """Run one benchmark in a process of its own and say whether it went well."""
    print(f"== {name}\n", flush=True)
    began = time.monotonic()
    shutil.rmtree(SCRATCH, ignore_errors=True)
    command = [sys.executable, "-m", f"benchmarks.{name}", *(["--quick"] if quick else [])]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LUML_")}
    try:
        code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    finally:
        shutil.rmtree(SCRATCH, ignore_errors=True)
    print(f"{name} took {time.monotonic() - began:.0f} s\n", flush=True)
    return code == 0


def main() -> int:
    """Read the command line, run what is asked for, and say what failed."""
    parser = argparse.ArgumentParser(description="Measure luml beside the published platform.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"from {', '.join(BENCHMARKS)}")
    parser.add_argument("--quick", action="store_true", help="small sizes; about a minute")
    given = parser.parse_args()
    if unknown := set(given.names) - set(BENCHMARKS):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}: take {', '.join(BENCHMARKS)}")
    names = given.names or BENCHMARKS
    failed = [name for name in names if not run(name, quick=given.quick)]
    if not given.quick:
        subprocess.run([sys.executable, "-m", "benchmarks.pages"], cwd=ROOT, check=True)
    if failed:
        print(f"Failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
