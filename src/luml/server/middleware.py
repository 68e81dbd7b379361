"""What happens around every request: it gets an id, and a fault of ours an answer."""

from __future__ import annotations

import logging

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from luml.server.context import new_request_id
from luml.server.errors import Problem, problem_response

logger = logging.getLogger("luml.server")

HEADER = "X-Request-Id"


class RequestIds:
    """Gives every request an id, sends it back, and logs what failed under it.

    Args:
        app: The application inside.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = new_request_id()
        scope.setdefault("state", {})["request_id"] = request_id
        started = False

        async def tagged(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        try:
            await self._app(scope, receive, tagged)
        except Exception:
            logger.exception("request %s %s %s failed", request_id, scope["method"], scope["path"])
            if started:
                raise
            problem = Problem(500, "internal_error", "The registry failed; its log says why.")
            await problem_response(problem, request_id)(scope, receive, tagged)
