"""The local store over HTTP: what RFC 9110 asks of ranges and conditions, and what is refused."""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import socket
import time
from collections.abc import Callable, Generator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from luml.server.run import RunningServer
from luml.server.settings import Settings
from luml.server.storage.base import InvalidPartError, StorageError
from luml.server.storage.local import LocalStorage, LocalStore
from luml.transfer.plan import MIB, Plan

LOCATION = "orbit-a/collection-b/0123-a model.fnnx"
BODY = os.urandom(3 * MIB + 17)
DIGEST = hashlib.sha256(BODY).hexdigest()


class Store:
    """A store behind a running server, and a connection to it."""

    def __init__(self, server: RunningServer) -> None:
        self.local: LocalStore = server.app.state.registry.local_store
        self.signed: LocalStorage = self.local.bind(server.base_url, 3600)
        host = urlsplit(server.base_url)
        self.address = (host.hostname or "", host.port or 0)
        self.connection = http.client.HTTPConnection(*self.address)

    def ask(
        self, method: str, url: str, body: bytes | None = None, /, **headers: str
    ) -> http.client.HTTPResponse:
        parts = urlsplit(url)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request(method, f"{parts.path}?{parts.query}", body, named)
        return self.connection.getresponse()

    def files(self) -> list[str]:
        return [path.name for path in self.local.root.rglob("*") if path.is_file()]


@pytest.fixture
def store(tmp_path: Path) -> Generator[Store, None, None]:
    with RunningServer(Settings(data_dir=tmp_path)) as server:
        made = Store(server)
        yield made
        made.connection.close()


@pytest.fixture
def stored(store: Store) -> Store:
    assert store.ask("PUT", store.signed.put_url(LOCATION, len(BODY), DIGEST), BODY).read() == b""
    return store


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=100-", 100, len(BODY)),
        ("bytes=-5", len(BODY) - 5, len(BODY)),
        (f"bytes=5-{10**12}", 5, len(BODY)),
        (f"bytes=-{10**12}", 0, len(BODY)),
    ],
)
def test_ranges(stored: Store, asked: str, start: int, end: int) -> None:
    response = stored.ask("GET", stored.signed.get_url(LOCATION, "x.fnnx"), Range=asked)
    assert response.status == 206
    assert response.read() == BODY[start:end]
    assert response.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(BODY)}"


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=0-1,4-5", "lines=0-1", "bytes=-", "x"])
def test_ranges_that_are_ignored(stored: Store, asked: str) -> None:
    response = stored.ask("GET", stored.signed.get_url(LOCATION, "x.fnnx"), Range=asked)
    assert (response.status, response.read()) == (200, BODY)


def test_a_range_past_the_end(stored: Store) -> None:
    url = stored.signed.get_url(LOCATION, "x.fnnx")
    response = stored.ask("GET", url, Range=f"bytes={len(BODY)}-")
    assert (response.status, response.read()) == (416, b"")
    assert response.headers["Content-Range"] == f"bytes */{len(BODY)}"


def test_head_and_conditions(stored: Store) -> None:
    url = stored.signed.get_url(LOCATION, "x y.fnnx")
    head = stored.ask("HEAD", url)
    assert (head.status, head.read(), head.headers["Content-Length"]) == (200, b"", str(len(BODY)))
    assert "x%20y.fnnx" in head.headers["Content-Disposition"]
    etag = head.headers["ETag"]
    for headers, status in (
        ({"If_None_Match": etag}, 304),
        ({"If_None_Match": "*"}, 304),
        ({"If_None_Match": '"other"'}, 200),
        ({"If_Match": etag}, 200),
        ({"If_Match": '"other"'}, 412),
        ({"Range": "bytes=0-3", "If_Range": etag}, 206),
        ({"Range": "bytes=0-3", "If_Range": '"other"'}, 200),
    ):
        response = stored.ask("GET", url, **headers)
        response.read()
        assert response.status == status, headers


