"""Names of files and of members."""

from __future__ import annotations

from pathlib import Path

import pytest

from luml.errors import FileError
from luml.files import check_file_name, check_suffix, read_artifact
from luml.files.names import member_name


@pytest.mark.parametrize(
    "name",
    ["a.fnnx", "a.pyfnx", "a.dfs", "a.luml", "a.tar", "A.FNNX", "v1.2 größe.Luml", "dir.x/a.tar"],
)
def test_suffixes_of_artifacts(name: str) -> None:
    check_suffix(name)


@pytest.mark.parametrize(
    "name", ["a", "a.zip", "a.fnnx.zip", "a.fnnx ", ".fnnx", "a.tar.gz", "fnnx", "", "a."]
)
def test_other_suffixes_are_refused_by_naming_the_right_ones(name: str) -> None:
    with pytest.raises(FileError, match=r"\.fnnx, \.pyfnx, \.dfs, \.luml, \.tar"):
        check_suffix(name)


def test_suffix_is_refused_before_the_file_is_looked_for(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"a\.zip.*suffix"):
        read_artifact(tmp_path / "missing" / "a.zip")


@pytest.mark.parametrize("name", ["a.fnnx", "a b.c.fnnx", "größe.luml", "x" * 250 + ".fnnx"])
def test_file_names_that_a_registry_takes(name: str) -> None:
    check_file_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "a", ".fnnx", "a/b.fnnx", "../a.fnnx", "a\\b.fnnx", "a\n.fnnx", "a\0.fnnx", "a.fn nx",
        "a:b.fnnx", 'a".fnnx', "a*.fnnx", "a`.fnnx", "a~.fnnx", "a#.fnnx", "a%.fnnx", "a;.fnnx",
        "a'.fnnx", "a^.fnnx", "a\x85.fnnx", "\udc80.fnnx", "x" * 251 + ".fnnx", "ö" * 126 + ".luml",
    ],
)  # fmt: skip
def test_file_names_that_no_registry_takes(name: str) -> None:
    with pytest.raises(FileError, match="file name"):
        check_file_name(name)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"a", "a"),
        (b"a/b.c", "a/b.c"),
        (b"./a", "a"),
        (b"././a/b", "a/b"),
        (b"./", ""),
        (b".", ""),
        (b".keep", ".keep"),
        (b"a/.keep", "a/.keep"),
        (b"..a/b..", "..a/b.."),
        (b"a b=c~d@e+f", "a b=c~d@e+f"),
        ("größe/数据".encode(), "größe/数据"),
        (b"a//b", "a//b"),
        (b"x" * 4096, "x" * 4096),
    ],
)
def test_member_names(raw: bytes, name: str) -> None:
    assert member_name(raw) == name


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b"/a", "absolute"),
        (b".//a", "absolute"),
        (b"C:/a", "absolute"),
        (b"..", r"'\.\.'"),
        (b"../a", r"'\.\.'"),
        (b"a/../b", r"'\.\.'"),
        (b"./../b", r"'\.\.'"),
        (b"a/..", r"'\.\.'"),
        (b"a\\b", "backslash"),
        (b"a\nb", "control"),
        (b"a\x7f", "control"),
        ("a\x85".encode(), "control"),
        (b"a\xff", "UTF-8"),
        ("\ud800".encode(errors="surrogatepass"), "UTF-8"),
        (b"x" * 4097, "longer than 4096"),
    ],
)
def test_member_names_that_are_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(FileError, match=reason):
        member_name(raw)
