"""The public server and client, measured on a machine of two cores: what our numbers stand beside.

CPU is that of the server and its database together. Wall times of another machine compare badly;
compare CPU and ratios.
"""

from __future__ import annotations

from dataclasses import dataclass

SOURCE = "public server, commit ab71e185 (one uvicorn worker, PostgreSQL 15, Python 3.13)"
CLIENT_SOURCE = "published client, luml-api 0.4.0 (Python 3.12)"


@dataclass(frozen=True, slots=True)
class Peer:
    """One kind of request at one size: milliseconds, CPU milliseconds, requests a second."""

    p50: float
    p95: float
    cpu: float
    rate: float


AT_2_000 = {
    "list 100, newest first": Peer(82, 199, 78 + 16, 9.1),
    "list 100, page 11": Peer(78, 194, 76 + 13, 10.0),
    "list 100, by a metric": Peer(117, 241, 131 + 23, 6.5),
    "list 100, by size": Peer(83, 215, 82 + 14, 10.5),
    "list 10": Peer(53, 183, 47 + 13, 21.4),
    "get by id": Peer(45, 65, 36 + 12, 28.2),
    "download URL": Peer(46, 52, 35 + 11, 25.8),
    "collection details": Peer(79, 206, 92 + 15, 9.3),
    "create": Peer(80, 103, 59 + 18, 20.5),
    "organizations": Peer(16, 20, 13 + 2, 88.1),
}
AT_100_000 = {
    "list 100, newest first": Peer(612, 752, 106 + 530, 3.35),
    "list 100, page 11": Peer(578, 595, 78 + 504, 3.29),
    "list 100, by a metric": Peer(3696, 3851, 2860 + 1122, 0.35),
    "list 100, by size": Peer(575, 610, 80 + 502, 3.17),
    "list 10": Peer(548, 574, 52 + 502, 3.60),
    "get by id": Peer(496, 534, 46 + 476, 4.98),
    "download URL": Peer(577, 614, 54 + 554, 3.68),
    "collection details": Peer(3975, 4146, 3502 + 838, 0.29),
    "create": Peer(755, 776, 72 + 670, 3.29),
    "organizations": Peer(65, 79, 12 + 54, 28.96),
}
IMPORT_SECONDS = 0.25
REQUESTS_TO_CONSTRUCT = {"with up to 100 collections": 3, "with 1,000": 12}
