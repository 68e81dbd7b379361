"""Who may do what: a key of one organization sees nothing of another, on every route."""

from __future__ import annotations

import re
import time

import httpx2
import pytest

from luml.server.run import RunningServer
from luml.server.services.registry import Registry
from tests.contract.support import (
    Tenant,
    add_key,
    add_person,
    add_to_orbit,
    draft,
    problem,
)

OPEN = {"/healthz", "/server"}
OF_THE_CALLER = {
    "/users/me",
    "/users/me/organizations",
    "/auth/api-keys",
    "/auth/api-keys/validate",
    "/bucket-secrets/urls",
}


def test_the_document_names_every_route_once(server: RunningServer) -> None:
    paths = openapi_paths(server)
    assert len(paths) > 25
    assert all(path.startswith("/v1/") for _, path in paths)


def openapi_paths(server: RunningServer) -> list[tuple[str, str]]:
    document = server.app.openapi()
    return [
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    ]


def fill(path: str, tenant: Tenant, artifact: str, secret: str, key: str) -> str:
    values = {
        "organization_id": tenant.organization,
        "orbit_id": tenant.orbit,
        "collection_id": tenant.collection,
        "artifact_id": artifact,
        "secret_id": secret,
        "key_id": key,
    }
    return re.sub(r"\{(\w+)\}", lambda match: values[match.group(1)], path)


def test_no_route_shows_anything_of_another_organization(
    server: RunningServer, home: Tenant, other: Tenant
) -> None:
    made = home.upload(name="secret artifact")
    secret = home.get(home.orb)["bucket_secret_id"]
    key = home.get("/v1/auth/api-keys")[0]["id"]
    body = draft()
    body |= {"bucket_id": secret, "bucket_location": made["bucket_location"], "upload_id": "x"}
    checked = 0
    for method, path in openapi_paths(server):
        bare = path.removeprefix("/v1")
        if bare in OPEN:
            continue
        for prefix in ("/v1", ""):
            where = prefix + fill(bare, home, made["id"], secret, key)
            response = other.call(method, where, None if method == "GET" else body)
            for word in (home.orbit, home.collection, made["id"], secret, "secret artifact"):
                if bare not in OF_THE_CALLER:
                    assert word not in response.text.replace(where, "")
            if bare not in OF_THE_CALLER:
                assert response.status_code in (403, 404), (method, where, response.text)
            anonymous = httpx2.request(method, server.base_url + where, content=b"{}")
            assert anonymous.status_code == 401, (method, where)
            checked += 1
    assert checked > 60
    assert home.get(f"{home.col}/artifacts/{made['id']}")["status"] == "uploaded"


def test_mixed_places_are_not_found(home: Tenant, other: Tenant) -> None:
    """An id of one's own organization opens no door to the rest of another's."""
    made = home.upload()
    path = f"{other.org}/orbits/{home.orbit}"
    problem(other.call("GET", path), 404, "orbit_not_found")
    path = f"{other.orb}/collections/{home.collection}"
    problem(other.call("GET", path), 404, "collection_not_found")
    path = f"{other.col}/artifacts/{made['id']}"
    problem(other.call("GET", path), 404, "artifact_not_found")
    secret = home.get(home.orb)["bucket_secret_id"]
    problem(other.call("PATCH", other.orb, {"bucket_secret_id": secret}), 404, "secret_not_found")


def test_read_keys_only_read(server: RunningServer, home: Tenant, parts: Registry) -> None:
    made = home.upload()
    reader = home.with_key(add_key(parts, home.user, "read"))
    secret = home.get(home.orb)["bucket_secret_id"]
    for method, path in openapi_paths(server):
        if path.removeprefix("/v1") in OPEN:
            continue
        where = fill(path, home, made["id"], secret, made["id"])
        response = reader.call(method, where, None if method == "GET" else draft())
        writes = method != "GET" or where.endswith(("/delete-url", "/auth/api-keys"))
        if "upload/multipart" in path or not writes:
            continue
        problem(response, 403, "not_enough_rights")
    assert reader.get(f"{home.col}/artifacts/{made['id']}/download-url")["url"]


