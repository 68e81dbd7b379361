"""What a transfer decides without I/O: parts, pace, pauses, the ledger, bodies of stores."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luml.api import ConfigurationError, TransferOptions
from luml.files.digest import PieceDigests
from luml.transfer import azure, s3
from luml.transfer.attempts import LONGEST_DELAY, delay_before, retry_after
from luml.transfer.ledger import Fetched, Ledger
from luml.transfer.pace import Pace
from luml.transfer.plan import (
    GIB,
    MAX_OBJECT_SIZE,
    MAX_PARTS,
    MIB,
    Plan,
    public_plan,
    session_plan,
)

SIZES = st.integers(min_value=1, max_value=MAX_OBJECT_SIZE)


@given(SIZES)
def test_parts_cover_a_file_without_gap_or_overlap(size: int) -> None:
    for plan in (public_plan(size), session_plan(size)):
        assert 1 <= plan.total <= MAX_PARTS
        first, last = plan.part(1), plan.part(plan.total)
        assert (first.start, last.end) == (0, size - 1)
        if plan.total > 1:
            before = plan.part(plan.total - 1)
            assert before.end + 1 == last.start
            assert before.size == plan.part_size >= last.size


@pytest.mark.parametrize(
    ("size", "part"),
    [
        (600 * MIB, 32 * MIB),
        (GIB, 32 * MIB),
        (GIB + 1, 64 * MIB),
        (5 * GIB, 64 * MIB),
        (10 * GIB, 128 * MIB),
        (100 * GIB, 512 * MIB),
        (5 * 1024 * GIB, GIB),
    ],
)
def test_the_public_plan_is_that_of_the_wire(size: int, part: int) -> None:
    assert public_plan(size).part_size == part


def test_a_part_out_of_range_is_refused() -> None:
    for number in (0, 3):
        with pytest.raises(ValueError, match="1 to 2"):
            Plan(10, 5).part(number)


def test_pace_near_and_far() -> None:
    near, far = Pace(8), Pace(8)
    near.connected(0.0002)
    far.connected(0.05)
    assert (near.limit, far.limit) == (4, 8)
    assert Pace(1).limit == 1


def test_pace_climbs_while_it_helps_and_halves_when_asked() -> None:
    pace = Pace(16)
    now = 0.0
    for seconds in (8.0, 4.0, 2.0):
        for _ in range(pace.limit):
            pace.finished(32 * MIB, now, now + seconds)
        now += seconds
    assert pace.limit == 7
    for _ in range(pace.limit):
        pace.finished(32 * MIB, now, now + 9.0)
    assert pace.limit == 7
    pace.throttled()
    assert pace.limit == 3
    for _ in range(5):
        pace.throttled()
    assert pace.limit == 1


@given(st.integers(min_value=1, max_value=1000), st.floats(min_value=0, max_value=1))
def test_pauses_are_bounded(attempt: int, chance: float) -> None:
    assert 0 <= delay_before(min(attempt, 60), chance) <= LONGEST_DELAY


def test_retry_after_in_both_forms() -> None:
    now = datetime(2026, 11, 24, 8, 0, 0, tzinfo=UTC)
    assert retry_after({"retry-after": "7"}) == 7
    assert retry_after({"retry-after": "Tue, 24 Nov 2026 08:00:30 GMT"}, now) == 30
    assert retry_after({"retry-after": "Tue, 24 Nov 2026 07:00:00 GMT"}, now) == 0
    assert retry_after({"retry-after": "99999"}) == 120
    assert retry_after({"retry-after": "soon"}) is None
    assert retry_after({}) is None


@given(st.sets(st.integers(min_value=1, max_value=10_000)), st.integers(min_value=0))
def test_a_ledger_that_is_cut_anywhere_never_claims_more(done: set[int], cut: int) -> None:
    fetched = Fetched("id", 100, '"etag"', 10)
    text = Ledger.opening(fetched) + b"".join(Ledger.line(number) for number in sorted(done))
    whole = Ledger.read(text)
    assert whole is not None
    assert (whole.fetched, whole.done) == (fetched, done)
    part = Ledger.read(text[: cut % (len(text) + 1)])
    assert part is None or (part.fetched == fetched and part.done <= done)


@given(
    st.binary(min_size=1, max_size=4000),
    st.integers(min_value=1, max_value=700),
    st.integers(min_value=1, max_value=900),
    st.lists(st.integers(min_value=0, max_value=4000), max_size=12),
)
def test_pieces_are_hashed_in_one_pass(
    data: bytes, part_size: int, step: int, cuts: list[int]
) -> None:
    edges = sorted({min(cut, len(data)) for cut in cuts})
    index = {f"m{start}": (start, end - start) for start, end in pairwise(edges)}
    index["empty"] = (edges[0] if edges else 0, 0)
    plan = Plan(len(data), part_size)
    pieces = PieceDigests(plan, index)
    for offset in range(0, len(data), step):
        pieces.update(memoryview(data)[offset : offset + step], offset)
    whole = hashlib.sha256(data).hexdigest()
    digests = pieces.result(whole)
    assert digests.whole == whole
    assert digests.parts == [
        hashlib.sha256(data[part.start : part.start + part.size]).hexdigest()
        for part in plan.parts()
    ]
    assert digests.members == {
        name: hashlib.sha256(data[start : start + size]).hexdigest()
        for name, (start, size) in index.items()
    }


def test_what_s3_says_and_expects() -> None:
    assert s3.upload_id("<a><UploadId> x&amp;y </UploadId></a>") == "x&y"
    assert s3.upload_id("<a/>") is None
    body = s3.complete_body([(2, "b"), (1, '"a<"')]).decode()
    assert body.index("<PartNumber>1<") < body.index("<PartNumber>2<")
    assert "a&lt;" in body
    failed = "<Error><Code>SlowDown</Code><Message>wait &amp; see</Message></Error>"
    assert s3.error_in(failed) == ("SlowDown", "wait & see")
    assert s3.error_in("<CompleteMultipartUploadResult/>") is None


def test_what_azure_expects() -> None:
    assert base64.b64decode(azure.block_id(7)) == b"block-00000007"
    body = azure.block_list([2, 1]).decode()
    assert body.index(azure.block_id(1)) < body.index(azure.block_id(2))


@pytest.mark.parametrize(
    "values",
    [
        {"memory_budget": 1},
        {"max_in_flight": 0},
        {"max_in_flight": 65},
        {"attempts": 0},
        {"stall_timeout": 0},
    ],
)
def test_options_out_of_range_are_named(values: dict[str, int]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(values))):
        TransferOptions(**values)  # type: ignore[arg-type]  # one of several types
