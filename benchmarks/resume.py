"""What a transfer that was killed at 60 % still moves when it is run again."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks import pages
from benchmarks.files import make_files
from benchmarks.machine import SCRATCH, Report
from benchmarks.processes import Place, Worker, running_registry
from tests.faulty import FaultyProxy, Seen

KILLED_AT = 0.6
MIB, QUICK_MIB = 1024, 512
SETTLING_SECONDS = 0.5


def pass_on(*_: object) -> None:
    """Break nothing: the proxy is there to count."""


def kill_at(worker: Worker, pipe: Path, bytes_done: float) -> int:
    """Kill a transfer once its progress says so, and return what the progress said."""
    done = 0
    with pipe.open() as lines:
        for line in lines:
            done = int(line)
            if done >= bytes_done:
                worker.kill()
                return done
    raise RuntimeError(f"the transfer ended at {done} bytes, before it could be killed")


@dataclass(frozen=True, slots=True)
class Killed:
    """Runs transfers of ``size`` bytes through a proxy that counts, and kills them on the way."""

    place: Place
    proxy: FaultyProxy
    size: int

    def twice(self, verb: str, moved: Callable[[Seen], int], **what: Any) -> dict[str, Any]:
        """Run a transfer, kill it, run it again; return what moved both times."""
        pipe = SCRATCH / f"{verb}.progress"
        os.mkfifo(pipe)
        self.proxy.seen = Seen()
        worker = self._worker()
        worker.tell(verb, pipe=str(pipe), **what)
        safe = kill_at(worker, pipe, KILLED_AT * self.size)
        time.sleep(SETTLING_SECONDS)
        first, self.proxy.seen = moved(self.proxy.seen), Seen()
        with closing(self._worker()) as again:
            again.tell(verb, pipe=str(pipe), **what)
            with pipe.open() as lines:
                lines.read()
            answer = again.answer()
        return {
            "killed_at_share": round(safe / self.size, 3),
            "share_before": round(first / self.size, 3),
            "share_after": round(moved(self.proxy.seen) / self.size, 3),
            "seconds_after": round(answer["seconds"], 2),
            "ids": answer.get("ids", []),
        }

    def _worker(self) -> Worker:
        return Worker(Path(sys.executable), "luml", self.place)


def measure(mib: int) -> dict[str, Any]:
    """Interrupt an upload and a download of one file."""
    (path,) = make_files(SCRATCH / "files", 1, mib)
    size = path.stat().st_size
    with (
        running_registry(SCRATCH / "resume") as place,
        FaultyProxy(place.base_url, pass_on) as proxy,
    ):
        killed = Killed(replace(place, base_url=proxy.base_url), proxy, size)
        up = killed.twice("upload_counted", lambda seen: seen.up, path=str(path))
        (artifact,) = up.pop("ids")
        copy = str(SCRATCH / "copy")
        down = killed.twice(
            "download_counted", lambda seen: seen.down, artifact=artifact, path=copy
        )
    down.pop("ids")
    return {"bytes": size, "up": up, "down": down}


def main() -> None:
    """Measure both directions."""
    parser = argparse.ArgumentParser(description="Measure what resumes cost.")
    parser.add_argument("--quick", action="store_true")
    quick: bool = parser.parse_args().quick
    report = Report("resume", quick)
    report.results |= measure(QUICK_MIB if quick else MIB)
    print(pages.resume(report.results))
    report.write()


if __name__ == "__main__":
    main()
