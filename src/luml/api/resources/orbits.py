"""The orbits of a client, for annotations and ``isinstance``."""

from luml.api._async.orbits import AsyncOrbitResource
from luml.api._sync.orbits import OrbitResource

__all__ = ["AsyncOrbitResource", "OrbitResource"]
