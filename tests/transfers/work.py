"""One transfer in a process of its own, so that it can be killed."""

from __future__ import annotations

import asyncio
import os
import sys

from luml.api import AsyncLumlClient, LumlClient, TransferOptions

PLACE = {
    "base_url": os.environ["TEST_BASE_URL"],
    "api_key": os.environ["TEST_API_KEY"],
}
TWO_AT_ONCE = TransferOptions(max_in_flight=2)
SCOPE = {
    name: os.environ[f"TEST_{name.upper()}"] for name in ("organization", "orbit", "collection")
}


def synchronous(verb: str, what: str, target: str) -> None:
    with LumlClient(**PLACE, **SCOPE, transfer=TWO_AT_ONCE) as luml:
        if verb == "upload":
            print(luml.artifacts.upload(what, progress=False).id)
        else:
            luml.artifacts.download(what, target, progress=False)


async def asynchronous(verb: str, what: str, target: str) -> None:
    async with AsyncLumlClient(**PLACE, transfer=TWO_AT_ONCE) as luml:
        await luml.setup_config(**SCOPE)
        if verb == "upload":
            print((await luml.artifacts.upload(what, progress=False)).id)
        else:
            await luml.artifacts.download(what, target, progress=False)


def main(half: str, verb: str, what: str, target: str = "") -> None:
    if half == "sync":
        synchronous(verb, what, target)
    else:
        asyncio.run(asynchronous(verb, what, target))


if __name__ == "__main__":
    main(*sys.argv[1:])
