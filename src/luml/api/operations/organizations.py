"""Organizations (wire, section 2)."""

from __future__ import annotations

from luml.api.operations.request import Request, into_type
from luml.models import Organization


def list_organizations() -> Request[list[Organization]]:
    """List the organizations that the key may see, by name."""
    return Request("GET", "/v1/users/me/organizations", into_type(list[Organization]))
