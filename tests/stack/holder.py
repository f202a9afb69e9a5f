"""Stands for `wangge up`: starts a stack and stays until it is killed.

``python -m tests.stack.holder HOME PLAN [release]``
"""

import signal
import sys
from pathlib import Path

from deploy.local.launch import Launch
from deploy.local.paths import Home
from deploy.local.plan import StackPlan


def main(home: str, plan: str, *more: str) -> None:
    launch = Launch(StackPlan.model_validate_json(plan), Home(Path(home)))
    for found in launch.states():
        if found.phase == "ready":
            break
    if "release" in more:
        launch.release()
    print("held", flush=True)  # noqa: T201  the test waits for it
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
