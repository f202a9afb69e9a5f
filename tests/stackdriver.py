"""Drives a whole stack through the command `wangge`, as a person would, in a home of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

NAMES = ("intake", "dispatch", "escalation", "analytics")
UP_TIMEOUT_S = 240


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class Stack:
    """A running stack: its home, its addresses, and the command."""

    def __init__(self, home: Path, ports: list[int]) -> None:
        self.home = home
        self.ports = ports
        self.environment = {
            **{k: v for k, v in os.environ.items() if k not in {"WANGGE_KAFKA", "WANGGE_MONGO"}},
            "WANGGE_HOME": str(home),
        }
        self.keys: dict[str, str] = {}

    def run(
        self, *arguments: str, expect: int | None = 0, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run `wangge` with these arguments; fails when the exit status is not the expected one."""
        done = subprocess.run(
            [sys.executable, "-m", "deploy.cli", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if expect is not None:
            assert done.returncode == expect, f"wangge {arguments}:\n{done.stdout}\n{done.stderr}"
        return done

    def up(self, city: str) -> None:
        """Start everything on free ports."""
        intake, dispatch, escalation, analytics, kafka, mongo = map(str, self.ports)
        self.run(
            "up", "--detach", "--city", city,
            "--intake-port", intake, "--dispatch-port", dispatch,
            "--escalation-port", escalation, "--analytics-port", analytics,
            "--kafka-port", kafka, "--mongo-port", mongo,
            timeout=UP_TIMEOUT_S,
        )  # fmt: skip
        self.keys = json.loads((self.home / "keys.json").read_text())

    def status(self) -> dict[str, dict[str, Any]]:
        """The processes by name, as `status --json` tells."""
        answer = self.run("status", "--json", expect=None)
        return {one["name"]: one for one in json.loads(answer.stdout)["processes"]}

    def audit(self) -> dict[str, Any]:
        """What `audit --json` says, whatever its exit status."""
        answer = self.run("audit", "--json", expect=None, timeout=180)
        found: dict[str, Any] = json.loads(answer.stdout)
        assert (answer.returncode == 0) == found["clean"], answer.stderr
        return found

    def kill(self, name: str) -> int:
        """Kill -9 one process of the stack; its pid."""
        pid = int(self.status()[name]["pid"])
        os.kill(pid, signal.SIGKILL)
        return pid

    def url(self, name: str, path: str = "") -> str:
        """The address of a service."""
        return f"http://127.0.0.1:{self.ports[NAMES.index(name)]}{path}"

    def bearer(self, role: str) -> dict[str, str]:
        """The header of a role's development key."""
        return {"Authorization": f"Bearer {self.keys[role]}"}

    def wait_ready(self, name: str, timeout: float = 60) -> None:
        """Wait until a service says that it is ready."""
        self.wait_for(
            lambda: httpx.get(self.url(name, "/readyz"), timeout=5).status_code == 200,
            timeout,
            f"{name} is ready",
        )

    @staticmethod
    def wait_for(condition: Any, timeout: float, what: str) -> Any:  # noqa: ANN401
        """The first true answer of ``condition``; asked again until the deadline."""
        deadline = time.monotonic() + timeout
        last: object = None
        while time.monotonic() < deadline:
            try:
                if found := condition():
                    return found
                last = found
            except (httpx.HTTPError, KeyError, ValueError) as error:
                last = error
            time.sleep(0.05)
        message = f"not within {timeout} s: {what} (last: {last!r})"
        raise AssertionError(message)


@contextmanager
def running(home: Path, city: str = "demo") -> Iterator[Stack]:
    """A stack that runs while the block does."""
    stack = Stack(home, free_ports(6))
    try:
        stack.up(city)
        yield stack
    finally:
        stack.run("down", expect=None)
