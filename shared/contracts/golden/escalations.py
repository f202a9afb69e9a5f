"""Golden examples of ``wangge.escalations.v1``."""

from typing import Any

from shared.contracts.base import EventData, Limit, LimitUnit, Stage
from shared.contracts.escalations_v1 import (
    Clock,
    ClockApproaching,
    ClockBreached,
    ClocksChanged,
    ClockState,
    DueBefore,
    Mark,
    MarkAt,
    MarkEvent,
    MarkWithdrawn,
    Ran,
    Recounted,
    SupervisionLifted,
    SupervisionOrdered,
    SupervisionReleased,
    SupervisionSatisfied,
    Told,
)
from shared.contracts.golden import story
from shared.contracts.golden.story import FULL, INCIDENT, MINIMAL, Example, minutes
from shared.contracts.ladders import Colour, LiftedWhen
from shared.contracts.levels import SupervisionLevel
from shared.contracts.reminders_v1 import (
    NoticeConveyed,
    NoticeRaised,
    NoticeRef,
    NoticeReminded,
    NoticesAcknowledged,
    SupervisionAcknowledged,
    SupervisionConveyed,
    SupervisionReminded,
)
from shared.contracts.roles import Role
from shared.platform import ids

LIMIT = Limit(amount=2, unit=LimitUnit.URGENT_HOUR)


def _clock(state: ClockState, **more: Any) -> Clock:  # noqa: ANN401 - any field of a clock
    return Clock(
        task="lead",
        clock=Stage.HANDLE,
        run=1,
        state=state,
        limit=LIMIT,
        started_at=minutes(12),
        due_at=minutes(132),
        **more,
    )


def _whole_clock(state: ClockState) -> Clock:
    return _clock(
        state,
        grid=story.GRID,
        unit=story.UNIT.code,
        matter=story.MATTER.code,
        provisional=True,
        counted_from=minutes(12),
        marks=tuple(MarkAt(percent=one, due_at=_mark(one).due_at) for one in (80, 100, 150)),
        stopped_at=minutes(95),
        ran=(Ran(started_at=minutes(2), counted_from=minutes(3), stopped_at=minutes(5)),),
        used_ms=85 * 60_000,
    )


def _mark(percent: int) -> Mark:
    due = minutes(12 + 1.2 * percent)
    return Mark(task="lead", clock=Stage.HANDLE, run=1, percent=percent, due_at=due)


def _answered(
    kind: type[MarkEvent],
    percent: int,
    *,
    full: bool,
    **more: Any,  # noqa: ANN401 - the event's own fields
) -> MarkEvent:
    mark = _mark(percent)
    return kind(
        incident_id=INCIDENT,
        case_no=story.CASE_NO if full else None,
        at=mark.due_at,
        mark=mark,
        clock=_whole_clock(ClockState.MET) if full else _clock(ClockState.RUNNING),
        tell=TELL if full else None,
        **more,
    )


TELL = (
    Told(role=Role.UNIT_MEMBER, unit=story.UNIT.code, area=story.GRID[:9]),
    Told(role=Role.DUTY_HEAD, unit=story.UNIT.code, area=story.GRID[:9]),
)
RECOUNTED = Recounted(
    change=ids.caused_id("golden", "change"),
    calendar_before=story.CALENDAR.model_copy(update={"n": 2}),
    due_before=(DueBefore(task="lead", clock=Stage.HANDLE, run=1, due_at=minutes(130)),),
)


def _changed(*, full: bool) -> ClocksChanged:
    return ClocksChanged(
        incident_id=INCIDENT,
        case_no=story.CASE_NO if full else None,
        at=minutes(95),
        cause="cn.wangge.case.handled.v1",
        calendar=story.CALENDAR if full else None,
        clocks=(_whole_clock(ClockState.MET) if full else _clock(ClockState.RUNNING),),
        recounted=RECOUNTED if full else None,
    )


def _supervision(*, full: bool) -> dict[str, Any]:
    base: dict[str, Any] = {
        "incident_id": INCIDENT,
        "level": SupervisionLevel.YELLOW_CARD,
        "at": minutes(192),
    }
    if full:
        base |= {
            "case_no": story.CASE_NO,
            "previous": SupervisionLevel.ORDINARY,
            "mark": _mark(150),
            "unit": story.UNIT.code,
            "grid": story.GRID,
            "tell": TELL,
        }
    return base


def _again(*, full: bool) -> list[EventData]:
    """What is told again until it is acknowledged."""
    common: dict[str, Any] = {"incident_id": INCIDENT, "at": minutes(260)}
    reminder: dict[str, Any] = common | {"order": 5, "number": 2, "of": 3, "due_at": minutes(252)}
    by: dict[str, Any] = {}
    if full:
        common |= {"case_no": story.CASE_NO, "unit": story.UNIT.code, "grid": story.GRID}
        common["tell"] = TELL
        reminder |= common | {"mark": _mark(150)}
        by = {"actor": story.MEMBER, "said": "on our way"}
    conveyed: dict[str, Any] = common | {"order": 5, "unit": story.UNIT.code}
    if full:
        conveyed |= {"mark": _mark(150)}
    noticed = NoticeRef(order=3, colour=Colour.RED, mark=_mark(120))
    return [
        SupervisionReminded(**reminder, level=SupervisionLevel.YELLOW_CARD),
        NoticeReminded(**reminder, colour=Colour.RED),
        SupervisionAcknowledged(**common, **by, order=5, level=SupervisionLevel.YELLOW_CARD),
        NoticesAcknowledged(**common, **by, notices=(noticed,)),
        SupervisionConveyed(**conveyed, level=SupervisionLevel.YELLOW_CARD),
        NoticeConveyed(**conveyed, colour=Colour.RED),
    ]


def _datas(*, full: bool) -> list[EventData]:
    ordered = _supervision(full=full) | {"issuer": "county", "issuer_area": story.COUNTY}
    said: dict[str, Any] = (
        {"actor": story.SUPERVISOR, "said": "the mayor has asked"} if full else {}
    )
    lifted = _supervision(full=full) | {"reason": "mark_withdrawn"}
    reminders = tuple(minutes(192 + 60 * one) for one in (1, 2, 3))
    repeated: dict[str, Any] = {"reminders": reminders} if full else {}
    told: dict[str, Any] = repeated | ({"lifted_when": LiftedWhen.HANDLED} if full else {})
    return [
        _changed(full=full),
        _answered(ClockApproaching, 80, full=full),
        _answered(ClockBreached, 100, full=full),
        _answered(MarkWithdrawn, 100, full=full),
        SupervisionOrdered(**ordered, **said, **told),
        SupervisionLifted(**lifted),
        SupervisionReleased(**_supervision(full=full), **said),
        SupervisionSatisfied(**_supervision(full=full), tasks=("lead", "co-1") if full else None),
        _answered(NoticeRaised, 120, full=full, colour=Colour.RED, **repeated),
        *_again(full=full),
    ]


def examples() -> list[Example]:
    """A full and a minimal one of each type."""
    return [
        story.example(name, data, at=minutes(108 + 12 * number), sequence=number)
        for name in (FULL, MINIMAL)
        for number, data in enumerate(_datas(full=name == FULL), 1)
    ]
