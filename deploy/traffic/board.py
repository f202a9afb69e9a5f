"""What traffic has done and seen so far; the live table and the summary are drawn from it."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from deploy.traffic.reports import Draft, planned
from shared.contracts.case_v1 import Case, CaseEvent
from shared.contracts.cases_v1 import KINDS, ActionRefused, CaseClosed, CaseDispatched, CaseFiled
from shared.contracts.choice_v1 import Unrouted
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import (
    ClockApproaching,
    ClocksChanged,
    MarkEvent,
    SupervisionEvent,
)
from shared.contracts.incidents_v1 import IncidentReported
from shared.contracts.orders_v1 import OrderDone, OrderEvent
from shared.contracts.outcomes_v1 import Outcome
from shared.contracts.reminders_v1 import (
    NoticeConveyed,
    NoticeRaised,
    NoticeReminded,
    SupervisionAcknowledged,
    SupervisionConveyed,
    SupervisionReminded,
)
from shared.contracts.requests_v1 import ReturnGranted
from shared.contracts.routing_rules import Source
from shared.contracts.steps_v1 import FlowEvent
from shared.contracts.supervising_v1 import CaseAcknowledged

LATEST = 24
WINDOW_S = 5.0
MAX_SAMPLES = 20_000
"""Of latencies and arrivals, the latest so many are kept."""
MAX_CASES = 50_000
"""Of our cases, the latest so many are followed."""
MAX_ORDERS = 1_000
"""Of our orders, the latest so many."""
MAX_EARLY = 2_000
"""Incidents whose outcome was heard of before their report, the latest so many: it comes again."""
OF_PLANS = frozenset({Source.PLAN, Source.INSPECTION})
FINAL = frozenset({"closed", "voided", "rejected", "linked", "answered", "transferred"})


@dataclass(slots=True)
class Tracked:
    """An incident of ours: as it was reported, its plot, and what is known of it."""

    draft: Draft
    accepted_at: float | None = None
    """When its 202 came, by the board's clock."""
    decided_at: float | None = None
    """When its outcome was seen."""
    state: str = "sent"
    case: Case | None = None
    adopted: bool = False
    """Whether intake reported it by a plan, or an inspection did."""
    sequence: int = 0
    """The number of the last event of its case."""
    heard: dict[str, int] = field(default_factory=dict)
    """The number of the last event of each source: what is published again is no news."""
    units: set[str] = field(default_factory=set)
    """All that have had it: nobody of them verifies it."""
    returned: set[str] = field(default_factory=set)
    """Those whose return was granted: they are never given it again."""
    acknowledged: set[int] = field(default_factory=set)
    """The orders and notices that somebody has acknowledged, by the numbers of their events."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by whoever acts: people act one after the other, each having seen what came of it."""
    answered: set[str] = field(default_factory=set)
    """The actions that came to something, or to nothing."""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when another action is answered."""


@dataclass(slots=True)
class Order:
    """An order of ours: until when it is to be done, and the number of its last event."""

    deadline: datetime
    heard: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One of the latest events: when, of which type, what it says, and the case as it was known."""

    at: datetime
    type: str
    word: str
    """The rule, the reason, the level or the clock that it names."""
    case: Case | None


