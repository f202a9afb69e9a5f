"""The supervisor as a process: ``python -m deploy.local``, with a plan on standard input.

One lives in a home (``WANGGE_HOME``) at a time. SIGTERM ends it and everything that it started.
"""

import asyncio
import contextlib
import logging
import signal
import sys

import structlog

from deploy.local import lock, paths
from deploy.local.leash import ALREADY_RUNNING, Leash
from deploy.local.paths import Home
from deploy.local.plan import StackPlan
from deploy.local.supervisor import Ending, Supervisor

LOCK_SECONDS = 0.5
"""Whoever only looks whether the lock is held keeps it for an instant."""
QUICK_SECONDS = 1.0
"""What each child has to end when `up` was killed: the stores lose nothing by a kill."""


async def supervise(home: Home) -> int:
    """Carry out the plan that comes down the leash; the exit status. The caller has the lock."""
    leash = await Leash.of_stdin()
    plan = StackPlan.model_validate_json(await leash.plan())
    ending: Ending = asyncio.get_running_loop().create_future()

    def end(grace: float | None) -> None:
        if not ending.done():
            ending.set_result(grace)

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end, None)
    torn = asyncio.create_task(leash.torn())
    torn.add_done_callback(lambda _: end(QUICK_SECONDS))
    return await Supervisor(plan, home).run(ending)


def main() -> int:
    """Supervise the home that the environment names, unless somebody does already."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    )
    # Servers that are starting refuse connections: `Server.trouble` tells it once, not at each try.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    home = paths.home()
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(lock.hold(home.lock, patience=LOCK_SECONDS))
        except BlockingIOError:
            return ALREADY_RUNNING
        return asyncio.run(supervise(home))


if __name__ == "__main__":
    sys.exit(main())
