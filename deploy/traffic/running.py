"""One run of traffic from its addresses to its figures."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any

from deploy.client import Client
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


async def run(plan: Plan, watch: Watch) -> Board:
    """Run it until its time is over, or SIGINT or SIGTERM comes; then its figures."""
    stop = asyncio.Event()
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
        watching = asyncio.create_task(watch(board, found, stop))
        try:
            await engine.run(plan.rate, follower, stop)
        finally:
            stop.set()
            over.cancel()
            await asyncio.gather(over, return_exceptions=True)
            await watching
    return board


async def _after(seconds: float | None, stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
    stop.set()
