"""Upload sessions and multipart uploads (wire, sections 5 to 7)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree as ET

import httpx2
import pytest

from luml.server.db import uploads
from luml.server.db.tables import uploads as uploads_table
from luml.server.run import RunningServer
from luml.server.services.registry import Registry
from luml.server.services.sweep import sweep
from luml.server.settings import EXTENSIONS, Settings
from luml.transfer.plan import (
    PUBLIC_SINGLE_LIMIT,
    SESSION_SINGLE_LIMIT,
    public_plan,
    session_plan,
)
from tests.contract.support import ORIGINAL, Tenant, add_key, fetch, problem, send

BIG = bytes(1024) * 1024 * 65
DIGEST = hashlib.sha256(BIG).hexdigest()
NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"


def path_of(tenant: Tenant, created: Any) -> str:
    return f"{tenant.col}/artifacts/{created['artifact']['id']}"


def send_part(part: Any, content: bytes) -> dict[str, Any]:
    response = send(part["url"], content[part["start_byte"] : part["end_byte"] + 1])
    assert response.status_code == 200, response.text
    return {"part_number": part["part_number"], "etag": response.headers["etag"]}


def test_a_small_file_is_a_session_of_one_part(here: Tenant) -> None:
    created = here.create(file_hash=None)
    path = path_of(here, created)
    session = here.post(path + "/upload")
    assert (session["parts_total"], session["complete"]) == (1, False)
    (part,) = session["parts"]
    assert (part["start_byte"], part["end_byte"]) == (0, len(ORIGINAL) - 1)
    done = send_part(part, ORIGINAL)
    again = here.post(path + "/upload")
    assert (again["complete"], again["parts"]) == (True, [])
    digest = hashlib.sha256(ORIGINAL).hexdigest()
    body = {"parts": [done], "file_hash": digest, "member_digests": {"a": digest}}
    made = here.post(path + "/upload/complete", body)
    assert (made["status"], made["file_hash"]) == ("uploaded", digest)
    assert made["member_digests"] == {"a": digest}
    assert here.post(path + "/upload/complete", body)["status"] == "uploaded"
    assert here.post(path + "/upload")["complete"] is True
    assert fetch(here.get(path + "/download-url")["url"]).content == ORIGINAL


def test_an_empty_file(here: Tenant) -> None:
    created = here.create(b"")
    session = here.post(path_of(here, created) + "/upload")
    send(session["parts"][0]["url"], b"")
    assert here.post(path_of(here, created) + "/upload/complete")["status"] == "uploaded"


def test_a_large_file_resumes_from_what_the_store_holds(here: Tenant) -> None:
    assert len(BIG) >= SESSION_SINGLE_LIMIT
    created = here.create(BIG, file_hash=None)
    path = path_of(here, created)
    first = here.post(path + "/upload")
    plan = session_plan(len(BIG))
    numbers = [part.number for part in plan.parts()]
    assert (first["part_size"], first["parts_total"]) == (plan.part_size, plan.total)
    assert [part["part_number"] for part in first["parts"]] == numbers
    done = [send_part(first["parts"][1], BIG)]
    early = here.call("POST", path + "/upload/complete", {"parts": done, "file_hash": DIGEST})
    assert f"{plan.total - 1} of {plan.total} parts are missing" in problem(
        early, 409, "upload_incomplete"
    )
    second = here.post(path + "/upload")
    assert second["upload_id"] == first["upload_id"]
    assert [part["part_number"] for part in second["parts_done"]] == [2]
    assert [part["part_number"] for part in second["parts"]] == [1, *numbers[2:]]
    assert here.get(path)["status"] == "pending_upload"
    done += [send_part(part, BIG) for part in second["parts"]]
    wrong = [{**done[0], "etag": "other"}]
    response = here.call("POST", path + "/upload/complete", {"parts": wrong, "file_hash": DIGEST})
    assert "Part 2" in problem(response, 409, "upload_incomplete")
    made = here.post(path + "/upload/complete", {"parts": done, "file_hash": DIGEST})
    assert made["status"] == "uploaded"
    url = here.get(path + "/download-url")["url"]
    assert hashlib.sha256(fetch(url).content).hexdigest() == DIGEST


def test_an_aborted_upload_starts_from_nothing(here: Tenant) -> None:
    created = here.create(BIG)
    path = path_of(here, created)
    first = here.post(path + "/upload")
    send_part(first["parts"][0], BIG)
    here.delete(path + "/upload")
    assert here.get(path)["status"] == "upload_failed"
    second = here.post(path + "/upload")
    assert second["upload_id"] != first["upload_id"]
    assert second["parts_done"] == []
    here.delete(path)


def test_a_file_with_another_digest_is_refused_at_the_end(here: Tenant) -> None:
    created = here.create()
    send(created["upload_details"]["url"], ORIGINAL)
    path = path_of(here, created) + "/upload/complete"
    detail = problem(here.call("POST", path, {"file_hash": "0" * 64}), 409, "upload_incomplete")
    assert "0" * 64 in detail
    problem(here.call("POST", path, {"file_hash": "short"}), 422, "validation_error")


@pytest.mark.parametrize("size", [len(ORIGINAL), len(BIG)])
def test_wrong_bytes_are_sent_again_from_the_first(here: Tenant, size: int) -> None:
    wrong, right = b"x" * size, (ORIGINAL if size < len(BIG) else BIG)
    token = uuid4().hex
    digest = hashlib.sha256(right).hexdigest()
    path = ""
    for content, status in ((wrong, 409), (right, 200)):
        created = here.create(content, file_hash=None, resume_token=token)
        path = path_of(here, created)
        session = here.post(path + "/upload")
        assert (session["complete"], session["parts_done"]) == (False, [])
        done = [send_part(part, content) for part in session["parts"]]
        body = {"parts": done, "file_hash": digest}
        assert here.call("POST", path + "/upload/complete", body).status_code == status
    assert here.get(path)["status"] == "uploaded"


def test_the_same_file_goes_on_where_it_stopped(here: Tenant, parts: Registry) -> None:
    token = uuid4().hex
    first = here.create(file_hash=None, resume_token=token, tags=["a"])
    assert first["resumed"] is False
    again = here.create(file_hash=None, resume_token=token, tags=["b"], description="d")
    assert again["resumed"] is True
    assert again["artifact"]["id"] == first["artifact"]["id"]
    assert (again["artifact"]["tags"], again["artifact"]["description"]) == (["b"], "d")
    assert here.get(here.col)["artifacts_tags"] == ["b"]
    same: dict[str, Any] = {"file_hash": None, "resume_token": token}
    for changes in ({"name": "other"}, {"resume_token": "other"}, {"file_name": "o.fnnx"}):
        fresh = here.create(ORIGINAL, **{**same, **changes})
        assert fresh["resumed"] is False
    assert here.create(b"longer", resume_token=token)["resumed"] is False
    path = path_of(here, first)
    here.patch(path, {"status": "upload_failed"})
    third = here.create(resume_token=token)
    assert (third["resumed"], third["artifact"]["status"]) == (True, "pending_upload")
    send(third["upload_details"]["url"], ORIGINAL)
    here.patch(path, {"status": "uploaded"})
    assert here.create(resume_token=token)["resumed"] is False


def test_a_public_multipart_upload(here: Tenant, other: Tenant, parts: Registry) -> None:
    size = PUBLIC_SINGLE_LIMIT + 1
    created = here.create(size=size)
    details = created["upload_details"]
    assert details["multipart"] is True
    started = httpx2.post(details["url"])
    upload_id = ET.fromstring(started.content).find(f".//{NAMESPACE}UploadId")
    assert upload_id is not None
    body = {
        "bucket_id": details["bucket_secret_id"],
        "bucket_location": details["bucket_location"],
        "size": size,
        "upload_id": upload_id.text,
    }
    sign = "/bucket-secrets/upload/multipart"
    for prefix in ("/v1", ""):
        signed = here.post(prefix + sign, body)
        assert signed["type"] == "s3"
        assert len(signed["parts"]) == public_plan(size).total
        assert signed["parts"][-1]["end_byte"] == size - 1
        assert signed["complete_url"]
    problem(here.call("POST", sign, {**body, "size": size + 1}), 409, "size_mismatch")
    problem(here.call("POST", sign, {**body, "upload_id": None}), 422, "validation_error")
    elsewhere = {**body, "bucket_location": "orbit-x/any"}
    problem(here.call("POST", sign, elsewhere), 404, "artifact_not_found")
    stranger = {**body, "bucket_id": other.get(other.orb)["bucket_secret_id"]}
    problem(here.call("POST", sign, stranger), 404, "secret_not_found")
    problem(other.call("POST", sign, body), 404, "artifact_not_found")
    reader = here.with_key(add_key(parts, here.user, "read"))
    problem(reader.call("POST", sign, body), 403, "not_enough_rights")
    here.delete(path_of(here, created))
    problem(here.call("POST", sign, body), 404, "artifact_not_found")


def test_abandoned_uploads_are_swept(here: Tenant, parts: Registry) -> None:
    small, large, fresh = here.create(), here.create(BIG), here.create()
    session = here.post(path_of(here, large) + "/upload")
    send(small["upload_details"]["url"], ORIGINAL)
    location = small["upload_details"]["bucket_location"]
    assert parts.local_store.find(location) is not None
    with parts.database.write() as connection:
        for created in (small, large):
            artifact_id = created["artifact"]["id"]
            uploads.touch(connection, artifact_id)
            here_it_is = uploads_table.c.artifact_id == artifact_id
            connection.execute(uploads_table.update().where(here_it_is).values(updated_at=1))
    assert sweep(parts) == 2
    assert sweep(parts) == 0
    assert parts.local_store.find(location) is None
    assert here.get(path_of(here, small))["status"] == "upload_failed"
    assert here.get(path_of(here, fresh))["status"] == "pending_upload"
    response = send(session["parts"][0]["url"], BIG[: session["part_size"]])
    assert response.status_code == 404
    again = here.post(path_of(here, large) + "/upload")
    assert again["upload_id"] != session["upload_id"]
    here.delete(path_of(here, large))


@pytest.fixture
def public(tmp_path: Path) -> Iterator[Tenant]:
    """A registry without extensions, as the public one is."""
    settings = Settings(data_dir=tmp_path, extensions=frozenset())
    with RunningServer(settings) as running:
        found = running.credentials
        yield Tenant(
            running.base_url, found.api_key, found.organization, found.orbit, found.collection, ""
        )


def test_without_extensions_the_public_wire_is_left(public: Tenant) -> None:
    problem(public.call("GET", "/v1/server"), 404, "not_found")
    made = public.upload()
    path = f"{public.col}/artifacts/{made['id']}"
    for method, suffix in (("POST", ""), ("POST", "/complete"), ("DELETE", "")):
        problem(public.call(method, f"{path}/upload{suffix}", {}), 404, "not_found")
    response = public.call("POST", f"{public.col}/artifacts", {"file_hash": None})
    problem(response, 422, "validation_error")
    public.create(name="b")
    listed = public.get(f"{public.col}/artifacts", name="b", fields="summary")
    assert len(listed["items"]) == 2
    assert "manifest" in listed["items"][0]
    assert public.get("/healthz") == {"status": "ok"}


def test_extensions_are_announced(home: Tenant) -> None:
    answer = home.get("/v1/server")
    assert set(answer["extensions"]) == EXTENSIONS
    assert answer["name"] == "luml"
    assert answer["limits"]["multipart_from"] == SESSION_SINGLE_LIMIT
