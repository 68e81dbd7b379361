"""A registry as the wire sees it: requests by hand, tenants made in the database."""

from __future__ import annotations

import hashlib
import json
import ssl
from dataclasses import dataclass, replace
from typing import Any

import httpx2
from sqlalchemy import insert, select

from luml.files.manifest import MODEL_FILES
from luml.server.db import first, orbits, people
from luml.server.db.ids import new_id
from luml.server.db.tables import (
    bucket_secrets,
    memberships,
    orbit_members,
    organizations,
    users,
)
from luml.server.services.policy import digest_of, new_key
from luml.server.services.registry import Registry
from tests.contract.database import Bench, mapping

# Everything here is plain HTTP; a context with all authorities takes longer to make than a request.
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
ORIGINAL = b"the bytes of an artifact"
MODEL_MANIFEST: dict[str, Any] = {
    "variant": "pipeline",
    "producer_name": "test",
    "producer_version": "1",
    "producer_tags": [],
    "inputs": [],
    "outputs": [],
    "dynamic_attributes": [],
    "env_vars": [],
}
DATASET_MANIFEST: dict[str, Any] = {
    "artifact_type": "dataset",
    "variant": "tabular",
    "producer_name": "test",
    "producer_version": "1",
    "producer_tags": [],
    "payload": {},
}


def draft(content: bytes = ORIGINAL, **changes: Any) -> dict[str, Any]:
    """Return the body that creates a model of some bytes."""
    body = {
        "file_name": "model.fnnx",
        "extra_values": {},
        "manifest": MODEL_MANIFEST,
        "file_hash": hashlib.sha256(content).hexdigest(),
        "file_index": {name: [512, 1] for name in MODEL_FILES},
        "size": len(content),
        **changes,
    }
    return {name: value for name, value in body.items() if value is not ...}


@dataclass(frozen=True)
class Tenant:
    """An organization with an orbit and a collection, and a key to it."""

    base_url: str
    key: str
    organization: str
    orbit: str
    collection: str
    user: str

    def with_key(self, key: str) -> Tenant:
        """Return the same place with another key."""
        return replace(self, key=key)

    @property
    def org(self) -> str:
        return f"/v1/organizations/{self.organization}"

    @property
    def orb(self) -> str:
        return f"{self.org}/orbits/{self.orbit}"

    @property
    def col(self) -> str:
        return f"{self.orb}/collections/{self.collection}"

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> httpx2.Response:
        """Send one request."""
        headers = {"Authorization": f"Bearer {self.key}", **options.pop("headers", {})}
        if body is not None:
            options["content"] = body if isinstance(body, bytes) else json.dumps(body)
        url = path if path.startswith("http") else self.base_url + path
        with httpx2.Client(trust_env=False, timeout=30, verify=PLAIN) as client:
            return client.request(method, url, headers=headers, **options)

    def get(self, path: str, **parameters: Any) -> Any:
        """Return the JSON of a GET that must succeed."""
        return good(self.call("GET", path, params=parameters))

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """Return the JSON of a POST that must succeed."""
        return good(self.call("POST", path, body if body is not None else {}, **options))

    def patch(self, path: str, body: Any) -> Any:
        """Return the JSON of a PATCH that must succeed."""
        return good(self.call("PATCH", path, body))

    def delete(self, path: str, body: Any = None) -> Any:
        """Return the JSON of a DELETE that must succeed."""
        return good(self.call("DELETE", path, body))

    def new_collection(self, type: str = "mixed", **fields: Any) -> Tenant:
        """Return the same place with a fresh collection."""
        body = {"name": "fresh", "description": "", "type": type, **fields}
        return replace(self, collection=self.post(f"{self.orb}/collections", body)["id"])

    def create(self, content: bytes = ORIGINAL, **changes: Any) -> Any:
        """Create an artifact; its bytes are not sent."""
        return self.post(f"{self.col}/artifacts", draft(content, **changes))

    def upload(self, content: bytes = ORIGINAL, **changes: Any) -> Any:
        """Create an artifact, send its bytes and announce them."""
        created = self.create(content, **changes)
        send(created["upload_details"]["url"], content)
        return self.patch(
            f"{self.col}/artifacts/{created['artifact']['id']}", {"status": "uploaded"}
        )


