"""The bucket secrets of a client, for annotations and ``isinstance``."""

from luml.api._async.bucket_secrets import AsyncBucketSecretResource
from luml.api._sync.bucket_secrets import BucketSecretResource

__all__ = ["AsyncBucketSecretResource", "BucketSecretResource"]
