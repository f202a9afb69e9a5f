"""A process in which a loop stands ends itself, and says where; one that moves is left alone."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from shared.ledger.watchdog import STUCK, Beats, Patience, Places, Watchdog

LOOKS = 3
EVERY_S = 0.01
BLOCKED = """
import asyncio, sys, threading
from shared.ledger import watchdog
from shared.platform.logging import configure

async def stands():
    dog = watchdog.Watchdog(lambda: {"timers": 0}, lambda: True, every_s=0.01, looks=3)
    dog.start()
    {how}

watchdog.TELL_S = 0.5
configure("test", "json")
asyncio.run(stands())
"""


@given(st.lists(st.integers(min_value=0, max_value=2), max_size=30))
def test_a_loop_is_stuck_when_it_stands_for_so_many_looks(beats: list[int]) -> None:
    patience = Patience(LOOKS)
    seen: list[int] = []
    for beat in beats:
        seen.append(beat)
        latest = seen[-LOOKS - 1 :]
        stands = len(latest) > LOOKS and len(set(latest)) == 1
        assert patience.stuck({"timers": beat}) == (["timers"] if stands else [])


def test_of_several_loops_the_one_that_stands_is_named() -> None:
    patience = Patience(LOOKS)
    found = [patience.stuck({"timers": look, "records": 7}) for look in range(LOOKS + 1)]
    assert found == [[], [], [], ["records"]]


def test_what_stands_no_more_and_what_is_over_are_not_stuck() -> None:
    patience = Patience(LOOKS)
    for _ in range(LOOKS):
        assert patience.stuck({"timers": 1}) == []
    assert patience.stuck({}) == []
    assert patience.stuck({"timers": 1}) == []


async def test_it_says_where_a_task_stands() -> None:
    loop, is_told = asyncio.get_running_loop(), asyncio.Event()
    told: list[tuple[Sequence[str], Sequence[str]]] = []

    def leave(stuck: Sequence[str], places: Places) -> None:
        told.append((stuck, places()))
        loop.call_soon_threadsafe(is_told.set)

    async def never_ends() -> None:
        await asyncio.Event().wait()

    task = asyncio.create_task(never_ends(), name="ticker")
    await asyncio.sleep(0)  # it waits from now on
    watchdog = Watchdog(stands, yes, every_s=EVERY_S, looks=LOOKS, leave=leave)
    watchdog.start()
    async with asyncio.timeout(10):
        await is_told.wait()
    task.cancel()
    [(stuck, where)] = told
    assert stuck == ["timers"]
    [place] = [one for one in where if one.startswith("task ticker: ")]
    assert "never_ends" in place
    assert place.endswith("wait")


async def test_one_that_is_stopped_looks_no_more() -> None:
    told: list[object] = []
    watchdog = Watchdog(stands, yes, every_s=EVERY_S, looks=1, leave=lambda *_: told.append(0))
    watchdog.stop()
    watchdog.start()
    await asyncio.to_thread(watchdog.join)
    assert told == []


def test_one_outlives_no_event_loop() -> None:
    async def made() -> Watchdog:
        watchdog = Watchdog(stands, yes, every_s=EVERY_S, looks=1_000_000)
        watchdog.start()
        return watchdog

    watchdog = asyncio.run(made())
    watchdog.join(10)
    assert not watchdog.is_alive()
    assert watchdog not in threading.enumerate()


async def test_nobody_leaves_while_kafka_is_away_or_for_a_fault_of_the_watchdog() -> None:
    loop, left = asyncio.get_running_loop(), asyncio.Event()
    answers: list[object] = [False, ZeroDivisionError(), True]

    def reachable() -> bool:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return bool(answer)

    def leave(*_: object) -> None:
        assert answers == []
        loop.call_soon_threadsafe(left.set)

    Watchdog(stands, reachable, every_s=EVERY_S, looks=1, leave=leave).start()
    async with asyncio.timeout(10):
        await left.wait()


def test_a_process_whose_event_loop_is_blocked_ends_itself_and_says_where() -> None:
    code = BLOCKED.replace("{how}", "threading.Event().wait()")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == STUCK, done.stderr
    assert "stands" in done.stdout
    assert "timers" in done.stdout


def test_one_that_waits_for_whoever_reads_its_log_ends_without_telling() -> None:
    code = BLOCKED.replace("{how}", "print('x' * 10_000_000)")
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as blocked:
        assert blocked.wait(60) == STUCK


def test_one_whose_log_is_broken_ends_all_the_same() -> None:
    code = BLOCKED.replace("{how}", "sys.stdout.close(); threading.Event().wait()")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == STUCK, done.stderr


def stands() -> Beats:
    """A loop that comes round no more."""
    return {"timers": 0}


def yes() -> bool:
    """The broker takes connections."""
    return True
