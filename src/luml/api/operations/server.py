"""The registry itself (wire, section 7)."""

from __future__ import annotations

from luml.api.operations.request import Request, into
from luml.models import ServerInfo


def get_server() -> Request[ServerInfo]:
    """Ask what the registry can do; a public server answers 404."""
    return Request("GET", "/v1/server", into(ServerInfo))
