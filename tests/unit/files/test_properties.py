"""Whatever tar a writer makes, the index is where its bytes are."""

from __future__ import annotations

import io
import os
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luml.files import read_artifact
from tests.unit.files.archives import (
    BLOCK,
    END,
    V7,
    base256,
    dataset,
    header,
    member,
    padded,
    pax,
    write,
)

GIB = 1 << 30
Members = list[tuple[str, bytes]]

_WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="/\\"), min_size=1
).filter(lambda word: word not in {".", ".."} and not (len(word) == 2 and word[1] == ":"))
_SHORT_WORDS = st.text("abcXYZ019_-.", min_size=1, max_size=20).filter(
    lambda word: word not in {".", ".."}
)


def _joined(words: st.SearchStrategy[str], most: int) -> st.SearchStrategy[str]:
    return st.lists(words, min_size=1, max_size=most).map("/".join)


_LONG = st.tuples(_SHORT_WORDS, st.integers(1, 200)).map(lambda pair: pair[0] * pair[1])
_NAMES = st.one_of(_joined(_SHORT_WORDS, 4), _joined(_WORDS, 4), _joined(_LONG, 3)).filter(
    lambda name: len(name.encode()) <= 4096 and not name.startswith(("manifest", "meta"))
)
_DATA = st.one_of(st.just(b""), st.binary(max_size=1200), st.just(b"x" * BLOCK))


@st.composite
def member_lists(draw: st.DrawFn, names: st.SearchStrategy[str] = _NAMES) -> Members:
    """Members, some of which repeat the name of another."""
    members: Members = draw(st.lists(st.tuples(names, _DATA), max_size=12))
    repeats: bool = draw(st.booleans())
    if members and repeats:
        members.append((draw(st.sampled_from(members))[0], draw(_DATA)))
    return members


def packed(members: Members, tar_format: int, mtime: float) -> bytes:
    """Pack with the library that every public writer uses."""
    buffer = io.BytesIO(dataset(end=b""))
    buffer.seek(0, os.SEEK_END)
    with tarfile.open(fileobj=buffer, mode="w", format=tar_format) as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), mtime  # a fraction makes a PAX header
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def check(content: bytes, members: Members) -> None:
    """Check the index of ``content`` against the members, of which the last of a name counts."""
    with tempfile.TemporaryDirectory() as directory:
        found = read_artifact(write(Path(directory), content))
    index = {name: place for name, place in found.file_index.items() if name != "manifest.json"}
    assert {
        name: content[offset : offset + size] for name, (offset, size) in index.items()
    } == dict(members)


@settings(max_examples=120, deadline=None)
@given(member_lists(), st.sampled_from([0, 1.5]))
def test_pax(members: Members, mtime: float) -> None:
    check(packed(members, tarfile.PAX_FORMAT, mtime), members)


@settings(max_examples=120, deadline=None)
@given(member_lists())
def test_gnu(members: Members) -> None:
    check(packed(members, tarfile.GNU_FORMAT, 0), members)


@settings(max_examples=80, deadline=None)
@given(member_lists(_joined(st.text("abc0_-", min_size=1, max_size=60), 4)))
def test_ustar(members: Members) -> None:
    try:
        content = packed(members, tarfile.USTAR_FORMAT, 0)
    except ValueError:  # such a name fits no prefix
        return
    check(content, members)


@settings(max_examples=80, deadline=None)
@given(member_lists(_joined(_SHORT_WORDS, 4)))
def test_v7(members: Members) -> None:
    check(dataset(*(member(name.encode(), data, magic=V7) for name, data in members)), members)


@settings(max_examples=60, deadline=None)
@given(member_lists(), st.lists(st.sampled_from(["5", "1", "2", "6"]), max_size=5))
def test_links_and_directories_between(members: Members, kinds: list[str]) -> None:
    others = b"".join(header(b"other", kind=kind.encode()) for kind in kinds)
    content = packed(members, tarfile.PAX_FORMAT, 0)
    check(dataset(others, content[len(dataset(end=b"")) :], end=b""), members)


def _binary_size(name: bytes, size: int) -> bytes:
    return header(name, size_field=base256(size))


def _pax_size(name: bytes, size: int) -> bytes:
    return pax((b"size", str(size).encode())) + header(name)


@pytest.mark.parametrize("front", [_binary_size, _pax_size])
@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 40 * GIB), min_size=1, max_size=5))
def test_members_over_8_gib(front: Callable[[bytes, int], bytes], sizes: list[int]) -> None:
    expected: dict[str, tuple[int, int]] = {}
    with tempfile.TemporaryDirectory() as directory:
        path = write(Path(directory), dataset(end=b""))
        with path.open("r+b") as file:
            for number, size in enumerate(sizes):
                start = file.seek(0, os.SEEK_END)
                before = front(f"big-{number}".encode(), size)
                file.write(before)
                expected[f"big-{number}"] = (start + len(before), size)
                file.truncate(start + len(before) + -(-size // BLOCK) * BLOCK)
            file.seek(0, os.SEEK_END)
            file.write(END)
        found = read_artifact(path, max_file_size=1 << 40).file_index
    del found["manifest.json"]
    assert found == expected


@settings(max_examples=60, deadline=None)
@given(member_lists(_joined(_SHORT_WORDS, 3)))
def test_order_is_of_no_matter(members: Members) -> None:
    front = b"".join(member(name.encode()[:99], data) for name, data in members)
    shortened = [(name[:99], data) for name, data in members]
    check(front + dataset(), shortened)


def test_padding_is_part_of_no_member(tmp_path: Path) -> None:
    content = dataset(header(b"a", 3), padded(b"abc"), member(b"b", b"d"))
    index = read_artifact(write(tmp_path, content)).file_index
    assert index["b"][0] - index["a"][0] == 2 * BLOCK
