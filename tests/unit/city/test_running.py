"""Traffic ends with the stack on which it plays."""

import asyncio
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.local import lock, state
from deploy.local.paths import Home
from deploy.local.state import Phase, StackState
from deploy.traffic import running

KAFKA = "127.0.0.1:9092"


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "LOOK_S", 0.001)


def stack(home: Home, phase: Phase) -> None:
    """What its supervisor has written."""
    at = datetime.now(UTC)
    told = StackState(
        home="", phase=phase, supervisor=1, started_at=at, kafka=KAFKA, mongo="", processes=[]
    )
    state.write(home, told)


async def test_it_ends_when_the_stack_is_being_stopped(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with lock.hold(home.lock):
        stack(home, "ready")
        waiting = asyncio.create_task(running.until_taken_down(home, KAFKA))
        assert await goes_on(waiting)
        stack(home, "stopping")
        await asyncio.wait_for(waiting, 10)


async def test_it_ends_when_the_supervisor_has_died(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with ExitStack() as living:
        living.enter_context(lock.hold(home.lock))
        stack(home, "ready")
        waiting = asyncio.create_task(running.until_taken_down(home, KAFKA))
        assert await goes_on(waiting)
        living.close()
        await asyncio.wait_for(waiting, 10)


@pytest.mark.parametrize("kafka", [KAFKA, "elsewhere:9092"])
async def test_one_that_plays_elsewhere_is_not_ended_by_a_stack_that_does_not_run(
    tmp_path: Path, kafka: str
) -> None:
    home = Home(tmp_path)
    stack(home, "stopped")
    waiting = asyncio.create_task(running.until_taken_down(home, kafka))
    assert await goes_on(waiting)
    waiting.cancel()


async def goes_on(task: "asyncio.Task[None]") -> bool:
    _, pending = await asyncio.wait([task], timeout=0.05)
    return bool(pending)
