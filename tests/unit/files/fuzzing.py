"""Files that almost are artifacts."""

from __future__ import annotations

import random

from tests.unit.files.archives import BLOCK, END, base256, octal, seal

FIELDS = {
    "name": (0, 100), "size": (124, 136), "checksum": (148, 156), "kind": (156, 157),
    "magic": (257, 265), "prefix": (345, 500),
}  # fmt: skip
KINDS = b"01234567LKxXgSMVDNA\0\xff"
SIZES = (0, 1, 511, 512, 513, 1 << 20, (1 << 33) - 1, 1 << 33, 1 << 63, (1 << 88) - 1, -1, -1024)
TOKENS = (b"[" * 300, b'{"a":' * 80, b"NaN", b"1e999", b'"\\ud800"', b"\xff", b"\0", b"9" * 300)


def mutated(data: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """Return ``data`` with one to four faults."""
    for _ in range(chance.randint(1, 4)):
        data = chance.choice(MUTATIONS)(data, others, chance)
    return data


def flip(data: bytes, _: list[bytes], chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _number in range(chance.choice((1, 1, 8, 64))):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut(data: bytes, _: list[bytes], chance: random.Random) -> bytes:
    end = chance.randint(0, len(data))
    return data[: end - end % BLOCK if chance.random() < 0.5 else end]


def splice(data: bytes, others: list[bytes], chance: random.Random) -> bytes:
    other = chance.choice(others)
    start, length = _block(other, chance), BLOCK * chance.randint(1, 20)
    at = _block(data, chance)
    rest = at + (length if chance.random() < 0.5 else 0)
    return data[:at] + other[start : start + length] + data[rest:]


def edit_header(data: bytes, _: list[bytes], chance: random.Random) -> bytes:
    """Change a field of a header and make its checksum fit, most times."""
    places = [
        at for at in range(0, len(data) - BLOCK, BLOCK) if data[at + 257 : at + 262] == b"ustar"
    ]
    if not places:
        return data
    at = chance.choice(places)
    block = data[at : at + BLOCK]
    start, end = FIELDS[chance.choice(list(FIELDS))]
    block = block[:start] + _value(end - start, chance) + block[end:]
    return data[:at] + (seal(block) if chance.random() < 0.9 else block) + data[at + BLOCK :]


def edit_text(data: bytes, _: list[bytes], chance: random.Random) -> bytes:
    """Put something else into the first blocks of data, where the JSON is."""
    at = chance.randrange(min(len(data), 8 * BLOCK) + 1)
    token = chance.choice(TOKENS)
    return data[:at] + token + data[at + len(token) :]


def end_early(data: bytes, _: list[bytes], chance: random.Random) -> bytes:
    at = _block(data, chance)
    return data[:at] + END[: chance.choice((BLOCK, 2 * BLOCK))] + data[at:]


def _value(width: int, chance: random.Random) -> bytes:
    if width == 1:
        return chance.choice(KINDS).to_bytes()
    if width == 12:
        size = chance.choice(SIZES)
        return octal(size) if 0 <= size < 1 << 33 and chance.random() < 0.7 else base256(size)
    pool = (b"../x", b"/x", b"./", b"", b"a\\b", b"\xff\xfe", b"manifest.json", b"meta.json", b"a/")
    return chance.choice((*pool, chance.randbytes(width)))[:width].ljust(width, b"\0")


def _block(data: bytes, chance: random.Random) -> int:
    return BLOCK * chance.randint(0, len(data) // BLOCK)


MUTATIONS = (flip, cut, splice, edit_header, edit_header, edit_header, edit_text, end_early)
