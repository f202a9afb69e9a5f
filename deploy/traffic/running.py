"""One run of traffic from its addresses to its figures; it ends with the stack that it plays on."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any

from deploy.client import Client
from deploy.local import state
from deploy.local.paths import Home
from deploy.traffic import world
from deploy.traffic.board import Board
from deploy.traffic.engine import IN_FLIGHT, Engine
from deploy.traffic.follower import following
from deploy.traffic.people import People
from deploy.traffic.world import World
from shared.contracts.topics import CASES, ESCALATIONS, INCIDENTS


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be run: where, how fast, for how long (None: until stopped), from which seed."""

    intake: str
    kafka: str
    home: Home
    city: str
    rate: float
    seconds: float | None
    seed: int


Watch = Callable[[Board, World, asyncio.Event], Coroutine[Any, Any, None]]
"""Shows a board until the event is set."""


LOOK_BACK_S = 300.0
"""Inspections that were ordered just before are taken up too."""


LOOK_S = 1.0
"""So often it is looked whether the stack is still there."""


async def run(plan: Plan, watch: Watch) -> Board:
    """Run it until its time is over, or SIGINT or SIGTERM comes; then its figures.

    It also ends when the stack is taken down on which it plays.
    """
    stop, gone = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with (
        Client(plan.intake, connections=IN_FLIGHT) as client,
        following(plan.kafka, (INCIDENTS, CASES, ESCALATIONS), LOOK_BACK_S) as follower,
    ):
        found = await world.read(client, plan.city)
        board = Board()
        client.on_retry = board.retried
        people = People(plan.home, plan.city, found.units)
        engine = Engine(client, people, found, board, Random(plan.seed))  # noqa: S311 - a play
        over = asyncio.create_task(_after(plan.seconds, stop))
        down = asyncio.create_task(_with_the_stack(plan, board, gone))
        watching = asyncio.create_task(watch(board, found, stop))
        try:
            await engine.run(plan.rate, follower, stop, gone)
        finally:
            stop.set()
            over.cancel()
            down.cancel()
            await asyncio.gather(over, down, return_exceptions=True)
            await watching
    return board


async def _after(seconds: float | None, stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
    stop.set()


async def _with_the_stack(plan: Plan, board: Board, gone: asyncio.Event) -> None:
    await until_taken_down(plan.home, plan.kafka)
    board.taken_down = True
    gone.set()


async def until_taken_down(home: Home, kafka: str) -> None:
    """Wait until the stack of this home is being stopped, or its supervisor has died.

    For ever where it is not the one that has this Kafka.
    """
    if not _stands(home, kafka):
        await asyncio.Event().wait()
    while _stands(home, kafka):  # noqa: ASYNC110 - written by another process
        await asyncio.sleep(LOOK_S)


def _stands(home: Home, kafka: str) -> bool:
    found = state.read(home)
    return (
        found is not None
        and found.kafka == kafka
        and found.phase not in {"stopping", "stopped", "failed"}
        and state.running(home)
    )
