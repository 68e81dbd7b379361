"""The tool that writes the sync half."""

from __future__ import annotations

from tools.unasync import convert

SOURCE = '''\
"""Shows ``await luml.aclose()`` of an AsyncLumlClient."""

import pytest
from luml.api._async.session import AsyncSession
from luml.api._runtime import aio

pytestmark = pytest.mark.anyio


class AsyncThing:
    async def __aenter__(self) -> "AsyncThing":
        async with self.lock:  # await nothing
            items = [item async for item in self.walk()]
            return await (
                self.start(await aio.sleep(1))
            )

    async def aclose(self) -> None:
        text = "an asynchronous await is kept: awaiting"
        await self._http.aclose()
'''

WANTED = '''\
"""Shows ``luml.close()`` of an LumlClient."""

import pytest
from luml.api._sync.session import Session
from luml.api._runtime import threads



class Thing:
    def __enter__(self) -> "Thing":
        with self.lock:  # nothing
            items = [item for item in self.walk()]
            return (
                self.start(threads.sleep(1))
            )

    def close(self) -> None:
        text = "an asynchronous is kept: awaiting"
        self._http.close()
'''


def test_conversion() -> None:
    assert convert(SOURCE) == WANTED


def test_conversion_leaves_sync_code_alone() -> None:
    assert convert(WANTED) == WANTED
