"""One incident before the rules of dispatch, through the ledger's fold and the events' bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.dispatch.domain.deciding import SERVICE, Dispatching
from services.dispatch.domain.dossier import Decided, Dossier
from services.dispatch.domain.walking import WALKS
from shared.contracts.base import Actor, EventData, Limit, LimitUnit, Stage
from shared.contracts.case_v1 import Case
from shared.contracts.envelope import Event, Origin, decode
from shared.contracts.escalations_v1 import (
    Clock,
    ClockState,
    Mark,
    MarkWithdrawn,
    SupervisionLifted,
    SupervisionOrdered,
)
from shared.contracts.incidents_v1 import (
    ActionRequest,
    ActionRequested,
    IncidentReported,
    Report,
    Verb,
)
from shared.contracts.ladders import Colour
from shared.contracts.levels import SupervisionLevel
from shared.contracts.reminders_v1 import NoticeRaised
from shared.contracts.roles import Role
from shared.contracts.topics import INCIDENTS
from shared.ledger.decider import Context
from shared.ledger.document import Document
from shared.ledger.folding import Folder
from shared.ledger.timer import Tick
from shared.ledger.walk import Walked
from shared.platform.ids import caused_id
from shared.platform.partitioning import partition_of
from shared.registry.snapshot import Snapshot
from tests.fakes.clock import MovedClock
from tests.unit.dispatch.city import CITY_REGISTRY, GRID, TEAM, point

INCIDENT = "0c7ccbd1-6c0e-5b7a-9d1c-0f4b6c2b7a11"
REPORTER = "r-1"
RULES = Dispatching()
FOLDER = Folder(SERVICE, RULES, partition_of, INCIDENTS)


def actor(
    *roles: Role, subject: str = "", unit: str | None = None, area: str | None = None
) -> Actor:
    """Somebody with these roles; the subject follows from them unless it is given."""
    words = tuple(sorted(roles))
    return Actor(subject=subject or "-".join(words), roles=words, unit=unit, area=area)


def member(unit: str = TEAM, subject: str = "") -> Actor:
    return actor(Role.UNIT_MEMBER, subject=subject or f"member-of-{unit}", unit=unit)


def kinds(events: Sequence[EventData]) -> list[type[EventData]]:
    """What events say, without what it was about."""
    return [type(one) for one in events]


DISPATCHER = actor(Role.DISPATCHER)
HEAD = actor(Role.DUTY_HEAD)
INSPECTOR = actor(Role.INSPECTOR)
SUPERVISOR = actor(Role.SUPERVISOR)
RESIDENT = actor(Role.REPORTER, subject=REPORTER)


@dataclass
class Desk:
    """Takes reports and actions; ``inputs`` and ``outputs`` are all that was taken and emitted."""

    registry: Snapshot = CITY_REGISTRY
    clock: MovedClock = field(default_factory=MovedClock)
    incident: str = INCIDENT
    document: Document[Dossier] = field(init=False)
    inputs: list[Event[Any]] = field(default_factory=list)
    outputs: list[Event[Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.document = FOLDER.open(self.incident, None)

    @property
    def decided(self) -> Decided:
        """What was decided so far."""
        return self.document.state.decided if self.document.state else Decided()

    @property
    def supervision(self) -> str | None:
        """The supervision order in force."""
        return self.document.state.supervision if self.document.state else None

    @property
    def case(self) -> Case:
        """The case as it is."""
        assert self.decided.case is not None
        return self.decided.case

    def take(self, event: Event[Any]) -> list[EventData]:
        """Take an event; what follows, as its readers will decode it."""
        before = len(self.document.new_entries)
        self.inputs.append(event)
        FOLDER.take(self.document, event, Context(self.clock(), self.registry))
        for entry in self.document.new_entries[before:]:
            headers = [(name, text.encode()) for name, text in entry.headers.items()]
            self.outputs.append(decode(headers, entry.value, Origin(entry.topic, 0, 0)))
        return [event.data for event in self.outputs[before:]]

    def report(self, offset: int = 123, **fields: Any) -> list[EventData]:  # noqa: ANN401
        """Somebody reports; by default litter in the first grid."""
        return self._report(RESIDENT, offset, fields)

    def report_as(self, roles: tuple[str, ...], **fields: Any) -> list[EventData]:  # noqa: ANN401
        """Somebody with these roles reports."""
        return self._report(RESIDENT.model_copy(update={"roles": roles}), 123, fields)

    def report_by(self, who: Actor, **fields: Any) -> list[EventData]:  # noqa: ANN401
        """This one reports."""
        return self._report(who, 123, fields)

    def _report(self, reporter: Actor, offset: int, fields: Mapping[str, Any]) -> list[EventData]:
        report = Report.model_validate({"matter": "litter", "location": point(GRID), **fields})
        data = IncidentReported(
            incident_id=self.incident,
            receipt_no="0000-0000-0000-0",
            received_at=self.clock(),
            zone="Europe/Paris",
            reporter=reporter,
            report=report,
        )
        return self.take(_event(self, data, offset))

    def ask(self, verb: Verb | str, who: Actor, **request: Any) -> list[EventData]:  # noqa: ANN401
        """Somebody asks for an action, a second after what was before."""
        self.clock.forward(1)
        data = ActionRequested(
            incident_id=self.incident,
            action_id=f"action-{len(self.inputs)}",
            received_at=self.clock(),
            actor=who,
            request=ActionRequest.model_validate({"action": verb, "reason": "r", **request}),
        )
        return self.take(_event(self, data, 1000 + len(self.inputs)))

    def do(self, *steps: tuple[str, Actor]) -> "Desk":
        """Actions of which each must be done."""
        for verb, who in steps:
            more = {"passed": True} if verb == "verify" else {}
            kinds = [type(one).__name__ for one in self.ask(verb, who, **more)]
            assert "ActionRefused" not in kinds, (verb, self.outputs[-1].data)
        return self

    def walk(self) -> list[EventData]:
        """The walks look at the case, as the walker lets them; what follows."""
        before, registry, now = len(self.outputs), self.registry, self.clock()
        for walk in WALKS:
            state, columns = self.document.state, FOLDER.decider.columns(self._state)
            group = {name: columns[name] for name in walk.columns}
            if state is None or not columns["open"] or not walk.concerns(group, registry, now):
                continue
            if (cause := walk.cause(state, registry, now)) is not None:
                event_id = caused_id("walk", self.incident, walk.name, *cause)
                self.take(_event(self, Walked(walk=walk.name), 0, event_id))
        return [event.data for event in self.outputs[before:]]

    @property
    def next_due(self) -> datetime | None:
        """When something happens by itself."""
        found: datetime | None = FOLDER.decider.columns(self._state)["next_due_at"]
        return found

    def tick(self) -> list[EventData]:
        """The ticker looks whether anything is due; what follows."""
        due = self.next_due
        if due is None or due > self.clock():
            return []
        mark = RULES.due_mark(self._state)
        assert mark is not None
        event_id = caused_id("tick", self.incident, *mark)
        found = self.take(_event(self, Tick(until=self.clock()), 0, event_id))
        self.inputs.pop()  # it is on no topic
        return found

    @property
    def _state(self) -> Dossier:
        return self.document.state or Dossier()

    def escalate(self, data: EventData) -> list[EventData]:
        """Escalation says something."""
        return self.take(_event(self, data, 7))

    def supervise(
        self, level: SupervisionLevel, *, lifted: bool = False, by: Actor | None = None
    ) -> list[EventData]:
        """Escalation orders a supervision, as somebody asked by hand if so, or lifts it."""
        fields: dict[str, Any] = {"incident_id": self.incident, "at": self.clock(), "level": level}
        data: EventData = (
            SupervisionLifted(**fields, reason="closed")
            if lifted
            else SupervisionOrdered(**fields, issuer="town", issuer_area="9901", actor=by)
        )
        return self.take(_event(self, data, 7))

    def notice(self, percent: int, *, withdrawn: bool = False) -> list[EventData]:
        """Escalation raises a blue notice, or withdraws it."""
        at = self.clock()
        mark = Mark(task="lead", clock=Stage.HANDLE, run=1, percent=percent, due_at=at)
        said: dict[str, Any] = {
            "incident_id": self.incident, "at": at, "mark": mark, "clock": _running(at),
        }  # fmt: skip
        if withdrawn:
            return self.escalate(MarkWithdrawn(**said))
        return self.escalate(NoticeRaised(**said, colour=Colour.BLUE))


def _running(at: datetime) -> Clock:
    """The clock of handling."""
    return Clock(
        task="lead",
        clock=Stage.HANDLE,
        run=1,
        state=ClockState.RUNNING,
        limit=Limit(amount=1, unit=LimitUnit.URGENT_HOUR),
        started_at=at,
        due_at=at,
    )


def _event(desk: Desk, data: EventData, offset: int, event_id: str = "") -> Event[Any]:
    number = len(desk.inputs) + 1
    event_id = event_id or caused_id("in", desk.incident, number)
    return Event(
        id=event_id,
        source="/wangge/intake",
        subject=desk.incident,
        time=desk.clock(),
        data=data,
        correlation_id=desk.incident,
        causation_id=event_id,
        sequence=number,
        origin=Origin(INCIDENTS.name, 7, offset),
    )


def dispatched_desk(**fields: Any) -> Desk:  # noqa: ANN401 - a report's own
    """A desk whose case is with a unit."""
    desk = Desk()
    desk.report(**fields)
    assert desk.case.state == "dispatched"
    return desk


def refold(events: Sequence[Event[Any]]) -> Dossier:
    """The fold of events, in the order given."""
    state: Dossier | None = None
    for event in events:
        state = FOLDER.decider.evolve(state, event)
    assert state is not None
    return state
