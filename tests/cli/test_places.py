"""collections, orbits, orgs, keys."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Command
from tests.conftest import RegistryAddress


def test_collections(luml: Command) -> None:
    made = luml("collections", "create", "Zebra 1", "--type", "model", "--tag", "a", "--json").json
    assert (made["type"], made["tags"]) == ("model", ["a"])
    assert made["id"] in luml("collections").out
    assert [one["id"] for one in luml("collections", "--search", "zebra 1", "--json").json] == [
        made["id"]
    ]
    assert luml("collections", "update", "Zebra 1", "--name", "C 2").code == 0
    assert luml("collections", "show", "C 2", "--json").json["id"] == made["id"]
    assert "model" in luml("collections", "show", made["id"]).out
    assert luml("collections", "rm", "C 2", "--json").json == {"deleted": [made["id"]]}
    missing = luml("collections", "show", "C 2")
    assert (missing.code, missing.err) == (1, "luml: Collection 'C 2' was not found.\n")


def test_orbits(luml: Command) -> None:
    made = luml("orbits", "create", "O 1", "--json").json
    try:
        assert made["id"] in luml("orbits").out
        assert luml("orbits", "update", "O 1", "--name", "O 2", "--json").json["name"] == "O 2"
        assert made["bucket_secret_id"] in luml("orbits", "show", "O 2").out
        unsaid = luml("ls", LUML_COLLECTION="")
        assert (unsaid.code, unsaid.out) == (2, "")
        assert "--orbit or set LUML_ORBIT" in unsaid.err
    finally:
        assert luml("orbits", "rm", made["id"]).code == 0
    assert luml("orbits", "show", "O 2").code == 1


def test_organizations(luml: Command, registry: RegistryAddress) -> None:
    (only,) = luml("orgs", "--json").json
    assert only["id"] == registry.organization
    assert only["name"] in luml("orgs", "show", only["id"]).out
    assert luml("orgs", "show", "nope").code == 1


def test_keys(luml: Command, stranger: Command, registry: RegistryAddress) -> None:
    made = luml("keys", "create", "ci", "--role", "read", "--days", "2", "--json").json
    listed = {one["id"]: one for one in luml("keys", "--json").json}
    assert listed[made["id"]]["role"] == "read"
    assert "key" not in listed[made["id"]]
    mine = {"LUML_BASE_URL": registry.base_url, "LUML_API_KEY": made["key"]}
    assert stranger("orgs", **mine).code == 0
    assert "403" in stranger("collections", "create", "x", **mine).err
    assert luml("keys", "revoke", "ci").code == 0
    turned_away = stranger("orgs", **mine)
    assert (turned_away.code, turned_away.out) == (1, "")
    assert luml("keys", "revoke", "ci").code == 1


def test_key_of_one_orbit(luml: Command, registry: RegistryAddress) -> None:
    made = luml("keys", "create", "narrow", "--orbit", registry.orbit, "--json").json
    assert (made["organization_id"], made["orbit_id"]) == (registry.organization, registry.orbit)
    text_only = luml("keys", "create", "another")
    assert text_only.out.startswith("luml_")
    assert len(text_only.out.splitlines()) == 1
    assert luml("keys", "revoke", made["id"]).code == 0
    assert luml("keys", "revoke", "another").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["collections", "create"],
        ["collections", "create", "x", "--type", "pictures"],
        ["collections", "update", "x"],
        ["collections", "frobnicate"],
        ["orbits", "update", "x"],
        ["orbits", "--nonsense"],
        ["keys", "create", "x", "--role", "king"],
        ["keys", "create", "x", "--days", "0"],
        ["keys", "revoke"],
    ],
    ids=" ".join,
)
def test_usage_errors(luml: Command, arguments: list[str]) -> None:
    answer = luml(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err
