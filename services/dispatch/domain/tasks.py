"""Co-operating tasks (吹哨报到): who has one, and when a case is handled (the join)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from services.dispatch.domain.by import THE_RULES, By
from shared.contracts.case_refs_v1 import UnitRef
from shared.contracts.case_v1 import OPEN_TASKS, Case, Task, TaskState
from shared.contracts.routing_rules import UnitKind
from shared.contracts.tasks_v1 import TaskAssigned, TaskEvent, TaskWithdrawn

E = TypeVar("E", bound=TaskEvent)
DONE_OR_OPEN = OPEN_TASKS | {TaskState.DONE}
MAX_TASKS = 20
"""So many tasks a case may have had."""


def task_of(case: Case, unit: str | None, states: Collection[TaskState]) -> Task | None:
    """The latest task of a unit in one of these states."""
    found = (one for one in reversed(case.tasks) if one.unit.code == unit and one.state in states)
    return next(found, None)


def co_operates(case: Case, unit: str, states: Collection[TaskState] = OPEN_TASKS) -> bool:
    """Whether a unit leads, or has a task in one of these states: else one that it owes."""
    leads = case.unit is not None and case.unit.code == unit
    return leads or task_of(case, unit, states) is not None


def co_operating(case: Case) -> tuple[UnitRef, ...]:
    """The units that co-operate, or have done so."""
    return _co_units(case.tasks)


def joined(case: Case) -> bool:
    """Whether all that a case waits for is done: what was declined or withdrawn hinders nobody."""
    return not any(one.needed and one.state in OPEN_TASKS for one in case.tasks)


def with_task(case: Case, task: Task) -> Case:
    """The case with a task as it is now, a new one at the end."""
    known = any(one.code == task.code for one in case.tasks)
    tasks = tuple(task if one.code == task.code else one for one in case.tasks)
    after = tasks if known else (*tasks, task)
    return case.model_copy(update={"tasks": after, "co_units": _co_units(after)})


def all_withdrawn(case: Case, at: datetime) -> dict[str, Any]:
    """What a case looks like in which nobody is to co-operate any more."""
    gone = TaskState.WITHDRAWN
    tasks = tuple(ended(one, gone, at) if _is_open(one) else one for one in case.tasks)
    return {"tasks": tasks, "co_units": _co_units(tasks)}


def ended(task: Task, state: TaskState, at: datetime) -> Task:
    """The task with its end."""
    return task.model_copy(update={"state": state, "ended_at": at})


@dataclass(frozen=True, slots=True)
class Moment:
    """Of which incident, when, and by whom."""

    incident_id: str
    at: datetime
    by: By = THE_RULES


def assigned(case: Case, unit: UnitRef, now: Moment, *, needed: bool) -> TaskAssigned:
    """A unit is to co-operate from now on."""
    task = Task(
        code=f"co-{len(case.tasks) + 1}",
        unit=unit,
        state=TaskState.ASSIGNED,
        needed=needed,
        assigned_at=now.at,
    )
    return told(TaskAssigned, case, task, now)


def withdrawn(case: Case, task: Task, now: Moment) -> TaskWithdrawn:
    """A unit need not co-operate any more."""
    return told(TaskWithdrawn, case, ended(task, TaskState.WITHDRAWN, now.at), now)


def told(kind: type[E], case: Case, task: Task, now: Moment) -> E:
    """An event of a task."""
    return kind(
        incident_id=now.incident_id,
        at=now.at,
        actor=now.by.actor,
        action_id=now.by.action_id,
        reason=now.by.reason,
        case=with_task(case, task),
        task=task,
    )


def brought_in_line(
    case: Case, wanted: Sequence[UnitRef], now: Moment, join: Collection[UnitKind] | None
) -> list[TaskEvent]:
    """What follows for the tasks of a case that was just dispatched: whom its route names.

    A unit that leads now co-operates no more; whoever has a task keeps it, and what is done is not
    asked for again.
    """
    follows: list[TaskEvent] = []
    lead = case.unit.code if case.unit else None
    for task in case.tasks:
        if _is_open(task) and task.unit.code == lead:
            follows.append(withdrawn(case, task, now))
            case = follows[-1].case
    for unit in wanted:
        if len(case.tasks) < MAX_TASKS and not co_operates(case, unit.code, DONE_OR_OPEN):
            needed = join is None or unit.kind in join
            follows.append(assigned(case, unit, now, needed=needed))
            case = follows[-1].case
    return follows


def _is_open(task: Task) -> bool:
    return task.state in OPEN_TASKS


def _co_units(tasks: Sequence[Task]) -> tuple[UnitRef, ...]:
    """Who co-operates, or has done so."""
    gone = {TaskState.DECLINED, TaskState.WITHDRAWN}
    found = {one.unit.code: one.unit for one in tasks if one.state not in gone}
    return tuple(found.values())
