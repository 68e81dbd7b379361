"""What a start makes of a directory, and the server's own routes."""

from __future__ import annotations

import json
import multiprocessing
import stat
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from luml.server.bootstrap import BootstrapError, Credentials, prepare, write_credentials
from luml.server.databases import DATABASE_FILE
from luml.server.db.engine import open_database, sqlite_url
from luml.server.run import RunningServer
from luml.server.settings import Settings
from tests.contract.support import Tenant


def private(path: Path) -> bool:
    return stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_second_start_keeps_the_key(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new" / "dir")
    first = prepare(settings)
    assert prepare(settings) == first
    folder = tmp_path / "new" / "dir"
    assert not (folder / "credentials.json").exists(), "it appears with the address, not before"
    assert private(folder / ".credentials.json")
    path = write_credentials(settings, first, "http://somewhere:1")
    assert json.loads(path.read_text()) == {
        "base_url": "http://somewhere:1",
        "api_key": first.api_key,
        "organization": first.organization,
        "orbit": first.orbit,
        "collection": first.collection,
    }
    assert private(path)
    assert sorted(entry.name for entry in folder.glob("*cred*")) == ["credentials.json"]
    assert prepare(settings) == first
    assert private(folder / "secret.key")
    assert first.api_key.encode() not in (folder / DATABASE_FILE).read_bytes()


@pytest.mark.parametrize("content", [None, "", "[]", '{"api_key": "luml_other"}'])
def test_a_lost_key_is_made_anew(tmp_path: Path, content: str | None) -> None:
    settings = Settings(data_dir=tmp_path)
    first = prepare(settings)
    path = write_credentials(settings, first, "http://somewhere:1")
    path.unlink() if content is None else path.write_text(content)
    second = prepare(settings)
    assert second.renewed
    assert second.api_key != first.api_key
    assert (second.organization, second.collection) == (first.organization, first.collection)
    assert not prepare(settings).renewed


def start(path: Path) -> Credentials:
    return prepare(Settings(data_dir=path))


def test_many_processes_start_at_once(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(4, mp_context=spawn) as pool:
        found = list(pool.map(start, [tmp_path / "shared"] * 4))
    assert len(set(found)) == 1


def one_line(settings: Settings) -> str:
    with pytest.raises(BootstrapError) as caught:
        prepare(settings)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_directories_that_cannot_be_served(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "file" in one_line(Settings(data_dir=tmp_path / "file"))
    assert "file" in one_line(Settings(data_dir=tmp_path / "file" / "below"))
    newer = tmp_path / "newer"
    newer.mkdir()
    (newer / "version").write_text("2\n")
    assert "newer version" in one_line(Settings(data_dir=newer))
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / DATABASE_FILE).write_text("no database" * 1000)
    assert "database" in one_line(Settings(data_dir=broken))


def test_a_schema_of_the_future_is_refused(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    prepare(settings)
    database = open_database(sqlite_url(tmp_path / DATABASE_FILE))
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    assert "newer version" in one_line(settings)


def test_the_settings_of_a_connection(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path / "x.db"))
    with database.read() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    database.close()
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
    assert settings == expected


def test_docs_work_offline(home: Tenant) -> None:
    page = httpx2.get(home.base_url + "/docs")
    assert page.status_code == 200
    assert "http://" not in page.text
    assert "https://" not in page.text
    for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert f"/docs/files/{name}" in page.text
        assert httpx2.get(f"{home.base_url}/docs/files/{name}").status_code == 200
    document = httpx2.get(home.base_url + "/openapi.json").json()
    assert document["security"] == [{"key": []}]
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    for path, methods in document["paths"].items():
        assert path.startswith("/v1/")
        for operation in methods.values():
            body = operation.get("requestBody")
            if body is not None:
                reference = body["content"]["application/json"]["schema"]["$ref"]
                assert reference.rpartition("/")[2] in document["components"]["schemas"]


def test_lists_of_names_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUML_TRUSTED_PROXIES", "10.0.0.1, 10.0.0.2")
    monkeypatch.setenv("LUML_EXTENSIONS", "")
    settings = Settings()
    assert settings.trusted_proxies == {"10.0.0.1", "10.0.0.2"}
    assert settings.extensions == frozenset()


def test_health(home: Tenant) -> None:
    response = httpx2.get(home.base_url + "/healthz")
    assert response.status_code == 200
    assert response.headers["x-request-id"]


def test_urls_carry_the_address_by_which_the_client_came(tmp_path: Path) -> None:
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "models.example.com"}
    cases: list[tuple[dict[str, Any], dict[str, str], str]] = [
        ({}, {"Host": "box:99"}, "http://box:99/"),
        ({}, forwarded, "http://127.0.0.1"),
        ({"trusted_proxies": {"127.0.0.1"}}, forwarded, "https://models.example.com/"),
        (
            {"trusted_proxies": {"127.0.0.1"}},
            {**forwarded, "X-Forwarded-Port": "8443"},
            "https://models.example.com:8443/",
        ),
        ({"public_url": "https://r.example.com/x/"}, forwarded, "https://r.example.com/x/_store/"),
    ]
    for changes, headers, expected in cases:
        settings = Settings(data_dir=tmp_path, **changes)
        with RunningServer(settings) as running:
            found = running.credentials
            place = (found.organization, found.orbit, found.collection)
            tenant = Tenant(running.base_url, found.api_key, *place, "")
            body = {"type": "s3", "endpoint": "local", "bucket_name": "b", "region": "r"}
            urls = tenant.post("/v1/bucket-secrets/urls", body, headers=headers)
            assert urls["presigned_url"].startswith(expected)
