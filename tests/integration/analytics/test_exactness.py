"""Figures are those of the log, whatever is killed, doubled or shared; always compared whole."""

import asyncio
import time
from contextlib import suppress
from typing import Any

import pytest

from deploy.local.errors import StartFailedError
from deploy.local.service import ServiceServer
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import ClocksChanged
from shared.ledger.steps import Step
from tests.integration.analytics.station import Station, people_at_work
from tests.ledger.waiting import until_true


async def exact(station: Station) -> None:
    """Everything is counted, and is what the log gives when it is read again."""
    found = await station.recount()
    assert found.same, found.as_json()["differences"]
    counts = found.compared.counts
    assert counts["timelines"]["moved_on"] == counts["rollups"]["moved_on"] == 0
    assert counts["timelines"]["same"] > 0
    assert found.compared.live == found.compared.rebuilt
    assert found.built.dead == []


def counting(count: int) -> list[Event[Any]]:
    """Events of which every batch has some that count: clocks change no figure."""
    return [one for one in people_at_work(count) if not isinstance(one.data, ClocksChanged)]


async def start_and_wait(server: ServiceServer) -> int:
    """Its exit status, also where it ends before it was ready."""
    with suppress(StartFailedError):
        await server.start()
    return await server.wait()


@pytest.mark.parametrize(
    ("step", "times"),
    [(Step.COUNTED, 2), (Step.WRITTEN, 1)],
)
async def test_a_kill_between_two_steps_counts_nothing_twice(
    station: Station, step: Step, times: int
) -> None:
    await station.publish(counting(30))
    stopped = station.process(
        "tests.integration.analytics.stopped", WANGGE_TEST_STOP_AT=f"{step}:{times}"
    )
    ended = asyncio.create_task(start_and_wait(stopped))
    deadline = time.monotonic() + 60
    while not ended.done():  # batch after batch, whatever comes in one
        assert time.monotonic() < deadline, "the process was not killed"
        await station.publish(counting(20))
        await asyncio.wait([ended], timeout=0.3)
    assert await ended == -9
    async with station.running():
        await exact(station)


async def test_what_stands_twice_in_the_log_is_counted_once(station: Station) -> None:
    events = people_at_work(20)
    async with station.running():
        await station.publish(events)
        await exact(station)
        before = {raw["_id"]: raw["n"] async for raw in station.database["rollups"].find()}
        await station.publish(events[::2])
        await station.publish(events[1::3])
        await exact(station)
        after = {raw["_id"]: raw["n"] async for raw in station.database["rollups"].find()}
    assert after == before


async def test_two_processes_count_as_one_also_when_one_is_killed(station: Station) -> None:
    one, other = station.process(), station.process()
    timelines = station.database["timelines"]

    async def begun() -> bool:
        return await timelines.find_one({}) is not None

    await asyncio.gather(one.start(), other.start())
    try:
        events = people_at_work(200)
        third = len(events) // 3
        await station.publish(events[:third])
        await until_true(begun)
        await station.publish(events[third : 2 * third])
        await one.kill()
        await station.publish(events[2 * third :])
        await exact(station)
    finally:
        await other.stop()
