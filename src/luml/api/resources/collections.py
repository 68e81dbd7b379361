"""The collections of a client, for annotations and ``isinstance``."""

from luml.api._async.collections import AsyncCollectionResource
from luml.api._sync.collections import CollectionResource

__all__ = ["AsyncCollectionResource", "CollectionResource"]
