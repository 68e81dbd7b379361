"""Every row of the table of errors (wire, section 1)."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.contract.support import DATASET_MANIFEST, MODEL_MANIFEST, Tenant, draft, problem

UNKNOWN = "01a20cde-7246-739d-a567-ffa0f8b4d2f6"


def test_no_key_and_bad_keys(home: Tenant) -> None:
    for value in ("Bearer luml_wrong", "Bearer", "Bearer ä", home.key):
        headers = {b"Authorization": value.encode()}
        response = httpx2.get(home.base_url + home.org + "/orbits", headers=headers)
        assert problem(response, 401, "not_authenticated") == "Not authenticated"
    response = httpx2.get(home.base_url + home.orb)
    assert problem(response, 401, "not_authenticated") == "Not authenticated"
    basic = {"Authorization": f"Basic {home.key}"}
    problem(httpx2.get(home.base_url + home.orb, headers=basic), 401, "not_authenticated")


def test_unknown_organization(home: Tenant, other: Tenant) -> None:
    for organization in (UNKNOWN, other.organization):
        response = home.call("GET", f"/v1/organizations/{organization}/orbits")
        assert problem(response, 403, "not_enough_rights") == "Not enough rights"


@pytest.mark.parametrize(
    ("path", "code", "detail"),
    [
        ("{org}/orbits/" + UNKNOWN, "orbit_not_found", "Orbit not found"),
        ("{orb}/collections/" + UNKNOWN, "collection_not_found", "Collection not found"),
        ("{col}/artifacts/" + UNKNOWN, "artifact_not_found", "Artifact not found"),
        ("{org}/bucket-secrets/" + UNKNOWN, "secret_not_found", "Secret not found"),
    ],
)
def test_unknown_resources(home: Tenant, path: str, code: str, detail: str) -> None:
    where = path.format(org=home.org, orb=home.orb, col=home.col)
    assert problem(home.call("GET", where), 404, code) == detail


def test_unknown_collection_ids(home: Tenant, other: Tenant) -> None:
    ids = [home.collection, other.collection]
    response = home.call("GET", home.orb + "/artifacts", params={"collection_ids": ids})
    detail = problem(response, 404, "collection_not_found")
    expected = f"You don't have access to the following collections: {other.collection}"
    assert detail == expected


def test_unknown_routes_and_methods(home: Tenant) -> None:
    assert problem(home.call("GET", "/v1/nothing"), 404, "not_found") == "Not Found"
    assert problem(home.call("GET", "/"), 404, "not_found") == "Not Found"
    detail = problem(home.call("PUT", home.col), 405, "method_not_allowed")
    assert detail == "Method Not Allowed"


@pytest.mark.parametrize(
    ("path", "parameters", "place"),
    [
        ("/v1/organizations/nope/orbits", {}, ["path", "organization_id"]),
        ("{col}/artifacts/nope", {}, ["path", "artifact_id"]),
        ("{col}/artifacts", {"limit": 0}, ["query", "limit"]),
        ("{col}/artifacts", {"limit": 101}, ["query", "limit"]),
        ("{col}/artifacts", {"order": "up"}, ["query", "order"]),
        ("{col}/artifacts", {"types": "poem"}, ["query", "types", 0]),
        ("{orb}/collections", {"sort_by": "size"}, ["query", "sort_by"]),
        ("{orb}/collections", {"types": "model_dataset"}, ["query", "types", 0]),
        ("{orb}/artifacts", {"collection_ids": "nope"}, ["query", "collection_ids", 0]),
        ("{orb}/artifacts", {"search": "\0"}, ["query", "search"]),
    ],
)
def test_values_that_do_not_fit(
    home: Tenant, path: str, parameters: dict[str, Any], place: list[Any]
) -> None:
    where = path.format(orb=home.orb, col=home.col)
    detail = problem(home.call("GET", where, params=parameters), 422, "validation_error")
    assert detail[0]["loc"] == place
    assert {"type", "loc", "msg", "input"} <= set(detail[0])


@pytest.mark.parametrize("sort_by", ["nope", "extra_values", "F1", "created_at; DROP", ""])
def test_unknown_sort_keys(here: Tenant, sort_by: str) -> None:
    for path in (here.orb + "/artifacts", here.col + "/artifacts"):
        parameters = {"sort_by": sort_by, "collection_ids": here.collection}
        detail = problem(here.call("GET", path, params=parameters), 400, "invalid_sorting")
        assert detail == f"Invalid sorting column: {sort_by}"


def test_types_that_do_not_fit(home: Tenant) -> None:
    path = home.new_collection("dataset_experiment").col + "/artifacts"
    detail = problem(home.call("POST", path, draft()), 400, "artifact_type_not_allowed")
    assert detail == "Artifact type is not allowed for this collection type"
    body = draft(type="dataset")
    detail = problem(home.call("POST", path, body), 400, "artifact_type_mismatch")
    assert detail == "Artifact's real type does not match the type you specified."
    body = draft(file_index={})
    detail = problem(home.call("POST", path, body), 400, "undefined_artifact_type")
    assert detail == "Could not define artifact type."
    body = draft(manifest={**DATASET_MANIFEST, "artifact_type": "poem"}, file_index={})
    detail = problem(home.call("POST", path, body), 400, "unsupported_artifact_type")
    assert detail == "Unsupported LUML Artifact type."


DEEP = b'{"a":' * 100_000 + b"1" + b"}" * 100_000


@pytest.mark.parametrize(
    "changes",
    [
        {"file_name": "model"},
        {"file_name": ".fnnx"},
        {"file_name": "a/b.fnnx"},
        {"file_name": "a\\b.fnnx"},
        {"file_name": "a\nb.fnnx"},
        {"file_name": "a b.fn nx"},
        {"file_name": "ä" * 130 + ".fnnx"},
        {"size": -1},
        {"size": 5497558138881},
        {"size": "many"},
        {"size": 10**30},
        {"manifest": {}},
        {"manifest": {**MODEL_MANIFEST, "inputs": 1}},
        {"manifest": []},
        {"file_index": {"a": [1]}},
        {"file_index": {"a": [-1, 2]}},
        {"file_index": {"a": [0, 2**63]}},
        {"name": "\0"},
        {"name": ""},
        {"name": "x" * 256},
        {"tags": ["\0"]},
        {"tags": "t"},
        {"extra_values": ...},
        {"file_hash": ...},
        {"file_name": "\ud800.fnnx"},
        {"description": "\ud800"},
        {"extra_values": {"\ud800": 1}},
    ],
)
def test_drafts_that_do_not_fit(here: Tenant, changes: dict[str, Any]) -> None:
    response = here.call("POST", here.col + "/artifacts", draft(**changes))
    detail = problem(response, 422, "validation_error")
    assert detail[0]["loc"][0] == "body"
    assert here.get(here.col)["total_artifacts"] == 0


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff", DEEP, b'{"a":' + b"1" * 5000 + b"}"]
)
def test_bodies_that_are_no_json(here: Tenant, body: bytes) -> None:
    for method, path in (
        ("POST", here.col + "/artifacts"),
        ("POST", here.orb + "/collections"),
        ("POST", "/v1/auth/api-keys"),
    ):
        problem(here.call(method, path, body), 422, "validation_error")


def test_documents_that_nest_too_deep(here: Tenant) -> None:
    deep: Any = 1
    for _ in range(90):
        deep = [deep]
    body = draft(manifest={**MODEL_MANIFEST, "x": deep})
    problem(here.call("POST", here.col + "/artifacts", body), 422, "validation_error")


def test_bodies_that_are_too_large(home: Tenant) -> None:
    body = b" " * (32 * 1024 * 1024 + 1)
    problem(home.call("POST", home.orb + "/collections", body), 413, "body_too_large")


@pytest.mark.parametrize(
    "changes", [{"name": "x" * 101}, {"description": "x" * 1001}, {"type": "poem"},
                {"tags": ["x"] * 51}, {"tags": ["x" * 65]}, {"name": ""}]
)  # fmt: skip
def test_collections_that_do_not_fit(home: Tenant, changes: dict[str, Any]) -> None:
    if changes.get("tags") == ["x"] * 51:
        changes = {"tags": [str(number) for number in range(51)]}
    body = {"name": "n", "description": "", "type": "model", **changes}
    problem(home.call("POST", home.orb + "/collections", body), 422, "validation_error")


def test_conflicts(here: Tenant) -> None:
    here.create()
    problem(here.call("DELETE", here.col), 409, "collection_not_empty")
    secret = here.get(here.orb)["bucket_secret_id"]
    path = f"{here.org}/bucket-secrets"
    problem(here.call("DELETE", f"{path}/{secret}"), 409, "secret_in_use")
    again = {"type": "s3", "endpoint": "http://local/", "bucket_name": "local", "region": "x"}
    problem(here.call("POST", path, again), 409, "secret_exists")
    problem(here.call("DELETE", here.orb), 409, "orbit_not_empty")


def forged(*fields: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).decode()


def test_cursors_that_do_not_fit(here: Tenant) -> None:
    for number in range(3):
        here.create(extra_values={"F1": number}, name=f"n{number}")
    path = here.col + "/artifacts"
    cursor = here.get(path, limit=1, sort_by="F1")["cursor"]
    key, value, sort_by, order, scope = json.loads(base64.urlsafe_b64decode(cursor))
    assert (value, sort_by, order) == (2.0, "F1", "desc")
    assert len(key) == 32
    asked = {"limit": 1, "sort_by": "F1"}
    for parameters in (
        {"sort_by": "name"},
        {"order": "asc"},
        {"types": "model"},
        {"search": "n"},
        {"cursor": "nonsense"},
        {"cursor": "é"},
        {"cursor": ""},
        {"cursor": forged(key, value, sort_by, order)},
        {"cursor": forged(key, "text", sort_by, order, scope)},
        {"cursor": forged(key, True, sort_by, order, scope)},
        {"cursor": forged(key, float("nan"), sort_by, order, scope)},
        {"cursor": forged(key, 10**400, sort_by, order, scope)},
        {"cursor": forged("xyz", value, sort_by, order, scope)},
        {"cursor": base64.urlsafe_b64encode(b"[" * 20_000).decode()},
    ):
        given = {**asked, "cursor": cursor, **parameters}
        problem(here.call("GET", path, params=given), 400, "invalid_cursor")
    elsewhere = {**asked, "cursor": cursor, "collection_ids": here.collection}
    assert here.get(here.orb + "/artifacts", **elsewhere)["items"][0]["name"] == "n1"
    wider = {**asked, "cursor": cursor}
    problem(here.call("GET", here.orb + "/artifacts", params=wider), 400, "invalid_cursor")
    for sort, wrong in (("created_at", "x"), ("size", "x"), ("size", 2**70), ("name", 1)):
        fitting = here.get(path, limit=1, sort_by=sort)["cursor"]
        _, _, *rest = json.loads(base64.urlsafe_b64decode(fitting))
        given = {"sort_by": sort, "cursor": forged(key, wrong, *rest)}
        problem(here.call("GET", path, params=given), 400, "invalid_cursor")


def test_faults_of_ours_say_nothing(home: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    from luml.server.services import organizations

    def fail(*_: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(organizations, "list_mine", fail)
    response = home.call("GET", "/v1/users/me/organizations")
    problem(response, 500, "internal_error")
    assert "secret" not in response.text


def test_idempotency(here: Tenant) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    path, body = here.col + "/artifacts", draft(name="once")
    first = here.post(path, body, headers=key)
    again = here.post(path.removeprefix("/v1"), body, headers=key)
    assert again["artifact"] == first["artifact"]
    assert again["upload_details"]["bucket_location"] == first["upload_details"]["bucket_location"]
    assert here.get(here.col)["total_artifacts"] == 1
    response = here.call("POST", path, draft(name="twice"), headers=key)
    problem(response, 409, "idempotency_conflict")
    problem(
        here.call("POST", here.orb + "/collections", {}, headers=key), 409, "idempotency_conflict"
    )
    collection = {"name": "once", "type": "model"}
    key = {"Idempotency-Key": uuid4().hex}
    made = [here.post(here.orb + "/collections", collection, headers=key) for _ in range(2)]
    assert made[0] == made[1]
    blank = {"Idempotency-Key": "x" * 256}
    problem(here.call("POST", path, body, headers=blank), 422, "validation_error")
