"""A case as all its events carry it, and what it refers to."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from shared.contracts.base import (
    Actor,
    AreaCode,
    Code,
    Contract,
    EventData,
    GridCode,
    Id,
    Instant,
    Limit,
    Limits,
    OpenEnum,
    Point,
    ShortText,
    Stage,
)
from shared.contracts.calendars import CalendarRef
from shared.contracts.case_refs_v1 import ComponentRef, FlowRef, MatterRef, UnitRef
from shared.contracts.ladders import LadderStep, NoticeLadder
from shared.contracts.levels import Level
from shared.contracts.routing_rules import Source, UnitKind
from shared.contracts.time_v1 import TimeShares


class CaseState(StrEnum):
    """The states of a case (案卷状态); open are all before closed."""

    FILED = "filed"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    HANDLED = "handled"
    CLOSED = "closed"
    VOIDED = "voided"


OPEN_STATES = frozenset(
    {CaseState.FILED, CaseState.DISPATCHED, CaseState.ACCEPTED, CaseState.HANDLED}
)
"""The states of a case that is open."""


MAX_RETURNS = 2
"""After so many granted returns the duty head rules (裁定) whose the case is, from the town up."""


class RequestKind(OpenEnum):
    """What a unit may ask for (申请)."""

    RETURN = "return"
    SUSPENSION = "suspension"
    EXTENSION = "extension"


class Request(Contract):
    """A request that waits for a decision; asking stops no clock."""

    kind: RequestKind
    """What is asked for."""
    asked_at: Instant
    """When it was asked for."""
    unit: Code | None = None
    """The unit that asks."""
    subject: Id
    """Who asked; nobody decides his own request."""
    reason: ShortText = ""
    """Why."""
    level: Level | None = None
    """The lowest level that may decide."""
    limit: Limit | None = None
    """How long the decision may take."""
    lapses_at: Instant | None = None
    """When it is denied by itself; none: never."""
    until: Instant | None = None
    """Of a suspension: its review date."""
    extend_by: Limit | None = None
    """Of an extension: by how much."""


class Suspension(Contract):
    """An approved stop of the clocks (挂账)."""

    since: Instant
    """From when the clocks stand."""
    until: Instant
    """When it ends by itself: the review date."""
    reason: ShortText = ""
    """Why, in the words of the request."""


class TaskState(StrEnum):
    """How far a co-operating task is."""

    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    DONE = "done"
    DECLINED = "declined"
    """The unit will not; the others go on."""
    WITHDRAWN = "withdrawn"
    """It is not needed any more."""


OPEN_TASKS = frozenset({TaskState.ASSIGNED, TaskState.ACCEPTED})
"""The states of a task that its unit still owes something for."""


class Task(Contract):
    """A co-operating unit's share of a case (配合任务); the lead's is the case itself."""

    code: Annotated[str, Field(pattern=r"^co-\d+$")]
    """Its name within the case: ``co-1``, ``co-2``."""
    unit: UnitRef
    """Whose share it is."""
    state: TaskState
    """How far it is."""
    needed: bool = True
    """Whether the case waits for it."""
    assigned_at: Instant
    """When the unit was given it."""
    accepted_at: Instant | None = None
    """When the unit took it."""
    ended_at: Instant | None = None
    """When it was done, declined or withdrawn."""
    limit: Limit | None = None
    """How long it may take from when its unit took it: what the lead was granted is the lead's.
    None: it was not taken yet, it has no limit, or an older version wrote it: as the case's."""


class AppealState(StrEnum):
    """What has become of an appeal."""

    PENDING = "pending"
    UPHELD = "upheld"
    """It was right: the breach is exempt in the figures, and stays a fact."""
    OVERRULED = "overruled"


class Appeal(Contract):
    """A unit's appeal against a breach (申诉)."""

    task: str
    """Of which task."""
    clock: Stage
    """Which clock."""
    run: int
    """Which run of it."""
    unit: Code
    """The unit that is charged with it, and appeals."""
    subject: Id
    """Who appealed; nobody decides his own."""
    reason: ShortText
    """Why."""
    asked_at: Instant
    """When."""
    level: Level
    """The lowest level that decides."""
    limit: Limit | None = None
    """How long the decision may take."""
    state: AppealState = AppealState.PENDING
    """What has become of it."""


class Times(Contract):
    """The instants of a case so far; a step taken twice has its latest."""

    counts_from: Instant
    """From when the clocks count: the receipt, or what imported history says."""
    received_at: Instant
    """When intake received the report."""
    filed_at: Instant
    """When it was filed."""
    dispatched_at: Instant | None = None
    """When the unit that has it now was given it."""
    accepted_at: Instant | None = None
    """When that unit took it."""
    made_safe_at: Instant | None = None
    """When an emergency was made safe."""
    handled_at: Instant | None = None
    """When it was handed back."""
    closed_at: Instant | None = None
    """When it was closed."""


