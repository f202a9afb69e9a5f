"""Stacks for tests: real Kafka and MongoDB, or the session's, with stubs in place of services."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from deploy.local import state
from deploy.local.launch import Launch, stop_running
from deploy.local.paths import Home
from deploy.local.plan import ServicePlan, StackPlan
from deploy.local.ports import free_ports
from tests.ports import kafka_port

PATIENCE_SECONDS = 120.0


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Return when the condition holds; fail when it does not in time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE_SECONDS} s: {what}"
        time.sleep(0.02)


def stub_plan(**more: Any) -> StackPlan:  # noqa: ANN401  the plan's own fields
    """A plan with two stubs as services, everything on free ports."""
    kafka, (mongo, *rest) = kafka_port(), free_ports(3)
    stubs = tuple(
        ServicePlan(name=f"stub{n}", module="tests.stack.stub", port=port)
        for n, port in enumerate(rest)
    )
    return StackPlan(**{"kafka_port": kafka, "mongo_port": mongo, "services": stubs, **more})


class Stack:
    """A stack of one home, started by its supervisor as `wangge up` does it."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root)
        self.launches: list[Launch] = []

    def start(self, plan: StackPlan) -> state.StackState:
        """Start a supervisor and wait until it is ready or has ended; its last state."""
        launch = Launch(plan, self.home)
        self.launches.append(launch)
        last: state.StackState | None = None
        for found in launch.states():
            last = found
            if found.phase == "ready":
                break
        assert last is not None, self.home.log("supervisor").read_text()
        return last

    def now(self) -> state.StackState:
        """What the supervisor has written last."""
        found = state.read(self.home)
        assert found is not None
        return found

    def process(self, name: str) -> state.ProcessState:
        """The entry of one process."""
        return next(one for one in self.now().processes if one.name == name)

    def children(self) -> list[psutil.Process]:
        """Every process that the supervisor has started."""
        return psutil.Process(self.now().supervisor).children(recursive=True)

    def stop(self) -> None:
        """Stop whatever runs in the home."""
        stop_running(self.home)
        for launch in self.launches:
            launch.stop()

    def wangge(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run the command in this home, with servers of others only where ``more`` names them."""
        own = {k: v for k, v in os.environ.items() if k not in {"WANGGE_KAFKA", "WANGGE_MONGO"}}
        return subprocess.run(
            [sys.executable, "-m", "deploy.cli", *arguments],
            env={**own, "WANGGE_HOME": str(self.home.root), **more},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def status(self) -> dict[str, Any]:
        """What ``status --json`` says."""
        answer: dict[str, Any] = json.loads(self.wangge("status", "--json").stdout)
        return answer


def all_gone(processes: list[psutil.Process]) -> bool:
    """Whether none of the processes runs any more."""
    return not any(map(_runs, processes))


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # it ended between the two questions
        return False
