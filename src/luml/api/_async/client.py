"""What a client is made of, apart from how it is set up."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from luml.api._async.api_keys import AsyncApiKeyResource
from luml.api._async.artifacts import AsyncArtifactResource
from luml.api._async.bucket_secrets import AsyncBucketSecretResource
from luml.api._async.collections import AsyncCollectionResource
from luml.api._async.orbits import AsyncOrbitResource
from luml.api._async.organizations import AsyncOrganizationResource
from luml.api._async.session import AsyncSession


class AsyncLumlClientBase:
    """The resources of a client, and its end.

    Attributes:
        organizations: The organizations that the key may see.
        orbits: The orbits of the default organization.
        collections: The collections of the default orbit.
        bucket_secrets: The buckets of the default organization.
        artifacts: The artifacts of the default collection.
        api_keys: The keys of the client's user.
    """

    _session: AsyncSession

    def _take(self, session: AsyncSession) -> None:
        self._session = session
        self.organizations = AsyncOrganizationResource(session)
        self.orbits = AsyncOrbitResource(session)
        self.collections = AsyncCollectionResource(session)
        self.bucket_secrets = AsyncBucketSecretResource(session)
        self.artifacts = AsyncArtifactResource(session)
        self.api_keys = AsyncApiKeyResource(session)

    @property
    def session(self) -> AsyncSession:
        """What the resources share; for tools built on top of the SDK."""
        return self._session

    @property
    def base_url(self) -> str | None:
        """Where the registry is; None before it was looked up."""
        return self._session.base_url

    async def aclose(self) -> None:
        """Close the connections, and stop the registry of an embedded client.

        Example:
            >>> await luml.aclose()
        """
        await self._session.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        scope = self._session.wished
        return (
            f"{type(self).__name__}(base_url={self.base_url!r}, "
            f"organization={scope.organization!r}, orbit={scope.orbit!r}, "
            f"collection={scope.collection!r})"
        )