def test_write_keys_do_not_administer(home: Tenant, parts: Registry) -> None:
    writer = home.with_key(add_key(parts, home.user, "write"))
    fresh = writer.new_collection()
    fresh.upload()
    for method, path in (
        ("POST", home.org + "/orbits"),
        ("PATCH", home.orb),
        ("DELETE", home.orb),
        ("POST", home.org + "/bucket-secrets"),
        ("POST", "/v1/auth/api-keys"),
        ("POST", "/v1/bucket-secrets/urls"),
    ):
        problem(writer.call(method, path, {}), 403, "not_enough_rights")


def test_keys_run_out(home: Tenant, parts: Registry) -> None:
    moment = time.time_ns() // 1000
    gone = home.with_key(add_key(parts, home.user, expires_at=moment - 1))
    problem(gone.call("GET", home.orb), 401, "not_authenticated")
    good = home.with_key(add_key(parts, home.user, expires_at=moment + 60_000_000))
    assert good.get(home.orb)["id"] == home.orbit


def test_keys_of_one_organization_or_orbit(home: Tenant, other: Tenant, parts: Registry) -> None:
    secret = home.get(home.orb)["bucket_secret_id"]
    second = home.post(home.org + "/orbits", {"name": "second", "bucket_secret_id": secret})
    narrow = {"organization_id": home.organization, "orbit_id": home.orbit}
    inside = home.with_key(add_key(parts, home.user, **narrow))
    assert [orbit["id"] for orbit in inside.get(home.org + "/orbits")] == [home.orbit]
    problem(inside.call("GET", f"{home.org}/orbits/{second['id']}"), 404, "orbit_not_found")
    body = {"name": "third", "bucket_secret_id": secret}
    problem(inside.call("POST", home.org + "/orbits", body), 403, "not_enough_rights")
    assert inside.get(home.orb)["id"] == home.orbit
    seen = inside.get(home.org + "/bucket-secrets")
    assert [orbit["id"] for orbit in seen[0]["orbits"]] == [home.orbit]
    wide = home.with_key(add_key(parts, home.user, organization_id=other.organization))
    problem(wide.call("GET", home.orb), 403, "not_enough_rights")
    assert wide.get("/v1/users/me/organizations") == []
    home.delete(f"{home.org}/orbits/{second['id']}")


@pytest.mark.parametrize("role", [None, "member", "admin"])
def test_members_see_the_orbits_they_are_in(
    home: Tenant, parts: Registry, role: str | None
) -> None:
    person = add_person(parts, home.organization, "member")
    member = home.with_key(add_key(parts, person))
    problem(member.call("POST", home.org + "/orbits", {}), 403, "not_enough_rights")
    if role is None:
        assert member.get(home.org + "/orbits") == []
        problem(member.call("GET", home.orb), 404, "orbit_not_found")
        return
    add_to_orbit(parts, home.orbit, person, role)
    assert member.get(home.orb)["role"] == role
    member.new_collection().upload()
    response = member.call("PATCH", home.orb, {"name": "default"})
    assert response.status_code == (200 if role == "admin" else 403)


def test_keys_make_keys_within_their_own_bounds(home: Tenant, other: Tenant) -> None:
    path = "/v1/auth/api-keys"
    made = home.post(path, {"name": "ci", "role": "write", "orbit_id": home.orbit})
    assert re.fullmatch(r"luml_[\w-]{43}", made["key"])
    assert made["organization_id"] == home.organization
    assert home.with_key(made["key"]).get(home.orb)["id"] == home.orbit
    assert "key" not in next(key for key in home.get(path) if key["id"] == made["id"])
    admin = home.post(path, {"name": "a", "role": "admin", "orbit_id": home.orbit})
    inside = home.with_key(admin["key"])
    child = inside.post(path, {"name": "b", "role": "admin"})
    assert child["orbit_id"] == home.orbit
    assert len(inside.get(path)) < len(home.get(path))
    for body, status, code in (
        ({"name": "x", "organization_id": other.organization}, 403, "not_enough_rights"),
        ({"name": "x", "orbit_id": other.orbit}, 404, "orbit_not_found"),
        ({"name": "x", "expires_at": "2000-01-01T00:00:00Z"}, 422, "validation_error"),
        ({"name": "x", "role": "owner"}, 422, "validation_error"),
    ):
        problem(home.call("POST", path, body), status, code)
    home.delete(f"{path}/{made['id']}")
    problem(home.with_key(made["key"]).call("GET", home.orb), 401, "not_authenticated")
    problem(other.call("DELETE", f"{path}/{admin['id']}"), 404, "api_key_not_found")
