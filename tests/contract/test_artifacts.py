"""Artifacts over the wire (wire, section 4)."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from tests.contract.support import (
    DATASET_MANIFEST,
    MODEL_MANIFEST,
    ORIGINAL,
    Tenant,
    draft,
    fetch,
    problem,
    send,
)

ITEM = {
    "file_name",
    "name",
    "description",
    "extra_values",
    "manifest",
    "file_hash",
    "file_index",
    "size",
    "tags",
    "type",
    "id",
    "collection_id",
    "bucket_location",
    "unique_identifier",
    "status",
    "created_by_user",
    "created_at",
    "updated_at",
}


def artifact(tenant: Tenant, created: Any) -> str:
    """Return the path of an artifact."""
    return f"{tenant.col}/artifacts/{created['artifact']['id']}"


def test_an_artifact_comes_back_byte_for_byte(here: Tenant) -> None:
    created = here.create(extra_values={"F1": 0.5}, tags=["a", "b", "a"], description="")
    made = created["artifact"]
    assert set(made) == ITEM
    assert made["status"] == "pending_upload"
    assert made["type"] == "model"
    assert made["name"] == made["file_name"] == "model.fnnx"
    assert made["tags"] == ["a", "b"]
    assert made["description"] == ""
    assert made["updated_at"] is None
    assert made["created_at"].endswith("Z")
    assert made["manifest"] == {
        **MODEL_MANIFEST,
        "name": None,
        "version": None,
        "description": None,
    }
    folder = f"orbit-{here.orbit}/collection-{here.collection}"
    assert made["bucket_location"] == f"{folder}/{made['unique_identifier']}-model.fnnx"
    details = created["upload_details"]
    assert details["type"] == "s3"
    assert details["multipart"] is False
    assert details["bucket_location"] == made["bucket_location"]
    assert send(details["url"], ORIGINAL).status_code == 200
    path = artifact(here, created)
    assert here.patch(path, {"status": "uploaded"})["status"] == "uploaded"
    assert fetch(here.get(path + "/download-url")["url"]).content == ORIGINAL
    found = here.get(path)
    assert set(found) > ITEM
    assert found["collection"]["total_artifacts"] == 1
    assert found["deployments"] == found["tracks"] == []


def test_announcing_twice_changes_nothing(here: Tenant) -> None:
    made = here.upload()
    path = f"{here.col}/artifacts/{made['id']}"
    assert here.patch(path, {"status": "uploaded"}) == made


@pytest.mark.parametrize(
    ("sent", "declared", "words"),
    [
        (None, {}, "missing"),
        (b"other", {}, "missing"),
        (ORIGINAL, {"file_hash": "0" * 64}, "missing"),
    ],
)
def test_what_is_not_there_is_not_uploaded(
    here: Tenant, sent: bytes | None, declared: dict[str, Any], words: str
) -> None:
    created = here.create(**declared)
    if sent is not None:
        send(created["upload_details"]["url"], sent)
    path = artifact(here, created)
    detail = problem(here.call("PATCH", path, {"status": "uploaded"}), 409, "upload_incomplete")
    assert words in detail
    failed = here.get(path)
    assert failed["status"] == "upload_failed"
    assert failed["status_reason"] == detail
    problem(here.call("GET", path + "/download-url"), 409, "not_uploaded")


def test_a_failed_upload_can_be_sent_again(here: Tenant) -> None:
    created = here.create()
    path = artifact(here, created)
    problem(here.call("PATCH", path, {"status": "uploaded"}), 409, "upload_incomplete")
    send(created["upload_details"]["url"], ORIGINAL)
    assert here.patch(path, {"status": "uploaded"})["status"] == "uploaded"


def test_a_digest_that_differs_is_named(here: Tenant) -> None:
    created = here.create(file_hash="not a digest")
    send(created["upload_details"]["url"], ORIGINAL)
    path = artifact(here, created)
    assert here.patch(path, {"status": "uploaded"})["file_hash"] == "not a digest"


def test_bytes_of_another_digest_are_refused(here: Tenant) -> None:
    created = here.create(file_hash=None)
    send(created["upload_details"]["url"], ORIGINAL)
    path = artifact(here, created)
    assert "digest" in problem(
        here.call("PATCH", path, {"status": "uploaded"}), 409, "upload_incomplete"
    )
    wrong = {"file_hash": "0" * 64}
    detail = problem(here.call("POST", path + "/upload/complete", wrong), 409, "upload_incomplete")
    assert "0" * 64 in detail
    assert hashlib.sha256(ORIGINAL).hexdigest() in detail


@pytest.mark.parametrize("status", ["upload_failed", "deletion_failed"])
def test_statuses_go_one_way(here: Tenant, status: str) -> None:
    made = here.upload()
    path = f"{here.col}/artifacts/{made['id']}"
    detail = problem(here.call("PATCH", path, {"status": status}), 400, "invalid_status_transition")
    assert detail == f"Invalid status transition from uploaded to {status}"
    here.get(path + "/delete-url")
    problem(here.call("PATCH", path, {"status": "uploaded"}), 400, "invalid_status_transition")
    assert here.patch(path, {"status": "deletion_failed"})["status"] == "deletion_failed"


def test_updates_keep_what_they_do_not_name(here: Tenant) -> None:
    made = here.upload(description="d", tags=["t"])
    path = f"{here.col}/artifacts/{made['id']}"
    assert here.patch(path, {"name": "n"})["description"] == "d"
    assert here.patch(path, {"tags": ["u", "v"]})["name"] == "n"
    assert here.get(here.col)["artifacts_tags"] == ["u", "v"]
    changed = here.patch(path, {"description": "e"})
    assert (changed["tags"], changed["status"]) == (["u", "v"], "uploaded")
    assert changed["updated_at"] > changed["created_at"]
    assert here.patch(path, {"tags": None, "description": None})["tags"] is None
    assert here.get(here.col)["artifacts_tags"] == []


def test_a_new_file_name_keeps_the_stored_object(here: Tenant) -> None:
    made = here.upload()
    path = f"{here.col}/artifacts/{made['id']}"
    changed = here.patch(path, {"file_name": "better name.luml"})
    assert changed["bucket_location"] == made["bucket_location"]
    response = fetch(here.get(path + "/download-url")["url"])
    assert response.content == ORIGINAL
    assert "better" in response.headers["content-disposition"]
    problem(here.call("PATCH", path, {"file_name": "no-suffix"}), 422, "validation_error")
    problem(here.call("PATCH", path, {"file_name": "../x.luml"}), 422, "validation_error")


@pytest.mark.parametrize("status", ["pending_upload", "uploaded", "pending_deletion"])
@pytest.mark.parametrize("suffix", ["", "/force"])
def test_deleting_works_from_any_status(here: Tenant, status: str, suffix: str) -> None:
    created = here.create()
    path = artifact(here, created)
    if status != "pending_upload":
        send(created["upload_details"]["url"], ORIGINAL)
        here.patch(path, {"status": "uploaded"})
    url = here.get(path + "/download-url")["url"] if status == "uploaded" else None
    if status == "pending_deletion":
        here.get(path + "/delete-url")
        assert here.get(path)["status"] == "pending_deletion"
    here.delete(path + suffix)
    problem(here.call("GET", path), 404, "artifact_not_found")
    problem(here.call("DELETE", path), 404, "artifact_not_found")
    if url is not None:
        assert fetch(url).status_code == 404
    assert here.get(here.col)["total_artifacts"] == 0


def test_batches(here: Tenant, other: Tenant) -> None:
    one, two = here.upload(), here.upload()
    stranger = other.upload()["id"]
    path = f"{here.col}/artifacts"
    ids = [one["id"], stranger, one["id"]]
    answer = here.post(path + "/delete-urls", {"artifact_ids": ids})
    assert [entry["artifact_id"] for entry in answer["urls"]] == [one["id"]]
    assert answer["failed"] == [
        {
            "artifact_id": stranger,
            "name": None,
            "reason": "not_found",
            "deployments": [],
            "tracks": [],
        }
    ]
    assert here.call("DELETE", answer["urls"][0]["url"]).status_code == 204
    answer = here.delete(path, {"artifact_ids": [one["id"], two["id"]]})
    assert answer["deleted"] == [one["id"]]
    assert [entry["reason"] for entry in answer["failed"]] == ["not_pending_deletion"]
    answer = here.delete(path, {"artifact_ids": [two["id"]], "force": True})
    assert answer == {"deleted": [two["id"]], "failed": []}
    too_many = {"artifact_ids": [one["id"]] * 101}
    problem(here.call("DELETE", path, too_many), 422, "validation_error")


def test_numbers_that_json_cannot_hold_become_texts(here: Tenant) -> None:
    body = b'{"file_name":"m.luml","extra_values":{"a":NaN,"b":-Infinity,"c":1e400,"d":'
    body += b"1" * 400 + b'},"manifest":' + str(DATASET_MANIFEST).replace("'", '"').encode()
    body += b',"file_hash":"x","file_index":{},"size":0}'
    made = here.post(f"{here.col}/artifacts", body)["artifact"]
    assert made["type"] == "dataset"
    assert made["extra_values"]["a"] == "NaN"
    assert made["extra_values"]["b"] == "-Infinity"
    listed = here.get(f"{here.col}/artifacts", sort_by="a")
    assert [item["id"] for item in listed["items"]] == [made["id"]]


def test_summaries_leave_the_wide_documents_out(here: Tenant) -> None:
    here.create(extra_values={"F1": 1})
    (item,) = here.get(f"{here.col}/artifacts", fields="summary")["items"]
    assert set(item) == ITEM - {"manifest", "file_index"} | {"collection_name", "deployments"}
    (item,) = here.get(f"{here.orb}/artifacts", collection_ids=here.collection)["items"]
    assert set(item) == ITEM | {"collection_name", "deployments"}
    assert item["collection_name"] == "fresh"


def test_a_name_is_looked_up_exactly(here: Tenant) -> None:
    by_name = here.create(name="model")["artifact"]["id"]
    here.create(name="Model")
    here.create(name="model 2")
    named = here.get(f"{here.col}/artifacts", name="model", limit=2)
    assert [item["id"] for item in named["items"]] == [by_name]
    assert named["cursor"] is None
    of_file = here.get(f"{here.col}/artifacts", name="model.fnnx", limit=1)
    assert len(of_file["items"]) == 1
    assert of_file["cursor"] is not None


def test_search_is_contains_in_any_case(here: Tenant) -> None:
    made = here.create(name="Straße 100%", tags=["Prod"])["artifact"]["id"]
    here.create(name="other")
    for search in ("STRASSE", "0%", "prod", "raß"):
        found = here.get(f"{here.col}/artifacts", search=search)["items"]
        assert [item["id"] for item in found] == [made], search
    assert here.get(f"{here.col}/artifacts", search="_%")["items"] == []
    assert len(here.get(f"{here.col}/artifacts", search="FNNX")["items"]) == 2


def test_types_filter(here: Tenant) -> None:
    model = here.create()["artifact"]["id"]
    data = here.create(manifest=DATASET_MANIFEST, file_index={})["artifact"]["id"]
    path = f"{here.col}/artifacts"
    for parameters, wanted in (
        ({"types": ["model"]}, [model]),
        ({"type": "dataset"}, [data]),
        ({"types": ["model", "dataset"]}, [data, model]),
        ({"types": "experiment"}, []),
    ):
        found = here.get(path, **parameters)["items"]
        assert [item["id"] for item in found] == wanted


def test_digests_are_kept(here: Tenant) -> None:
    parts, members = ["A" * 64], {"env.json": "b" * 64}
    created = here.create(part_digests=parts, member_digests=members)
    found = here.get(artifact(here, created))
    assert found["part_digests"] == ["a" * 64]
    assert found["member_digests"] == members
    bad = draft(part_digests=["zz"])
    problem(here.call("POST", f"{here.col}/artifacts", bad), 422, "validation_error")
