"""Targets of notices and events for them, as the tests of notices make them up."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.escalation.domain.wording import Writer
from services.escalation.notifier import read_words
from shared.contracts.base import EventData, Limit, LimitUnit, Names, Stage
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import (
    Clock,
    ClockApproaching,
    ClockBreached,
    ClockState,
    Mark,
    MarkWithdrawn,
    SupervisionLifted,
    SupervisionOrdered,
    SupervisionReleased,
    SupervisionSatisfied,
)
from shared.contracts.ladders import Colour
from shared.contracts.levels import SupervisionLevel
from shared.contracts.notice_targets import Channel, NoticeTarget
from shared.contracts.registry_v1 import EntrySet
from shared.contracts.reminders_v1 import (
    NoticeConveyed,
    NoticeRaised,
    NoticeReminded,
    SupervisionConveyed,
    SupervisionReminded,
)
from shared.platform.ids import caused_id
from shared.registry.snapshot import Snapshot
from tests.registry.entries import alone, version

CITY, COUNTY, TOWN = "9901", "990101", "990101002"
GRID = "990101002003001"
ZONE = "Asia/Shanghai"
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""12:00 in Shanghai."""
UNIT = "sanitation"
LINK = "https://city.example/cases/{incident}"
WRITER = Writer(read_words(), LINK)


def target(code: str = "duty", **fields: Any) -> NoticeTarget:  # noqa: ANN401 - any field
    """A webhook of the city that is told of everything."""
    told = {
        "names": Names(zh="值班室", en="Duty room"), "area": CITY, "channel": Channel.WEBHOOK,
        "url": "https://duty.example/notices", "secret": code, "zone": ZONE,
    }  # fmt: skip
    return NoticeTarget.model_validate({"code": code} | told | fields)


def mailbox(code: str = "mail", **fields: Any) -> NoticeTarget:  # noqa: ANN401 - any field
    """A mailbox of the city."""
    told = {"channel": Channel.EMAIL, "url": None, "secret": None, "addresses": ("duty@a.example",)}
    return target(code, **told | fields)


def registry(*targets: NoticeTarget | EntrySet) -> Snapshot:
    """A registry that has these targets."""
    versions = [
        one if isinstance(one, EntrySet) else version(one, alone(one.code)) for one in targets
    ]
    return Snapshot().with_changes(versions, len(versions))


def happened(data: EventData, at: datetime, name: object = "") -> Event[Any]:
    """The event of escalation that carries the data."""
    event = caused_id("tests", data.TYPE, name, at.isoformat())
    return Event(
        id=event, source="/wangge/escalation", subject="incident-1", time=at, data=data,
        correlation_id="incident-1", causation_id="cause", sequence=1,
    )  # fmt: skip


def mark(percent: int, due: datetime, task: str = "lead") -> Mark:
    return Mark(task=task, clock=Stage.HANDLE, run=1, percent=percent, due_at=due)


def clock(due: datetime, task: str = "lead", **fields: Any) -> Clock:  # noqa: ANN401 - any field
    told: dict[str, Any] = {"state": ClockState.RUNNING, "grid": GRID, "unit": UNIT}
    told |= {"matter": "litter"} | fields
    return Clock(
        task=task, clock=Stage.HANDLE, run=1, due_at=due,
        limit=Limit(amount=10, unit=LimitUnit.URGENT_HOUR), started_at=due - timedelta(hours=10),
        **told,
    )  # fmt: skip


def _of_case(at: datetime) -> dict[str, Any]:
    return {"incident_id": "incident-1", "case_no": "9901-20260302-0001-7", "at": at}


def approaching(at: datetime = NOON, name: object = "", task: str = "lead") -> Event[Any]:
    """80 % are used, two hours are left."""
    due = at + timedelta(hours=2)
    data = ClockApproaching(mark=mark(80, at, task), clock=clock(due, task), **_of_case(at))
    return happened(data, at, name)


