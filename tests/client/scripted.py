"""A server that answers what it is told to: errors, cuts, silence, and pages of another product."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """One answer; ``cut`` closes the connection instead, ``silence`` keeps it open unanswered."""

    status: int = 200
    body: object = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    cut: bool = False
    silence: float = 0.0


CUT = Answer(cut=True)


@dataclass(frozen=True)
class Heard:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class ScriptedServer:
    """Answers in order; the last answer repeats."""

    base_url: str
    script: list[Answer]
    heard: list[Heard] = field(default_factory=list[Heard])
    stopping: threading.Event = field(default_factory=threading.Event)

    def next(self) -> Answer:
        """Return the answer to the request that was heard last."""
        return self.script[min(len(self.heard), len(self.script)) - 1]


@contextmanager
def scripted(*script: Answer) -> Generator[ScriptedServer, None, None]:
    """Serve ``script`` on a free port while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            length = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(length)
            server.heard.append(Heard(self.command, self.path, headers, body))
            _send(self, server.next(), server.stopping)

        do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = answer  # noqa: N815  # the library's names

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    server = ScriptedServer(f"http://127.0.0.1:{listener.server_port}", list(script))
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        listener.shutdown()
        listener.server_close()
        thread.join()


def _send(handler: BaseHTTPRequestHandler, answer: Answer, stopping: threading.Event) -> None:
    if answer.silence:
        stopping.wait(answer.silence)
    if answer.cut or answer.silence:
        handler.close_connection = True
        return
    is_text = isinstance(answer.body, str)
    text = answer.body if is_text else json.dumps(answer.body)
    content = b"" if answer.body is None else str(text).encode()
    headers = {"content-type": "text/html" if is_text else "application/json"} | answer.headers
    handler.send_response(answer.status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("content-length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)
