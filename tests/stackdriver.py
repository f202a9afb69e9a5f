"""Drives a whole stack through the command `wangge`, as a person would, in a home of its own."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx

from deploy.cli.main import main
from deploy.local import state
from deploy.local.paths import Home
from deploy.local.ports import free_ports
from tests.ports import kafka_port

NAMES = ("intake", "dispatch", "escalation", "analytics")
UP_TIMEOUT_S = 240
LAST_BYTES = 200_000
LAST_WORDS = 15
SERIOUS = (
    *(f'"level": "{level}"' for level in ("warning", "error", "critical")),
    "Unexpected", "WARNING ", "ERROR ", '"s":"E"', '"s":"F"',
)  # fmt: skip
"""What a line has of which a failed test is to tell: in our logs, Kafka's and MongoDB's."""


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
        # One for all requests: to make a client costs more than most requests that it sends.
        self.http = httpx.Client(timeout=10)

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

    def call(self, *arguments: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
        """As `run`, within this process: for what a command does, not for how it is started.

        A process takes a second of work until it has imported what a command needs. The command has
        a thread of its own, for it may run an event loop, and the caller's may have one.
        """
        with ThreadPoolExecutor(1) as thread:
            done = thread.submit(self._call, arguments).result()
        assert done.returncode == expect, f"wangge {arguments}:\n{done.stdout}\n{done.stderr}"
        return done

    def _call(self, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        out, err, status = io.StringIO(), io.StringIO(), 0
        with (
            patch.dict(os.environ, self.environment, clear=True),
            patch.object(sys, "argv", ["wangge", *arguments]),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                main()
            except SystemExit as ended:
                status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())

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

    def entries(self, kind: str) -> list[dict[str, Any]]:
        """The entries of the registry of one kind."""
        items = self.http.get(self.url("intake", f"/v1/registry/{kind}?limit=500")).json()["items"]
        return [one["entry"] for one in items]

    def matters(self) -> list[str]:
        """Codes of matters that are filed as they are reported, with nobody sent to look first."""
        return [
            one["code"]
            for one in self.entries("matter")
            if one["public"] and not any(c["verify_before_filing"] for c in one["conditions"])
        ]

    def audit(self) -> dict[str, Any]:
        """What `audit --json` says, whatever its exit status."""
        answer = self.run("audit", "--json", expect=None, timeout=180)
        found: dict[str, Any] = json.loads(answer.stdout)
        assert (answer.returncode == 0) == found["clean"], answer.stderr
        return found

    def process(self, name: str) -> state.ProcessState:
        """What the supervisor has written last of one process."""
        found = state.read(Home(self.home))
        assert found is not None
        return next(one for one in found.processes if one.name == name)

    def kill(self, name: str) -> int:
        """Kill -9 one process of the stack; its pid."""
        pid = self.process(name).pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        return pid

    def last_words(self) -> dict[str, str]:
        """The last serious lines of all logs: what a failed test is read beside."""
        logs = sorted((self.home / "logs").glob("*.log"))
        return {one.stem: _serious(one) for one in logs}

    def url(self, name: str, path: str = "") -> str:
        """The address of a service."""
        return f"http://127.0.0.1:{self.ports[NAMES.index(name)]}{path}"

    def bearer(self, role: str) -> dict[str, str]:
        """The header of a role's development key."""
        return {"Authorization": f"Bearer {self.keys[role]}"}

    def wait_ready(self, name: str, timeout: float = 60) -> None:
        """Wait until a service says that it is ready."""
        self.wait_for(
            lambda: self.http.get(self.url(name, "/readyz")).status_code == 200,
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


RUNNING: list[Stack] = []
"""The stacks of this process."""


def _serious(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - LAST_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
    wanted = [one[:300] for one in lines if any(word in one for word in SERIOUS)]
    last = list(dict.fromkeys(reversed(wanted)))[:LAST_WORDS]  # a library repeats itself for ever
    return "\n".join(reversed(last))


@contextmanager
def running(home: Path, city: str = "demo") -> Iterator[Stack]:
    """A stack that runs while the block does."""
    *services, mongo = free_ports(5)
    stack = Stack(home, [*services, kafka_port(), mongo])
    try:
        RUNNING.append(stack)
        stack.up(city)
        yield stack
    finally:
        RUNNING.remove(stack)
        stack.run("down", expect=None)
        stack.http.close()
