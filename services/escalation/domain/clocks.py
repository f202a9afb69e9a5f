"""What an event of a case does to its clocks."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.escalation.domain.clock_table import (
    EVERY,
    FILING,
    FROM_RECEIPT,
    HANDLE,
    REQUEST,
    SAFE,
    TASK_HANDLE,
    TASKS,
    UNITS_CLOCKS,
    Timed,
    Turn,
    Turns,
    is_supervised,
)
from services.escalation.domain.counting import BREACHED, Ladder, counted, ran_ms
from services.escalation.domain.watch import clock_key
from shared.contracts.base import Limit, Stage
from shared.contracts.escalations_v1 import Clock, ClockState, Ran
from shared.worktime.calendar import Calendar
from shared.worktime.limits import begin, length
from shared.worktime.natural import MILLISECOND

ORDER = {stage: place for place, stage in enumerate(Stage)}
MOST_RAN = 100
"""So many runs that suspensions ended a clock remembers; of older ones what they had used."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What clocks need to know of the event that turns them."""

    at: datetime
    counts_from: datetime
    calendar: Calendar
    limits: Mapping[Timed, Limit | None]
    ladder: Ladder = ()
    """For the marks of clocks in working time."""
    grid: str | None = None
    unit: str | None = None
    first: str | None = None
    """The unit that was first at an emergency."""
    others: bool = False
    """Whether the unit can do nothing, because its flow waits for somebody else."""
    matter: str | None = None
    lapses_at: datetime | None = None
    """When a request that begins is denied by itself."""
    task: str | None = None
    """The co-operating task that the event is about."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Whose task each is, by its code."""

    def unit_of(self, timed: Timed) -> str | None:
        """The unit that a clock is charged to."""
        if timed == SAFE:
            return self.first or self.unit
        if timed == HANDLE and self.others:
            return None
        return self.unit if timed in UNITS_CLOCKS else self.units.get(timed.task)


def turn_clocks(clocks: Mapping[str, Clock], turns: Turns, frame: Frame) -> list[Clock]:
    """The runs of clocks that the turns change, as they are afterwards, oldest first."""
    latest = dict(clocks)
    changed: dict[tuple[str, int], Clock] = {}
    for turn, timed in _each(turns, latest, frame.task):
        key = clock_key(*timed)
        after = _turned(turn, timed, latest.get(key), frame)
        if after is not None:
            latest[key] = changed[key, after.run] = after
    return list(changed.values())


def _each(
    turns: Turns, clocks: Mapping[str, Clock], task: str | None
) -> Iterator[tuple[Turn, Timed]]:
    """The turns, each of one clock."""
    for turn, timed in turns:
        if timed in {EVERY, TASKS}:
            there = [timed_of(one) for one in clocks.values()]
            meant = [one for one in there if timed == EVERY or one.task.startswith("co-")]
            yield from ((turn, one) for one in sorted(meant, key=_place))
        elif timed.task == TASK_HANDLE.task and task is not None:
            yield turn, Timed(task, timed.stage)
        else:
            yield turn, timed


def _place(timed: Timed) -> tuple[int, Timed]:
    return ORDER[timed.stage], timed


def timed_of(clock: Clock) -> Timed:
    """What a clock is about."""
    return Timed(clock.task, clock.clock)


def _turned(turn: Turn, timed: Timed, before: Clock | None, frame: Frame) -> Clock | None:
    if before is None:
        return _started(timed, None, frame) if turn in STARTING else None
    if turn not in DOES or before.state not in DOES[turn][0]:
        return None
    return DOES[turn][1](timed, before, frame)


def _started(timed: Timed, before: Clock | None, frame: Frame) -> Clock | None:
    limit = frame.limits.get(timed)
    if limit is None:
        return None
    again = timed == FILING and before is not None  # in review once more, by an appeal
    start = frame.counts_from if timed in FROM_RECEIPT and not again else frame.at
    counts = begin(start, limit.unit, frame.calendar)
    clock = Clock(
        task=timed.task,
        clock=timed.stage,
        run=1 if before is None else before.run + 1,
        state=ClockState.RUNNING,
        grid=frame.grid,
        unit=frame.unit_of(timed),
        matter=frame.matter,
        limit=limit,
        started_at=start,
        due_at=start,
        counted_from=counts if counts != start else None,
    )
    clock = counted(clock, frame.calendar, frame.ladder)
    return clock if timed != REQUEST else _promised(clock, frame.lapses_at)


def _promised(clock: Clock, lapses_at: datetime | None) -> Clock:
    """A request is due as it lapses, whichever calendar its case is counted by here."""
    if lapses_at is None or clock.marks is None:
        return clock
    marks = tuple(
        one.model_copy(
            update={"due_at": lapses_at if one.percent == BREACHED else min(one.due_at, lapses_at)}
        )
        for one in clock.marks
    )
    return clock.model_copy(update={"due_at": lapses_at, "marks": marks})


