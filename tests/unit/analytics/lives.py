"""Incidents as their topics tell them: any legal life, with the events of all three topics."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import bson
from bson.codec_options import CodecOptions
from hypothesis import strategies as st

from services.analytics.domain import stored
from services.analytics.domain.folding import evolve
from services.analytics.domain.timeline import Timeline
from shared.casetime.shares import timed
from shared.contracts import cases_v1 as c
from shared.contracts import escalations_v1 as e
from shared.contracts.base import Actor, EventData, Limit, LimitUnit, Names, Stage
from shared.contracts.case_v1 import Case, CaseEvent, CaseState, Times
from shared.contracts.catalog import TOPIC_OF
from shared.contracts.envelope import Event, Origin
from shared.contracts.golden import story
from shared.contracts.incidents_v1 import (
    ActionRequest,
    ActionRequested,
    IncidentReported,
    Report,
    Verb,
)
from shared.contracts.levels import SupervisionLevel
from shared.contracts.outcomes_v1 import (
    IncidentAnswered,
    IncidentHeld,
    IncidentLinked,
    IncidentLooked,
    IncidentRejected,
    IncidentSeparated,
    IncidentTransferred,
    LookOrdered,
    Obstacle,
    Outcome,
)
from shared.contracts.reminders_v1 import (
    SupervisionAcknowledged,
    SupervisionConveyed,
    SupervisionReminded,
)
from shared.contracts.requests_v1 import ReturnGranted
from shared.contracts.rule_v1 import Rule
from shared.contracts.steps_v1 import CasePassedOn, CaseStepped
from shared.platform.ids import caused_id, receipt_no
from shared.platform.partitioning import partition_of

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
STEP = timedelta(hours=5)
GRIDS = ("990101001001001", "990101001002001", "990102003001007")
MATTERS = ("litter", "pothole")
UNITS = ("roads-9901", "team-990101001001")
SECRET = Actor(subject="subject-7f3a", roles=("unit_member",), unit=UNITS[0], area="990101")
LIMIT = Limit(amount=2, unit=LimitUnit.URGENT_HOUR)
CODECS: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, tzinfo=UTC)

Topics = dict[str, list[Event[Any]]]
MOVES: dict[str, tuple[frozenset[str], type[CaseEvent], CaseState | None]] = {
    "dispatch": (frozenset({"filed", "dispatched"}), c.CaseDispatched, CaseState.DISPATCHED),
    "accept": (frozenset({"dispatched"}), c.CaseAccepted, CaseState.ACCEPTED),
    "return": (frozenset({"dispatched", "accepted"}), ReturnGranted, CaseState.FILED),
    "step": (frozenset({"accepted"}), CaseStepped, None),
    "pass_on": (frozenset({"accepted"}), CasePassedOn, CaseState.FILED),
    "handle": (frozenset({"accepted"}), c.CaseHandled, CaseState.HANDLED),
    "rework": (frozenset({"handled"}), c.ReworkOrdered, CaseState.ACCEPTED),
    "close": (frozenset({"handled"}), c.CaseClosed, CaseState.CLOSED),
    "reopen": (frozenset({"closed"}), c.CaseReopened, CaseState.DISPATCHED),
    "regrid": (frozenset({"filed", "dispatched", "accepted", "handled"}), c.CaseRegridded, None),
    "void": (
        frozenset({"filed", "dispatched", "accepted", "handled", "closed"}),
        c.CaseVoided,
        CaseState.VOIDED,
    ),
}
MORE: dict[type[CaseEvent], dict[str, Any]] = {
    c.CaseDispatched: {"rule": "named_by_dispatcher", "centre": "9901", "level": "city"},
    ReturnGranted: {"returned_by": UNITS[0]},
    CaseStepped: {"turn": story.TURN, "state_before": story.FOUND},
    CasePassedOn: {"turn": story.TURN, "state_before": story.FOUND},
    c.CaseVoided: {"state_before": CaseState.FILED},
}


UNFILED: dict[str, type[Outcome]] = {
    "rejected": IncidentRejected,
    "linked": IncidentLinked,
    "held": IncidentHeld,
    "answered": IncidentAnswered,
    "transferred": IncidentTransferred,
    "look": LookOrdered,
    "looked": IncidentLooked,
}
LINK: dict[str, Any] = {
    "case_id": "first",
    "case_no": "990101-20260302-000000000001",
    "metres": 12.5,
    "minutes": 20,
}


OF_OUTCOME: dict[type[Outcome], dict[str, Any]] = {
    IncidentLinked: LINK,
    IncidentTransferred: {"to": "12345", "reason": "theirs"},
    IncidentAnswered: {"reason": "on Mondays"},
    LookOrdered: {"unit": story.TEAM},
    IncidentLooked: {"passed": False},
}


class Life:
    """One incident while it is lived."""

    def __init__(self, incident: str, grid: str, matter: str, *, public: bool = True) -> None:
        self.incident = incident
        self.now = START
        self.ordered = 0
        """The number of the last order's event."""
        self.topics: Topics = {"incidents": [], "cases": [], "escalations": []}
        self.case: Case = story.case(CaseState.FILED).model_copy(
            update={
                "case_no": f"{grid[:6]}-20260302-{receipt_no(incident)[:9]}",
                "grid": grid,
                "matter": story.MATTER.model_copy(update={"code": matter, "public": public}),
            }
        )

    def tell(self, data: EventData) -> Event[Any]:
        """Publish an event of this incident."""
        topic = TOPIC_OF[type(data)]
        told = self.topics[topic.name.split(".")[1]]
        event: Event[Any] = Event(
            id=caused_id(self.incident, topic.name, len(told)),
            source="/wangge/test",
            subject=self.incident,
            time=self.now,
            data=data,
            correlation_id=self.incident,
            causation_id=self.incident,
            sequence=len(told) + 1,
        )
        told.append(event)
        return event

    def report(self, arises_from: str | None = None) -> None:
        """Somebody reports it; perhaps an inspection has found it."""
        self.tell(
            IncidentReported(
                incident_id=self.incident,
                receipt_no=receipt_no(self.incident),
                received_at=self.now,
                zone=story.ZONE,
                reporter=SECRET,
                report=Report(
                    matter=self.case.matter.code,
                    location=story.PLACE,
                    description="words of the reporter",
                    address="an address",
                    arises_from=arises_from,
                ),
            )
        )

    def leave_unfiled(self, kind: type[Outcome], *also: Obstacle, said: str = "") -> None:
        """It is rejected, or put in review; ``said``: the words of whoever decided."""
        self.now += STEP
        self.tell(
            kind(
                incident_id=self.incident,
                rule=Rule.OUTSIDE_EVERY_GRID,
                explanation=Names(zh="不在任何网格之内", en="outside every grid"),
                also=also,
                counts_from=START,
                received_at=START,
                zone=story.ZONE,
                matter=self.case.matter.code,
                location=story.PLACE,
                source=self.case.source,
                **{"reason": said, **OF_OUTCOME.get(kind, {})},
            )
        )

    def separate(self) -> None:
        """A follower is found to be another matter; it is filed then."""
        self.now += STEP
        self.tell(
            IncidentSeparated(
                incident_id=self.incident, at=self.now, case_id="first", actor=SECRET, reason="why"
            )
        )

    def file(self, **fields: Any) -> None:  # noqa: ANN401 - of the event
        """It becomes a case."""
        self.now += STEP
        times = Times(counts_from=START, received_at=START, filed_at=self.now)
        self.case = self.case.model_copy(update={"times": times})
        number = receipt_no(self.incident)
        filed = c.CaseFiled(
            incident_id=self.incident, at=self.now, case=self.case, receipt_no=number, **fields
        )
        self.tell_timed(None, filed)

    def tell_timed(self, before: Case | None, data: CaseEvent) -> None:
        """Publish an event of a case with the ledger of its time, as dispatch does."""
        (told,) = timed(before, [data])
        assert isinstance(told, CaseEvent)
        self.case = told.case
        self.tell(told)

    def move(self, name: str, unit: str, **fields: Any) -> None:  # noqa: ANN401 - of the event
        """Take a step, where it is legal now; its clocks follow."""
        states, kind, after = MOVES[name]
        if self.case.state not in states:
            return
        self.now += STEP
        change: dict[str, Any] = {"state": after or self.case.state}
        more = {**MORE.get(kind, {}), **fields}
        if name == "regrid":
            more |= {"grid_before": self.case.grid, "change": "c", "policy": "move"}
            change["grid"] = GRIDS[(GRIDS.index(self.case.grid) + 1) % len(GRIDS)]
        if name == "dispatch":
            change["unit"] = story.UNIT.model_copy(update={"code": unit})
        if name == "return" and self.case.unit is not None:
            more["returned_by"] = self.case.unit.code
        if name in {"return", "pass_on"}:
            change["unit"] = None
        closed_at = self.now if name == "close" else self.case.times.closed_at
        change["times"] = self.case.times.model_copy(
            update={"closed_at": None if name == "reopen" else closed_at}
        )
        before, case = self.case, self.case.model_copy(update=change)
        more = {"actor": SECRET, "reason": "why", **more}
        data = kind(incident_id=self.incident, at=self.now, case=case, **more)
        self.tell_timed(before, data)
        if name != "regrid":
            self.clock(running=name == "accept")

    def clock(self, *, running: bool) -> None:
        """The handle clock runs, or is stopped."""
        state = e.ClockState.RUNNING if running else e.ClockState.MET
        clock = e.Clock(
            task="lead", clock=Stage.HANDLE, run=1, state=state, limit=LIMIT, unit=UNITS[0],
            started_at=self.now, due_at=self.now + timedelta(hours=2),
        )  # fmt: skip
        self.tell(
            e.ClocksChanged(incident_id=self.incident, at=self.now, cause="test", clocks=(clock,))
        )

    def supervise(self) -> None:
        """An order from above, to be told again three times."""
        later = tuple(self.now + timedelta(hours=n) for n in (1, 2, 3))
        self.tell(
            e.SupervisionOrdered(
                incident_id=self.incident, at=self.now, level=SupervisionLevel.YELLOW_CARD,
                issuer="county", issuer_area="990101", reminders=later,
            )
        )  # fmt: skip
        self.ordered = len(self.topics["escalations"])

    def remind(self, number: int = 1) -> None:
        """It is told again."""
        self.tell(
            SupervisionReminded(
                incident_id=self.incident, at=self.now, level=SupervisionLevel.YELLOW_CARD,
                order=self.ordered, number=number, of=3, due_at=self.now,
            )
        )  # fmt: skip

    def convey(self, unit: str = UNITS[1]) -> None:
        """It is told to the unit that has the case now."""
        self.tell(
            SupervisionConveyed(
                incident_id=self.incident, at=self.now, level=SupervisionLevel.YELLOW_CARD,
                order=self.ordered, unit=unit,
            )
        )  # fmt: skip

    def acknowledge(self) -> None:
        """Somebody has acknowledged it."""
        self.tell(
            SupervisionAcknowledged(
                incident_id=self.incident, at=self.now, level=SupervisionLevel.YELLOW_CARD,
                order=self.ordered, actor=SECRET, said="seen",
            )
        )  # fmt: skip

    def satisfy(self) -> None:
        """The order is lifted, as the unit has handed back."""
        level = SupervisionLevel.YELLOW_CARD
        self.tell(e.SupervisionSatisfied(incident_id=self.incident, at=self.now, level=level))

    def act(self, verb: Verb = Verb.ACCEPT) -> None:
        """Somebody asks for an action, and is refused."""
        asked = ActionRequested(
            incident_id=self.incident,
            action_id="a",
            received_at=self.now,
            actor=SECRET,
            request=ActionRequest(action=verb, reason="wish"),
        )
        self.tell(asked)
        self.now += STEP
        self.tell(
            c.ActionRefused(
                incident_id=self.incident,
                action_id="a",
                action=verb,
                actor=SECRET,
                rule=Rule.WRONG_STATE,
                explanation=Names(zh="不", en="no"),
            )
        )


