"""Sends requests to the registry and to buckets, again if need be."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from luml import __version__
from luml.api._config import Connection
from luml.api._runtime import aio
from luml.api._runtime.exchange import HttpFailure, HttpRequest, HttpResponse
from luml.api.failures import Asked, connection_error, foreign_error, status_error
from luml.api.operations import server
from luml.api.operations.request import Repeat, Request, nothing
from luml.api.retry import RetryPolicy, needs_key
from luml.errors import APIError, ConfigurationError, NotFoundError
from luml.models import ServerInfo

T = TypeVar("T")

USER_AGENT = f"luml-python/{__version__}"


class AsyncTransport:
    """Talks to one registry with one key.

    The key goes to the registry alone: bucket URLs are fetched without it, redirects are refused.

    Args:
        connection: Which registry, which key.
        http: What sends.
        policy: When to try again.
    """

    def __init__(self, connection: Connection, http: aio.HttpClient, policy: RetryPolicy) -> None:
        self.connection = connection
        self._http = http
        self._policy = policy
        self._asking = aio.Lock()
        self._asked = False
        self._info: ServerInfo | None = None

    async def send(self, request: Request[T]) -> T:
        """Send one request and return its parsed answer.

        Raises:
            APIConnectionError: No answer came.
            APIStatusError: The answer is an error, or not of a registry.
        """
        outgoing = self._outgoing(request)
        asked = Asked(outgoing.method, outgoing.url)
        response, attempts = await self._exchange(outgoing, request.repeat)
        if _already_gone(request, response, attempts):
            return request.parse(b"")
        if not response.ok:
            raise status_error(asked, response)
        try:
            return request.parse(response.body)
        except ValidationError as error:
            raise foreign_error(asked, response) from error

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        """Send a request to a presigned URL, without the key, again if need be.

        Raises:
            HttpFailure: No answer came.
        """
        attempt = 0
        while True:
            attempt += 1
            outcome = await self._once(request)
            delay = self._policy.after(attempt, outcome)
            if delay is None:
                break
            await aio.sleep(delay)
        if isinstance(outcome, HttpFailure):
            raise outcome
        return outcome

    async def server_info(self) -> ServerInfo | None:
        """Return what the registry says of itself, asked once; None for a public server."""
        async with self._asking.hold():
            if not self._asked:
                try:
                    self._info = await self.send(server.get_server())
                except NotFoundError as error:
                    if not isinstance(error.body, dict):
                        raise
                self._asked = True
            return self._info

    async def supports(self, extension: str) -> bool:
        """Say whether the registry announces an extension of the wire (section 7)."""
        info = await self.server_info()
        return info is not None and extension in info.extensions

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _exchange(self, outgoing: HttpRequest, repeat: Repeat) -> tuple[HttpResponse, int]:
        """Return the last answer and how many tries it took."""
        attempt = 0
        while True:
            attempt += 1
            outcome = await self._once(outgoing)
            delay = self._policy.after(attempt, outcome)
            if delay is None or not await self._may_repeat(repeat, outcome):
                break
            await aio.sleep(delay)
        if isinstance(outcome, HttpFailure):
            raise connection_error(Asked(outgoing.method, outgoing.url), outcome) from outcome
        return outcome, attempt

    async def _once(self, outgoing: HttpRequest) -> HttpResponse | HttpFailure:
        try:
            return await self._http.request(outgoing)
        except HttpFailure as failure:
            return failure

    async def _may_repeat(self, repeat: Repeat, outcome: HttpResponse | HttpFailure) -> bool:
        if not needs_key(repeat, outcome):
            return repeat is not Repeat.NEVER
        try:
            return await self.supports("idempotency")
        except APIError:
            return False

    def _outgoing(self, request: Request[T]) -> HttpRequest:
        headers = {
            "authorization": f"Bearer {self.connection.api_key}",
            "accept": "application/json",
            "user-agent": USER_AGENT,
        }
        content = None if request.json is None else _encoded(request.json)
        if content is not None:
            headers["content-type"] = "application/json"
        if request.repeat is Repeat.KEYED:
            headers["idempotency-key"] = uuid.uuid4().hex
        url = f"{self.connection.base_url}{request.path}"
        return HttpRequest(request.method, url, request.params, headers, content)


def _encoded(body: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(body, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"A value cannot be sent as JSON: {error}.") from error


def _already_gone(request: Request[T], response: HttpResponse, attempts: int) -> bool:
    """Say whether a repeated DELETE finds that its first try, cut off, had done the work."""
    return (
        attempts > 1
        and request.method == "DELETE"
        and request.parse is nothing
        and response.status == 404
    )
