"""One registry on each database for the contract tests, with two organizations in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from luml.server.run import RunningServer
from luml.server.services.registry import Registry
from tests.contract.database import ENGINES, DatabasePlace
from tests.contract.support import Tenant, add_tenant
from tests.postgres import Cluster, running_cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL cluster, started for the first test that needs it."""
    with running_cluster() as running:
        yield running


@pytest.fixture(scope="session", params=ENGINES)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> DatabasePlace:
    """Where databases are made: every test that asks for one runs on each engine."""
    found: Cluster | None = None
    if request.param == "postgresql":
        found = request.getfixturevalue("cluster")
    return DatabasePlace(found, tmp_path_factory)


@pytest.fixture(scope="session")
def server(engine: DatabasePlace, isolated_environment: None) -> Iterator[RunningServer]:
    """A registry on a thread."""
    with RunningServer(engine.settings("contract")) as running:
        yield running


@pytest.fixture(scope="session")
def parts(server: RunningServer) -> Registry:
    """What the registry is made of, for what no route does."""
    registry: Registry = server.app.state.registry
    return registry


@pytest.fixture(scope="session")
def home(server: RunningServer, parts: Registry) -> Tenant:
    """The first organization, by its owner."""
    found = server.credentials
    place = (found.organization, found.orbit, found.collection)
    tenant = Tenant(server.base_url, found.api_key, *place, user="")
    return Tenant(server.base_url, found.api_key, *place, tenant.get("/v1/users/me")["id"])


@pytest.fixture(scope="session")
def other(server: RunningServer, parts: Registry) -> Tenant:
    """Another organization, by its owner."""
    return add_tenant(parts, server.base_url)


@pytest.fixture
def here(home: Tenant) -> Tenant:
    """The first organization with a collection that the test has for itself."""
    return home.new_collection()