class Case(Contract):
    """A case as it is after the event that carries it: all that a reader needs to know of it."""

    case_no: str
    """案卷号: area, local date, and a serial."""
    state: CaseState
    """The state after the event."""
    grid: GridCode
    """The grid in which it lies."""
    zone: str
    """IANA zone of its area; its local days are meant by it."""
    calendar: CalendarRef | None = None
    """The work calendar of its area when it was filed; none: there was none."""
    matter: MatterRef
    """What it is about."""
    location: Point
    """Where it is."""
    source: Source
    """How the report came in."""
    grid_n: int = 1
    """The version of the grid under which it was last looked at."""
    component: ComponentRef | None = None
    """The component that it is about."""
    unit: UnitRef | None = None
    """Of the lead task; none while nobody has it."""
    member: Id | None = None
    """The member of the unit to whom it was given, by its pseudonymous id."""
    co_units: tuple[UnitRef, ...] = ()
    """The units that co-operate (配合)."""
    cc: tuple[UnitRef, ...] = ()
    """The units that are told and owe nothing (抄告)."""
    limits: Limits
    """How long each stage may take."""
    ladder: tuple[LadderStep, ...] = ()
    """By which ladder it goes, where an older version wrote the event; else its filing says it, and
    what arms it anew."""
    notice_ladder: NoticeLadder = ()
    """Likewise the ladder of notices."""
    times: Times
    """The instants so far."""
    return_pending: bool = False
    """Whether a request to return it waits for an answer."""
    returns: int = 0
    """How many returns were granted, since its flow last passed it on to a unit."""
    refused_returns: int = 0
    """How many returns were refused (推诿)."""
    reworks: int = 0
    """How many verifications failed."""
    reopenings: int = 0
    """How often it was opened again."""
    request: Request | None = None
    """The request that waits for a decision."""
    suspension: Suspension | None = None
    """The suspension in force: the case is suspended, whatever its state."""
    suspensions: int = 0
    """How often it was suspended."""
    extensions: int = 0
    """How often its limit was extended."""
    urgings: int = 0
    """How often somebody urged (催办)."""
    urged_at: Instant | None = None
    """When somebody last did."""
    tasks: tuple[Task, ...] = ()
    """The shares of the units that co-operate, in the order in which they were given."""
    lead_done_at: Instant | None = None
    """When the lead was done, where the case waits for others."""
    flow: FlowRef | None = None
    """How far the flow is by which it is handled; none: the unit hands it back when it is done."""
    appeals: tuple[Appeal, ...] = ()
    """The appeals of units against breaches, each breach once."""
    on_site: bool = False
    """Whether whoever reported it had put it right on the spot (自行处置); counted apart."""
    emergency: bool = False
    """Whether lives are in danger."""
    make_safe: Limit | None = None
    """How long it may take to make the place safe."""
    first: UnitRef | None = None
    """Who was first there, and keeps the place safe until it is ruled whose it is (首接负责)."""
    priority: Annotated[int, Field(ge=0, le=3)] = 0
    """How urgent supervision has made it: 0 not, 1 ordinary, 2 yellow card, 3 red card."""
    watchers: tuple[AreaCode, ...] = ()
    """The areas whose centres have supervised it: they watch it until its end."""
    centre: AreaCode | None = None
    """The area whose centre has it in hand, where it was handed up or down to it."""
    time: TimeShares | None = None
    """Whose its time was so far, in real milliseconds: ``filing``, ``dispatch``, ``verify`` (the
    centres' own), ``closed`` (until it was opened again), ``accept/<unit>``, ``handle/<unit>``,
    and, no unit's, ``handle`` (its flow waits for an inspector, or the centre),
    ``accept/~returned``, ``handle/~returned`` (a unit held it, and its return was
    granted), ``handle/~suspension-<n>``. They add up to the time from ``counts_from`` until
    ``time_until``. None: an older version filed it."""
    time_until: Instant | None = None
    """Up to when it is counted: the event's instant, or an earlier event's that was later; of a
    case that has ended, its end."""

    @property
    def is_own_teams(self) -> bool:
        """Whether the grid's own team has it: what that handles is verified from the town up."""
        unit = self.unit
        if unit is None or unit.kind is not UnitKind.OFFICER_TEAM:
            return False
        return self.grid.startswith(unit.area)

    @property
    def waiting_appeals(self) -> list[Appeal]:
        """The appeals that wait for a decision, in the order in which they were made."""
        waiting = [one for one in self.appeals if one.state is AppealState.PENDING]
        return sorted(waiting, key=lambda one: one.asked_at)


class CaseEvent(EventData):
    """What all events of a case say: when, by whom, why, and the case as it is now."""

    incident_id: Id
    """The incident, whose id is the case's."""
    at: Instant
    """When it took effect: for an action, the instant at which intake received it."""
    actor: Actor | None = None
    """Who acted; none: the rules."""
    action_id: Id | None = None
    """The action that this answers."""
    reason: ShortText = ""
    """Why, in the actor's words."""
    case: Case
    """The case after the event."""
