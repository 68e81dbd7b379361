"""The shared parts of the engine: slots, memory budget, routes, crew."""

from __future__ import annotations

import errno
import threading
import time
from pathlib import Path

import pytest

from luml.api import ConfigurationError, TransferOptions
from luml.api._engine.coordinator import Coordinator
from luml.api._engine.crew import Crew
from luml.api._engine.engine import Engine, as_link_errors
from luml.api._engine.faults import LinkError, TransferCancelledError
from luml.api._engine.routes import Endpoint, route_to
from luml.api._engine.slots import Budget, Slots
from luml.io.following import DigestStoppedError, FollowingDigest
from luml.transfer.pace import Pace
from luml.transfer.plan import MIB


def test_no_more_parts_than_slots() -> None:
    slots, coordinator = Slots(Pace(3)), Coordinator()
    lock, inside, most = threading.Lock(), [0], [0]

    def work(_: int) -> None:
        with slots.part(coordinator, MIB):
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            time.sleep(0.01)
            with lock:
                inside[0] -= 1

    Crew(list(range(20)), 10, work, coordinator).run()
    assert most[0] == 3


def test_no_more_memory_than_the_budget() -> None:
    budget, coordinator = Budget(8 * MIB), Coordinator()
    lock, held, most = threading.Lock(), [0], [0]

    def work(count: int) -> None:
        with budget.blocks(count, coordinator) as blocks:
            with lock:
                held[0] += sum(map(len, blocks))
                most[0] = max(most[0], held[0])
            time.sleep(0.01)
            with lock:
                held[0] -= sum(map(len, blocks))

    Crew([4, 1, 3, 4, 2, 1, 4, 4, 1], 9, work, coordinator).run()
    assert 0 < most[0] <= 8 * MIB


def test_whoever_waits_for_memory_can_be_cancelled() -> None:
    budget, coordinator = Budget(8 * MIB), Coordinator()
    with budget.blocks(8, coordinator):
        threading.Timer(0.05, coordinator.cancel).start()
        with pytest.raises(TransferCancelledError), budget.blocks(1, coordinator):
            raise AssertionError("there was no memory left")


def test_the_first_failure_of_a_crew_ends_the_rest() -> None:
    coordinator, done = Coordinator(), list[int]()

    def work(job: int) -> None:
        if job == 2:
            raise LookupError("job 2")
        coordinator.wait(0.01)
        done.append(job)

    with pytest.raises(LookupError, match="job 2"):
        Crew(list(range(100)), 2, work, coordinator).run()
    assert len(done) < 5


def test_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "https://bucket.example.org/key?X-Amz-Signature=secret"
    assert route_to(url, None).target == Endpoint("bucket.example.org", 443)
    through = route_to(url, "http://user:pass@proxy:3128")
    assert through.proxy == Endpoint("proxy", 3128)
    assert through.authorization == "Basic dXNlcjpwYXNz"
    monkeypatch.setenv("HTTPS_PROXY", "proxy:1")
    assert route_to(url, None).proxy == Endpoint("proxy", 1)
    monkeypatch.setenv("NO_PROXY", "example.org")
    assert route_to(url, None).proxy is None
    for wrong in ("socks5://proxy:1", "https://proxy:1"):
        with pytest.raises(ConfigurationError, match="only http:// proxies"):
            route_to(url, wrong)
    with pytest.raises(ConfigurationError, match="not an http"):
        route_to("file:///etc/passwd", None)


def unreachable() -> None:
    raise OSError(errno.EHOSTUNREACH, "No route to host")


def test_a_network_that_is_gone_is_tried_again_and_named() -> None:
    engine, coordinator = Engine(TransferOptions(attempts=2)), Coordinator()
    tries: list[int] = []

    def once() -> None:
        tries.append(1)
        with as_link_errors(coordinator):
            unreachable()

    with pytest.raises(LinkError, match="No route to host"):
        engine.attempt(coordinator, once)
    assert len(tries) == 2


def test_a_digest_can_be_stopped_while_somebody_waits_for_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"")
    with path.open("r+b") as file:
        file.truncate(64 * 1024 * MIB)
        digest = FollowingDigest(file.fileno(), 64 * 1024 * MIB)
        threading.Timer(0.1, digest.ask_to_stop).start()
        with pytest.raises(DigestStoppedError):
            digest.result()
