"""Orbits: find, list, create, change, delete (client spec, Resources)."""

import builtins

from luml.api import lookup
from luml.api._async.session import AsyncSession
from luml.api.operations import orbits
from luml.models import Orbit


class AsyncOrbitResource:
    """The orbits of the default organization; ``client.orbits``.

    All methods raise ``ConfigurationError`` if the client has no default organization.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, orbit_value: str | None = None) -> Orbit | None:
        """Find an orbit by its id or exact name.

        Args:
            orbit_value: The id or the exact, case-sensitive name; by default the client's.

        Returns:
            The orbit; None if there is none.

        Raises:
            MultipleResourcesFoundError: Several orbits have that name.
            ConfigurationError: No value is given and the client has no default.

        Example:
            >>> orbit = await luml.orbits.get("Churn")
        """
        scope = await self._session.settle()
        value = orbit_value or scope.orbit_path().orbit
        return await self._session.run(lookup.orbit(scope.organization_path(), value))

    async def list(self) -> builtins.list[Orbit]:
        """List the orbits of the organization.

        Returns:
            All of them; there is no paging.

        Example:
            >>> names = [orbit.name for orbit in await luml.orbits.list()]
        """
        path = await self._session.organization_path()
        return await self._session.send(orbits.list_orbits(path))

    async def create(self, name: str, bucket_secret_id: str) -> Orbit:
        """Make an orbit whose bytes lie in the bucket of a secret.

        Args:
            name: At most 100 characters.
            bucket_secret_id: The id of the secret; see ``client.bucket_secrets``.

        Returns:
            The new orbit.

        Raises:
            NotFoundError: There is no such secret.
            PermissionDeniedError: The key may not make orbits.

        Example:
            >>> orbit = await luml.orbits.create("Churn", secret.id)
        """
        path = await self._session.organization_path()
        return await self._session.send(orbits.create_orbit(path, name, bucket_secret_id))

    async def update(self, name: str | None = None, bucket_secret_id: str | None = None) -> Orbit:
        """Change the default orbit; what is not given stays as it is.

        Args:
            name: A new name, at most 100 characters.
            bucket_secret_id: The secret under which new artifacts are stored.

        Returns:
            The orbit as it is now.

        Raises:
            NotFoundError: There is no such secret.
            ConfigurationError: The client has no default orbit.

        Example:
            >>> orbit = await luml.orbits.update(name="Churn 2")
        """
        path = await self._session.orbit_path()
        return await self._session.send(orbits.update_orbit(path, name, bucket_secret_id))

    async def delete(self, orbit_id: str) -> None:
        """Delete an orbit.

        Args:
            orbit_id: The id of the orbit.

        Raises:
            NotFoundError: There is no such orbit.
            ConflictError: There is still something in it.

        Example:
            >>> await luml.orbits.delete(orbit.id)
        """
        path = await self._session.orbit_path(orbit_id)
        return await self._session.send(orbits.delete_orbit(path))
