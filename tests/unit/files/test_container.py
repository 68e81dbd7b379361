"""The container, rule by rule (format, sections 1, 7 and 9)."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
from pathlib import Path

import pytest

from luml.errors import FileError
from luml.files import read_artifact
from luml.files.limits import (
    BLOCK_SIZE,
    MAX_EXTENSION_BYTES,
    MAX_EXTENSIONS_BYTES,
    MAX_HEADERS,
    MAX_MEMBERS,
    MAX_SPARE_EXTENSIONS,
)
from tests.unit.files.archives import (
    BLOCK,
    END,
    GNU,
    V7,
    base256,
    dataset,
    header,
    long_name,
    member,
    octal,
    pax,
    pax_raw,
    seal,
    write,
)

HUGE = 1 << 70


def index_of(directory: Path, content: bytes) -> dict[str, tuple[int, int]]:
    return read_artifact(write(directory, content)).file_index


def refusal(directory: Path, content: bytes) -> str:
    path = write(directory, content)
    with pytest.raises(FileError) as caught:
        read_artifact(path)
    assert str(path) in caught.value.message
    return caught.value.message


DAMAGED = seal(b"x".ljust(BLOCK, b"\0"))[:200] + b"!" + bytes(BLOCK - 201)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (gzip.compress(dataset()), "compressed (gzip)"),
        (bz2.compress(dataset()), "compressed (bzip2)"),
        (lzma.compress(dataset()), "compressed (xz)"),
        (b"\x28\xb5\x2f\xfd" + bytes(BLOCK), "compressed (zstd)"),
        (b"PK\x03\x04" + bytes(BLOCK), "compressed (zip)"),
        (b"hello" * 200, "not a tar"),
        (b"hello", "not a tar"),
        (END, "no manifest.json"),
        (END[:BLOCK], "truncated"),
        (member(b"a") + END, "no manifest.json"),
        (dataset(end=b""), "without an end marker"),
        (dataset(end=END[:BLOCK]), "without an end marker"),
        (dataset(end=END[:-1]), "without an end marker"),
        (dataset(end=END[:BLOCK] + member(b"a") + END), "one zero block"),
        (dataset(DAMAGED), "damaged"),
        (dataset(header(b"big", 5000)), "'big' of 5000 bytes goes"),
        (dataset(header(b"big", 513), bytes(BLOCK), end=b""), "past the end"),
        (dataset(header(b"big", size_field=base256(HUGE))), "past the end"),
        (dataset(header(b"neg", size_field=base256(-1024))), "'neg': its size is negative"),
        (dataset(header(b"neg", size_field=b"-0000001024\0")), "not a number"),
        (dataset(header(b"a", size_field=b"0x10\0".ljust(12, b"\0"))), "not a number"),
        (dataset(header(b"a", size_field=b"1_0\0".ljust(12, b"\0"))), "not a number"),
        (dataset(header(b"a", size_field=b"99\0".ljust(12, b"\0"))), "not a number"),
        (dataset(header(b"a", size_field=b"\0000000000010")), "not a number"),
        (dataset(member(b"s", b"data", b"S", magic=GNU)), "'s' is sparse"),
        (dataset(pax((b"GNU.sparse.major", b"1")), member(b"s", b"data")), "sparse"),
        (dataset(pax((b"GNU.sparse.size", b"1"), kind=b"g"), member(b"s")), "sparse"),
        (dataset(member(b"m", b"data", b"M")), "another volume"),
        (dataset(header(b"d", 512, b"5"), bytes(BLOCK)), "directory with a size"),
        (dataset(header(b"l", 512, b"1"), bytes(BLOCK)), "hard link with a size"),
        (dataset(header(b"")), "empty name"),
        (dataset(header(b"/etc/passwd")), "absolute"),
        (dataset(header(b"../x", kind=b"5")), "'..'"),
        (dataset(header(b".")), "name is that of a directory"),
        (dataset(header(b"a/.")), "name is that of a directory"),
        (dataset(pax((b"path", b"")), member(b"a")), "empty name"),
        (dataset(pax((b"path", b"a\0b")), member(b"a")), "control"),
        (dataset(pax((b"path", b"x" * 4097)), member(b"a")), "longer than 4096"),
        (dataset(pax((b"path", b"\xff")), member(b"a")), "UTF-8"),
        (dataset(pax((b"size", b"-1")), member(b"a")), "size of '-1'"),
        (dataset(pax((b"size", b"")), member(b"a")), "size of ''"),
        (dataset(pax((b"size", b"9" * 5000)), member(b"a")), "which is none"),
        (dataset(pax((b"size", b"9" * 19)), member(b"a")), "past the end"),
        (dataset(pax_raw(b"99 path=a\n"), member(b"a")), "damaged at its byte 0"),
        (dataset(pax_raw(b"0 path=a\n"), member(b"a")), "damaged at its byte 0"),
        (dataset(pax_raw(b"-9 path=a\n"), member(b"a")), "damaged at its byte 0"),
        (dataset(pax_raw(b"10 path=abc\n"), member(b"a")), "damaged at its byte 0"),
        (dataset(pax_raw(b"7 path\n"), member(b"a")), "damaged at its byte 0"),
        (dataset(pax_raw(b"5 =a\n"), member(b"a")), "damaged at its byte 0"),
        (dataset(pax_raw(b"9 path=a\nxx"), member(b"a")), "damaged at its byte 9"),
        (dataset(pax((b"mtime", b"1.5"))), "before its member"),
        (dataset(pax((b"a", b"b")), pax((b"c", b"d")), member(b"a")), "Two extended headers"),
        (dataset(long_name(b"a"), pax((b"path", b"b")), member(b"c")), "two names"),
        (dataset(long_name(b"")), "empty name"),
        (dataset(long_name(b"x" * 5000), member(b"a")), "longer than 4096"),
        (dataset(pax_raw(bytes(MAX_EXTENSION_BYTES + 1)), member(b"a")), "too big"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    assert reason in refusal(tmp_path, content)


def test_a_header_that_only_looks_compressed_is_a_tar(tmp_path: Path) -> None:
    assert "BZh" in index_of(tmp_path, member(b"BZh") + dataset())


@pytest.mark.parametrize("kind", [b"1", b"2", b"3", b"4", b"5", b"6", b"V", b"Z", b"D"])
def test_only_regular_files_are_in_the_index(tmp_path: Path, kind: bytes) -> None:
    found = index_of(tmp_path, dataset(member(b"other", kind=kind), member(b"a", b"data")))
    assert sorted(found) == ["a", "manifest.json"]


@pytest.mark.parametrize("kind", [b"0", b"\0", b"7"])
def test_kinds_of_regular_files(tmp_path: Path, kind: bytes) -> None:
    content = dataset(member(b"a", b"data", kind))
    offset, size = index_of(tmp_path, content)["a"]
    assert content[offset : offset + size] == b"data"


def test_data_of_an_unknown_kind_is_skipped(tmp_path: Path) -> None:
    content = dataset(member(b"other", member(b"inner", b"data"), b"Q"), member(b"a", b"data"))
    assert sorted(index_of(tmp_path, content)) == ["a", "manifest.json"]


def test_directory_of_the_archive_itself_and_old_directories(tmp_path: Path) -> None:
    content = dataset(header(b"./", kind=b"5"), header(b"old/", kind=b"\0"), member(b"./a/b"))
    assert sorted(index_of(tmp_path, content)) == ["a/b", "manifest.json"]


def test_manifest_packed_from_a_directory(tmp_path: Path) -> None:
    content = dataset().replace(b"manifest.json\0\0", b"./manifest.json", 1)
    content = seal(content[:BLOCK]) + content[BLOCK:]
    assert list(index_of(tmp_path, content)) == ["manifest.json"]


def test_last_of_a_repeated_name_wins(tmp_path: Path) -> None:
    content = dataset(member(b"a", b"first"), member(b"b"), member(b"./a", b"last"))
    offset, size = index_of(tmp_path, content)["a"]
    assert content[offset : offset + size] == b"last"


def test_bytes_after_the_end_marker_do_not_count(tmp_path: Path) -> None:
    found = read_artifact(write(tmp_path, dataset(end=END + b"anything" * 100)))
    assert list(found.file_index) == ["manifest.json"]
    assert found.size == found.path.stat().st_size


@pytest.mark.parametrize(
    ("pieces", "name"),
    [
        ((member(b"a", magic=V7),), "a"),
        ((header(b"a", prefix=b"p/q"),), "p/q/a"),
        ((header(b"a", magic=GNU, prefix=octal(1)),), "a"),
        ((header(b"a", magic=V7, prefix=b"p"),), "a"),
        ((long_name(b"n" * 300), member(b"a", magic=GNU)), "n" * 300),
        ((long_name(b"t", b"K"), long_name(b"n" * 300), member(b"a", magic=GNU)), "n" * 300),
        ((pax((b"path", "größe".encode())), member(b"a")), "größe"),
        ((pax((b"path", b"b"), (b"path", b"c")), member(b"a")), "c"),
        ((pax((b"path", b"b"), kind=b"X"), member(b"a")), "b"),
        ((pax((b"path", b"b")), member(b"")), "b"),
        ((pax((b"comment", b"x"), kind=b"g"), member(b"a")), "a"),
        ((pax((b"path", b"b"), kind=b"g"), pax((b"path", b"c")), member(b"a")), "c"),
        ((pax((b"path", b"b"), kind=b"g"), member(b"a")), "b"),
        ((long_name(b"n"), pax((b"path", b"n")), member(b"a")), "n"),
    ],
)
def test_where_a_name_comes_from(tmp_path: Path, pieces: tuple[bytes, ...], name: str) -> None:
    assert sorted(index_of(tmp_path, dataset(*pieces))) == sorted(["manifest.json", name])


@pytest.mark.parametrize(
    "front",
    [
        header(b"a", size_field=base256(600)),
        header(b"a", size_field=b"       1130 "),
        header(b"a", size_field=b"1130".ljust(12, b"\0")),
        pax((b"size", b"600")) + header(b"a"),
        pax((b"size", b"600"), kind=b"g") + header(b"a"),
    ],
)
def test_where_a_size_comes_from(tmp_path: Path, front: bytes) -> None:
    content = dataset(front, bytes(1024), pax((b"size", b"1")), member(b"b", b"x"))
    offset, size = index_of(tmp_path, content)["a"]
    assert (offset, size) == (1024 + len(front), 600)


def test_global_size_holds_until_another_one(tmp_path: Path) -> None:
    start = pax((b"size", b"3"), kind=b"g") + member(b"a", b"abc") + header(b"b") + bytes(BLOCK)
    content = dataset(start, pax((b"size", b"0"), kind=b"g"), header(b"c"))
    assert {name: size for name, (_, size) in index_of(tmp_path, content).items()} == {
        "manifest.json": 143, "a": 3, "b": 3, "c": 0
    }  # fmt: skip


def test_checksum_of_signed_bytes_as_old_writers_made_it(tmp_path: Path) -> None:
    block = header("größe".encode())
    signed = sum(byte - 256 if byte > 127 else byte for byte in block)
    signed += 8 * 0x20 - sum(block[148:156])
    old = block[:148] + b"%06o\0 " % signed + block[156:]
    assert "größe" in index_of(tmp_path, dataset(old))


def test_faults_of_the_path(tmp_path: Path) -> None:
    cases = {
        tmp_path / "missing.luml": "No such file",
        tmp_path / "file.luml" / "b.luml": "Not a directory",
        tmp_path / "directory.luml": "a directory",
        tmp_path / "pipe.luml": "not a regular file",
        tmp_path / "empty.luml": "empty",
        tmp_path / "loop.luml": "symbolic links",
    }
    write(tmp_path, dataset(), "file.luml")
    write(tmp_path, b"", "empty.luml")
    (tmp_path / "directory.luml").mkdir()
    os.mkfifo(tmp_path / "pipe.luml")
    (tmp_path / "loop.luml").symlink_to("loop.luml")
    for path, reason in cases.items():
        with pytest.raises(FileError, match=reason) as caught:
            read_artifact(path)
        assert str(path) in caught.value.message


def test_path_that_is_none() -> None:
    with pytest.raises(FileError, match="not a path"):
        read_artifact("a\0b/c.luml")


def test_unreadable_device() -> None:
    with pytest.raises(FileError, match=r"null.*suffix"):
        read_artifact("/dev/null")


def test_file_over_the_limit(tmp_path: Path) -> None:
    path = write(tmp_path, dataset())
    size = path.stat().st_size
    assert read_artifact(path, max_file_size=size).size == size
    with pytest.raises(FileError, match=f"has {size} bytes.*LUML_MAX_FILE_SIZE"):
        read_artifact(path, max_file_size=size - 1)


def test_five_gigabytes_are_the_limit_unless_said_otherwise(tmp_path: Path) -> None:
    path = write(tmp_path, dataset())
    os.truncate(path, 5_000_000_001)
    with pytest.raises(FileError, match="5000000000 allowed"):
        read_artifact(path)
    os.truncate(path, 5_000_000_000)
    assert read_artifact(path).size == 5_000_000_000


def test_members_up_to_the_limit(tmp_path: Path) -> None:
    more = header(b"a") * (MAX_MEMBERS - 1)
    assert len(index_of(tmp_path, dataset(more))) == 2
    assert f"more than {MAX_MEMBERS:,} members" in refusal(tmp_path, dataset(more, header(b"b")))


def test_headers_up_to_the_limit(tmp_path: Path) -> None:
    block = pax((b"comment", b""), kind=b"g")
    content = dataset(block * MAX_SPARE_EXTENSIONS, member(b"a"))
    assert "a" in index_of(tmp_path, content)
    content = dataset(block * (MAX_SPARE_EXTENSIONS + 3), member(b"a"))
    assert "extended ones without members" in refusal(tmp_path, content)
    three = long_name(b"target", b"K") + long_name(b"name") + header(b"a", kind=b"2", magic=GNU)
    content = dataset(three * (MAX_HEADERS // 3 + 1))
    assert f"more than {MAX_HEADERS:,} headers" in refusal(tmp_path, content)


def test_extensions_up_to_the_limit(tmp_path: Path) -> None:
    full = pax((b"comment", b"x" * (MAX_EXTENSION_BYTES - 20)), kind=b"g")
    count = MAX_EXTENSIONS_BYTES // (MAX_EXTENSION_BYTES - BLOCK_SIZE) + 2
    assert "too big" in refusal(tmp_path, dataset(full * count))


def test_names_up_to_the_limit(tmp_path: Path) -> None:
    more = pax((b"path", b"x" * 4096)) + header(b"a")
    assert "names take more" in refusal(tmp_path, dataset(more * 4097))


def test_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, dataset())
    identity = read_artifact(path).identity
    os.utime(path, ns=(1, 1))
    assert read_artifact(path).identity != identity