def breached(at: datetime = NOON, name: object = "", **fields: Any) -> Event[Any]:  # noqa: ANN401 - any field
    """It was due three minutes before."""
    due = at - timedelta(minutes=3)
    data = ClockBreached(mark=mark(100, due), clock=clock(due, **fields), **_of_case(at))
    return happened(data, at, name)


def withdrawn(at: datetime = NOON) -> Event[Any]:
    """Its clock had been stopped a minute before."""
    due = at - timedelta(minutes=3)
    stopped = clock(due, state=ClockState.MET, stopped_at=due - timedelta(minutes=1))
    data = MarkWithdrawn(mark=mark(100, due), clock=stopped, **_of_case(at))
    return happened(data, at)


def counted_anew(at: datetime = NOON) -> Event[Any]:
    """What was approaching is due four hours later."""
    longer = clock(at + timedelta(hours=5))
    return happened(MarkWithdrawn(mark=mark(80, at), clock=longer, **_of_case(at)), at)


def ordered(
    level: SupervisionLevel = SupervisionLevel.YELLOW_CARD, at: datetime = NOON
) -> Event[Any]:
    """By the county, after an ordinary one."""
    data = SupervisionOrdered(
        level=level, previous=SupervisionLevel.ORDINARY, mark=mark(150, at), unit=UNIT, grid=GRID,
        issuer="county", issuer_area=COUNTY, **_of_case(at),
    )  # fmt: skip
    return happened(data, at)


def satisfied(at: datetime = NOON) -> Event[Any]:
    """The unit has handed back."""
    level = SupervisionLevel.YELLOW_CARD
    return happened(SupervisionSatisfied(level=level, grid=GRID, **_of_case(at)), at)


def raised(colour: Colour = Colour.ORANGE, at: datetime = NOON) -> Event[Any]:
    """75 % are used."""
    due = at + timedelta(hours=2)
    data = NoticeRaised(mark=mark(75, at), clock=clock(due), colour=colour, **_of_case(at))
    return happened(data, at)


def reminded(at: datetime = NOON) -> Event[Any]:
    """Of a yellow card, for the second time of three."""
    data = SupervisionReminded(level=SupervisionLevel.YELLOW_CARD, **_reminder(at), **_of_case(at))
    return happened(data, at)


def noticed_again(at: datetime = NOON) -> Event[Any]:
    """Of an orange notice."""
    return happened(NoticeReminded(colour=Colour.ORANGE, **_reminder(at), **_of_case(at)), at)


def conveyed(at: datetime = NOON) -> Event[Any]:
    """A yellow card, to the unit that the case was given to."""
    return happened(
        SupervisionConveyed(level=SupervisionLevel.YELLOW_CARD, **_conveyed(at), **_of_case(at)), at
    )


def notice_conveyed(at: datetime = NOON) -> Event[Any]:
    """An orange notice, to the unit whose its clock is now."""
    return happened(NoticeConveyed(colour=Colour.ORANGE, **_conveyed(at), **_of_case(at)), at)


def _conveyed(at: datetime) -> dict[str, Any]:
    return {"order": 7, "mark": mark(75, at), "unit": UNIT, "grid": GRID}


def _reminder(at: datetime) -> dict[str, Any]:
    return {
        "order": 7, "number": 2, "of": 3, "due_at": at, "mark": mark(75, at), "unit": UNIT,
        "grid": GRID,
    }  # fmt: skip


def lifted(at: datetime = NOON) -> Event[Any]:
    data = SupervisionLifted(
        level=SupervisionLevel.YELLOW_CARD, grid=GRID, reason="closed", **_of_case(at)
    )
    return happened(data, at)


def released(at: datetime = NOON) -> Event[Any]:
    """By somebody above, who says why."""
    data = SupervisionReleased(
        level=SupervisionLevel.YELLOW_CARD, grid=GRID, said="done on the phone", **_of_case(at)
    )
    return happened(data, at)
