"""Two network namespaces of this machine with a delayed wire between them.

The wire is a veth pair with ``netem`` where the kernel has it; else two TUN interfaces whose
packets a small program passes on after a while. Both need root; the namespaces, the interfaces and
the program go when the context ends.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVER, CLIENT = "10.203.0.1", "10.203.0.2"
QUEUE = 20_000
"""Packets that may wait in an interface or on the wire: more than a second of the fastest run."""
TUN = Path("/dev/net/tun")
SET_INTERFACE, SET_OFFLOAD = 0x400454CA, 0x400454D0
IS_TUN, NO_PACKET_INFO, OFFLOAD_HEADER = 0x0001, 0x1000, 0x4000
CHECKSUMS, SEGMENTS = 0x01, 0x02


class NoLinkError(Exception):
    """There can be no delayed wire here; the message says why."""


@dataclass(frozen=True, slots=True)
class Link:
    """A wire that is up.

    Attributes:
        server_host: The address to listen on.
        server: What runs a command at the server's end.
        client: What runs a command at the client's end.
        method: How the delay is made.
        milliseconds: The delay there and back.
    """

    server_host: str
    server: tuple[str, ...]
    client: tuple[str, ...]
    method: str
    milliseconds: float


@contextmanager
def delayed_link(seconds: float) -> Generator[Link, None, None]:
    """Yield a wire with ``seconds`` of delay each way.

    Raises:
        NoLinkError: No root, no iproute2 that can be installed, or a kernel with neither netem nor
            TUN.
    """
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        raise NoLinkError("network namespaces need Linux and root")
    _need_iproute()
    names = tuple(f"luml-{os.getpid()}-{end}" for end in ("server", "client"))
    with ExitStack() as stack:
        for name in names:
            _ip("netns", "add", name)
            stack.callback(_ip, "netns", "del", name)
            _ip("-n", name, "link", "set", "lo", "up")
        method = _veth(names, seconds) or _tun(names, seconds, stack)
        server, client = (("ip", "netns", "exec", name) for name in names)
        _prove(client)
        yield Link(SERVER, server, client, method, seconds * 2000)


def _need_iproute() -> None:
    if shutil.which("ip") and shutil.which("tc"):
        return
    if not shutil.which("apt-get"):
        raise NoLinkError("iproute2 (ip, tc) is missing")
    print("Installing iproute2 ...", flush=True)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "iproute2"]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        raise NoLinkError("iproute2 (ip, tc) is missing, and apt-get could not install it")


def _ip(*arguments: str) -> None:
    command = ["ip", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoLinkError(f"`{' '.join(command)}`: {done.stderr.strip()}")


def _address(name: str, interface: str, own: str, other: str) -> None:
    _ip("-n", name, "link", "set", interface, "txqueuelen", str(QUEUE), "up")
    _ip("-n", name, "address", "add", own, "peer", other, "dev", interface)


def _ends(names: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    return (names[0], SERVER, CLIENT), (names[1], CLIENT, SERVER)


def _veth(names: tuple[str, ...], seconds: float) -> str | None:
    """Lay a veth pair with netem; None where the kernel has no netem."""
    peer = ("peer", "name", "wire", "netns", names[1])
    _ip("link", "add", "wire", "netns", names[0], "type", "veth", *peer)
    for name, own, other in _ends(names):
        delay = ("netem", "delay", f"{seconds * 1000:g}ms", "limit", str(QUEUE))
        command = ["tc", "-n", name, "qdisc", "add", "dev", "wire", "root", *delay]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            _ip("-n", name, "link", "del", "wire")
            return None
        _address(name, "wire", own, other)
    return "veth with netem"


def _tun(names: tuple[str, ...], seconds: float, stack: ExitStack) -> str:
    """Lay two TUN interfaces and pass their packets on."""
    if not TUN.exists():
        raise NoLinkError("the kernel has neither netem nor TUN")
    descriptors: list[int] = []
    for name, own, other in _ends(names):
        interface = f"luml{os.getpid() % 100_000}{'sc'[len(descriptors)]}"
        descriptor = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
        stack.callback(os.close, descriptor)
        flags = IS_TUN | NO_PACKET_INFO | OFFLOAD_HEADER
        fcntl.ioctl(descriptor, SET_INTERFACE, struct.pack("16sH22x", interface.encode(), flags))
        fcntl.ioctl(descriptor, SET_OFFLOAD, CHECKSUMS | SEGMENTS)
        _ip("link", "set", interface, "netns", name)
        _address(name, interface, own, other)
        descriptors.append(descriptor)
    for source, target in (descriptors, reversed(descriptors)):
        script = Path(__file__).with_name("forward.py")
        process = subprocess.Popen(
            [sys.executable, script, str(source), str(target), str(seconds)],
            pass_fds=descriptors,
        )
        stack.callback(process.wait)
        stack.callback(process.terminate)
    return "two TUN interfaces, each packet passed on later (this kernel has no netem)"


def _prove(client: tuple[str, ...]) -> None:
    """Connect once: a closed port answers at the other end."""
    code = (
        "import socket\n"
        f"try: socket.create_connection(({SERVER!r}, 9), 5)\n"
        "except ConnectionRefusedError: pass"
    )
    if subprocess.run([*client, sys.executable, "-c", code], check=False).returncode:
        raise NoLinkError("nothing gets through the wire")
