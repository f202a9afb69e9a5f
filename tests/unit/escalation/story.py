"""A case on a moved clock: its events and the ticks go through the ledger's own fold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import bson
from bson.codec_options import CodecOptions
from hypothesis.vendor.pretty import RepresentationPrinter

from services.escalation.domain.clock_table import MAIN
from services.escalation.domain.deciding import SERVICE, WALKS, Watching
from services.escalation.domain.watch import Watch
from shared.contracts.base import EventData, Limit, Limits, LimitUnit, Stage
from shared.contracts.calendars import CalendarRef
from shared.contracts.case_refs_v1 import FlowRef, UnitRef
from shared.contracts.case_v1 import (
    Appeal,
    AppealState,
    Case,
    CaseEvent,
    CaseState,
    Request,
    RequestKind,
    Task,
    TaskState,
    Times,
)
from shared.contracts.cases_v1 import (
    CaseAccepted,
    CaseClosed,
    CaseDispatched,
    CaseFiled,
    CaseHandedUp,
    CaseHandled,
    CaseMadeSafe,
    CaseRegridded,
    CaseReopened,
    CaseVoided,
    FirstTaken,
    LeadDone,
    ReworkOrdered,
)
from shared.contracts.envelope import SOURCE_BASE, Event, Origin, decode
from shared.contracts.escalations_v1 import (
    Clock,
)
from shared.contracts.golden import story
from shared.contracts.golden.story import INCIDENT
from shared.contracts.ladders import LadderStep, NoticeStep
from shared.contracts.levels import LEVELS, SupervisionLevel
from shared.contracts.outcomes_v1 import IncidentHeld, IncidentRejected, Outcome
from shared.contracts.policies import RequestRules
from shared.contracts.requests_v1 import (
    AppealEvent,
    AppealMade,
    AppealUpheld,
    CaseExtended,
    CaseResumed,
    CaseSuspended,
    ExtensionRefused,
    ExtensionRequested,
    ReturnGranted,
)
from shared.contracts.routing_rules import Source
from shared.contracts.rule_v1 import Rule
from shared.contracts.steps_v1 import CasePassedOn, CaseStepped, FlowEnded
from shared.contracts.supervising_v1 import (
    CaseAcknowledged,
    CaseRearmed,
    CaseReleased,
    CaseSupervised,
    IncidentAcknowledged,
)
from shared.contracts.tasks_v1 import (
    TaskAccepted,
    TaskAssigned,
    TaskDeclined,
    TaskDone,
    TaskEvent,
    TaskWithdrawn,
)
from shared.contracts.topics import CASES
from shared.ledger.decider import Context
from shared.ledger.document import Document
from shared.ledger.folding import Folder
from shared.ledger.timer import Tick
from shared.ledger.walk import Walked
from shared.platform.ids import caused_id
from shared.platform.partitioning import partition_of
from shared.registry.snapshot import Snapshot
from tests.fakes.clock import START
from tests.unit.escalation.in_short import hours_after, lines_of

RULES = Watching()
FOLDER: Folder[Watch] = Folder(SERVICE, RULES, partition_of, CASES)
STAYS = ""
"""Of the unit that has a case: the one that had it."""
AS_READ: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)

DOES: Mapping[type[CaseEvent], bool] = {
    **dict.fromkeys((LeadDone, CaseHandled), True),
    **dict.fromkeys((CaseDispatched, CaseHandedUp, ReturnGranted, CasePassedOn), False),
    **dict.fromkeys((ReworkOrdered, CaseReopened), False),
}
"""By these its unit is done, or not after all."""


def kind_of(requested: type[CaseEvent]) -> RequestKind:
    """What is asked for by an event, which is named after it."""
    return RequestKind(requested.TYPE.split(".")[-2].removesuffix("_requested"))


def hours(amount: float) -> Limit:
    """A limit in urgent hours."""
    return Limit(amount=amount, unit=LimitUnit.URGENT_HOUR)


def days(amount: float) -> Limit:
    """A limit in natural days."""
    return Limit(amount=amount, unit=LimitUnit.NATURAL_DAY)


@dataclass
class Story:
    """One incident. Steps happen now, or ``late``: so many hours after they were received."""

    limits: Limits = field(default_factory=Limits)
    filing: Limit | None = None
    ladder: tuple[LadderStep, ...] = story.LADDER
    notice_ladder: tuple[NoticeStep, ...] = ()
    zone: str = "Asia/Shanghai"
    start: datetime = START
    now: datetime = START
    counts_from: datetime | None = None
    """Of an imported history; else the start."""
    incident: str = INCIDENT
    grid: str = story.GRID
    unit: str | None = story.UNIT.code
    """The unit that has it."""
    tasks: tuple[Task, ...] = ()
    lead_done_at: datetime | None = None
    """Since when its unit is done with its part."""
    appeals: tuple[Appeal, ...] = ()
    registry: Snapshot = field(default_factory=Snapshot)
    calendar: CalendarRef | None = None
    """The one that the case names."""
    flow: FlowRef | None = None
    """How far its flow is, if it has one."""
    make_safe: Limit | None = None
    """Of an emergency."""
    first: UnitRef | None = None
    """Who was first there."""
    older: bool = False
    """Whether an older version writes its events: each says by which ladders it goes."""
    document: Document[Watch] = field(init=False)
    log: list[Event[Any]] = field(default_factory=list)
    """All that was read and published, in the order of the watch."""
    inputs: list[Event[Any]] = field(default_factory=list)
    _told: int = 0

    def __post_init__(self) -> None:
        self.document = FOLDER.open(self.incident, None)

    def _repr_pretty_(self, printer: RepresentationPrinter, _cycle: object) -> None:
        """What was taken and when it took effect, to read a story that fails."""
        steps = [
            f"{event.type.split('.', 2)[-1]} {hours_after(self.start, event.time)}"
            for event in self.inputs
        ]
        printer.text(f"<{'; '.join(steps)}; now {hours_after(self.start, self.now)}>")

    # What becomes of the incident

    def hold(self, late: float = 0, rule: Rule = Rule.UNKNOWN_MATTER) -> None:
        """It waits in review."""
        more = {
            "filing_limit": self.filing, "ladder": self.ladder, "calendar": self.calendar,
            "notice_ladder": self.notice_ladder,
        }  # fmt: skip
        self._outcome(IncidentHeld, late, rule=rule, **more)

    def reject(self, late: float = 0) -> None:
        """It is not filed."""
        self._outcome(IncidentRejected, late)

    def file(self, late: float = 0) -> None:
        """It is a case."""
        limit = self.filing
        self._case(
            CaseFiled, CaseState.FILED, late, None, receipt_no=story.RECEIPT, filing_limit=limit
        )

    def dispatch(self, late: float = 0, unit: str = story.UNIT.code) -> None:
        """A unit has it."""
        more: dict[str, Any] = {
            "rule": "nearest_unit_of_matter",
            "centre": story.COUNTY,
            "level": "county",
        }
        self._case(CaseDispatched, CaseState.DISPATCHED, late, unit, **more)

    def accept(self, late: float = 0) -> None:
        """The unit takes it."""
        self._case(CaseAccepted, CaseState.ACCEPTED, late)

    def move(self, grid: str, state: CaseState = CaseState.ACCEPTED) -> None:
        """Its grid was redrawn: it lies in this one now."""
        before, self.grid = self.grid, grid
        more: dict[str, Any] = {"change": "redraw", "grid_before": before, "policy": "move"}
        self._case(CaseRegridded, state, 0, **more)

    def ask(
        self, late: float = 0, limit: Limit | None = None, lapses_at: datetime | None = None
    ) -> None:
        """The unit asks for more time."""
        asked = Request(
            kind=RequestKind.EXTENSION, asked_at=self.now, subject="m", limit=limit or hours(6),
            lapses_at=lapses_at,
        )  # fmt: skip
        self._case(ExtensionRequested, CaseState.ACCEPTED, late, request=asked)

    def asks(self, kind: type[CaseEvent], late: float = 0, limit: Limit | None = None) -> None:
        """Somebody asks for something and is to have an answer: a request, or an appeal."""
        at, limit = self.now - timedelta(hours=late), limit or hours(6)
        if issubclass(kind, AppealEvent):
            run = 1 + sum(one.task == "lead" for one in self.appeals)
            appeal = Appeal(
                task="lead", clock=Stage.HANDLE, run=run, unit=story.UNIT.code, subject="m",
                reason="r", asked_at=at, level="town", limit=limit,
            )  # fmt: skip
            self.appeals = (*self.appeals, appeal)
            self._case(kind, self._state(), late, appeal=appeal)
        else:
            asked = Request(kind=kind_of(kind), asked_at=at, subject="m", limit=limit)
            self._case(kind, self._state(), late, request=asked)

    def refuse(self, late: float = 0) -> None:
        """It does not get it."""
        self._case(ExtensionRefused, CaseState.ACCEPTED, late)

    def extend(self, late: float = 0, amount: float = 4) -> None:
        """It has more time, to handle it and in total; it was asked for before."""
        longer = {
            name: Limit(amount=limit.amount + amount / each, unit=limit.unit)
            for name, each in (("handle", 1), ("total", 24 if self._total_in_days else 1))
            if (limit := getattr(self.limits, name)) is not None
        }
        self.limits = self.limits.model_copy(update=longer)
        self._case(CaseExtended, CaseState.ACCEPTED, late, extended_by=hours(amount))

    @property
    def _total_in_days(self) -> bool:
        total = self.limits.total
        return total is not None and total.unit is LimitUnit.NATURAL_DAY

    def suspend(self, late: float = 0) -> None:
        """Its clocks are to stand."""
        self._case(CaseSuspended, CaseState.ACCEPTED, late)

    def resume(self, late: float = 0) -> None:
        """They run on."""
        self._case(CaseResumed, CaseState.ACCEPTED, late)

    def call(self, late: float = 0) -> None:
        """Another unit is to co-operate."""
        self._task(TaskAssigned, TaskState.ASSIGNED, late)

    def come(self, late: float = 0, limit: Limit | None = None) -> None:
        """It takes its share."""
        self._task(TaskAccepted, TaskState.ACCEPTED, late, limit)

    def help_out(self, late: float = 0) -> None:
        """It has done it."""
        self._task(TaskDone, TaskState.DONE, late)

    def refuse_help(self, late: float = 0) -> None:
        """It will not."""
        self._task(TaskDeclined, TaskState.DECLINED, late)

    def call_off(self, late: float = 0) -> None:
        """It is not needed after all."""
        self._task(TaskWithdrawn, TaskState.WITHDRAWN, late)

    def lead_done(self, late: float = 0) -> None:
        """The lead is done."""
        self._case(LeadDone, CaseState.ACCEPTED, late)

    def _task(
        self, kind: type[TaskEvent], state: TaskState, late: float, limit: Limit | None = None
    ) -> None:
        task = Task(
            code="co-1", unit=story.TEAM, state=state, assigned_at=self.start, limit=limit
        )  # fmt: skip
        self.tasks = (task,)
        self._case(kind, CaseState.ACCEPTED, late, task=self.tasks[0])

    def appeal(self, appeal: Appeal) -> None:
        """A unit appeals against a breach, or somebody decides on it, by its state."""
        others = [one for one in self.appeals if one.task != appeal.task]
        self.appeals = (*others, appeal)
        made = appeal.state is AppealState.PENDING
        self._case(AppealMade if made else AppealUpheld, self._state(), 0, appeal=appeal)

    def step(self, late: float = 0, limit: Limit | None = None) -> None:
        """A turn of its flow: the next state, with a limit of its own."""
        handle = limit or hours(5)
        self.limits = self.limits.model_copy(update={"handle": handle})
        self._case(CaseStepped, CaseState.ACCEPTED, late, turn=story.TURN, state_before=story.FOUND)

    def take_first(self, late: float = 0) -> None:
        """A team is there first."""
        self.first = story.TEAM
        self._case(FirstTaken, self._state(), late)

    def secure(self, late: float = 0) -> None:
        """The place is safe."""
        self._case(CaseMadeSafe, self._state(), late)

    def pass_on(self, late: float = 0) -> None:
        """A turn of its flow: somebody else is to have it."""
        turn, before = story.TURN, story.FOUND
        self._case(CasePassedOn, CaseState.FILED, late, None, turn=turn, state_before=before)

    def end_flow(self, late: float = 0) -> None:
        """A turn of its flow: an end; it is handed back."""
        self._case(FlowEnded, CaseState.ACCEPTED, late, turn=story.TURN, state_before=story.FOUND)
        self.hand_back(late)

    def supervise(
        self,
        late: float = 0,
        level: SupervisionLevel = SupervisionLevel.YELLOW_CARD,
        area: str = story.COUNTY,
    ) -> None:
        """Somebody above supervises it by hand."""
        said = {"level": level, "issuer": LEVELS[len(area)], "issuer_area": area}
        actor = story.SUPERVISOR
        self._case(CaseSupervised, CaseState.ACCEPTED, late, actor=actor, **said)  # type: ignore[arg-type]

    def release(self, late: float = 0) -> None:
        """Somebody above lifts the order by hand."""
        self._case(CaseReleased, CaseState.ACCEPTED, late, actor=story.SUPERVISOR)

    def acknowledge(self, late: float = 0, orders: tuple[int, ...] | None = None) -> None:
        """Somebody has seen the order and the notices: those that there are, or these."""
        watch = self.watch
        ordered = () if watch.order is None else (watch.order.n,)
        seen = (*ordered, *(one.n for one in watch.notices)) if orders is None else orders
        self._case(CaseAcknowledged, self._state(), late, actor=story.MEMBER, orders=seen)

    def acknowledge_in_review(self, late: float = 0) -> None:
        """The desk has seen the order to hurry."""
        at, order = self.now - timedelta(hours=late), self.watch.order
        assert order is not None
        data = IncidentAcknowledged(
            incident_id=self.incident, at=at, actor=story.MEMBER, orders=(order.n,)
        )
        self._read(data, at)

    def _state(self) -> CaseState:
        cases = [one.data for one in self.inputs if isinstance(one.data, CaseEvent)]
        return cases[-1].case.state

    def rearm(
        self,
        late: float = 0,
        ladder: tuple[LadderStep, ...] = (),
        notice_ladder: tuple[NoticeStep, ...] = (),
    ) -> None:
        """It goes by other ladders from now on."""
        self.ladder, self.notice_ladder = ladder, notice_ladder
        more: dict[str, Any] = {"requests": RequestRules(), "reopen_within_days": 7}
        self._case(CaseRearmed, self._state(), late, **more)

    def hand_up(self, late: float = 0) -> None:
        """Another centre is to find a unit."""
        self._case(CaseHandedUp, CaseState.FILED, late, None, centre_before=story.COUNTY)

    def grant_return(self, late: float = 0) -> None:
        """The unit gives it back."""
        unit = story.UNIT.code
        self._case(ReturnGranted, CaseState.FILED, late, None, returned_by=unit)

    def hand_back(self, late: float = 0) -> None:
        """The unit says that it is done."""
        self._case(CaseHandled, CaseState.HANDLED, late)

    def order_rework(self, late: float = 0) -> None:
        """It was not done."""
        self._case(ReworkOrdered, CaseState.ACCEPTED, late)

    def close(self, late: float = 0) -> None:
        """It was done."""
        self._case(CaseClosed, CaseState.CLOSED, late)

    def reopen(self, late: float = 0) -> None:
        """It was not, after all."""
        self._case(CaseReopened, CaseState.DISPATCHED, late)

    def void(self, late: float = 0) -> None:
        """It should never have been a case."""
        before = CaseState.ACCEPTED
        self._case(CaseVoided, CaseState.VOIDED, late, state_before=before)

    def begin(self, *steps: Callable[["Story"], None]) -> "Story":
        """Filed, dispatched and accepted at once, then the steps; what was told is forgotten."""
        for step in (Story.file, Story.dispatch, Story.accept, *steps):
            step(self)
        self.told()
        return self

    # The clock

    def forward(self, amount: float) -> None:
        """Let so many hours pass; the ticker answers when something is due, as it does."""
        until = self.now + timedelta(hours=amount)
        while (due := self.next_due) is not None and due <= until:
            self.now = max(due, self.now)
            self.tick()
        self.now = until

    def away(self, amount: float) -> None:
        """Let so many hours pass while the service is away."""
        self.now += timedelta(hours=amount)

    def tick(self) -> None:
        """The ticker answers what is due by now, if anything is."""
        if self.next_due is not None and self.next_due <= self.now:
            self.take(self.tick_event())

    def tick_event(self) -> Event[Any]:
        """What the ticker gives to the rules now."""
        assert self.document.state is not None
        mark = RULES.due_mark(self.document.state)
        assert mark is not None
        return self._own(caused_id("tick", self.incident, *mark), Tick(until=self.now))

    def _own(self, event_id: str, data: EventData) -> Event[Any]:
        return Event(
            id=event_id,
            source=SOURCE_BASE + SERVICE,
            subject=self.incident,
            time=self.now,
            data=data,
            correlation_id=self.incident,
            causation_id=self.incident,
            sequence=0,
        )

    def walk(self) -> None:
        """The walks look at it, as the walker lets them."""
        columns = RULES.columns(self.watch)
        for walk in WALKS:
            group = {name: columns[name] for name in walk.columns}
            if not columns["open"] or not walk.concerns(group, self.registry, self.now):
                continue
            cause = walk.cause(self.watch, self.registry, self.now)
            if cause is not None:
                self.take(self._own(caused_id("walk", self.incident, walk.name, *cause),
                                    Walked(walk=walk.name)))  # fmt: skip

    # What is there

    @property
    def watch(self) -> Watch:
        """The watch."""
        assert self.document.state is not None
        return self.document.state

    @property
    def next_due(self) -> datetime | None:
        """When the ticker wakes for it."""
        found: datetime | None = RULES.columns(self.watch)["next_due_at"]
        return found

    def clock(self, stage: Stage, task: str | None = None) -> Clock:
        """The latest run of a clock, of the case or its lead where no other task is named."""
        clocks, tasks = self.watch.clocks.values(), MAIN if task is None else {task}
        return next(one for one in clocks if one.clock is stage and one.task in tasks)

    def emitted(self) -> list[Event[Any]]:
        """All that escalation published."""
        own = SOURCE_BASE + SERVICE
        return [event for event in self.log if event.source == own and event.origin]

    def told(self) -> list[str]:
        """What was published since this was asked last, in short."""
        new = self.emitted()[self._told :]
        self._told += len(new)
        return [line for event in new for line in lines_of(event.data, self.start)]

    # The ledger

    def take(self, event: Event[Any]) -> None:
        """Let the watch take an event, twice; and read it back as MongoDB stores it."""
        known = len(self.document.new_entries)
        context = Context(now=self.now, registry=self.registry)
        FOLDER.take(self.document, event, context)
        self.inputs.append(event)
        self.log.append(event)
        for entry in self.document.new_entries[known:]:
            headers = [(name, text.encode()) for name, text in entry.headers.items()]
            origin = Origin(entry.topic, entry.partition, len(self.log))
            self.log.append(decode(headers, entry.value, origin))
        assert FOLDER.take(self.document, event, context) is None
        stored = bson.decode(bson.encode(RULES.dump(self.watch)), AS_READ)
        assert RULES.load(stored) == self.watch

    def _case(
        self,
        kind: type[CaseEvent],
        state: CaseState,
        late: float,
        unit: str | None = STAYS,
        *,
        request: Request | None = None,
        **more: Any,  # noqa: ANN401 - the fields of the event
    ) -> None:
        if unit != STAYS:
            self.unit = unit
        at = self.now - timedelta(hours=late)
        if kind in DOES:
            self.lead_done_at = at if DOES[kind] else None
        more_of_it: dict[str, Any] = {
            "lead_done_at": self.lead_done_at, "request": request, "tasks": self.tasks,
            "flow": self.flow, "make_safe": self.make_safe, "first": self.first,
            "appeals": self.appeals,
        }  # fmt: skip
        ladders = {"ladder": self.ladder, "notice_ladder": self.notice_ladder}
        if self.older:
            more_of_it |= ladders
        elif kind in {CaseFiled, CaseRearmed}:
            more |= ladders
        elif kind is CaseMadeSafe:
            more |= {"unit": story.TEAM.code}
        case = self._as(state, self.unit).model_copy(update=more_of_it)
        data = kind(incident_id=self.incident, at=at, case=case, **more)
        self._read(data, at)

    def _as(self, state: CaseState, unit: str | None) -> Case:
        times = Times(
            counts_from=self.counts_from or self.start, received_at=self.start, filed_at=self.start
        )
        return story.case(
            state,
            times=times,
            limits=self.limits,
            unit=unit and story.UNIT.model_copy(update={"code": unit}),
        ).model_copy(update={"zone": self.zone, "grid": self.grid, "calendar": self.calendar})

    def _outcome(self, kind: type[Outcome], late: float, **more: Any) -> None:  # noqa: ANN401
        at = self.now - timedelta(hours=late)
        data = kind(
            incident_id=self.incident,
            rule=more.pop("rule", Rule.UNKNOWN_MATTER),
            explanation=story.MATTER.names,
            counts_from=self.counts_from or self.start,
            received_at=self.start,
            zone=self.zone,
            grid=story.GRID,
            source=Source.RESIDENT,
            **more,
        )
        self._read(data, at)

    def _read(self, data: EventData, at: datetime) -> None:
        number = 1 + sum(event.source.endswith("dispatch") for event in self.log)
        self.take(
            Event(
                id=caused_id("dispatch", self.incident, number),
                source=SOURCE_BASE + "dispatch",
                subject=self.incident,
                time=at,
                data=data,
                correlation_id=self.incident,
                causation_id=self.incident,
                sequence=number,
                origin=Origin(CASES.name, self.document.partition, number),
            )
        )


ALL = Limits(
    dispatch=hours(1), accept=hours(2), handle=hours(10), verify=hours(5), total=hours(100)
)
"""A limit for every stage of a case."""
