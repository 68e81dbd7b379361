"""Bucket secrets (wire, section 2)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from luml.api.operations.paths import OrganizationPath, segment
from luml.api.operations.request import Repeat, Request, given, into, into_type, nothing
from luml.models import BucketSecret, BucketSecretUrls, BucketType


@dataclass(frozen=True, slots=True, repr=False)
class S3Settings:
    """An S3-compatible bucket; None leaves a field as it is, or at its default."""

    endpoint: str | None = None
    bucket_name: str | None = None
    region: str | None = None
    access_key: str | None = None
    secret_key: str | None = None
    session_token: str | None = None
    secure: bool | None = None
    cert_check: bool | None = None

    @property
    def body(self) -> dict[str, Any]:
        """What the wire takes."""
        return {"type": BucketType.S3.value, **given(**asdict(self))}


@dataclass(frozen=True, slots=True, repr=False)
class AzureSettings:
    """An Azure container.

    Attributes:
        endpoint: The connection string of the account.
        bucket_name: The container.
    """

    endpoint: str | None = None
    bucket_name: str | None = None

    @property
    def body(self) -> dict[str, Any]:
        """What the wire takes."""
        return {"type": BucketType.AZURE.value, **given(**asdict(self))}


BucketSettings = S3Settings | AzureSettings


def _secret_url(path: OrganizationPath, secret_id: str) -> str:
    return f"{path.url}/bucket-secrets/{segment(secret_id)}"


def list_secrets(path: OrganizationPath) -> Request[list[BucketSecret]]:
    """List all secrets of an organization."""
    return Request("GET", f"{path.url}/bucket-secrets", into_type(list[BucketSecret]))


def get_secret(path: OrganizationPath, secret_id: str) -> Request[BucketSecret]:
    """Ask for one secret; its keys stay on the server."""
    return Request("GET", _secret_url(path, secret_id), into_type(BucketSecret))


def create_secret(path: OrganizationPath, settings: BucketSettings) -> Request[BucketSecret]:
    """Make a secret."""
    return Request(
        "POST",
        f"{path.url}/bucket-secrets",
        into_type(BucketSecret),
        json=settings.body,
        repeat=Repeat.KEYED,
    )


def update_secret(
    path: OrganizationPath, secret_id: str, settings: BucketSettings
) -> Request[BucketSecret]:
    """Change what is given."""
    url = _secret_url(path, secret_id)
    return Request("PATCH", url, into_type(BucketSecret), json=settings.body)


def delete_secret(path: OrganizationPath, secret_id: str) -> Request[None]:
    """Remove a secret that no orbit uses."""
    return Request("DELETE", _secret_url(path, secret_id), nothing)


def new_bucket_urls(settings: BucketSettings) -> Request[BucketSecretUrls]:
    """Ask for URLs of a test object in a bucket that has no secret yet."""
    return Request("POST", "/v1/bucket-secrets/urls", into(BucketSecretUrls), json=settings.body)


def changed_bucket_urls(
    path: OrganizationPath, secret_id: str, settings: BucketSettings
) -> Request[BucketSecretUrls]:
    """Ask for URLs of a test object as a changed secret would reach it."""
    body = {"id": secret_id, **settings.body}
    url = f"{_secret_url(path, secret_id)}/urls"
    return Request("POST", url, into(BucketSecretUrls), json=body)
