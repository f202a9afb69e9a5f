"""Running a service's app: uvicorn with every limit written down."""

import gc
import sys

import uvicorn
from fastapi import FastAPI

DRAIN_S = 20
SWITCH_S = 0.0005
YOUNG = 500_000
"""So many more objects made than gone before the garbage collector looks for cycles among them.

A batch of a thousand decisions has some 300,000 alive at once, and none of them is garbage.
"""


def serve(app: FastAPI, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT, then drain for a bounded time."""
    quieten_collector()
    hand_over_soon()
    uvicorn.run(
        app,
        host=host,
        port=port,
        # In uvloop's, what is written to a connection that was reset a moment ago raises an error
        # that aiokafka does not expect, and a task of its client dies of it.
        loop="asyncio",
        http="httptools",
        log_config=None,
        access_log=False,
        lifespan="on",
        backlog=2048,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=DRAIN_S,
        h11_max_incomplete_event_size=65_536,
    )


def quieten_collector() -> None:
    """Let the collector run once a batch rather than hundreds of times.

    A batch makes tens of thousands of objects that live until it is written and then go by their
    reference counts; with the default of 700 the collector walked them again and again and took
    more than half of the time of a decision. What was loaded at boot stays for good.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)


def hand_over_soon() -> None:
    """Let a thread of the database's driver wait half a millisecond for its turn, not five.

    A command takes some four turns; while the rules decide, each had to wait so long.
    """
    sys.setswitchinterval(SWITCH_S)
