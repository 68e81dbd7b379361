"""The API keys of a client, for annotations and ``isinstance``."""

from luml.api._async.api_keys import AsyncApiKeyResource
from luml.api._sync.api_keys import ApiKeyResource

__all__ = ["ApiKeyResource", "AsyncApiKeyResource"]