def good(response: httpx2.Response) -> Any:
    """Return the JSON of a response that must be a success."""
    assert response.status_code in (200, 204), (response.request.url, response.text)
    return None if response.status_code == 204 else response.json()


def send(url: str, content: bytes) -> httpx2.Response:
    """PUT bytes to a presigned URL."""
    with httpx2.Client(trust_env=False, timeout=30, verify=PLAIN) as client:
        return client.put(url, content=content)


def fetch(url: str) -> httpx2.Response:
    """GET a presigned URL."""
    with httpx2.Client(trust_env=False, timeout=30, verify=PLAIN) as client:
        return client.get(url)


def problem(response: httpx2.Response, status: int, code: str) -> Any:
    """Return the detail of an error that must be a certain one."""
    assert response.status_code == status, (response.request.url, response.text)
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["code"] == code
    assert body["status"] == status
    assert body["title"]
    assert body["request_id"] == response.headers["x-request-id"]
    return body["detail"]


def add_key(registry: Registry, user: str, role: str = "admin", **scope: Any) -> str:
    """Give a person a key and return its text."""
    key = new_key()
    row = {
        "id": new_id(),
        "digest": digest_of(key),
        "user_id": user,
        "name": role,
        "role": role,
        "created_at": 1,
        **scope,
    }
    with registry.database.write() as connection:
        people.add_key(connection, row)
    return key


def add_person(registry: Registry, organization: str, role: str) -> str:
    """Add a person to an organization and return the id."""
    user = new_id()
    with registry.database.write() as connection:
        connection.execute(insert(users), {"id": user, "name": role, "created_at": 1})
        membership = {"organization_id": organization, "user_id": user, "role": role}
        connection.execute(insert(memberships), {**membership, "created_at": 1})
    return user


def add_to_orbit(registry: Registry, orbit: str, user: str, role: str) -> None:
    """Add a person to an orbit."""
    row = {"id": new_id(), "orbit_id": orbit, "user_id": user, "role": role, "created_at": 1}
    with registry.database.write() as connection:
        connection.execute(insert(orbit_members), row)


def add_tenant(registry: Registry, base_url: str) -> Tenant:
    """Make another organization with an owner, an orbit and a collection."""
    organization, secret = new_id(), new_id()
    with registry.database.write() as connection:
        model = connection.execute(select(bucket_secrets).limit(1)).one()
        row = {"id": organization, "name": "other", "created_at": 1}
        connection.execute(insert(organizations), row)
        place = {"id": secret, "organization_id": organization}
        connection.execute(insert(bucket_secrets), {**mapping(model), **place})
    user = add_person(registry, organization, "owner")
    orbit = _add_orbit(registry, organization, secret, user)
    bench = Bench(registry.database, first.FirstRows(user, organization, orbit, ""))
    with registry.database.write() as connection:
        collection = bench.add_collection(connection, orbit)
    return Tenant(base_url, add_key(registry, user), organization, orbit, collection, user)


def _add_orbit(registry: Registry, organization: str, secret: str, user: str) -> str:
    orbit_id = new_id()
    row = {
        "id": orbit_id,
        "organization_id": organization,
        "bucket_secret_id": secret,
        "name": "other",
        "total_members": 1,
        "total_collections": 0,
        "total_artifacts": 0,
        "created_at": 1,
    }
    place = {"id": new_id(), "orbit_id": orbit_id, "user_id": user}
    member = {**place, "role": "admin", "created_at": 1}
    with registry.database.write() as connection:
        orbits.add(connection, row, [member])
    return orbit_id
