"""One transfer in a process of its own, so that it can be killed."""

from __future__ import annotations

import asyncio
import os
import sys

from luml.api import AsyncLumlClient, LumlClient, TransferOptions

BASE_URL = os.environ["TEST_BASE_URL"]
API_KEY = os.environ["TEST_API_KEY"]
TWO_AT_ONCE = TransferOptions(max_in_flight=2)
ORGANIZATION, ORBIT, COLLECTION = (
    os.environ[f"TEST_{name}"] for name in ("ORGANIZATION", "ORBIT", "COLLECTION")
)


def synchronous(verb: str, what: str, target: str) -> None:
    with LumlClient(
        BASE_URL, API_KEY, ORGANIZATION, ORBIT, COLLECTION, transfer=TWO_AT_ONCE
    ) as luml:
        if verb == "upload":
            print(luml.artifacts.upload(what, progress=False).id)
        else:
            luml.artifacts.download(what, target, progress=False)


async def asynchronous(verb: str, what: str, target: str) -> None:
    async with AsyncLumlClient(BASE_URL, API_KEY, transfer=TWO_AT_ONCE) as luml:
        await luml.setup_config(organization=ORGANIZATION, orbit=ORBIT, collection=COLLECTION)
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
