"""A process that is tied to its owner ends with it, by the kernel or by a watcher."""

import subprocess
import sys

import psutil
import pytest

from deploy.local.paths import CHECKOUT
from tests.stack.harness import all_gone, wait_for

OWNER = """
import os, subprocess, sys, time
tied = (
    "from deploy.local import tether; import sys;"
    f"tether.run({os.getpid()}, ['sleep', '300'], by_kernel=sys.argv[1] == 'kernel')"
)
child = subprocess.Popen([sys.executable, "-c", tied, sys.argv[1]], start_new_session=True)
print(child.pid, flush=True)
time.sleep(300)
"""


@pytest.mark.parametrize("how", ["kernel", "watcher"])
def test_the_child_dies_with_an_owner_that_is_killed(how: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, how], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        child = psutil.Process(int(owner.stdout.readline()))
        wait_for(lambda: child.name() == "sleep", "the child has become its command")
        tied = [child, *child.children()]
        assert len(tied) == (1 if how == "kernel" else 2)
        owner.kill()
        owner.wait()
        wait_for(lambda: all_gone(tied), "the child and its watcher are gone")


def test_the_watcher_ends_with_the_child_that_ends_by_itself() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, "watcher"], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        child = psutil.Process(int(owner.stdout.readline()))
        wait_for(lambda: child.name() == "sleep", "the child has become its command")
        watcher = child.children()
        child.terminate()
        wait_for(lambda: all_gone(watcher), "the watcher is gone")
        owner.kill()