def whole(incident: str = story.INCIDENT, *, public: bool = True) -> Life:
    """An incident that is filed, dispatched and accepted; its handle clock runs."""
    life = Life(incident, GRIDS[0], MATTERS[0], public=public)
    life.report()
    life.file()
    for name in ("dispatch", "accept"):
        life.move(name, UNITS[0])
    return life


OF_ORDERS = ("supervise", "remind", "convey", "acknowledge", "satisfy")
steps = st.tuples(st.sampled_from([*MOVES, "act", *OF_ORDERS]), st.sampled_from(UNITS))


@st.composite
def lives(draw: st.DrawFn, incident: str = story.INCIDENT) -> Topics:
    """Any legal life."""
    life = Life(incident, draw(st.sampled_from(GRIDS)), draw(st.sampled_from(MATTERS)))
    life.report()
    ending = draw(
        st.sampled_from(
            [
                "case",
                "case",
                "rejected",
                "linked",
                "linked, then a case",
                "held",
                "held, then a case",
                "answered",
                "transferred",
                "look",
                "looked, then a case",
            ]
        )
    )
    if (kind := UNFILED.get(ending.split(",")[0])) is not None:
        life.leave_unfiled(kind)
    if ending == "linked, then a case":
        life.separate()
    if ending.endswith("case"):
        life.file()
        for name, unit in draw(st.lists(steps, max_size=12)):
            if name == "act":
                life.act()
            elif name in OF_ORDERS:
                getattr(life, name)()
            else:
                life.move(name, unit)
    return life.topics


@st.composite
def interleaved(draw: st.DrawFn, topics: Topics) -> list[Event[Any]]:
    """The events in any order that keeps that of each topic."""
    left = {name: list(events) for name, events in topics.items() if events}
    order: list[Event[Any]] = []
    while left:
        name = draw(st.sampled_from(sorted(left)))
        order.append(left[name].pop(0))
        if not left[name]:
            del left[name]
    return order


def fold(events: Iterable[Event[Any]], state: Timeline | None = None) -> Timeline:
    """The timeline after these events, stored and read again after each."""
    for event in events:
        raw = bson.decode(bson.encode(stored.dump(evolve(state, event))), CODECS)
        state = stored.load(raw)
    return state or Timeline()


def place(events: Sequence[Event[Any]]) -> list[Event[Any]]:
    """The events as they lie in the log: each topic's in its order."""
    ends: dict[tuple[str, int], int] = {}
    found = []
    for event in events:
        topic = TOPIC_OF[type(event.data)].name
        where = topic, partition_of(event.subject, 12)
        offset = ends.get(where, 0)
        ends[where] = offset + 1
        found.append(replace(event, origin=Origin(*where, offset)))
    return found
