"""API keys: list, create, delete, and whose they are (wire, section 1)."""

import builtins
from datetime import datetime

from luml.api._async.session import AsyncSession
from luml.api.operations import api_keys
from luml.models import ApiKey, NewApiKey, User


class AsyncApiKeyResource:
    """The keys of the client's user; ``client.api_keys``. Public servers have no such routes."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def validate(self) -> None:
        """Ask whether the client's key is good.

        Raises:
            AuthenticationError: It is not.

        Example:
            >>> await luml.api_keys.validate()
        """
        return await self._session.send(api_keys.validate_key())

    async def whoami(self) -> User:
        """Get the user of the client's key, and what the key may do.

        Returns:
            The user.

        Raises:
            AuthenticationError: The key is not good.

        Example:
            >>> user = await luml.api_keys.whoami()
            >>> user.api_key.role
            'admin'
        """
        return await self._session.send(api_keys.get_user())

    async def list(self) -> builtins.list[ApiKey]:
        """List the user's keys, without their text.

        Returns:
            Those within the scope of the client's key.

        Raises:
            PermissionDeniedError: The client's key is no admin key.

        Example:
            >>> names = [key.name for key in await luml.api_keys.list()]
        """
        return await self._session.send(api_keys.list_keys())

    async def create(
        self,
        name: str,
        role: str = "write",
        *,
        organization_id: str | None = None,
        orbit_id: str | None = None,
        expires_at: datetime | str | None = None,
    ) -> NewApiKey:
        """Make a key; its text is in the answer and never shown again.

        Args:
            name: What it is for.
            role: read, write or admin; not more than the client's key.
            organization_id: The one organization it is to be good for.
            orbit_id: The one orbit of that organization.
            expires_at: When it ends: a datetime with a time zone, or ISO 8601.

        Returns:
            The key and its text.

        Raises:
            PermissionDeniedError: The client's key may do less than the new one would.
            UnprocessableEntityError: A value is not allowed.

        Example:
            >>> key = await luml.api_keys.create("continuous integration", "read")
        """
        when = expires_at.isoformat() if isinstance(expires_at, datetime) else expires_at
        request = api_keys.create_key(name, role, organization_id, orbit_id, when)
        return await self._session.send(request)

    async def delete(self, key_id: str) -> None:
        """Delete a key; whoever uses it is turned away from then on.

        Args:
            key_id: The id of the key, not its text.

        Raises:
            NotFoundError: There is no such key.

        Example:
            >>> await luml.api_keys.delete(key.id)
        """
        return await self._session.send(api_keys.delete_key(key_id))
