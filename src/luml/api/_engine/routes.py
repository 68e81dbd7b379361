"""How to reach a host: directly or through a proxy, and what a URL says about it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from luml.errors import ConfigurationError

PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host and port."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Route:
    """Where a connection goes: the key under which connections are kept.

    Attributes:
        secure: TLS up to ``target``.
        proxy: The proxy to go through, if any.
        authorization: What the proxy is told, if anything.
    """

    target: Endpoint
    secure: bool
    proxy: Endpoint | None = None
    authorization: str | None = None


def split(url: str) -> SplitResult:
    """Return the parts of an http or https URL; raises ConfigurationError for any other."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ConfigurationError(
            f"{parts.scheme}://{parts.hostname or ''} is not an http or https URL."
        )
    return parts


def route_to(url: str, proxy: str | None) -> Route:
    """Return the way to the host of ``url``.

    Args:
        url: The URL of the request.
        proxy: A proxy for everything, or None to let the environment decide.
    """
    parts = split(url)
    target = Endpoint(parts.hostname or "", parts.port or PORTS[parts.scheme])
    secure = parts.scheme == "https"
    chosen = proxy or _environment_proxy(parts.scheme, target, getproxies())
    if not chosen:
        return Route(target, secure)
    via = urlsplit(chosen if "://" in chosen else f"http://{chosen}")
    if via.scheme != "http" or not via.hostname:
        raise ConfigurationError(
            f"The proxy {via.scheme}://{via.hostname or ''} cannot be used: "
            "only http:// proxies are supported."
        )
    return Route(target, secure, Endpoint(via.hostname, via.port or 80), _authorization(via))


def _environment_proxy(scheme: str, target: Endpoint, proxies: Mapping[str, str]) -> str | None:
    chosen = proxies.get(scheme) or proxies.get("all")
    if not chosen or proxy_bypass(f"{target.host}:{target.port}"):
        return None
    return chosen


def _authorization(via: SplitResult) -> str | None:
    if via.username is None:
        return None
    text = f"{unquote(via.username)}:{unquote(via.password or '')}"
    return f"Basic {base64.b64encode(text.encode()).decode()}"
