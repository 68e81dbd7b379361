"""Arguments, environment and profile."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from luml.api._config import (
    DEFAULT_BASE_URL,
    DEFAULT_MAX_FILE_SIZE,
    Profile,
    check_base_url,
    connection,
    delete_profile,
    load_profile,
    max_file_size,
    needs_profile,
    profile_path,
    save_profile,
)
from luml.errors import ConfigurationError


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"LUML_CONFIG_DIR": str(tmp_path / "deep" / "config")}


def test_profile_is_kept_private(environ: dict[str, str]) -> None:
    assert load_profile(environ) == Profile()
    profile = Profile("http://host", "luml_key", "o", "b", "c")
    path = save_profile(profile, environ)
    assert path == profile_path(environ)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_profile(environ) == profile
    assert "luml_key" not in repr(profile)
    assert save_profile(Profile("http://other", "k"), environ) == path
    assert [file.name for file in path.parent.iterdir()] == ["config.json"]
    assert delete_profile(environ)
    assert not delete_profile(environ)


@pytest.mark.parametrize("content", ["", "nonsense", "[]", "null", "\x00"])
def test_profiles_that_are_none(environ: dict[str, str], content: str) -> None:
    path = profile_path(environ)
    path.parent.mkdir(parents=True)
    path.write_text(content)
    with pytest.raises(ConfigurationError, match="luml login"):
        load_profile(environ)


def test_a_newer_profile_is_read(environ: dict[str, str]) -> None:
    path = profile_path(environ)
    path.parent.mkdir(parents=True)
    path.write_text('{"base_url": "http://h", "new": 1, "api_key": 5}')
    assert load_profile(environ) == Profile("http://h")


def test_order_of_sources(environ: dict[str, str]) -> None:
    save_profile(Profile("http://profile", "profile_key"), environ)
    found = connection(None, None, environ)
    assert (found.base_url, found.api_key) == ("http://profile", "profile_key")
    environ |= {"LUML_BASE_URL": "http://variable/", "LUML_API_KEY": "variable_key"}
    found = connection(None, None, environ)
    assert (found.base_url, found.api_key) == ("http://variable", "variable_key")
    found = connection("https://argument:1/base/v1", "argument_key", environ)
    assert (found.base_url, found.api_key) == ("https://argument:1/base", "argument_key")
    assert "argument_key" not in repr(found)
    assert connection(None, "k", {"LUML_CONFIG_DIR": "/nowhere"}).base_url == DEFAULT_BASE_URL


def test_empty_variables_count_as_unset(environ: dict[str, str]) -> None:
    environ |= {"LUML_BASE_URL": "", "LUML_API_KEY": ""}
    assert needs_profile(None, None, environ)
    with pytest.raises(ConfigurationError, match="No API key is set"):
        connection(None, None, environ)


def test_the_stored_key_goes_to_its_own_registry_alone(environ: dict[str, str]) -> None:
    save_profile(Profile("http://profile", "profile_key"), environ)
    assert connection("http://profile/", None, environ).api_key == "profile_key"
    with pytest.raises(ConfigurationError, match="stored one for http://profile alone"):
        connection("http://elsewhere", None, environ)


def test_no_profile_is_read_where_none_is_needed() -> None:
    assert not needs_profile("http://h", "k", {})
    assert not needs_profile(None, None, {"LUML_BASE_URL": "u", "LUML_API_KEY": "k"})
    assert needs_profile("http://h", None, {})
    assert needs_profile(None, "k", {})


def test_passwords_in_addresses_stay_out_of_errors() -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_base_url("http://user:word@host/?token=secret")
    assert "word" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_largest_file() -> None:
    assert max_file_size(DEFAULT_MAX_FILE_SIZE, {}) == 5_000_000_000
    assert max_file_size(DEFAULT_MAX_FILE_SIZE, {"LUML_MAX_FILE_SIZE": "7"}) == 7
    assert max_file_size(3, {"LUML_MAX_FILE_SIZE": "7"}) == 3
    for text in ("many", "-1"):
        with pytest.raises(ConfigurationError):
            max_file_size(DEFAULT_MAX_FILE_SIZE, {"LUML_MAX_FILE_SIZE": text})