def test_a_signature_is_good_for_one_verb_one_object_and_an_hour(stored: Store) -> None:
    url = stored.signed.get_url(LOCATION, "x.fnnx")
    expired = stored.local.bind(url.partition("/_store")[0], -1).get_url(LOCATION, "x.fnnx")
    for method, forged in (
        ("DELETE", url),
        ("GET", url.replace("0123", "0124")),
        ("GET", url.replace("filename=x", "filename=y")),
        ("GET", url.partition("?")[0] + "?"),
        ("GET", expired),
    ):
        response = stored.ask(method, forged)
        assert (response.status, b"AccessDenied" in response.read()) == (403, True), forged
    assert stored.signed.stat(LOCATION) is not None


def test_bodies_that_are_refused_leave_nothing(store: Store) -> None:
    url = store.signed.put_url(LOCATION, len(BODY), DIGEST)
    other = store.signed.put_url(LOCATION, len(BODY))
    wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    for body, signed, headers, status, code in (
        (BODY[:-1], url, {}, 400, b"IncompleteBody"),
        (BODY + b"x", url, {}, 400, b"IncompleteBody"),
        (bytes(len(BODY)), url, {}, 400, b"BadDigest"),
        (BODY, other, {"x_amz_checksum_sha256": wrong}, 400, b"BadDigest"),
        (BODY, other, {"Content_MD5": "AAAA"}, 400, b"BadDigest"),
        (BODY, other, {"Content_MD5": "no base64"}, 400, b"InvalidDigest"),
    ):
        try:
            response = store.ask("PUT", signed, body, **headers)
            assert (response.status, code in response.read()) == (status, True), code
        finally:
            store.connection.close()
    assert store.files() == []
    assert store.signed.stat(LOCATION) is None


def test_a_body_that_is_cut_short_leaves_nothing(store: Store) -> None:
    parts = urlsplit(store.signed.put_url(LOCATION, len(BODY)))
    with socket.create_connection(store.address) as raw:
        head = f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(BODY)}"
        raw.sendall(head.encode() + b"\r\n\r\n" + BODY[:MIB])
        assert comes_true(lambda: store.files() != [])
    assert comes_true(lambda: store.files() == [])


def comes_true(condition: Callable[[], bool]) -> bool:
    """Wait up to five seconds for what another thread does."""
    end = time.monotonic() + 5
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


@pytest.mark.parametrize(
    "head",
    [
        b"PUT /_store/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"PUT /_store/x HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"PUT /_store/x HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"PUT /_store/x HTTP/1.1\r\nbad header\r\n\r\n",
        b"PUT /_store/x HTTP/9.9\r\n\r\n",
        b"GET /_store/x HTTP/1.1\r\nX: " + b"y" * 40_000 + b"\r\n\r\n",
    ],
)
def test_heads_that_make_no_sense_are_refused(store: Store, head: bytes) -> None:
    with socket.create_connection(store.address) as raw:
        raw.sendall(head)
        answer = raw.recv(4096)
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 411", b"HTTP/1.1 431"))


def test_expect_100_continue(store: Store) -> None:
    parts = urlsplit(store.signed.put_url(LOCATION, 5))
    with socket.create_connection(store.address) as raw:
        line = f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
        raw.sendall(line.encode() + b"Expect: 100-continue\r\n\r\n")
        assert raw.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        raw.sendall(b"hello")
        assert raw.recv(4096).startswith(b"HTTP/1.1 200")


def test_one_connection_carries_both_kinds_of_requests(stored: Store) -> None:
    for _ in range(3):
        assert stored.ask("GET", "http://x/healthz").read() == b'{"status":"ok"}'
        url = stored.signed.get_url(LOCATION, "x.fnnx")
        assert stored.ask("GET", url, Range="bytes=0-9").read() == BODY[:10]


def test_a_body_cannot_pose_as_a_request(store: Store) -> None:
    """What looks like a request for the store inside another request's body stays a body."""
    inner = b"DELETE /_store/x HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.create_connection(store.address) as raw:
        head = f"POST /v1/bucket-secrets/urls HTTP/1.1\r\nHost: x\r\nContent-Length: {len(inner)}"
        raw.sendall(head.encode() + b"\r\n\r\n")
        time.sleep(0.1)
        raw.sendall(inner)
        raw.settimeout(1)
        answer = raw.recv(8192)
        assert answer.startswith(b"HTTP/1.1 401")
        with pytest.raises(TimeoutError):
            raw.recv(8192)


