"""The organizations of a client, for annotations and ``isinstance``."""

from luml.api._async.organizations import AsyncOrganizationResource
from luml.api._sync.organizations import OrganizationResource

__all__ = ["AsyncOrganizationResource", "OrganizationResource"]
