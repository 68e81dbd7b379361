"""Ways to a registry: through a real proxy, over TLS with an own CA, with a client certificate."""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import threading
import time
from collections.abc import Generator
from pathlib import Path

import proxy as proxy_py
import pytest
import trustme

from luml.api import APIConnectionError, AsyncLumlClient, LumlClient, TransferOptions
from luml.api._engine.coordinator import Coordinator
from luml.api._engine.engine import Engine
from luml.api._engine.sender import PartJob, Sender
from luml.server.run import RunningServer
from luml.server.settings import Settings
from tests.conftest import SAMPLES, RegistryAddress

SAMPLE = SAMPLES / "income_regression.fnnx"


class TLSFront:
    """Takes TLS connections and passes what they say to a registry in the clear."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.target: tuple[str, int] | None = None
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        assert self.target is not None
        with (
            contextlib.suppress(OSError),
            self._context.wrap_socket(plain, server_side=True) as front,
            socket.create_connection(self.target) as back,
        ):
            up = threading.Thread(target=_pump, args=(front, back), daemon=True)
            up.start()
            _pump(back, front)
            up.join(5)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(256 * 1024):
            target.sendall(data)
        target.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secure(
    authority: trustme.CA, tmp_path: Path, request: pytest.FixtureRequest
) -> Generator[tuple[RunningServer, str], None, None]:
    """A registry behind TLS; with the parameter True it asks for a client certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)  # pyright: ignore[reportUnknownMemberType]  # it also takes pyOpenSSL
    if getattr(request, "param", False):
        context.verify_mode = ssl.CERT_REQUIRED
        authority.configure_trust(context)  # pyright: ignore[reportUnknownMemberType]  # the same
    front = TLSFront(context)
    base_url = f"https://localhost:{front.port}"
    settings = Settings(data_dir=tmp_path / "registry", public_url=base_url)
    with RunningServer(settings) as server:
        host, _, port = server.base_url.removeprefix("http://").rpartition(":")
        front.target = (host, int(port))
        yield server, base_url
    front.close()


def life(luml: LumlClient, folder: Path) -> None:
    artifact = luml.artifacts.upload(SAMPLE, progress=False)
    assert artifact.status == "uploaded"
    luml.artifacts.download(artifact.id, folder, progress=False)
    assert (folder / SAMPLE.name).read_bytes() == SAMPLE.read_bytes()
    (folder / SAMPLE.name).unlink()


def client_of(server: RunningServer, base_url: str, options: TransferOptions) -> LumlClient:
    first = server.credentials
    return LumlClient(
        base_url,
        first.api_key,
        first.organization,
        first.orbit,
        first.collection,
        transfer=options,
    )


def test_own_authority(
    secure: tuple[RunningServer, str],
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, base_url = secure
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    with client_of(server, base_url, TransferOptions(ca_bundle=bundle)) as luml:
        life(luml, tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    with client_of(server, base_url, TransferOptions()) as luml:
        life(luml, tmp_path)
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(APIConnectionError, match="SSL_CERT_FILE"):
        client_of(server, base_url, TransferOptions()).artifacts.list()


@pytest.mark.anyio
async def test_own_authority_async(
    secure: tuple[RunningServer, str], authority: trustme.CA, tmp_path: Path
) -> None:
    server, base_url = secure
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    first = server.credentials
    options = TransferOptions(ca_bundle=bundle)
    async with AsyncLumlClient(base_url, first.api_key, transfer=options) as luml:
        await luml.setup_config(
            organization=first.organization, orbit=first.orbit, collection=first.collection
        )
        artifact = await luml.artifacts.upload(SAMPLE, progress=False)
        await luml.artifacts.download(artifact.id, tmp_path, progress=False)
    assert (tmp_path / SAMPLE.name).read_bytes() == SAMPLE.read_bytes()


@pytest.mark.parametrize("secure", [True], indirect=True)
def test_client_certificate(
    secure: tuple[RunningServer, str], authority: trustme.CA, tmp_path: Path
) -> None:
    server, base_url = secure
    bundle, certificate = tmp_path / "ca.pem", tmp_path / "client.pem"
    authority.cert_pem.write_to_path(str(bundle))
    authority.issue_cert("someone@example.org").private_key_and_cert_chain_pem.write_to_path(
        str(certificate)
    )
    with pytest.raises(APIConnectionError):
        client_of(server, base_url, TransferOptions(ca_bundle=bundle)).artifacts.list()
    options = TransferOptions(ca_bundle=bundle, client_certificate=str(certificate))
    with client_of(server, base_url, options) as luml:
        life(luml, tmp_path)


@pytest.fixture(scope="module")
def through_proxy() -> Generator[str, None, None]:
    """A real proxy that asks for a password; yields its URL."""
    arguments = ["--hostname", "127.0.0.1", "--port", "0", "--basic-auth", "user:secret"]
    arguments += ["--num-workers", "1", "--num-acceptors", "1", "--log-level", "ERROR"]
    with proxy_py.Proxy(arguments) as running:
        yield f"http://user:secret@127.0.0.1:{running.flags.port}"


def test_proxy_from_the_environment(
    registry: RegistryAddress,
    collection: str,
    through_proxy: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("HTTP_PROXY", through_proxy)
    place = (registry.base_url, registry.api_key, registry.organization, registry.orbit, collection)
    with LumlClient(*place) as luml:
        life(luml, tmp_path)
    wrong = through_proxy.replace("secret", "wrong")
    monkeypatch.setenv("HTTP_PROXY", wrong)
    with pytest.raises(Exception, match="407"):
        LumlClient(*place).artifacts.list()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with LumlClient(*place) as luml:
        life(luml, tmp_path)
    told = caplog.text
    assert "secret" not in told
    assert registry.api_key not in told
    assert "X-Luml-Signature" not in told


def test_proxy_to_tls(
    secure: tuple[RunningServer, str], authority: trustme.CA, through_proxy: str, tmp_path: Path
) -> None:
    server, base_url = secure
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    options = TransferOptions(ca_bundle=bundle, proxy=through_proxy)
    with client_of(server, base_url, options) as luml:
        life(luml, tmp_path)


def test_a_slow_link_is_not_a_stalled_one(authority: trustme.CA, tmp_path: Path) -> None:
    """Over TLS a piece takes longer than the stall limit, while bytes flow all the time."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)  # pyright: ignore[reportUnknownMemberType]  # it also takes pyOpenSSL
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
    size = 3 * 1024 * 1024

    def read_slowly() -> None:
        plain, _ = listener.accept()
        with context.wrap_socket(plain, server_side=True) as front:
            got, head = 0, b""
            while b"\r\n\r\n" not in head:
                head += front.recv(1)
            while got < size:
                got += len(front.recv(16 * 1024))
                time.sleep(0.005)
            front.sendall(b"HTTP/1.1 200 OK\r\nETag: x\r\nContent-Length: 0\r\n\r\n")

    threading.Thread(target=read_slowly, daemon=True).start()
    bundle, body = tmp_path / "ca.pem", tmp_path / "body"
    authority.cert_pem.write_to_path(str(bundle))
    body.write_bytes(bytes(size))
    engine = Engine(TransferOptions(ca_bundle=bundle, stall_timeout=0.3, attempts=1))
    url = f"https://localhost:{listener.getsockname()[1]}/x"
    with body.open("rb") as file:
        sent = Sender(engine, Coordinator(), file.fileno()).send([PartJob(1, 0, size, url)])
    listener.close()
    engine.close()
    assert sent.etags == {1: "x"}
