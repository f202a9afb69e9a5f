"""Ports of this machine: which are free, and who holds those that are not.

Fixed ports lie below 32768: a client that retries a closed port of the ephemeral range can
connect to itself and keep the port from its server.
"""

import contextlib
import errno
import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING

import psutil

from deploy.local.errors import PortBusyError

if TYPE_CHECKING:
    from psutil._ntuples import pconn, sconn

HOST = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """As many different ports as asked for, chosen by the kernel; free a moment ago."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]


def is_free(port: int) -> bool:
    """Whether a server could listen on ``port`` of the loopback interface now.

    Raises:
        OSError: the port cannot be used for another reason, such as a missing permission.
        OverflowError: there is no such port.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def holder(port: int) -> str | None:
    """Who listens on ``port``, as ``name (pid N)``; None where the system does not tell."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return None
    for connection in connections:
        if connection.pid and _listening(connection) == port:
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return None


def listens(pid: int, port: int) -> bool:
    """Whether the process ``pid`` itself listens on ``port``; False also when it is gone."""
    try:
        connections = psutil.Process(pid).net_connections(kind="tcp")
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
    return any(_listening(connection) == port for connection in connections)


def _listening(connection: "sconn | pconn") -> int | None:
    address = connection.laddr
    return address.port if connection.status == psutil.CONN_LISTEN and address else None


def require_free(wanted: Mapping[str, int]) -> None:
    """Check that every port is free, and that no two names want the same.

    Raises:
        PortBusyError: names each port, who wants it and, where known, who has it; or why it cannot
            be used, as those below 1024 by most users.
    """
    seen: dict[int, str] = {}
    english: list[str] = []
    chinese: list[str] = []
    for name, port in wanted.items():
        if port in seen:
            english.append(f"port {port} is wanted by both {seen[port]} and {name}")
            chinese.append(f"端口 {port} 被 {seen[port]} 与 {name} 同时指定")
        elif (trouble := _trouble(name, port)) is not None:
            english.append(trouble[0])
            chinese.append(trouble[1])
        seen.setdefault(port, name)
    if english:
        raise PortBusyError(
            "; ".join(english) + ". Stop who has it, or choose another port (wangge up --help).",
            "；".join(chinese) + "。请停止占用者，或另选端口（wangge up --help）。",
        )


def _trouble(name: str, port: int) -> tuple[str, str] | None:
    """Why ``name`` cannot have ``port``, in both languages; None when it can."""
    try:
        if is_free(port):
            return None
    except (OSError, OverflowError) as error:  # no permission; no such port
        why = str(error).rstrip(".")
        return (
            f"port {port} for {name} cannot be used: {why}",
            f"{name} 的端口 {port} 无法使用：{why}",
        )
    who = holder(port)
    return (
        f"port {port} for {name} is busy" + (f": held by {who}" if who else ""),
        f"{name} 的端口 {port} 已被占用" + (f"：{who}" if who else ""),
    )
