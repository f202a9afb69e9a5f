"""What an event of a case does to its clocks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.escalation.domain.clock_table import FROM_RECEIPT, TASKS, UNITS_CLOCKS, Turn, Turns
from services.escalation.domain.natural_time import due
from services.escalation.domain.watch import clock_key
from shared.contracts.base import Limit, Stage
from shared.contracts.escalations_v1 import Clock, ClockState

MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Frame:
    """What clocks need to know of the event that turns them."""

    at: datetime
    counts_from: datetime
    zone: str
    limits: Mapping[Stage, Limit | None]
    grid: str | None = None
    unit: str | None = None
    matter: str | None = None


def used_before(clock: Clock) -> timedelta:
    """Time that earlier runs had used when this run began."""
    used = clock.used_ms * MILLISECOND
    if clock.stopped_at is None:
        return used
    return used - (clock.stopped_at - clock.started_at)


def span(clock: Clock) -> timedelta:
    """The whole limit as time between instants."""
    return clock.due_at - clock.started_at + used_before(clock)


def turn_clocks(clocks: Mapping[str, Clock], turns: Turns, frame: Frame) -> dict[str, Clock]:
    """The clocks that the turns change, as they are afterwards."""
    changed: dict[str, Clock] = {}
    for turn, stage in turns:
        key = clock_key(TASKS[stage], stage)
        before = changed.get(key, clocks.get(key))
        after = _turned(turn, stage, before, frame)
        if after is not None:
            changed[key] = after
    return changed


def _turned(turn: Turn, stage: Stage, before: Clock | None, frame: Frame) -> Clock | None:
    running = before is not None and before.state is ClockState.RUNNING
    if turn is Turn.START and not running:
        return _started(stage, before, frame)
    if turn is Turn.RESUME and before is not None and not running:
        return _resumed(before, frame)
    if turn is Turn.STOP and before is not None and running:
        return _stopped(before, frame.at, judged=True)
    if turn is Turn.CANCEL and before is not None and running:
        return _stopped(before, frame.at, judged=False)
    return None


def _started(stage: Stage, before: Clock | None, frame: Frame) -> Clock | None:
    limit = frame.limits.get(stage)
    if limit is None:
        return None
    if stage is Stage.FILING and before is not None:
        return None  # it waited in review: the clock of its filing has run before
    start = frame.counts_from if stage in FROM_RECEIPT else frame.at
    return Clock(
        task=TASKS[stage],
        clock=stage,
        run=1 if before is None else before.run + 1,
        state=ClockState.RUNNING,
        grid=frame.grid,
        unit=frame.unit if stage in UNITS_CLOCKS else None,
        matter=frame.matter,
        limit=limit,
        started_at=start,
        due_at=due(start, limit, frame.zone),
    )


def _resumed(before: Clock, frame: Frame) -> Clock:
    used = before.used_ms * MILLISECOND
    return before.model_copy(
        update={
            "run": before.run + 1,
            "state": ClockState.RUNNING,
            "started_at": frame.at,
            "due_at": frame.at + (span(before) - used),
            "stopped_at": None,
            "unit": frame.unit if before.clock in UNITS_CLOCKS else None,
        }
    )


def _stopped(before: Clock, at: datetime, *, judged: bool) -> Clock:
    # Instants of different machines: a step may be received just before the one that it follows.
    stop = max(at, before.started_at)
    state = ClockState.CANCELLED
    if judged:
        state = ClockState.MET if stop <= before.due_at else ClockState.MISSED
    return before.model_copy(
        update={
            "state": state,
            "stopped_at": stop,
            "used_ms": before.used_ms + (stop - before.started_at) // MILLISECOND,
        }
    )
