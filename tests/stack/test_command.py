"""`wangge up` with the real services, as a person runs it in a terminal."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from deploy.local.plan import SERVICES
from deploy.local.ports import free_ports, is_free
from tests.ports import kafka_port
from tests.stack.harness import Stack, all_gone, wait_for


@contextmanager
def in_front(stack: Stack, output: Path) -> Iterator[tuple[subprocess.Popen[bytes], list[int]]]:
    """A ``wangge up`` that stays, ready for use, and the ports of everything it started."""
    *services, mongo = free_ports(len(SERVICES) + 1)
    ports = [*services, kafka_port(), mongo]
    names = [*(service.name for service in SERVICES), "kafka", "mongo"]
    options = [part for n, p in zip(names, ports, strict=True) for part in (f"--{n}-port", str(p))]
    own = {k: v for k, v in os.environ.items() if k not in {"WANGGE_KAFKA", "WANGGE_MONGO"}}
    with (
        output.open("wb") as file,
        subprocess.Popen(
            [sys.executable, "-m", "deploy.cli", "up", *options],
            env={**own, "WANGGE_HOME": str(stack.home.root)},
            stdout=file,
            stderr=file,
        ) as up,
    ):
        try:
            wait_for(
                lambda: b"Ctrl-C" in output.read_bytes() or up.poll() is not None,
                "up says that all is ready",
            )
            assert up.returncode is None, output.read_text()
            yield up, ports
        finally:
            up.kill()


def test_it_says_what_it_started_and_heals_and_ctrl_c_ends_it_all(
    stack: Stack, tmp_path: Path
) -> None:
    output = tmp_path / "output"
    with in_front(stack, output) as (up, ports):
        table = output.read_text()
        assert all(f"127.0.0.1:{port}" in table for port in ports)
        intake = stack.process("intake").pid
        assert intake is not None
        os.kill(intake, signal.SIGKILL)
        wait_for(lambda: "intake was started again (restart 1)" in output.read_text(), "it says so")
        everything = stack.children()
        up.send_signal(signal.SIGINT)
        assert up.wait(60) == 0
    assert all_gone(everything)
    assert all(is_free(port) for port in ports)
    assert stack.wangge("status").returncode == 3


def test_it_leaves_no_process_behind_when_it_is_killed(stack: Stack, tmp_path: Path) -> None:
    with in_front(stack, tmp_path / "output") as (up, _):
        everything = [*stack.children(), psutil.Process(stack.now().supervisor)]
        assert len(everything) == len(SERVICES) + 3
        up.kill()
        wait_for(lambda: all_gone(everything), "all is gone")
    assert stack.wangge("status").returncode == 3
