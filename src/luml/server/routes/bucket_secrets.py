"""Routes of bucket secrets (wire, sections 2 and 6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path
from sqlalchemy import Connection
from starlette.responses import Response

from luml.models import BucketSecret, BucketSecretUrls, MultiPartUploadDetails
from luml.server.context import Attempt, Body, Caller, Context, parse
from luml.server.routes.parts import ORGANIZATION, InOrganization, json_answer, nothing, takes
from luml.server.services import bucket_secrets, idempotency, multipart
from luml.server.services.bucket_secrets import Bucket, BucketSecretChange, BucketSecretDraft
from luml.server.services.multipart import MultipartRequest, Signing
from luml.server.services.policy import Place, Right, authorize
from luml.server.services.storage import storage_of
from luml.server.storage.base import Storage

router = APIRouter(tags=["bucket secrets"])

SECRETS = ORGANIZATION + "/bucket-secrets"
SECRET = SECRETS + "/{secret_id}"
TEST_OBJECT = "test_file"
TEST_SIZE = 16
SecretId = Annotated[UUID, Path()]


@router.get(SECRETS, response_model=list[BucketSecret])
def list_secrets(context: Caller, place: InOrganization) -> Response:
    """List the bucket secrets of an organization, without their keys."""
    with context.reading() as connection:
        grant = authorize(connection, context.key, Right.READ, place)
        return json_answer(bucket_secrets.list_visible(connection, grant, str(place.organization)))


@router.get(SECRET, response_model=BucketSecret)
def get_secret(context: Caller, place: InOrganization, secret_id: SecretId) -> Response:
    """Return a bucket secret without its keys."""
    with context.reading() as connection:
        grant = authorize(connection, context.key, Right.READ, place)
        organization = str(place.organization)
        return json_answer(bucket_secrets.find(connection, grant, organization, str(secret_id)))


@router.post(SECRETS, response_model=BucketSecret, openapi_extra=dict(takes(BucketSecretDraft)))
def create_secret(context: Caller, place: InOrganization, body: Body) -> Response:
    """Create a bucket secret."""
    draft = Attempt(lambda: parse(BucketSecretDraft, body))
    sealer, organization = context.registry.sealer, str(place.organization)

    def create(connection: Connection) -> dict[str, Any]:
        grant = authorize(connection, context.key, Right.ADMIN, place)
        return idempotency.once(
            connection,
            grant,
            context.once(body),
            lambda: bucket_secrets.create(
                connection, grant, organization, bucket_secrets.bucket_of_draft(draft.value), sealer
            ),
        )

    return json_answer(context.change(create))


@router.patch(SECRET, response_model=BucketSecret, openapi_extra=dict(takes(BucketSecretChange)))
def update_secret(
    context: Caller, place: InOrganization, secret_id: SecretId, body: Body
) -> Response:
    """Change what is named of a bucket secret."""
    change = Attempt(lambda: parse(BucketSecretChange, body))

    def update(connection: Connection) -> Mapping[str, Any]:
        grant = authorize(connection, context.key, Right.ADMIN, place)
        row = bucket_secrets.row_of(connection, str(place.organization), str(secret_id))
        sealer = context.registry.sealer
        return bucket_secrets.update(connection, grant, row, change.value, sealer)

    return json_answer(context.change(update))


@router.delete(SECRET, status_code=204)
def delete_secret(context: Caller, place: InOrganization, secret_id: SecretId) -> Response:
    """Delete a bucket secret that no orbit uses."""

    def delete(connection: Connection) -> None:
        authorize(connection, context.key, Right.ADMIN, place)
        row = bucket_secrets.row_of(connection, str(place.organization), str(secret_id))
        bucket_secrets.delete(connection, row)

    context.change(delete)
    return nothing()


@router.post(
    "/bucket-secrets/urls",
    response_model=BucketSecretUrls,
    openapi_extra=dict(takes(BucketSecretDraft)),
)
def sign_test_urls(context: Caller, body: Body) -> Response:
    """Sign URLs of a test object, to try a bucket before its secret is created."""
    draft = Attempt(lambda: parse(BucketSecretDraft, body))
    with context.reading() as connection:
        authorize(connection, context.key, Right.ADMIN, Place())
    return _test_urls(context, bucket_secrets.bucket_of_draft(draft.value))


@router.post(
    SECRET + "/urls",
    response_model=BucketSecretUrls,
    openapi_extra=dict(takes(BucketSecretChange)),
)
def sign_changed_test_urls(
    context: Caller, place: InOrganization, secret_id: SecretId, body: Body
) -> Response:
    """Sign URLs of a test object, to try a bucket secret before it is changed."""
    change = Attempt(lambda: parse(BucketSecretChange, body))
    with context.reading() as connection:
        authorize(connection, context.key, Right.ADMIN, place)
        row = bucket_secrets.row_of(connection, str(place.organization), str(secret_id))
    bucket = bucket_secrets.bucket_of_row(row, context.registry.sealer)
    return _test_urls(context, bucket_secrets.changed_bucket(bucket, change.value))


def _test_urls(context: Context, bucket: Bucket) -> Response:
    storage = storage_of(context.registry, bucket, context.base_url)
    urls = {
        "presigned_url": storage.put_url(TEST_OBJECT, TEST_SIZE),
        "download_url": storage.get_url(TEST_OBJECT, TEST_OBJECT),
        "delete_url": storage.delete_url(TEST_OBJECT),
    }
    return json_answer(urls)


@router.post(
    "/bucket-secrets/upload/multipart",
    response_model=MultiPartUploadDetails,
    openapi_extra=dict(takes(MultipartRequest)),
)
def sign_multipart(context: Caller, body: Body) -> Response:
    """Sign the parts of a multipart upload to a pending artifact."""
    request = Attempt(lambda: parse(MultipartRequest, body))

    def begin(connection: Connection) -> tuple[Signing, Storage]:
        authorize(connection, context.key, Right.WRITE, Place())
        signing = multipart.begin(connection, context.key, request.value)
        return signing, signing.open(context.registry, connection, context.base_url)

    signing, storage = context.change(begin)
    return json_answer(signing.signed(storage))
