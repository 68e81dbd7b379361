"""Every error that luml raises, in one tree.

::

    LumlAPIError
    ├── ConfigurationError
    ├── MultipleResourcesFoundError
    ├── ResourceNotFoundError                  also a ValueError
    │   ├── OrganizationResourceNotFoundError
    │   ├── OrbitResourceNotFoundError
    │   ├── CollectionResourceNotFoundError
    │   └── ArtifactNotFoundError
    ├── FileError                              a local file that cannot be an artifact
    ├── FileTransferError
    │   ├── FileUploadError
    │   ├── FileDownloadError
    │   └── IntegrityError                     a digest or a size differs
    └── APIError                               a request to the registry
        ├── APIConnectionError                 no answer
        └── APIStatusError                     an answer that is an error
            ├── BadRequestError                400
            ├── AuthenticationError            401
            ├── PermissionDeniedError          403
            ├── NotFoundError                  404
            ├── ConflictError                  409
            ├── UnprocessableEntityError       422
            ├── RateLimitError                 429
            └── InternalServerError            500 and above
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Protocol
from urllib.parse import urlsplit, urlunsplit


class Named(Protocol):
    """What an error needs to know of a resource to offer it as a choice."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


CHOICES_SHOWN = 10


def describe_choices(choices: Iterable[Named]) -> str:
    """Return one line that names what there is to choose from: at most ten, then a count."""
    found = list(choices)
    if not found:
        return "There are none."
    shown = ", ".join(f"{choice.name!r} ({choice.id})" for choice in found[:CHOICES_SHOWN])
    more = len(found) - CHOICES_SHOWN
    return f"There are: {shown}" + (f" and {more} more." if more > 0 else ".")


def without_query(url: str) -> str:
    """Return ``url`` without its query and user info, where signatures and passwords live."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


class LumlAPIError(Exception):
    """The root of every error that luml raises.

    Attributes:
        message: What happened, to what, and what to do next.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ConfigurationError(LumlAPIError):
    """Something that the call needs is not set; the message says what and how to set it."""


class MultipleResourcesFoundError(LumlAPIError):
    """A name fits several resources; the message lists their ids."""


class ResourceNotFoundError(LumlAPIError, ValueError):
    """A resource that was asked for does not exist.

    Attributes:
        value: The id or name that was asked for.
    """

    kind: ClassVar[str] = "Resource"

    def __init__(self, value: str | None, choices: Iterable[Named] | None = None) -> None:
        message = f"{self.kind} {value!r} was not found."
        if choices is not None:
            message = f"{message} {describe_choices(choices)}"
        super().__init__(message)
        self.value = value


class OrganizationResourceNotFoundError(ResourceNotFoundError):
    """The organization does not exist, or the key may not see it."""

    kind = "Organization"


class OrbitResourceNotFoundError(ResourceNotFoundError):
    """The orbit does not exist in the organization."""

    kind = "Orbit"


class CollectionResourceNotFoundError(ResourceNotFoundError):
    """The collection does not exist in the orbit."""

    kind = "Collection"


class ArtifactNotFoundError(ResourceNotFoundError):
    """The artifact does not exist in the collection."""

    kind = "Artifact"


class FileError(LumlAPIError):
    """A local file that cannot be an artifact: suffix, size, container or manifest."""


class FileTransferError(LumlAPIError):
    """Bytes did not make it to or from the bucket."""


class FileUploadError(FileTransferError):
    """An upload failed; what arrived can be gone on with unless the message says otherwise."""


class FileDownloadError(FileTransferError):
    """A download failed; the target is untouched."""


class IntegrityError(FileTransferError):
    """A digest or a size is not the one that was recorded; the message names both."""


class APIError(LumlAPIError):
    """A request to the registry failed.

    Attributes:
        method: The HTTP method.
        url: The URL without its query.
        request_id: The id under which the server logged the request, if it answered.
    """

    def __init__(
        self, message: str, *, method: str, url: str, request_id: str | None = None
    ) -> None:
        super().__init__(message)
        self.method = method
        self.url = without_query(url)
        self.request_id = request_id


class APIConnectionError(APIError):
    """No answer came: refused, unknown host, TLS, timeout, or a cut connection."""


class APIStatusError(APIError):
    """The registry answered with an error.

    Attributes:
        status_code: The HTTP status.
        code: The stable, machine-readable code of the registry, if it sent one.
        body: The decoded body.
    """

    def __init__(
        self,
        message: str,
        *,
        method: str,
        url: str,
        status_code: int,
        code: str | None = None,
        body: object = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message, method=method, url=url, request_id=request_id)
        self.status_code = status_code
        self.code = code
        self.body = body


class BadRequestError(APIStatusError):
    """400: the request makes no sense to the registry."""


class AuthenticationError(APIStatusError):
    """401: the API key is missing, unknown, or expired."""


class PermissionDeniedError(APIStatusError):
    """403: the key may not do this."""


class NotFoundError(APIStatusError):
    """404: the resource or route does not exist."""


class ConflictError(APIStatusError):
    """409: the state of the resource does not allow this."""


class UnprocessableEntityError(APIStatusError):
    """422: a value does not fit its rules."""


class RateLimitError(APIStatusError):
    """429: too many requests."""


class InternalServerError(APIStatusError):
    """500 and above: the registry failed."""


STATUS_ERRORS: Mapping[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}


def status_error_type(status_code: int) -> type[APIStatusError]:
    """Return the error class for an HTTP status of 400 and above."""
    if status_code >= 500:
        return InternalServerError
    return STATUS_ERRORS.get(status_code, APIStatusError)
