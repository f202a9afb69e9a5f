"""What the golden examples have in common: one manhole cover of the fictitious city Linjiang."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.contracts.base import (
    Actor,
    EventData,
    Limit,
    Limits,
    LimitUnit,
    Names,
    Point,
    Stage,
)
from shared.contracts.calendars import CalendarRef, Counting
from shared.contracts.case_refs_v1 import ComponentRef, FlowRef, MatterRef, NamedCode, UnitRef
from shared.contracts.case_v1 import (
    Appeal,
    AppealState,
    Case,
    CaseState,
    Request,
    RequestKind,
    Suspension,
    Task,
    TaskState,
    Times,
)
from shared.contracts.catalog import TOPIC_OF
from shared.contracts.dead_letters_v1 import RecordDied, RecordReplayed
from shared.contracts.envelope import SOURCE_BASE, Event
from shared.contracts.flows import Flow, FlowActor, FlowState, FlowTurn, Paper
from shared.contracts.incidents_v1 import PaperRef, Photo, PhotoRef
from shared.contracts.ladders import (
    Colour,
    LadderStep,
    LiftedWhen,
    NoticeStep,
    Repeat,
    TellRule,
)
from shared.contracts.levels import SupervisionLevel
from shared.contracts.plans import CheckItem, Every, Finding, Plan, PlanKind, PlanRef
from shared.contracts.routing_rules import Destination, MatterClass, Source, UnitKind
from shared.platform import ids

FULL = "full"
"""The name of the example that has a value in every field."""
MINIMAL = "minimal"
"""The name of the example that has only what is required."""

CITY, COUNTY, TOWN = "9901", "990101", "990101002"
GRID = "990101002003001"
ZONE = "Asia/Shanghai"
RESIDENT = Actor(subject="r-5c1e7a90")
INCIDENT = ids.incident_id(RESIDENT.subject, "0f4a2f0e-6f0b-4d57-9c57-8b1f9a4b7d11")
RECEIPT = ids.receipt_no(INCIDENT)
CASE_NO = "990101-20260302-0700000123"
RECEIVED = datetime(2026, 3, 2, 1, 30, 0, 123_000, UTC)
PLACE = Point(coordinates=(120.1551, 30.2741))
EVERYTHING = Limits(
    dispatch=Limit(amount=0.5, unit=LimitUnit.URGENT_HOUR),
    accept=Limit(amount=1, unit=LimitUnit.WORKING_HOUR),
    handle=Limit(amount=2, unit=LimitUnit.URGENT_HOUR),
    verify=Limit(amount=1, unit=LimitUnit.WORKING_DAY),
    total=Limit(amount=3, unit=LimitUnit.NATURAL_DAY),
)
LADDER = (
    LadderStep(clock=Stage.HANDLE, percent=100, level=SupervisionLevel.ORDINARY, issuer="town"),
    LadderStep(
        clock=Stage.HANDLE, percent=150, level=SupervisionLevel.YELLOW_CARD, issuer="county"
    ),
    LadderStep(clock=Stage.HANDLE, percent=200, level=SupervisionLevel.RED_CARD, issuer="city"),
)
HOURLY = Repeat(every=Limit(amount=1, unit=LimitUnit.URGENT_HOUR), times=3)
TELL = (TellRule(role="unit_member", whose="unit"), TellRule(role="leader", whose="county"))
TOLD_LADDER = tuple(
    one.model_copy(update={"tell": TELL, "repeat": HOURLY, "lifted_when": LiftedWhen.HANDLED})
    for one in LADDER
)
"""The same with whom it tells, how it is told again, and when it is lifted."""
NOTICES = (
    NoticeStep(clock=Stage.HANDLE, percent=50, colour=Colour.BLUE, tell=TELL, repeat=HOURLY),
    NoticeStep(clock=Stage.HANDLE, percent=75, colour=Colour.ORANGE, tell=TELL, repeat=HOURLY),
    NoticeStep(clock=Stage.HANDLE, percent=120, colour=Colour.RED, tell=TELL, repeat=HOURLY),
)
MATTER = MatterRef(
    code="manhole-cover",
    n=1,
    names=Names(zh="井盖缺失", en="Missing manhole cover"),
    klass=MatterClass.COMPONENT,
    condition="missing",
    public=True,
)
UNIT = UnitRef(
    code="urban-management-990101",
    names=Names(zh="城市管理局", en="Urban management bureau"),
    kind=UnitKind.DEPARTMENT,
    area=COUNTY,
)
TEAM = UnitRef(
    code="team-990101002003",
    names=Names(zh="滨河社区网格队", en="Riverside grid team"),
    kind=UnitKind.OFFICER_TEAM,
    area="990101002003",
)
CENTRE = UnitRef(
    code="centre-990101002",
    names=Names(zh="滨河街道综治中心", en="Riverside town centre"),
    kind=UnitKind.TOWN_CENTRE,
    area=TOWN,
)
MEMBER = Actor(subject="m-20b7", roles=("unit_member",), unit=UNIT.code, area=COUNTY)
DISPATCHER = Actor(subject="d-31c4", roles=("dispatcher", "duty_head"), area=COUNTY)
INSPECTOR = Actor(subject="i-88e2", roles=("inspector",), unit="grid-990101002003", area=TOWN)
SUPERVISOR = Actor(subject="s-0d19", roles=("supervisor",), unit="centre-9901", area=CITY)
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def minutes(count: float) -> datetime:
    """So many minutes after the report was received."""
    return RECEIVED + timedelta(minutes=count)


def case(state: CaseState, **more: Any) -> Case:  # noqa: ANN401 - any field of a case
    """The case with nothing but what is required."""
    return Case(
        case_no=CASE_NO,
        state=state,
        grid=GRID,
        zone=ZONE,
        matter=MATTER,
        location=PLACE,
        source=Source.RESIDENT,
        times=more.pop("times", None)
        or Times(counts_from=RECEIVED, received_at=RECEIVED, filed_at=minutes(0.01)),
        limits=more.pop("limits", None) or Limits(),
        **more,
    )


BEFORE = PhotoRef(shows=Photo.BEFORE, ref="photos/2026/03/02/cover-1.jpg", sha256="0a" * 32)
AFTER = PhotoRef(shows=Photo.AFTER, ref="photos/2026/03/02/cover-2.jpg", sha256="1b" * 32)
REQUEST = Request(
    kind=RequestKind.EXTENSION,
    asked_at=minutes(60),
    unit=UNIT.code,
    subject=MEMBER.subject,
    reason="the cover has to be cast",
    level="county",
    limit=Limit(amount=1, unit=LimitUnit.NATURAL_DAY),
    lapses_at=minutes(1500),
    until=minutes(3000),
    extend_by=Limit(amount=1.5, unit=LimitUnit.URGENT_HOUR),
)


CALENDAR = CalendarRef(code=CITY, n=3, counting=Counting.FROM_NEXT_DAY)
TASK = Task(
    code="co-1",
    unit=TEAM,
    state=TaskState.DONE,
    needed=False,
    assigned_at=minutes(13),
    accepted_at=minutes(14),
    ended_at=minutes(80),
    limit=Limit(amount=2, unit=LimitUnit.URGENT_HOUR),
)


APPEAL = Appeal(
    task="lead",
    clock=Stage.HANDLE,
    run=1,
    unit=UNIT.code,
    subject=MEMBER.subject,
    reason="the street was closed by the police",
    asked_at=minutes(200),
    level="city",
    limit=Limit(amount=1, unit=LimitUnit.NATURAL_DAY),
    state=AppealState.UPHELD,
)


ORDER_PAPER = Paper(code="order", names=Names(zh="责令整改通知书", en="Order to put it right"))
FLOW = Flow(
    code="hazard",
    names=Names(zh="隐患整改", en="Putting a hazard right"),
    start="found",
    states=(
        FlowState(
            code="found",
            names=Names(zh="隐患登记", en="Found"),
            limit=Limit(amount=2, unit=LimitUnit.URGENT_HOUR),
            turns=(
                FlowTurn(
                    code="order",
                    names=Names(zh="责令整改", en="Order it put right"),
                    to="ordered",
                    reason=True,
                    papers=(ORDER_PAPER,),
                    at_most=2,
                ),
                FlowTurn(
                    code="at_once",
                    names=Names(zh="当场整改", en="Put right at once"),
                    to="put_right",
                    reason=True,
                ),
            ),
        ),
        FlowState(
            code="ordered",
            names=Names(zh="整改中", en="Being put right"),
            limit=Limit(amount=3, unit=LimitUnit.NATURAL_DAY),
            lead=Destination(unit_kind=UnitKind.DEPARTMENT, level="county"),
            turns=(
                FlowTurn(
                    code="in_order",
                    names=Names(zh="复查合格", en="In order"),
                    to="put_right",
                    by=FlowActor.CHECKER,
                ),
            ),
        ),
        FlowState(code="put_right", names=Names(zh="已整改", en="Put right")),
    ),
)
ORDERED_PAPER = PaperRef(code="order", ref="papers/2026/03/02/order-1.pdf", sha256="2c" * 32)
ITEM = CheckItem(
    code="exit", names=Names(zh="疏散通道", en="Escape routes"), finding="blocked-exit"
)
PLAN = Plan(
    code="fire-week",
    names=Names(zh="消防专项检查", en="Fire safety week"),
    plan_kind=PlanKind.CAMPAIGN,
    matter="fire-inspection",
    places=("riverside-18",),
    grids=(GRID,),
    areas=(TOWN,),
    dates=("2026-03-02",),
    every=Every(first="2026-03-09", last="2026-03-30", days=7),
    checklist=(ITEM,),
)
PLANNED = PlanRef(
    code=PLAN.code,
    names=PLAN.names,
    plan_kind=PLAN.plan_kind,
    n=1,
    day="2026-03-02",
    target="riverside-18",
    checklist=PLAN.checklist,
)
FINDING = Finding(
    item=ITEM.code,
    description="boxes in the stairway",
    incident_id=ids.incident_id(MEMBER.subject, "finding"),
)
IN_FLOW = FlowRef(
    code=FLOW.code,
    n=1,
    names=FLOW.names,
    state=NamedCode(code="ordered", names=Names(zh="整改中", en="Being put right")),
    since=minutes(50),
    turns=FLOW.states[0].turns[:1],
    lead=Destination(unit_kind=UnitKind.DEPARTMENT, level="county"),
    end=NamedCode(code="put_right", names=Names(zh="已整改", en="Put right")),
    taken={"ordered/order": 1},
)
TURN = NamedCode(code="order", names=Names(zh="责令整改", en="Order it put right"))
FOUND = NamedCode(code="found", names=Names(zh="隐患登记", en="Found"))


TIME = {
    "filing": 600,
    "accept/~returned": 719_400,
    f"handle/{UNIT.code}": 3_780_000,
    "handle/~suspension-1": 1_200_000,
    "verify": 3_300_000,
}


def whole_case(state: CaseState) -> Case:
    """The case with a value in every field."""
    return case(
        state,
        calendar=CALENDAR,
        grid_n=2,
        component=ComponentRef(
            code="9901010101000017",
            names=Names(zh="雨水井盖 17 号", en="Storm drain cover 17"),
            metres=3.2,
            owner=UNIT.code,
            maintainer="water-9901",
        ),
        unit=UNIT,
        member=MEMBER.subject,
        co_units=(TEAM,),
        cc=(CENTRE,),
        limits=EVERYTHING,
        ladder=TOLD_LADDER,
        notice_ladder=NOTICES,
        times=Times(
            counts_from=RECEIVED,
            received_at=RECEIVED,
            filed_at=minutes(0.01),
            dispatched_at=minutes(0.01),
            accepted_at=minutes(12),
            made_safe_at=minutes(40),
            handled_at=minutes(95),
            closed_at=minutes(150),
        ),
        return_pending=True,
        returns=1,
        refused_returns=1,
        reworks=1,
        reopenings=1,
        request=REQUEST,
        suspension=Suspension(since=minutes(20), until=minutes(2000), reason="waiting for parts"),
        suspensions=1,
        extensions=1,
        urgings=2,
        urged_at=minutes(30),
        priority=2,
        watchers=(TOWN, COUNTY),
        centre=COUNTY,
        tasks=(TASK,),
        appeals=(APPEAL,),
        lead_done_at=minutes(90),
        flow=IN_FLOW,
        on_site=True,
        emergency=True,
        make_safe=Limit(amount=0.5, unit=LimitUnit.URGENT_HOUR),
        first=TEAM,
        time=TIME,
        time_until=minutes(150),
    )


@dataclass(frozen=True, slots=True)
class Example:
    """A golden example: one whole record, as its owner publishes it."""

    name: str
    event: Event[EventData]
    key: str


def example(  # noqa: PLR0913 - the six are what a record is made of
    name: str,
    data: EventData,
    *,
    at: datetime,
    sequence: int,
    subject: str = INCIDENT,
    key: str | None = None,
) -> Example:
    """The record of an event that something else caused, as its topic's owner would make it."""
    if isinstance(data, RecordDied | RecordReplayed):
        service = data.service
    else:
        service = TOPIC_OF[type(data)].owner
    full = name.startswith(FULL)
    cause = ids.caused_id("golden", subject, sequence)
    event = Event(
        id=ids.caused_id(service, subject, cause, data.TYPE, 0),
        source=SOURCE_BASE + service,
        subject=subject,
        time=at,
        data=data,
        correlation_id=ids.caused_id("golden", subject, 0),
        causation_id=cause,
        sequence=sequence,
        registry_version=211 if full else -1,
        traceparent=TRACEPARENT if full else None,
    )
    return Example(name, event, key or subject)
