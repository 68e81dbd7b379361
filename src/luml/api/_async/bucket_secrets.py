"""Bucket secrets: find, list, create, change, delete (client spec, Resources)."""

import builtins

from luml.api import bucket_trial, lookup
from luml.api._async.session import AsyncSession
from luml.api._runtime.exchange import HttpFailure
from luml.api.operations import bucket_secrets, uploads
from luml.api.operations.bucket_secrets import AzureSettings, BucketSettings, S3Settings
from luml.models import BucketSecret, BucketSecretUrls, BucketType, MultiPartUploadDetails


class AsyncBucketSecretResource:
    """The buckets of the default organization; ``client.bucket_secrets``.

    Keys go in and never come back. All methods raise ``ConfigurationError`` if the client has no
    default organization.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, secret_value: str) -> BucketSecret | None:
        """Find a secret by its id or by the exact name of its bucket.

        Args:
            secret_value: The id, or the bucket's exact, case-sensitive name.

        Returns:
            The secret without its keys; None if there is none.

        Raises:
            MultipleResourcesFoundError: Several secrets name that bucket.

        Example:
            >>> secret = await luml.bucket_secrets.get("luml-models")
        """
        path = await self._session.organization_path()
        return await self._session.run(lookup.bucket_secret(path, secret_value))

    async def list(self) -> builtins.list[BucketSecret]:
        """List the secrets of the organization.

        Returns:
            All of them, without their keys; there is no paging.

        Example:
            >>> buckets = [secret.bucket_name for secret in await luml.bucket_secrets.list()]
        """
        path = await self._session.organization_path()
        return await self._session.send(bucket_secrets.list_secrets(path))

    async def create_s3_bucket(
        self,
        endpoint: str,
        bucket_name: str,
        region: str,
        access_key: str | None = None,
        secret_key: str | None = None,
        session_token: str | None = None,
        secure: bool | None = None,
        cert_check: bool | None = None,
    ) -> BucketSecret:
        """Save how to reach an S3-compatible bucket, after it was written, read and cleared.

        Args:
            endpoint: Host and port, such as ``s3.eu-north-1.amazonaws.com``.
            bucket_name: The bucket, which must exist.
            region: Its region.
            access_key: Access key with the right to read, write and delete objects.
            secret_key: The secret of the access key.
            session_token: For temporary keys.
            secure: Whether to use https; None means yes.
            cert_check: Whether to check its certificate; None means yes.

        Returns:
            The new secret, without its keys.

        Raises:
            ConfigurationError: The bucket cannot be used; the message says what failed: DNS, TLS,
                rights, clocks, region, or that there is no such bucket. Nothing is saved.
            ConflictError: The organization has a secret for this bucket.

        Example:
            >>> secret = await luml.bucket_secrets.create_s3_bucket(
            ...     "s3.eu-north-1.amazonaws.com", "luml-models", "eu-north-1", access, secret
            ... )
        """
        return await self._create(
            S3Settings(
                endpoint,
                bucket_name,
                region,
                access_key,
                secret_key,
                session_token,
                secure,
                cert_check,
            )
        )

    async def create_azure_bucket(self, endpoint: str, bucket_name: str) -> BucketSecret:
        """Save how to reach an Azure container, after it was written, read and cleared.

        Args:
            endpoint: The connection string of the storage account.
            bucket_name: The container, which must exist.

        Returns:
            The new secret, without its key.

        Raises:
            ConfigurationError: The container cannot be used; the message says what failed.
            ConflictError: The organization has a secret for this container.

        Example:
            >>> secret = await luml.bucket_secrets.create_azure_bucket(connection, "models")
        """
        return await self._create(AzureSettings(endpoint, bucket_name))

    async def update_s3_bucket(
        self,
        secret_id: str,
        endpoint: str | None = None,
        bucket_name: str | None = None,
        region: str | None = None,
        access_key: str | None = None,
        secret_key: str | None = None,
        session_token: str | None = None,
        secure: bool | None = None,
        cert_check: bool | None = None,
    ) -> BucketSecret:
        """Change an S3 secret, after the bucket was tried with the change; the rest stays.

        Args:
            secret_id: The id of the secret.
            endpoint: Host and port.
            bucket_name: The bucket.
            region: Its region.
            access_key: A new access key.
            secret_key: Its secret.
            session_token: For temporary keys.
            secure: Whether to use https.
            cert_check: Whether to check its certificate.

        Returns:
            The secret as it is now, without its keys.

        Raises:
            NotFoundError: There is no such secret.
            ConfigurationError: The bucket cannot be used so; nothing is changed.

        Example:
            >>> await luml.bucket_secrets.update_s3_bucket(secret.id, region="eu-west-1")
        """
        changed = S3Settings(
            endpoint,
            bucket_name,
            region,
            access_key,
            secret_key,
            session_token,
            secure,
            cert_check,
        )
        return await self._update(secret_id, changed)

    async def update_azure_bucket(
        self, secret_id: str, endpoint: str | None = None, bucket_name: str | None = None
    ) -> BucketSecret:
        """Change an Azure secret, after the container was tried with the change; the rest stays.

        Args:
            secret_id: The id of the secret.
            endpoint: The connection string of the storage account.
            bucket_name: The container.

        Returns:
            The secret as it is now, without its key.

        Raises:
            NotFoundError: There is no such secret.
            ConfigurationError: The container cannot be used so; nothing is changed.

        Example:
            >>> await luml.bucket_secrets.update_azure_bucket(secret.id, bucket_name="models-2")
        """
        return await self._update(secret_id, AzureSettings(endpoint, bucket_name))

    async def delete(self, secret_id: str) -> None:
        """Delete a secret; the bucket and what is in it stay.

        Args:
            secret_id: The id of the secret.

        Raises:
            NotFoundError: There is no such secret.
            ConflictError: An orbit uses it.

        Example:
            >>> await luml.bucket_secrets.delete(secret.id)
        """
        path = await self._session.organization_path()
        return await self._session.send(bucket_secrets.delete_secret(path, secret_id))

    async def get_multipart_upload_urls(
        self, bucket_id: str, bucket_location: str, size: int, upload_id: str | None = None
    ) -> MultiPartUploadDetails:
        """Get presigned URLs for all parts of a public multipart upload (wire, section 6).

        ``artifacts.upload`` does all of it.

        Args:
            bucket_id: The id of the secret, as the upload details of a new artifact name it.
            bucket_location: The location, from the same details.
            size: Bytes of the whole file.
            upload_id: What the store answered to the initiating request; None for Azure.

        Returns:
            The parts with their URLs, and the URL that completes them.

        Raises:
            NotFoundError: No pending artifact of yours has this location.

        Example:
            >>> details = await luml.bucket_secrets.get_multipart_upload_urls(
            ...     created.upload_details.bucket_secret_id,
            ...     created.upload_details.bucket_location,
            ...     created.artifact.size,
            ...     upload_id,
            ... )
        """
        request = uploads.multipart_urls(bucket_id, bucket_location, size, upload_id)
        return await self._session.send(request)

    async def _create(self, settings: BucketSettings) -> BucketSecret:
        path = await self._session.organization_path()
        urls = await self._session.send(bucket_secrets.new_bucket_urls(settings))
        await self._try(urls, settings, settings.bucket_name or "")
        return await self._session.send(bucket_secrets.create_secret(path, settings))

    async def _update(self, secret_id: str, settings: BucketSettings) -> BucketSecret:
        path = await self._session.organization_path()
        request = bucket_secrets.changed_bucket_urls(path, secret_id, settings)
        urls = await self._session.send(request)
        await self._try(urls, settings, settings.bucket_name or secret_id)
        return await self._session.send(bucket_secrets.update_secret(path, secret_id, settings))

    async def _try(self, urls: BucketSecretUrls, settings: BucketSettings, bucket: str) -> None:
        azure = isinstance(settings, AzureSettings)
        for step in bucket_trial.steps(urls, BucketType.AZURE if azure else BucketType.S3):
            try:
                bucket_trial.judge(bucket, step, await self._session.fetch(step.request))
            except HttpFailure as failure:
                bucket_trial.judge(bucket, step, failure)