def test_multipart(store: Store) -> None:
    plan = Plan(len(BODY), MIB)
    upload_id = store.signed.start_multipart(LOCATION, plan)
    parts = list(plan.parts())
    for part in reversed(parts):
        url = store.signed.part_url(LOCATION, upload_id, plan, part)
        response = store.ask("PUT", url, BODY[part.start : part.start + part.size])
        response.read()
        assert response.status == 200
    held = store.signed.list_parts(LOCATION, upload_id)
    assert [part.part_number for part in held] == [part.number for part in parts]
    again = store.signed.part_url(LOCATION, upload_id, plan, parts[0])
    store.ask("PUT", again, BODY[:MIB]).read()
    incomplete = store.ask("POST", store.signed.complete_url(LOCATION, upload_id, plan), b"<x/>")
    assert (incomplete.status, b"InvalidPart" in incomplete.read()) == (400, True)
    held = store.signed.list_parts(LOCATION, upload_id)
    store.signed.complete(LOCATION, upload_id, plan, held)
    store.signed.complete(LOCATION, upload_id, plan, held)
    found = store.signed.stat(LOCATION)
    assert found is not None
    assert (found.size, found.sha256) == (len(BODY), DIGEST)
    assert len(store.files()) == 1


def test_a_ledger_that_was_cut_short_counts_whole_lines(store: Store) -> None:
    plan = Plan(2 * MIB, MIB)
    upload_id = store.signed.start_multipart(LOCATION, plan)
    first, second = plan.parts()
    store.ask("PUT", store.signed.part_url(LOCATION, upload_id, plan, first), bytes(MIB)).read()
    ledger = store.local.root / "uploads" / upload_id / "parts.jsonl"
    with ledger.open("ab") as file:
        file.write(b'{"part_number": 2, "et')
    assert [p.part_number for p in store.signed.list_parts(LOCATION, upload_id)] == [1]
    store.ask("PUT", store.signed.part_url(LOCATION, upload_id, plan, second), bytes(MIB)).read()
    assert [p.part_number for p in store.signed.list_parts(LOCATION, upload_id)] == [1, 2]


def test_sweep_removes_what_was_begun_and_left(store: Store) -> None:
    upload_id = store.signed.start_multipart(LOCATION, Plan(MIB, MIB))
    assert store.local.sweep(3600) == 0
    os.utime(store.local.root / "uploads" / upload_id / "parts.jsonl", (0, 0))
    assert store.local.sweep(3600) == 1
    assert store.files() == []


def test_a_browser_may_use_presigned_urls(stored: Store) -> None:
    url = stored.signed.get_url(LOCATION, "x.fnnx")
    preflight = stored.ask("OPTIONS", url, Origin="https://example.org")
    preflight.read()
    assert preflight.status == 204
    assert "PUT" in preflight.headers["Access-Control-Allow-Methods"]
    response = stored.ask("GET", url, Range="bytes=0-1", Origin="https://example.org")
    response.read()
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in response.headers["Access-Control-Expose-Headers"]


def test_a_part_that_comes_again_and_is_cut_short_counts_as_missing(store: Store) -> None:
    plan = Plan(3 * MIB, MIB)
    upload_id = store.signed.start_multipart(LOCATION, plan)
    for part in plan.parts():
        url = store.signed.part_url(LOCATION, upload_id, plan, part)
        store.ask("PUT", url, bytes(MIB)).read()
    parts = urlsplit(store.signed.part_url(LOCATION, upload_id, plan, plan.part(1)))
    with socket.create_connection(store.address) as raw:
        head = f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: x\r\nContent-Length: {MIB}"
        raw.sendall(head.encode() + b"\r\n\r\n" + b"other bytes")
        time.sleep(0.2)
    time.sleep(0.2)
    held = store.signed.list_parts(LOCATION, upload_id)
    assert [part.part_number for part in held] == [2, 3]
    with pytest.raises(StorageError, match="part 1 of 3"):
        store.signed.complete(LOCATION, upload_id, plan, held)


def test_an_object_is_never_replaced(stored: Store) -> None:
    other = bytes(len(BODY))
    response = stored.ask("PUT", stored.signed.put_url(LOCATION, len(BODY)), other)
    assert (response.status, b"ObjectExists" in response.read()) == (409, True)
    again = stored.ask("PUT", stored.signed.put_url(LOCATION, len(BODY)), BODY)
    again.read()
    assert again.status == 200
    found = stored.signed.stat(LOCATION)
    assert found is not None
    assert found.sha256 == DIGEST


