"""What a request brings along: the registry it came to, its key, and the address it came by."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection

from luml.server.errors import Problem, validation_failed
from luml.server.services.idempotency import Once, once_for
from luml.server.services.registry import Registry
from luml.server.settings import Settings

Value = TypeVar("Value")
Model = TypeVar("Model", bound=BaseModel)

REQUEST_ID_BYTES = 8
DRAINED = 4
"""How many times the limit is read of a body that is too large."""


class Context:
    """One request, as services see it.

    Attributes:
        registry: The shared parts.
        key: The text of the API key, None if the request has none.
    """

    def __init__(self, registry: Registry, request: Request) -> None:
        self.registry = registry
        self._request = request
        self.key = _bearer(request.headers.get("authorization"))

    def reading(self) -> AbstractContextManager[Connection]:
        """Open the request's transaction, which sees one snapshot."""
        return self.registry.database.read()

    def change(self, work: Callable[[Connection], Value]) -> Value:
        """Run ``work`` in the request's transaction, once more if it collides with another."""
        return self.registry.database.change(work)

    def has(self, extension: str) -> bool:
        """Say whether an extension of the wire is on."""
        return extension in self.registry.settings.extensions

    def once(self, body: bytes) -> Once | None:
        """Return what makes this request one of a kind, None if it may be done twice."""
        if not self.has("idempotency"):
            return None
        key = self._request.headers.get("idempotency-key")
        path = self._request.url.path.removeprefix("/v1")
        return once_for(key, self._request.method, path, body)

    @property
    def base_url(self) -> str:
        """The address by which the client came, without a slash at the end."""
        settings = self.registry.settings
        if settings.public_url is not None:
            return settings.public_url.rstrip("/")
        scheme, host = self._request.url.scheme, self._request.headers.get("host", "")
        peer = self._request.client.host if self._request.client else ""
        if peer in settings.trusted_proxies:
            scheme, host = self._forwarded(scheme, host)
        return f"{scheme}://{host}"

    def _forwarded(self, scheme: str, host: str) -> tuple[str, str]:
        headers = self._request.headers
        scheme = _first(headers.get("x-forwarded-proto")) or scheme
        host = _first(headers.get("x-forwarded-host")) or host
        port = _first(headers.get("x-forwarded-port"))
        if port and not _has_port(host) and port != {"http": "80", "https": "443"}.get(scheme):
            host = f"{host}:{port}"
        return scheme, host


def _first(value: str | None) -> str:
    return value.split(",")[0].strip() if value else ""


def _has_port(host: str) -> bool:
    return ":" in host.rpartition("]")[2]


def _bearer(header: str | None) -> str | None:
    scheme, _, key = (header or "").partition(" ")
    return key.strip() or None if scheme.lower() == "bearer" else None


async def get_context(request: Request) -> Context:
    """Return the context of a request."""
    return Context(request.app.state.registry, request)


async def read_body(request: Request) -> bytes:
    """Return the body of a request, or refuse it without keeping it.

    What is a little too large is read and dropped, because a client that is cut off while it sends
    never sees why.
    """
    settings: Settings = request.app.state.registry.settings
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared) > DRAINED * settings.max_body_size:
        raise _too_large(settings)
    chunks = bytearray()
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= settings.max_body_size:
            chunks += chunk
        elif size > DRAINED * settings.max_body_size:
            break
    if size > settings.max_body_size:
        raise _too_large(settings)
    return bytes(chunks)


def _too_large(settings: Settings) -> Problem:
    detail = f"The body is larger than {settings.max_body_size} bytes."
    return Problem(413, "body_too_large", detail, {"Connection": "close"})


Caller = Annotated[Context, Depends(get_context)]
Body = Annotated[bytes, Depends(read_body)]


class Attempt(Generic[Value]):
    """Work done before the transaction whose complaint waits until the policy has spoken.

    Parsing takes time and must not hold a write lock; yet who may not do something learns that
    first.
    """

    def __init__(self, work: Callable[[], Value]) -> None:
        self._problem: Problem | None = None
        try:
            self._value = work()
        except Problem as problem:
            self._problem = problem

    @property
    def failed(self) -> bool:
        """True if the work ended in a complaint."""
        return self._problem is not None

    @property
    def value(self) -> Value:
        """The result, or the complaint as an exception."""
        if self._problem is not None:
            raise self._problem
        return self._value


def parse(model: type[Model], body: bytes) -> Model:
    """Return a JSON body as a model; what does not fit is a 422 ``Problem``."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        entries = error.errors(include_url=False)
        raise validation_failed(
            [{**entry, "loc": ("body", *entry["loc"])} for entry in entries]
        ) from None


def new_request_id() -> str:
    """Return a fresh id under which a request is logged."""
    return secrets.token_hex(REQUEST_ID_BYTES)
