"""What a change of its work calendar means for the clocks of a case: they are counted anew.

Those in working time that run or stand get the due instants of the calendar that is in force now,
as if it had been so from their beginning; marks that were answered and are not due by it are
withdrawn. The clock of a request stays: the instant at which that lapses was promised.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from services.escalation.domain.clock_table import REQUEST
from services.escalation.domain.clocks import ALIVE
from services.escalation.domain.counting import counted, in_working_time, known_ms, since
from services.escalation.domain.marks import to_come
from services.escalation.domain.moment import Moment
from services.escalation.domain.watch import Watch
from services.escalation.domain.withdrawing import withdrawn_and_lifted
from shared.contracts.base import COMMUNITY_DIGITS, EventData, LimitUnit
from shared.contracts.calendars import CalendarRef
from shared.contracts.escalations_v1 import Clock, ClocksChanged, DueBefore, Ran, Recounted
from shared.contracts.registry_v1 import CalendarSet
from shared.ledger.walk import Group
from shared.registry.snapshot import Snapshot
from shared.worktime.calendar import Calendar
from shared.worktime.limits import first_of

Run = TypeVar("Run", Clock, Ran)


@dataclass(frozen=True, slots=True)
class Found:
    """The calendar by which a case is counted from now on, and the change that brought it."""

    change: str
    by: CalendarRef


class Recounting:
    """The walk by which clocks follow work calendars."""

    name = "calendars"
    columns = ("area", "calendar", "calendar_n")

    def concerns(self, group: Group, registry: Snapshot, at: datetime) -> bool:
        """Whether another calendar, or another version, is in force there."""
        found = registry.calendar(group["area"], at)
        there = (found[0].code, found[1]) if found else None
        return there is not None and there != (group["calendar"], group["calendar_n"])

    def cause(self, state: Watch, registry: Snapshot, at: datetime) -> tuple[object, ...] | None:
        """The change, the version that it comes to, and the one before."""
        found, by = look(state, registry, at), state.calendar
        if found is None or by is None:
            return None
        return found.change, found.by.code, found.by.n, by.code, by.n


def columns(watch: Watch) -> dict[str, object]:
    """What open watches are found by: those with a clock that a change of calendars moves."""
    by = watch.calendar
    if by is None or not any(map(_moves, watch.clocks.values())):
        return {"open": False, **dict.fromkeys(Recounting.columns)}
    area = (watch.facts.grid or by.code)[:COMMUNITY_DIGITS]
    return {"open": True, "area": area, "calendar": by.code, "calendar_n": by.n}


def look(watch: Watch, registry: Snapshot, at: datetime) -> Found | None:
    """The calendar that is in force where the case lies; None where it is the one it goes by."""
    by = watch.calendar
    found = registry.calendar(watch.facts.grid or (by.code if by else ""), at)
    if by is None or found is None or (found[0].code, found[1]) == (by.code, by.n):
        return None
    code, n = found[0].code, found[1]
    version = registry.ruling(f"calendar/{code}", at)
    if version is None:
        return None
    return Found(version.change.id, CalendarRef(code=code, n=n, counting=by.counting))


def recount(
    watch: Watch, incident_id: str, registry: Snapshot, at: datetime
) -> Sequence[EventData]:
    """The clocks by the calendar in force, with what they were before, and what follows."""
    found = look(watch, registry, at)
    if found is None:
        return ()
    zone = watch.facts.zone
    old, new = (registry.working_time(by, zone) for by in (watch.calendar, found.by))
    there = [one for one in watch.clocks.values() if _moves(one)]
    pairs = [(one, _anew(one, watch, old, new)) for one in there]
    changed = [(before, after) for before, after in pairs if before != after]
    event = ClocksChanged(
        incident_id=incident_id,
        case_no=watch.facts.case_no,
        at=at,
        cause=CalendarSet.TYPE,
        calendar=found.by,
        clocks=tuple(after for _, after in changed),
        recounted=Recounted(
            change=found.change,
            calendar_before=watch.calendar,
            due_before=tuple(
                DueBefore(task=one.task, clock=one.clock, run=one.run, due_at=one.due_at)
                for one, _ in changed
            ),
        ),
    )
    gone = [(after, mark) for _, after in changed for mark in to_come(watch, after, at)]
    return [event, *withdrawn_and_lifted(Moment(watch, incident_id, at, new), gone)]


def _moves(clock: Clock) -> bool:
    return clock.state in ALIVE and in_working_time(clock) and clock.task != REQUEST.task


def _anew(clock: Clock, watch: Watch, old: Calendar, new: Calendar) -> Clock:
    """The clock as if the new calendar had held since it began, or rework did."""
    earlier = clock.used_ms - known_ms(clock, old)
    if clock.limit.unit is LimitUnit.WORKING_DAY:  # of days the share counts, however long they are
        earlier = earlier * new.day_us // old.day_us
    begun = _from_the_same_day(clock, old, new)
    used_ms = earlier + known_ms(begun, new)
    return counted(begun.model_copy(update={"used_ms": used_ms}), new, watch.facts.steps)


def _from_the_same_day(clock: Clock, old: Calendar, new: Calendar) -> Clock:
    """What was to count from a day on counts from that day, as it begins by the new calendar."""
    ran = clock.ran or ()
    named = [*(one.counted_from for one in ran), clock.counted_from]
    counts = next(filter(None, named), None)
    if counts is None:
        return clock
    first = first_of(counts.astimezone(ZoneInfo(old.zone)).date(), new)
    after = _counting_from(clock, first)
    moved = tuple(_counting_from(one, first) for one in ran)
    return after.model_copy(update={"ran": moved or None})


def _counting_from(run: Run, first: datetime) -> Run:
    counts = max(first, run.started_at)
    return run if counts == since(run) else run.model_copy(update={"counted_from": counts})
