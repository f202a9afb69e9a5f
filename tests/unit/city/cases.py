"""Events of a case, as dispatch and escalation write them."""

from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from shared.contracts import cases_v1, escalations_v1
from shared.contracts.base import Actor, EventData, Names
from shared.contracts.case_v1 import Case, CaseEvent, CaseState, Task
from shared.contracts.choice_v1 import DispatchRule
from shared.contracts.envelope import Event
from shared.contracts.golden import story
from shared.contracts.incidents_v1 import IncidentReported, Report
from shared.contracts.levels import SupervisionLevel
from shared.contracts.outcomes_v1 import IncidentHeld, IncidentRejected, Outcome
from shared.contracts.reminders_v1 import SupervisionReminded
from shared.contracts.routing_rules import Source
from shared.contracts.tasks_v1 import TaskDeclined, TaskDone, TaskWithdrawn

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NUMBERS = count(1)
NAMES = Names(zh="甲", en="A")
CENTRE = Actor(subject="dispatcher-of-9901", roles=("dispatcher",))


def seeded(seed: int) -> Random:
    """Draws that are the same in every run."""
    return Random(seed)  # noqa: S311 - nothing here is secret


def case(state: CaseState = CaseState.DISPATCHED, **fields: Any) -> Case:  # noqa: ANN401
    """A case in a state."""
    return Case.model_validate(
        {
            "case_no": "990101-20260101-1",
            "state": state,
            "grid": "990101001001001",
            "zone": "Asia/Shanghai",
            "matter": {
                "code": "street-lamp", "n": 1, "names": NAMES, "klass": "component",
                "condition": "out",
            },
            "location": {"coordinates": [119.6, 30.2]},
            "source": "officer",
            "unit": {"code": "u1", "names": NAMES, "kind": "department", "area": "990101"},
            "limits": {},
            "times": {"counts_from": NOW, "received_at": NOW, "filed_at": NOW},
            **fields,
        }
    )  # fmt: skip


def step(model: type[CaseEvent], now: Case, **fields: Any) -> CaseEvent:  # noqa: ANN401
    """An event that brings a case to where it is now."""
    base = {"incident_id": "i", "at": NOW, "case": now}
    return model.model_validate({**base, **fields})


def task(model: type[CaseEvent], by: Actor | None = None) -> CaseEvent:
    """Something about the share of a unit that co-operates."""
    found = case(CaseState.ACCEPTED)
    states: dict[type[CaseEvent], str] = {
        TaskDone: "done",
        TaskDeclined: "declined",
        TaskWithdrawn: "withdrawn",
    }
    state = states.get(model, "assigned")
    at = NOW + timedelta(seconds=1)
    one = {"code": "co-1", "unit": found.unit, "state": state, "assigned_at": at}
    accepted = found.times.model_copy(update={"accepted_at": NOW})
    now = found.model_copy(update={"tasks": (Task.model_validate(one),), "times": accepted})
    return step(model, now, task=one, actor=by)


def made_safe() -> Case:
    """An emergency that is one no more, and was accepted again."""
    found = case(CaseState.ACCEPTED, emergency=True, reopenings=1)
    times = found.times.model_copy(update={"made_safe_at": NOW})
    return found.model_copy(update={"times": times})


def filed(**fields: Any) -> CaseEvent:  # noqa: ANN401 - of the event
    """The case was filed, and nothing else yet."""
    return step(cases_v1.CaseFiled, case(CaseState.FILED, unit=None), receipt_no="1", **fields)


def ruled() -> CaseEvent:
    """The centre named the unit."""
    return dispatched().model_copy(update={"rule": DispatchRule.NAMED_BY_DISPATCHER})


def dispatched(**fields: Any) -> CaseEvent:  # noqa: ANN401
    """The case was given to a unit."""
    return step(
        cases_v1.CaseDispatched,
        case(**fields),
        rule="nearest_unit_of_matter",
        centre="990101",
        level="county",
    )


def _mark(clock: str, percent: int) -> dict[str, Any]:
    return {"task": "lead", "clock": clock, "run": 1, "percent": percent, "due_at": NOW}


def breached(clock: str) -> EventData:
    """A limit was used up."""
    running = {
        "task": "lead", "clock": clock, "run": 1, "state": "running", "started_at": NOW,
        "due_at": NOW, "limit": {"amount": 0.01, "unit": "urgent_hour"},
    }  # fmt: skip
    return escalations_v1.ClockBreached.model_validate(
        {"incident_id": "i", "at": NOW, "mark": _mark(clock, 100), "clock": running}
    )


def supervised(level: str, *, by_hand: bool = False) -> EventData:
    """Somebody above said: hurry; or the ladder did."""
    return escalations_v1.SupervisionOrdered.model_validate(
        {
            "incident_id": "i",
            "at": NOW,
            "level": level,
            "issuer": "county",
            "issuer_area": "990101",
            "mark": None if by_hand else _mark("handle", 150),
        }
    )


def reminded(number: int) -> EventData:
    """Nobody has acknowledged the order yet."""
    return SupervisionReminded(
        incident_id="i",
        at=NOW,
        order=5,
        number=number,
        of=3,
        due_at=NOW,
        level=SupervisionLevel.ORDINARY,
    )


def rejected(rule: str, by: str | None = None) -> EventData:
    """It was not filed, by the rules or by somebody."""
    return held(rule, IncidentRejected, actor=by and {"subject": by})


def held(
    rule: str,
    kind: type[Outcome] = IncidentHeld,
    **fields: object,
) -> EventData:
    """It waits in review, or another outcome without a case."""
    return kind.model_validate(
        {
            "incident_id": "i", "rule": rule, "explanation": NAMES, "counts_from": NOW,
            "received_at": NOW, "zone": "Asia/Shanghai", "source": "officer", **fields,
        }
    )  # fmt: skip


def found_by_inspection() -> EventData:
    """What an inspection has found, as it was reported."""
    return IncidentReported(
        incident_id="finding",
        receipt_no="0000-0000-0000-0",
        received_at=NOW,
        zone="Asia/Shanghai",
        reporter=story.RESIDENT,
        report=Report(plan=story.PLANNED, source=Source.INSPECTION),
    )


def event(data: EventData, subject: str = "i", number: int | None = None) -> Event[Any]:
    """An event as it is read from its topic; without a number it comes after all before it."""
    number = next(NUMBERS) if number is None else number
    return Event(
        id=f"{subject}-{data.TYPE}-{number}",
        source=f"/wangge/{'intake' if isinstance(data, IncidentReported) else 'dispatch'}",
        subject=subject,
        time=NOW,
        data=data,
        correlation_id=subject,
        causation_id=subject,
        sequence=number,
    )
