"""A load process: reads cases from standard input, makes the requests, and writes what they cost.

One client asks over ``http.client`` on a kept connection, as an SDK would. Eight clients are
sockets that one loop feeds with requests written beforehand, so that the load leaves as much of
the machine to the server as it can.
"""

from __future__ import annotations

import http.client
import json
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

from benchmarks.processes import cpu_seconds
from benchmarks.tables import median, p95

WARM_UP = 20
RECEIVED = 1024 * 1024
GOOD = b"HTTP/1.1 200 "


@dataclass(frozen=True, slots=True)
class Load:
    """What to ask of whom, and for how long.

    Attributes:
        seconds: How long each of the two batches of a case lasts at least, if it has its samples.
        samples: Requests that a single client makes at least.
        longest: Seconds after which a batch ends with fewer samples.
    """

    base_url: str
    api_key: str
    pid: int
    seconds: float
    samples: int
    longest: float
    clients: int

    @property
    def address(self) -> str:
        """Host and port."""
        return urlsplit(self.base_url).netloc


def one_client(load: Load, requests: list[dict[str, Any]]) -> dict[str, Any]:
    """Ask one after another; return milliseconds and CPU milliseconds of the server."""
    connection = http.client.HTTPConnection(load.address)
    headers = {"Authorization": f"Bearer {load.api_key}", "Content-Type": "application/json"}
    turns = cycle(requests)

    def ask() -> tuple[float, int]:
        asked = next(turns)
        began = time.perf_counter()
        connection.request(asked["method"], asked["path"], asked["body"], headers)
        answer = connection.getresponse()
        size = len(answer.read())
        assert answer.status == 200, (answer.status, asked["path"])
        return time.perf_counter() - began, size

    for _ in range(WARM_UP):
        ask()
    taken: list[float] = []
    size = 0
    began, cpu = time.perf_counter(), cpu_seconds(load.pid)
    while (past := time.perf_counter() - began) < load.longest:
        if past > load.seconds and len(taken) >= load.samples:
            break
        seconds, size = ask()
        taken.append(seconds)
    cpu = cpu_seconds(load.pid) - cpu
    connection.close()
    return {
        "p50_ms": round(median(taken) * 1000, 3),
        "p95_ms": round(p95(taken) * 1000, 3),
        "cpu_ms": round(cpu * 1000 / len(taken), 3),
        "samples": len(taken),
        "answer_bytes": size,
    }


@dataclass(slots=True)
class _Client:
    """A kept connection with one request under way."""

    connection: socket.socket
    received: bytearray = field(default_factory=bytearray)
    wanted: int = 0

    def take(self) -> bool:
        """Receive what is there; True when the answer is whole."""
        data = self.connection.recv(RECEIVED)
        if not data:
            raise ConnectionError("the server hung up")
        self.received += data
        if not self.wanted:
            end = self.received.find(b"\r\n\r\n")
            if end < 0:
                return False
            head = bytes(self.received[:end])
            assert head.startswith(GOOD), head
            length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
            self.wanted = end + 4 + int(length)
        if len(self.received) < self.wanted:
            return False
        self.received.clear()
        self.wanted = 0
        return True


def many_clients(load: Load, requests: list[dict[str, Any]]) -> dict[str, Any]:
    """Keep one request of each client under way for a while; return how many a second."""
    turns = cycle([_encoded(load, asked) for asked in requests])
    host, _, port = load.address.rpartition(":")
    done = 0
    with selectors.DefaultSelector() as selector:
        for _ in range(load.clients):
            connection = socket.create_connection((host, int(port)))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connection, selectors.EVENT_READ, _Client(connection))
            connection.sendall(next(turns))
        began, cpu = time.perf_counter(), cpu_seconds(load.pid)
        while time.perf_counter() - began < load.seconds:
            for key, _ in selector.select():
                if key.data.take():
                    done += 1
                    key.data.connection.sendall(next(turns))
        past, cpu = time.perf_counter() - began, cpu_seconds(load.pid) - cpu
        for key in list(selector.get_map().values()):
            key.data.connection.close()
    return {
        "requests_per_second": round(done / past, 1),
        "cpu_ms_under_load": round(cpu * 1000 / max(1, done), 3),
    }


def _encoded(load: Load, asked: dict[str, Any]) -> bytes:
    body = (asked["body"] or "").encode()
    head = (
        f"{asked['method']} {asked['path']} HTTP/1.1\r\nHost: {load.address}\r\n"
        f"Authorization: Bearer {load.api_key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def main() -> None:
    """Read, ask, write."""
    given = json.load(sys.stdin)
    load = Load(**given["load"])
    results: dict[str, Any] = {}
    for case in given["cases"]:
        results[case["name"]] = one_client(load, case["requests"])
        results[case["name"]] |= many_clients(load, case["requests"])
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
