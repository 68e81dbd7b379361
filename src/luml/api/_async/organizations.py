"""Organizations: find and list (client spec, Resources)."""

import builtins

from luml.api import lookup
from luml.api._async.session import AsyncSession
from luml.api.operations import organizations
from luml.models import Organization


class AsyncOrganizationResource:
    """The organizations that the key may see; ``client.organizations``."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, organization_value: str | None = None) -> Organization | None:
        """Find an organization by its id or exact name; one request.

        Args:
            organization_value: The id or the exact, case-sensitive name; by default the client's.

        Returns:
            The organization; None if there is none.

        Raises:
            MultipleResourcesFoundError: Several organizations have that name.
            ConfigurationError: No value is given and the client has no default.

        Example:
            >>> organization = await luml.organizations.get("Research")
        """
        value = organization_value
        if not value:
            scope = await self._session.settle()
            value = scope.organization_path().organization
        return await self._session.run(lookup.organization(value))

    async def list(self) -> builtins.list[Organization]:
        """List the organizations that the key may see, by name.

        Returns:
            All of them; there is no paging.

        Raises:
            AuthenticationError: The key is not good.

        Example:
            >>> names = [organization.name for organization in await luml.organizations.list()]
        """
        return await self._session.send(organizations.list_organizations())
