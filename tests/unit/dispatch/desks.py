"""Incidents that the rules could not file, at each of the desk's turns."""

from typing import Any

from shared.contracts.base import EventData, Point
from shared.contracts.cases_v1 import ActionRefused
from shared.contracts.incidents_v1 import Verb
from shared.contracts.levels import SupervisionLevel
from shared.contracts.outcomes_v1 import (
    IncidentHeld,
)
from shared.contracts.registry_v1 import FilingCondition, Matter
from shared.contracts.roles import Role
from shared.contracts.rule_v1 import Rule
from tests.unit.dispatch.city import (
    ENTRIES,
    GRID,
    TEAM,
    registry,
)
from tests.unit.dispatch.desk import RESIDENT, Desk, actor

CLERK, OTHER = actor(Role.ACCEPTANCE_DESK), actor(Role.ACCEPTANCE_DESK, subject="other-clerk")
OFFICER = actor(Role.OFFICER, unit=TEAM, area=GRID[:12])
OUTSIDE = Point(coordinates=(10.0, 10.0))


def looked_at_first(entry: Any) -> Any:  # noqa: ANN401
    """The pothole, of which every condition asks for a look."""
    if not isinstance(entry, Matter) or entry.code != "pothole":
        return entry
    conditions: tuple[FilingCondition, ...] = tuple(
        one.model_copy(update={"verify_before_filing": True}) for one in entry.conditions
    )
    return entry.model_copy(update={"conditions": conditions})


CAREFUL = registry(map(looked_at_first, ENTRIES))


def held_desk(**fields: Any) -> Desk:  # noqa: ANN401
    """A report of a matter that the list does not have."""
    desk = Desk()
    (held,) = desk.report(**{"matter": "unheard-of", **fields})
    assert type(held) is IncidentHeld
    return desk


def looking_desk() -> Desk:
    desk = held_desk()
    desk.ask(Verb.LOOK, CLERK)
    return desk


def late_desk() -> Desk:
    """It has waited so long that the desk is told to hurry."""
    desk = held_desk()
    desk.supervise(SupervisionLevel.ORDINARY)
    return desk


def rejected_desk() -> Desk:
    desk = held_desk()
    desk.ask(Verb.REJECT, CLERK)
    return desk


def appealed_desk() -> Desk:
    desk = rejected_desk()
    desk.ask(Verb.APPEAL, RESIDENT)
    return desk


def refusal(follows: list[EventData]) -> Rule | None:
    found = follows[0]
    return found.rule if isinstance(found, ActionRefused) else None