def _resumed(_timed: Timed, before: Clock, frame: Frame) -> Clock:
    """It counts at once, but for what was to count from a day that is still to come.

    After a suspension it knows when it had run before: what was due then stays due then.
    """
    counts = before.counted_from
    again = before.model_copy(
        update={
            "run": before.run + 1,
            "state": ClockState.RUNNING,
            "started_at": frame.at,
            "counted_from": counts if counts is not None and counts > frame.at else None,
            "stopped_at": None,
            "ran": _ran(before),
            "grid": frame.grid,
            "unit": frame.unit_of(timed_of(before)),
        }
    )
    return counted(again, frame.calendar, frame.ladder)


def is_paused(clock: Clock) -> bool:
    """Whether it stands."""
    return clock.state is ClockState.PAUSED


def _ran(before: Clock) -> tuple[Ran, ...] | None:
    """Of what a suspension has ended, when it ran; None of what was judged."""
    if not is_paused(before) or before.stopped_at is None:
        return None
    last = Ran(
        started_at=before.started_at,
        counted_from=before.counted_from,
        stopped_at=before.stopped_at,
    )
    return (*(before.ran or ()), last)[-MOST_RAN:]


def _paused(_timed: Timed, before: Clock, frame: Frame) -> Clock:
    """It stands from then on; what is missed stays missed, and gets no later."""
    return _stopped(before, frame, judged=False).model_copy(update={"state": ClockState.PAUSED})


def _extended(timed: Timed, before: Clock, frame: Frame) -> Clock | None:
    """It has the limit that the case has now, and what is used of it stays used."""
    limit = frame.limits.get(timed)
    breached = (before.stopped_at or frame.at) > before.due_at
    if limit is None or limit == before.limit or breached:
        return None
    return counted(before.model_copy(update={"limit": limit}), frame.calendar, frame.ladder)


def _stopped(before: Clock, frame: Frame, *, judged: bool) -> Clock:
    stop, used_ms = before.stopped_at, before.used_ms
    if stop is None:
        # Instants of different machines: a step may be received before the one that it follows.
        stop = max(frame.at, before.started_at)
        used_ms += ran_ms(before, stop, frame.calendar)
    state = ClockState.CANCELLED
    if judged:
        # A run that was resumed with nothing left is missed however short it was.
        all_of_it = length(before.limit, frame.calendar)
        spent = used_ms * MILLISECOND > all_of_it and before.due_at == before.started_at
        state = ClockState.MISSED if spent or stop > before.due_at else ClockState.MET
    return before.model_copy(update={"state": state, "stopped_at": stop, "used_ms": used_ms})


def _ended(_timed: Timed, before: Clock, frame: Frame) -> Clock:
    return _stopped(before, frame, judged=True)


def _cancelled(_timed: Timed, before: Clock, frame: Frame) -> Clock:
    return _stopped(before, frame, judged=False)


def _given_up(_timed: Timed, before: Clock, frame: Frame) -> Clock:
    judged = _stopped(before, frame, judged=True)
    return judged if judged.state is ClockState.MISSED else _stopped(before, frame, judged=False)


def _moved(_timed: Timed, before: Clock, frame: Frame) -> Clock | None:
    return before.model_copy(update={"grid": frame.grid}) if before.grid != frame.grid else None


def _charged(timed: Timed, before: Clock, frame: Frame) -> Clock | None:
    unit = frame.unit_of(timed)
    return before.model_copy(update={"unit": unit}) if before.unit != unit else None


def _marked(timed: Timed, before: Clock, frame: Frame) -> Clock | None:
    """Of a clock in working time its marks by the ladders of now; in natural time they follow."""
    if not is_supervised(timed.task):
        return None  # it has none of the ladders'
    marks = counted(before, frame.calendar, frame.ladder).marks
    return before.model_copy(update={"marks": marks}) if marks != before.marks else None


STARTING = frozenset({Turn.START, Turn.START_FIRST})
RUNNING = frozenset({ClockState.RUNNING})
PAUSED = frozenset({ClockState.PAUSED})
ALIVE = RUNNING | PAUSED
IDLE = frozenset(ClockState) - RUNNING
DOES: Mapping[Turn, tuple[frozenset[ClockState], Callable[[Timed, Clock, Frame], Clock | None]]] = {
    Turn.START: (IDLE, _started),
    Turn.RESUME: (IDLE, _resumed),
    Turn.UNPAUSE: (PAUSED, _resumed),
    Turn.STOP: (ALIVE, _ended),
    Turn.PAUSE: (RUNNING, _paused),
    Turn.EXTEND: (ALIVE, _extended),
    Turn.CANCEL: (ALIVE, _cancelled),
    Turn.GIVE_UP: (ALIVE, _given_up),
    Turn.MARK: (RUNNING, _marked),
    Turn.MOVE: (ALIVE, _moved),
    Turn.CHARGE: (RUNNING, _charged),
}
"""What a turn does to a clock that there is, and in which states of it; else it does nothing."""
