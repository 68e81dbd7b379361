"""What goes over the network and what goes wrong there, in words of our own.

Nothing here imports the HTTP library; its errors are told apart by what caused them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request as it goes out. ``headers`` may hold the key and stay out of every repr."""

    method: str
    url: str
    params: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """One answer, read to its end. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """True for 2xx."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """How to reach a host.

    Attributes:
        timeout: Seconds to connect, to send a piece, and to wait for a piece of the answer.
        tls: Makes the TLS settings; reads files.
        proxy: URL of a proxy; None takes what the environment says.
    """

    timeout: float
    tls: Callable[[], ssl.SSLContext] = field(repr=False)
    proxy: str | None = field(default=None, repr=False)


class Reason(Enum):
    """Why no answer came."""

    REFUSED = "the connection was refused"
    UNKNOWN_HOST = "the host name is unknown"
    TLS = "the TLS handshake failed"
    TIMEOUT = "it took too long"
    CUT = "the connection was cut"
    PROXY = "the proxy refused"
    UNREACHABLE = "the host cannot be reached"
    INVALID = "it cannot be sent"


class HttpFailure(Exception):  # noqa: N818  # an outcome that is handed round, like an answer
    """No answer came.

    Attributes:
        reason: Why.
        sent: False if the request certainly never reached the server.
    """

    def __init__(self, reason: Reason, detail: str, *, sent: bool) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.sent = sent


def failure_of(error: BaseException) -> HttpFailure:
    """Say in our own words what ``error`` of the HTTP library or the system means."""
    chain = list(_causes(error))
    name = type(error).__name__
    reason = _reason(chain, name)
    sent = name not in {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError"}
    sent = sent and reason not in {Reason.INVALID, Reason.REFUSED, Reason.UNKNOWN_HOST}
    return HttpFailure(reason, str(error) or reason.value, sent=sent)


def _reason(chain: list[BaseException], name: str) -> Reason:
    import socket
    import ssl

    for kind, meaning in (
        (socket.gaierror, Reason.UNKNOWN_HOST),
        (ssl.SSLError, Reason.TLS),
        (ConnectionRefusedError, Reason.REFUSED),
        (TimeoutError, Reason.TIMEOUT),
    ):
        if any(isinstance(cause, kind) for cause in chain):
            return meaning
    if name == "ProxyError":
        return Reason.PROXY
    if name in {"InvalidURL", "UnsupportedProtocol", "LocalProtocolError"}:
        return Reason.INVALID
    if name.endswith("Timeout"):
        return Reason.TIMEOUT
    return Reason.UNREACHABLE if name == "ConnectError" else Reason.CUT


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield ``error`` and all that led to it."""
    waiting, seen = [error], set[int]()
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            waiting.extend(current.exceptions)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  # a group of anything
        waiting.extend(cause for cause in (current.__cause__, current.__context__) if cause)
