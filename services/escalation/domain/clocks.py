"""What an event of a case does to its clocks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.escalation.domain.clock_table import (
    EVERY,
    FILING,
    FROM_RECEIPT,
    UNITS_CLOCKS,
    Timed,
    Turn,
    Turns,
)
from services.escalation.domain.watch import clock_key
from shared.contracts.base import Limit, Stage
from shared.contracts.escalations_v1 import Clock, ClockState
from shared.worktime.natural import MILLISECOND, NOTHING, due, elapsed, end, length

ORDER = {stage: place for place, stage in enumerate(Stage)}


@dataclass(frozen=True, slots=True)
class Frame:
    """What clocks need to know of the event that turns them."""

    at: datetime
    counts_from: datetime
    zone: str
    limits: Mapping[Timed, Limit | None]
    grid: str | None = None
    unit: str | None = None
    matter: str | None = None


def turn_clocks(clocks: Mapping[str, Clock], turns: Turns, frame: Frame) -> list[Clock]:
    """The runs of clocks that the turns change, as they are afterwards, oldest first."""
    latest = dict(clocks)
    changed: dict[tuple[str, int], Clock] = {}
    for turn, timed in _each(turns, latest):
        key = clock_key(*timed)
        after = _turned(turn, timed, latest.get(key), frame)
        if after is not None:
            latest[key] = changed[key, after.run] = after
    return list(changed.values())


def _each(turns: Turns, clocks: Mapping[str, Clock]) -> Iterator[tuple[Turn, Timed]]:
    for turn, timed in turns:
        if timed is EVERY:
            every = sorted(map(timed_of, clocks.values()), key=lambda one: (ORDER[one.stage], one))
            yield from ((turn, one) for one in every)
        else:
            yield turn, timed


def timed_of(clock: Clock) -> Timed:
    """What a clock is about."""
    return Timed(clock.task, clock.clock)


def _turned(turn: Turn, timed: Timed, before: Clock | None, frame: Frame) -> Clock | None:
    running = before is not None and before.state is ClockState.RUNNING
    if (turn is Turn.START and not running) or (turn is Turn.START_FIRST and before is None):
        return _started(timed, before, frame)
    if turn is Turn.RESUME and before is not None and not running:
        return _resumed(before, frame)
    if turn is Turn.STOP and before is not None and running:
        return _stopped(before, frame, judged=True)
    if turn is Turn.CANCEL and before is not None and running:
        return _stopped(before, frame, judged=False)
    if turn is Turn.MOVE and before is not None and running and before.grid != frame.grid:
        return before.model_copy(update={"grid": frame.grid})
    return None


def _started(timed: Timed, before: Clock | None, frame: Frame) -> Clock | None:
    limit = frame.limits.get(timed)
    if limit is None:
        return None
    again = timed == FILING and before is not None  # in review once more, by an appeal
    start = frame.counts_from if timed in FROM_RECEIPT and not again else frame.at
    return Clock(
        task=timed.task,
        clock=timed.stage,
        run=1 if before is None else before.run + 1,
        state=ClockState.RUNNING,
        grid=frame.grid,
        unit=frame.unit if timed in UNITS_CLOCKS else None,
        matter=frame.matter,
        limit=limit,
        started_at=start,
        due_at=due(start, limit, frame.zone),
    )


def _resumed(before: Clock, frame: Frame) -> Clock:
    left = max(length(before.limit) - before.used_ms * MILLISECOND, NOTHING)
    return before.model_copy(
        update={
            "run": before.run + 1,
            "state": ClockState.RUNNING,
            "started_at": frame.at,
            "due_at": end(frame.at, left, before.limit.unit, frame.zone),
            "stopped_at": None,
            "grid": frame.grid,
            "unit": frame.unit if timed_of(before) in UNITS_CLOCKS else None,
        }
    )


def _stopped(before: Clock, frame: Frame, *, judged: bool) -> Clock:
    # Instants of different machines: a step may be received just before the one that it follows.
    stop = max(frame.at, before.started_at)
    ran = elapsed(before.started_at, stop, before.limit.unit, frame.zone)
    used_ms = before.used_ms + ran // MILLISECOND
    state = ClockState.CANCELLED
    if judged:
        # A run that was resumed with nothing left is missed however short it was.
        spent = used_ms * MILLISECOND > length(before.limit) and before.due_at == before.started_at
        state = ClockState.MISSED if spent or stop > before.due_at else ClockState.MET
    return before.model_copy(update={"state": state, "stopped_at": stop, "used_ms": used_ms})