def part_request(store: Store, url: str, length: int) -> socket.socket:
    """Begin to send a part, and leave the rest of it out."""
    parts = urlsplit(url)
    raw = socket.create_connection(store.address)
    head = f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}"
    raw.sendall(head.encode() + b"\r\n\r\n" + b"stalled")
    time.sleep(0.2)
    return raw


def test_a_part_that_is_sent_again_cuts_the_older_connection(store: Store) -> None:
    plan = Plan(2 * MIB, MIB)
    upload_id = store.signed.start_multipart(LOCATION, plan)
    first = store.signed.part_url(LOCATION, upload_id, plan, plan.part(1))
    with part_request(store, first, MIB) as stalled:
        for part in plan.parts():
            url = store.signed.part_url(LOCATION, upload_id, plan, part)
            assert store.ask("PUT", url, bytes(MIB)).read() == b""
        stalled.settimeout(5)
        assert stalled.recv(1) == b""
    held = store.signed.list_parts(LOCATION, upload_id)
    assert [part.part_number for part in held] == [1, 2]
    store.signed.complete(LOCATION, upload_id, plan, held)
    assert store.signed.stat(LOCATION) is not None


def test_no_upload_is_completed_while_a_part_arrives(store: Store) -> None:
    plan = Plan(MIB, MIB)
    upload_id = store.signed.start_multipart(LOCATION, plan)
    url = store.signed.part_url(LOCATION, upload_id, plan, plan.part(1))
    store.ask("PUT", url, bytes(MIB)).read()
    held = store.signed.list_parts(LOCATION, upload_id)
    with part_request(store, url, MIB), pytest.raises(InvalidPartError, match="still arriving"):
        store.signed.complete(LOCATION, upload_id, plan, held)


def test_a_crash_after_the_object_is_there_is_gone_on_with(store: Store) -> None:
    plan = Plan(MIB, MIB)
    upload_id = store.signed.start_multipart(LOCATION, plan)
    url = store.signed.part_url(LOCATION, upload_id, plan, plan.part(1))
    store.ask("PUT", url, bytes(MIB)).read()
    held = store.signed.list_parts(LOCATION, upload_id)
    folder = store.local.root / "uploads" / upload_id
    kept = {path: path.read_bytes() for path in folder.iterdir() if path.name != "data"}
    store.signed.complete(LOCATION, upload_id, plan, held)
    folder.mkdir()
    for path, text in kept.items():
        path.write_bytes(text)
    assert store.signed.list_parts(LOCATION, upload_id) == []
    store.signed.complete(LOCATION, upload_id, plan, held)
    found = store.signed.stat(LOCATION)
    assert found is not None
    assert found.size == MIB


@pytest.mark.parametrize("checksum", [{"Content_MD5": "AAAA"}, {"x_amz_checksum_sha256": "AAAA"}])
def test_a_wrong_checksum_of_a_small_body_is_answered_at_once(
    store: Store, checksum: dict[str, str]
) -> None:
    url = store.signed.put_url(LOCATION, 1000)
    response = store.ask("PUT", url, bytes(1000), **checksum)
    assert (response.status, b"BadDigest" in response.read()) == (400, True)
    assert store.ask("GET", "http://x/healthz").read() == b'{"status":"ok"}'


@pytest.mark.parametrize(
    "head",
    [
        b"GET /_store/x?X-Luml-Signature=%ff HTTP/1.1\r\n\r\n",
        b"GET /_store/x?X-Luml-Signature=\xff HTTP/1.1\r\n\r\n",
        b"PUT /_store/x HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"GET /_store/x?" + b"a=b&" * 40 + b" HTTP/1.1\r\n\r\n",
        b"GET /_store/%ff HTTP/1.1\r\n\r\n",
    ],
)
def test_odd_heads_get_an_answer(store: Store, head: bytes) -> None:
    with socket.create_connection(store.address) as raw:
        raw.settimeout(5)
        raw.sendall(head)
        assert raw.recv(4096).startswith((b"HTTP/1.1 400", b"HTTP/1.1 403"))
