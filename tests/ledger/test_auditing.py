"""The auditor of timers: it finds what is overdue whatever the ticker does, and nothing else."""

import pytest
from prometheus_client import REGISTRY

from shared.ledger.auditing import Audit, TimerAuditor
from shared.ledger.ports import TransientError
from shared.ledger.ticker import Ticker
from tests.ledger.fake_world import FakeWorld
from tests.ledger.scripted import Scripted, reported
from tests.ledger.worlds import Shell, record

TOLERANCE_S = 60.0


def auditor(shell: Shell) -> TimerAuditor:
    return TimerAuditor(shell.processor, TOLERANCE_S)


async def watching(shell: Shell, **due: float) -> None:
    await shell.feed(*[reported(key, f"due:{seconds}") for key, seconds in due.items()])
    assert await shell.run(len(due))


async def twice(found: TimerAuditor) -> Audit:
    await found.audit()
    return await found.audit()


def metric(name: str) -> float | None:
    return REGISTRY.get_sample_value(f"wangge_timers_{name}", {"service": "scripted"})


async def test_a_ticker_that_is_stuck_is_found_after_the_tolerance(fake_shell: Shell) -> None:
    audits = auditor(fake_shell)
    await watching(fake_shell, a=10, b=20, ahead=1000)
    await twice(audits)
    fake_shell.clock.forward(20)
    await twice(audits)
    fake_shell.clock.forward(59.999)
    assert (await twice(audits)).overdue.count == 0
    assert audits.problem() is None
    fake_shell.clock.forward(0.001)
    found = await twice(audits)
    assert (found.overdue.count, found.behind_s) == (2, 70)
    assert (metric("overdue"), metric("oldest_overdue_seconds")) == (2, 70)
    told = audits.problem() or ""
    assert told.startswith("2 timers are overdue, the oldest by 70 s (due at 2026-03-02T01:00:10")
    assert "nobody answers them" in told


async def test_what_is_found_once_only_is_no_problem_yet(fake_shell: Shell) -> None:
    audits = auditor(fake_shell)
    await twice(audits)
    fake_shell.clock.forward(TOLERANCE_S)
    await watching(fake_shell, a=-3600)
    assert (await audits.audit()).overdue.count == 1
    assert audits.problem() is None
    await Ticker(fake_shell.processor, Scripted()).round()
    assert (await audits.audit()).overdue.count == 0
    assert audits.problem() is None
    assert metric("overdue") == 0


async def test_a_backlog_that_is_being_answered_says_so(fake_shell: Shell) -> None:
    audits, tick = auditor(fake_shell), Ticker(fake_shell.processor, Scripted(), limit=1)
    await watching(fake_shell, a=1, b=2, c=3)
    await twice(audits)
    fake_shell.clock.forward(TOLERANCE_S + 3)
    await twice(audits)
    fake_shell.clock.forward(TOLERANCE_S)
    await audits.audit()
    await tick.round()
    await audits.audit()
    told = audits.problem() or ""
    assert told.startswith("2 timers are overdue")
    assert "they are being answered" in told


async def test_while_records_wait_nothing_of_their_partition_is_overdue(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    audits = auditor(fake_shell)
    keys = {record(fake_world.inputs, reported(key)).partition: key for key in "abcdefgh"}
    held, free = list(keys.values())[:2]
    await watching(fake_shell, **{held: 60, free: 60})
    await fake_shell.feed(reported(held, "n:1"))
    for _ in range(3):
        fake_shell.clock.forward(3600)
        found = await audits.audit()
    assert found.overdue.count == 1
    assert found.overdue.partition == record(fake_world.inputs, reported(free)).partition


async def test_marks_of_a_backlog_that_was_just_handled_have_the_tolerance_from_then_on(
    fake_shell: Shell,
) -> None:
    audits = auditor(fake_shell)
    await watching(fake_shell, a=60)
    await fake_shell.feed(reported("a", "n:1"))
    fake_shell.clock.forward(3600)
    await audits.audit()
    await fake_shell.run(1)
    fake_shell.clock.forward(TOLERANCE_S)
    assert (await twice(audits)).overdue.count == 0
    fake_shell.clock.forward(TOLERANCE_S)
    assert (await twice(audits)).overdue.count == 1


async def test_a_parked_watch_is_told_until_its_case_goes_on(fake_shell: Shell) -> None:
    audits, tick = auditor(fake_shell), Ticker(fake_shell.processor, Scripted())
    await fake_shell.feed(reported("a", "due:1 tick-explode"))
    await fake_shell.run(1)
    fake_shell.clock.forward(60)
    await tick.round()
    assert await twice(audits) == Audit(parked=1)
    assert (audits.problem() or "").startswith("1 timers are parked")
    assert metric("parked") == 1
    await fake_shell.feed(reported("a", "mended"))
    await fake_shell.run(1)
    await audits.audit()
    assert audits.problem() is None
    assert metric("parked") == 0


async def test_what_the_ticker_passes_over_is_found_all_the_same(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    audits, tick = auditor(fake_shell), Ticker(fake_shell.processor, Scripted())
    await watching(fake_shell, a=10)
    fake_world.store.put({**fake_world.store.all()["a"], "fold": 4})
    fake_shell.clock.forward(10)
    await audits.audit()
    fake_shell.clock.forward(TOLERANCE_S)
    with pytest.raises(TransientError):
        await tick.round()
    assert (await twice(audits)).overdue.count == 1


async def test_what_is_someone_elses_now_is_counted_no_more(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    audits = auditor(fake_shell)
    await watching(fake_shell, **dict.fromkeys("abcdefgh", 10.0))
    await audits.audit()
    fake_shell.clock.forward(100)
    await audits.audit()
    fake_shell.clock.forward(100)
    assert (await audits.audit()).overdue.count == 8
    second = await fake_world.join()
    left = await audits.audit()
    assert 0 < left.overdue.count < 8
    await fake_shell.member.leave()
    assert await audits.audit() == Audit()
    assert (metric("overdue"), metric("oldest_overdue_seconds"), metric("parked")) == (0, 0, 0)
    heir = auditor(Shell(fake_world, second, clock=fake_shell.clock))
    assert (await heir.audit()).overdue.count == 0
    fake_shell.clock.forward(TOLERANCE_S)
    assert (await heir.audit()).overdue.count == 8


async def test_while_the_database_is_away_it_waits(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    audits = auditor(fake_shell)
    await fake_world.take_database_away()
    with pytest.raises(TransientError):
        await audits.audit()
