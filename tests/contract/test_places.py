"""Organizations, orbits, bucket secrets and collections (wire, sections 2 and 3)."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from luml.server.services.registry import Registry
from tests.contract.support import Tenant, add_person, problem

ORBIT = {
    "id", "name", "organization_id", "bucket_secret_id", "total_members", "total_collections",
    "total_satellites", "total_artifacts", "role", "permissions", "created_at", "updated_at",
}  # fmt: skip


def test_my_organizations(home: Tenant) -> None:
    (organization,) = home.get("/v1/users/me/organizations")
    assert set(organization) == {
        "id", "name", "logo", "created_at", "updated_at", "role", "permissions",
    }  # fmt: skip
    assert organization["role"] == "owner"
    assert home.call("GET", "/v1/auth/api-keys/validate").status_code == 204


def test_orbits_come_and_go(home: Tenant, parts: Registry) -> None:
    secret = home.get(home.orb)["bucket_secret_id"]
    person = add_person(parts, home.organization, "member")
    members = [{"user_id": person, "role": "member"}]
    body = {"name": "o", "bucket_secret_id": secret, "members": members, "notify": False}
    made = home.post(home.org + "/orbits", body)
    assert set(made) == ORBIT | {"members", "collections_tags"}
    assert made["total_members"] == 2
    assert {member["user_id"] for member in made["members"]} == {home.user, person}
    path = f"{home.org}/orbits/{made['id']}"
    changed = home.patch(path, {"name": "renamed"})
    assert set(changed) == ORBIT
    assert (changed["name"], changed["bucket_secret_id"]) == ("renamed", secret)
    names = [orbit["name"] for orbit in home.get(home.org + "/orbits")]
    assert names == sorted(names)
    draft = {"name": "c", "description": "", "type": "mixed", "tags": ["x", "y"]}
    home.post(path + "/collections", draft)
    found = home.get(path)
    assert (found["total_collections"], found["collections_tags"]) == (1, ["x", "y"])
    assert home.get(path + "/collections/tags") == ["x", "y"]
    home.delete(path)
    problem(home.call("GET", path), 404, "orbit_not_found")
    stranger = {**body, "members": [{"user_id": made["id"], "role": "member"}]}
    problem(home.call("POST", home.org + "/orbits", stranger), 422, "validation_error")


def test_totals_are_kept(here: Tenant) -> None:
    before = here.get(here.orb)
    created = here.create(extra_values={"F1": 1, "text": "x"}, tags=["t"])
    after = here.get(here.orb)
    assert after["total_artifacts"] == before["total_artifacts"] + 1
    details = here.get(here.col)
    assert details["total_artifacts"] == 1
    assert details["artifacts_tags"] == ["t"]
    assert details["artifacts_extra_values"] == ["F1", "text"]
    here.delete(f"{here.col}/artifacts/{created['artifact']['id']}")
    details = here.get(here.col)
    assert details["artifacts_tags"] == details["artifacts_extra_values"] == []
    here.delete(here.col)
    after = here.get(here.orb)
    assert after["total_collections"] == before["total_collections"] - 1


def test_artifacts_stay_in_the_bucket_they_are_in(home: Tenant) -> None:
    secret = home.get(home.orb)["bucket_secret_id"]
    second = {"type": "s3", "endpoint": "local", "bucket_name": "second", "region": "x"}
    path = home.org + "/bucket-secrets"
    added = home.post(path, second)
    made = home.new_collection().upload()
    home.patch(home.orb, {"bucket_secret_id": added["id"]})
    problem(home.call("DELETE", f"{path}/{secret}"), 409, "secret_in_use")
    where = f"{home.orb}/collections/{made['collection_id']}/artifacts/{made['id']}"
    assert home.get(where + "/download-url")["url"]
    assert home.patch(home.orb, {"bucket_secret_id": secret})["bucket_secret_id"] == secret


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (
            {
                "type": "s3",
                "endpoint": "https://s3.example.com",
                "bucket_name": "b1",
                "region": "eu",
                "access_key": "AKIA-hidden",
                "secret_key": "hidden",
                "session_token": "hidden",
            },
            {"endpoint": "s3.example.com", "secure": True, "cert_check": True, "region": "eu"},
        ),
        (
            {
                "type": "azure",
                "endpoint": "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=hidden==;"
                "BlobEndpoint=https://a.example.com",
                "bucket_name": "b2",
            },
            {
                "endpoint": "DefaultEndpointsProtocol=https;AccountName=a;"
                "BlobEndpoint=https://a.example.com"
            },
        ),
    ],
)
def test_no_answer_holds_a_key(
    home: Tenant, parts: Registry, body: dict[str, Any], shown: dict[str, Any]
) -> None:
    path = home.org + "/bucket-secrets"
    response = home.call("POST", path, body)
    made = response.json()
    assert shown.items() <= made.items()
    assert made["orbits"] == []
    one = f"{path}/{made['id']}"
    changed = home.call("PATCH", one, {"bucket_name": "renamed"})
    texts = [response.text, changed.text, home.call("GET", path).text, home.call("GET", one).text]
    assert all("hidden" not in text for text in texts)
    assert changed.json()["endpoint"] == shown["endpoint"]
    assert changed.json()["updated_at"] is not None
    with parts.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM bucket_secrets").all()
        kept = connection.exec_driver_sql("SELECT sealed FROM bucket_secrets").scalars().all()
    assert "hidden" not in str(rows)
    opened = [parts.sealer.open(sealed) for sealed in kept]
    assert any("hidden" in str(secrets) for secrets in opened)
    home.delete(one)
    problem(home.call("GET", one), 404, "secret_not_found")


def test_a_bucket_is_tried_before_it_is_trusted(home: Tenant) -> None:
    body = {"type": "s3", "endpoint": "local", "bucket_name": "new", "region": "local"}
    for path in (
        "/v1/bucket-secrets/urls",
        "/bucket-secrets/urls",
        f"{home.org}/bucket-secrets/{home.get(home.orb)['bucket_secret_id']}/urls",
    ):
        urls = home.post(path, body)
        content = b"0123456789abcdef"
        assert httpx2.put(urls["presigned_url"], content=content).status_code == 200
        ranged = httpx2.get(urls["download_url"], headers={"Range": "bytes=0-10"})
        assert (ranged.status_code, ranged.content) == (206, content[:11])
        assert httpx2.delete(urls["delete_url"]).status_code == 204


def test_collections_page_sort_and_filter(home: Tenant) -> None:
    secret = home.get(home.orb)["bucket_secret_id"]
    orbit = home.post(home.org + "/orbits", {"name": "pages", "bucket_secret_id": secret})
    path = f"{home.org}/orbits/{orbit['id']}/collections"
    kinds = ["model", "dataset", "experiment", "model_dataset", "mixed"]
    for number, kind in enumerate(kinds):
        tags = ["Prod"] if number % 2 else None
        body = {"name": f"c{number % 3}", "description": f"d{number}", "type": kind, "tags": tags}
        home.post(path, body)
    whole = home.get(path)["items"]
    assert [item["type"] for item in whole] == kinds[::-1]
    for sort_by in ("created_at", "name", "type", "description", "total_artifacts"):
        for order in ("asc", "desc"):
            found: list[Any] = []
            cursor = None
            while True:
                given = {"sort_by": sort_by, "order": order, "limit": 2}
                page = home.get(path, **given, **({"cursor": cursor} if cursor else {}))
                found += page["items"]
                cursor = page["cursor"]
                if cursor is None:
                    break
            key = [(item[sort_by], item["id"]) for item in found]
            assert key == sorted(key, reverse=order == "desc")
            assert len(found) == len(kinds)
    assert {item["type"] for item in home.get(path, types="model")["items"]} == {
        "model",
        "model_dataset",
    }
    assert len(home.get(path, types=["mixed", "dataset"])["items"]) == 3
    assert len(home.get(path, search="PROD")["items"]) == 2
    assert len(home.get(path, search="C0")["items"]) == 2
    assert len(home.get(path, name="c0", search="c0")["items"]) == 2
    assert home.get(path, name="C0")["items"] == []
    assert len(home.get(path, tags="Prod")["items"]) == 2
    assert home.get(path, tags="pro")["items"] == []


def test_collections_change_what_is_named(here: Tenant) -> None:
    changed = here.patch(here.col, {"tags": ["a"]})
    assert (changed["name"], changed["tags"]) == ("fresh", ["a"])
    changed = here.patch(here.col, {"name": "n", "description": "d"})
    assert (changed["name"], changed["description"], changed["tags"]) == ("n", "d", ["a"])
    assert changed["updated_at"] is not None
    assert here.patch(here.col, {})["updated_at"] == changed["updated_at"]