@dataclass(slots=True)
class Board:
    """The figures; ``clock`` counts seconds and never goes back."""

    clock: Callable[[], float] = time.monotonic
    started: float = field(default_factory=time.monotonic)
    first_closed_s: float | None = None
    incidents: dict[str, Tracked] = field(default_factory=dict)
    states: Counter[str] = field(default_factory=Counter)
    """Our incidents by the state in which they are now."""
    events: Counter[str] = field(default_factory=Counter)
    """Events of our incidents by type."""
    words: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Events of our incidents by type and by the rule, level or clock that they name."""
    failures: Counter[str] = field(default_factory=Counter)
    """Requests that were not accepted, by their code."""
    retries: int = 0
    latencies: deque[float] = field(default_factory=lambda: deque(maxlen=MAX_SAMPLES))
    """Seconds from 202 to the outcome being seen."""
    arrivals: deque[float] = field(default_factory=lambda: deque(maxlen=MAX_SAMPLES))
    latest: deque[Line] = field(default_factory=lambda: deque(maxlen=LATEST))
    orders: dict[str, Order] = field(default_factory=dict)
    early: dict[str, list[Event[Any]]] = field(default_factory=dict)
    """Outcomes of incidents that nobody has heard of yet: topics are read side by side."""
    taken_down: bool = False
    """Whether it ended because the stack did."""

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return self.clock() - self.started

    @property
    def undecided(self) -> int:
        """How many of our incidents have no outcome yet."""
        return self.states["sent"] + self.states["reported"]

    def sent(self, incident: str, draft: Draft) -> None:
        """A report is on its way."""
        self.incidents[incident] = Tracked(draft)
        self.states["sent"] += 1
        if len(self.incidents) > MAX_CASES:
            del self.incidents[next(iter(self.incidents))]

    def ordered(self, order: str, deadline: datetime) -> None:
        """An order is on its way."""
        self.orders[order] = Order(deadline)
        if len(self.orders) > MAX_ORDERS:
            del self.orders[next(iter(self.orders))]

    def accepted(self, incident: str) -> None:
        """Its 202 has come; its outcome may have been seen before that."""
        one = self.incidents[incident]
        one.accepted_at = self.clock()
        if one.decided_at is not None:
            self.latencies.append(0.0)
        else:
            self._move(one, "reported")

    def failed(self, code: str, incident: str | None = None) -> None:
        """A request was not accepted; of a report nothing will follow."""
        self.failures[code] += 1
        if incident is not None:
            one = self.incidents.pop(incident)
            self.states[one.state] -= 1

    def retried(self) -> None:
        """A request is being made again."""
        self.retries += 1

    def saw(self, event: Event[Any]) -> Tracked | None:
        """Take an event in; the incident that it is about, where that is one of ours and news."""
        one = self._known(event)
        if one is None or event.sequence <= one.heard.get(event.source, 0):
            return None
        one.heard[event.source] = event.sequence
        self._counted(event)
        data = event.data
        if isinstance(data, IncidentReported) and one.adopted:
            one.draft = planned(data.report)  # its case may be heard of before
        if isinstance(data, CaseEvent):
            one.sequence = event.sequence
            one.case = data.case
            one.units |= {data.case.unit.code} if data.case.unit else set()
            one.acknowledged |= set(data.orders) if isinstance(data, CaseAcknowledged) else set()
            one.returned |= {data.returned_by} if isinstance(data, ReturnGranted) else set()
            self._decided(one, data.case.state.value)
        elif isinstance(data, Outcome):
            self._decided(one, data.ENDING)
        if isinstance(data, CaseClosed) and self.first_closed_s is None:
            self.first_closed_s = self.seconds
        if isinstance(data, KINDS) and data.action_id is not None:
            one.answered.add(data.action_id)
            one.news.set()
        self._note(event, one.case)
        return one

    def heard_before(self, event: Event[Any]) -> Iterable[Event[Any]]:
        """The outcomes that came before the report they are of; to be taken in after it.

        Whoever has a case is further than that.
        """
        found = self.early.pop(event.subject, [])
        return found if isinstance(event.data, IncidentReported) else ()

    def _known(self, event: Event[Any]) -> Tracked | None:
        """The incident of ours that it is about; an order is counted here, an outcome kept."""
        if isinstance(event.data, OrderEvent):
            self._of_order(event, event.data)
            return None
        one = self.incidents.get(event.subject) or self._adopted(event)
        if one is None:
            self._keep(event)
        return one

    def _counted(self, event: Event[Any]) -> None:
        self.arrivals.append(self.clock())
        self.events[event.type] += 1

    def _of_order(self, event: Event[Any], data: OrderEvent) -> None:
        one = self.orders.get(event.subject)
        if one is None or event.sequence <= one.heard:
            return
        one.heard = event.sequence
        self._counted(event)
        late = isinstance(data, OrderDone) and data.at > one.deadline
        self._note(event, None, "late" if late else "")

    def _keep(self, event: Event[Any]) -> None:
        if isinstance(event.data, Outcome):
            self.early.setdefault(event.subject, []).append(event)
            if len(self.early) > MAX_EARLY:
                del self.early[next(iter(self.early))]

    def _adopted(self, event: Event[Any]) -> Tracked | None:
        """An inspection that a plan orders, and what one has found, are ours as well."""
        data = event.data
        report = data.report if isinstance(data, IncidentReported) else None
        case = data.case if isinstance(data, CaseEvent) else None
        if not {report and report.source, case and case.source} & OF_PLANS:
            return None
        self.sent(event.subject, planned(report))
        self.accepted(event.subject)
        one = self.incidents[event.subject]
        one.adopted = True
        return one

    def _note(self, event: Event[Any], case: Case | None, word: str = "") -> None:
        if isinstance(event.data, ClocksChanged | ClockApproaching):
            return  # too many to be shown one by one
        word = word or word_of(event.data)
        if word:
            self.words[event.type, word] += 1
        self.latest.appendleft(Line(event.time, event.type, word, case))

    def _decided(self, one: Tracked, state: str) -> None:
        if one.decided_at is None:
            one.decided_at = self.clock()
            if one.accepted_at is not None:
                self.latencies.append(one.decided_at - one.accepted_at)
        self._move(one, state)

    def _move(self, one: Tracked, state: str) -> None:
        self.states[one.state] -= 1
        one.state = state
        self.states[state] += 1

    def per_second(self) -> float:
        """Events a second over the last few seconds."""
        since = self.clock() - WINDOW_S
        recent = sum(1 for at in reversed(self.arrivals) if at >= since)
        return recent / max(min(WINDOW_S, self.seconds), 0.1)


def word_of(data: object) -> str:
    """The rule, the reason, the level, the turn or the clock that an event names."""
    word: object = ""
    match data:
        case Outcome() | CaseDispatched():
            word = data.rule
        case ActionRefused():
            word = f"{data.rule.value}: {data.action}"
        case CaseFiled(unrouted=Unrouted() as why):
            word = why
        case (
            SupervisionEvent()
            | SupervisionReminded()
            | SupervisionConveyed()
            | SupervisionAcknowledged()
        ):
            word = data.level
        case NoticeRaised() | NoticeReminded() | NoticeConveyed():
            word = data.colour
        case FlowEvent():
            word = data.turn.code
        case MarkEvent():
            word = data.mark.clock
        case _:
            pass
    return str(word)


def quantile(values: "deque[float]", share: float) -> float | None:
    """The value below which that share of all lies; None of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None
