"""Results as text: what a benchmark prints, and what stands in ``benchmarks/README.md``."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.machine import RESULTS, ROOT
from benchmarks.tables import table

PAGE = ROOT / "benchmarks" / "README.md"
BEGIN, END = "<!-- results: written by benchmarks/run.py -->", "<!-- end of results -->"
CLIENTS = ("luml", "published")


def registry(results: dict[str, Any]) -> str:
    """Return the tables of the registry benchmark."""
    sizes = list(results["sizes"])
    return "\n\n".join(
        [
            _imports(results["import"]),
            _construct(results["construct"]),
            *(_requests(size, results["sizes"][size]) for size in sizes),
            _growth(results["growth"], sizes),
        ]
    )


def _imports(results: dict[str, Any]) -> str:
    rows = [[name, *results[name].values()] for name in results if "median_ms" in results[name]]
    return table(("import, fresh process", "median ms", "p95 ms"), rows)


def _construct(results: dict[str, Any]) -> str:
    rows = [
        [f"{client}, {name}", *case.values()]
        for client in CLIENTS
        for name, case in results[client].items()
    ]
    head = (f"construct, {results['collections']:,} collections", "requests", "median ms", "p95 ms")
    return table(head, rows)


def _requests(size: str, measured: dict[str, Any]) -> str:
    rows: list[list[object]] = []
    for name, ours in measured["requests"].items():
        theirs = ours.get("peer")
        beside = (
            (f"{theirs['p50']:g} / {theirs['p95']:g}", theirs["cpu"], theirs["rate"])
            if theirs
            else (None, None, None)
        )
        own = (ours[key] for key in ("p50_ms", "p95_ms", "cpu_ms", "requests_per_second"))
        rows.append([name, *own, *beside, ours.get("ratio_cpu"), ours.get("ratio_rate")])
    head = ("request", "p50 ms", "p95 ms", "CPU ms", "8 clients req/s")
    more = ("peer p50 / p95", "peer CPU", "peer req/s", "CPU x", "req/s x")
    floor = measured["sqlite_floor"]
    return (
        f"{int(size):,} artifacts. Plain `sqlite3` for a page of 100: "
        f"{floor['ids_by_metric_ms']:.2f} ms for its ids by a metric, "
        f"{floor['page_with_documents_ms']:.2f} ms to fetch and join its "
        f"{floor['page_bytes'] // 1000} KB. Server: {measured['server_peak_mib']:.0f} MiB at its "
        f"peak with the mapped database, {measured['server_own_mib']:.0f} MiB of its own.\n\n"
        + table((*head, *more), rows)
    )


def _growth(grown: dict[str, Any], sizes: list[str]) -> str:
    small, large = (f"{int(size):,}" for size in sizes)
    rows = [[name, *costs.values()] for name, costs in grown.items()]
    head = (f"how many times dearer at {large} than at {small}", "p50", "CPU")
    return table(head, rows)


def transfers(results: dict[str, Any]) -> str:
    """Return the tables of the loopback benchmark."""
    together = results["eight clients"]
    return (
        f"{_cases(results['cases'])}\n\n"
        f"Eight clients at once, {together['mib_each']} MiB each: the server peaks at "
        f"{together['server_peak_mib_up']:.0f} MiB up and {together['server_peak_mib_down']:.0f} "
        f"MiB down.\n\n{_limits(results['cases'])}\n\n"
        f"boto3: not measured. {results['boto3']['skipped']}"
    )


def _cases(cases: dict[str, Any]) -> str:
    rows: list[list[object]] = []
    for name, result in cases.items():
        for direction in ("up", "down"):
            found = result[direction]
            sides = [found[client] for client in CLIENTS]
            rows.append(
                [
                    f"{name}, {direction}",
                    *(side["seconds"] for side in sides),
                    found["ratio_seconds"],
                    found.get("limit_seconds"),
                    found.get("of_limit"),
                    *(_pair(side, "cpu_seconds", 2) for side in sides),
                    *(_pair(side, "peak_mib", 0) for side in sides),
                ]
            )
    head = ("seconds", "luml", "published", "times faster", "limit", "limit / luml")
    costs = ("CPU s, client + server", "published", "peak MiB, client + server", "published")
    return table((*head, *costs), rows)


def _pair(side: dict[str, float], name: str, digits: int) -> str:
    return f"{side[f'{name}_client']:.{digits}f} + {side[f'{name}_server']:.{digits}f}"


def _limits(cases: dict[str, Any]) -> str:
    rows = [[name, *case["limits"].values()] for name, case in cases.items()]
    head = ("limits, seconds", "SHA-256, one thread", "raw up", "raw down", "raw down to a file")
    return table(head, rows)


def delay(results: dict[str, Any]) -> str:
    """Return the table of the benchmark over a delayed wire."""
    if "skipped" in results:
        return f"Not measured: {results['skipped']}."
    text = f"{results['milliseconds']:g} ms there and back: {results['method']}."
    return f"{text}\n\n{_cases(results['cases'])}"


def resume(results: dict[str, Any]) -> str:
    """Return the table of the benchmark of transfers that are killed."""
    rows = [[name, *results[name].values()] for name in ("up", "down")]
    head = ("killed by SIGKILL", "when", "moved before", "moved after", "seconds after")
    return f"Shares of {results['bytes'] // 2**20:,} MiB.\n\n{table(head, rows)}"


TEXTS = {"registry": registry, "transfers": transfers, "delay": delay, "resume": resume}


def write_page() -> None:
    """Put the newest results into the page."""
    sections: list[str] = []
    for name, text in TEXTS.items():
        path = RESULTS / f"{name}.json"
        if path.exists():
            document = json.loads(path.read_text())
            sections.append(f"### {name}\n\n{_made(document)}\n\n{text(document['results'])}")
    before, _, rest = PAGE.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    body = "\n\n".join(sections) or "Nothing has been measured yet."
    PAGE.write_text(f"{before}{BEGIN}\n\n{body}\n\n{END}{after}")


def _made(document: dict[str, Any]) -> str:
    machine, versions, load = (document[key] for key in ("machine", "versions", "load_average"))
    return (
        f"{document['date']}, commit {versions['commit']}; {machine['cpu']}, {machine['cores']} "
        f"cores, {machine['memory_gib']} GiB, Linux {machine['kernel']}; Python "
        f"{versions['python']}, SQLite {versions['sqlite']}, {versions['openssl']}; "
        f"{versions['published client']} on Python {versions['python of the published client']}; "
        f"load average {load['before'][0]:.2f} before, {load['after'][0]:.2f} after."
    )


if __name__ == "__main__":
    write_page()
