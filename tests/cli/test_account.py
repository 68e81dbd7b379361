"""login, whoami, and what is needed before."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.conftest import RegistryAddress


def profile(folder: Path) -> Path:
    return folder / "config" / "config.json"


@pytest.mark.parametrize(
    "arguments",
    [["ls"], ["whoami"], ["upload", "a.fnnx"], ["show", "a"], ["orgs"], ["keys"], ["login"]],
    ids=" ".join,
)
def test_nothing_configured(stranger: Command, arguments: list[str]) -> None:
    answer = stranger(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert "LUML_API_KEY" in answer.err
    assert len(answer.err.splitlines()) == 1


def test_login_by_key_on_standard_input(
    stranger: Command, registry: RegistryAddress, tmp_path: Path
) -> None:
    answer = stranger("login", "--base-url", registry.base_url, text=registry.api_key + "\n")
    assert (answer.code, answer.err) == (0, "")
    assert stat.S_IMODE(profile(tmp_path).stat().st_mode) == 0o600
    assert registry.api_key not in answer.out
    assert stranger("whoami", "--json").json["base_url"] == registry.base_url


def test_login_by_credentials_remembers_the_defaults(
    stranger: Command, registry: RegistryAddress, tmp_path: Path
) -> None:
    given = {
        "base_url": registry.base_url,
        "api_key": registry.api_key,
        "organization": registry.organization,
        "orbit": registry.orbit,
        "collection": registry.collection,
    }
    path = tmp_path / "credentials.json"
    path.write_text(json.dumps(given))
    answer = stranger("login", "--credentials", str(path), "--json").json
    assert answer["collection"] == registry.collection
    known = stranger("whoami", "--json").json
    assert known["collection"] == registry.collection
    assert known["user"]["api_key"]["role"] == "admin"
    shown = stranger("whoami").out
    assert registry.base_url in shown
    assert f"({registry.collection})" in shown
    assert stranger("ls").code == 0


def test_login_that_fails_stores_nothing(
    stranger: Command, registry: RegistryAddress, tmp_path: Path
) -> None:
    assert stranger("login", "--base-url", registry.base_url, "--api-key", "luml_no").code == 1
    assert stranger("login", "--base-url", "http://127.0.0.1:1", "--api-key", "k").code == 1
    assert stranger("login", "--base-url", "nonsense", "--api-key", "k").code == 2
    assert stranger("login", "--credentials", "missing.json").code == 2
    assert not profile(tmp_path).exists()


def test_profile_that_is_none(stranger: Command, tmp_path: Path) -> None:
    profile(tmp_path).parent.mkdir()
    profile(tmp_path).write_text("{")
    answer = stranger("ls")
    assert answer.code == 2
    assert "luml login" in answer.err
