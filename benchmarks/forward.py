"""One direction of a delayed wire: ``forward.py FROM TO SECONDS``, with descriptors of two TUNs.

Every packet that comes out of one interface goes into the other, unchanged and in order, a fixed
time later. The kernel's own TCP works at both ends, so windows, congestion control and segments
are real; no packet is lost but by a queue that is full.
"""

from __future__ import annotations

import os
import select
import sys
import time
from collections import deque

LARGEST = 128 * 1024
AT_ONCE = 64
IDLE_SECONDS = 1.0


def forward(source: int, target: int, delay: float) -> None:
    """Pass packets on until the one who started this is gone."""
    parent = os.getppid()
    waiting: deque[tuple[float, bytes]] = deque()
    while os.getppid() == parent:
        pause = max(0.0, waiting[0][0] - time.monotonic()) if waiting else IDLE_SECONDS
        if select.select([source], [], [], pause)[0]:
            _take(source, delay, waiting)
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            os.write(target, waiting.popleft()[1])


def _take(source: int, delay: float, waiting: deque[tuple[float, bytes]]) -> None:
    due = time.monotonic() + delay
    for _ in range(AT_ONCE):
        try:
            waiting.append((due, os.read(source, LARGEST)))
        except BlockingIOError:
            return


if __name__ == "__main__":
    forward(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
