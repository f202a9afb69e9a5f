"""What co-operating units do, and who asks for them: by a whistle (吹哨), at any time."""

from collections.abc import Sequence

from services.dispatch.domain.by import whoever_asked
from services.dispatch.domain.doing import Doing
from services.dispatch.domain.handling import handled
from services.dispatch.domain.requests import own_limits
from services.dispatch.domain.routes import unit_ref
from services.dispatch.domain.tasks import (
    Moment,
    assigned,
    ended,
    joined,
    task_of,
    told,
    withdrawn,
)
from shared.contracts.base import EventData
from shared.contracts.case_v1 import OPEN_TASKS, Task, TaskState
from shared.contracts.tasks_v1 import TaskAccepted, TaskDeclined, TaskDone, TaskEvent


def whistle(doing: Doing) -> Sequence[EventData]:
    """Another unit is to co-operate."""
    needed, unit = doing.asked.request.needed, unit_ref(doing.named)
    return [assigned(doing.case, unit, _now(doing), needed=needed)]


def accept(doing: Doing) -> Sequence[EventData]:
    """The unit takes its share."""
    task = _own(doing, TaskState.ASSIGNED)
    limit = own_limits(doing.case, doing.decided).handle
    taken = {"state": TaskState.ACCEPTED, "accepted_at": doing.at, "limit": limit}
    return [_told(doing, TaskAccepted, task.model_copy(update=taken))]


def done(doing: Doing) -> Sequence[EventData]:
    """It has done it; perhaps the case waited for nothing else."""
    task = _own(doing, TaskState.ACCEPTED)
    return _joined(doing, _told(doing, TaskDone, ended(task, TaskState.DONE, doing.at)))


def decline(doing: Doing) -> Sequence[EventData]:
    """It will not; the case waits for the others."""
    task = _own(doing, *OPEN_TASKS)
    return _joined(doing, _told(doing, TaskDeclined, ended(task, TaskState.DECLINED, doing.at)))


def withdraw(doing: Doing) -> Sequence[EventData]:
    """It need not any more."""
    task = task_of(doing.case, doing.asked.request.unit, OPEN_TASKS)
    if task is None:
        raise ValueError("the unit has no open task")
    return _joined(doing, withdrawn(doing.case, task, _now(doing)))


def _joined(doing: Doing, event: TaskEvent) -> Sequence[EventData]:
    """The case is handled where its lead is done and it waits for nobody else."""
    if event.case.lead_done_at is None or not joined(event.case):
        return [event]
    return [event, handled(doing, event.case)]


def _own(doing: Doing, *states: TaskState) -> Task:
    found = task_of(doing.case, doing.asked.actor.unit, states)
    if found is None:
        raise ValueError("the actor's unit has no such task")
    return found


def _told(doing: Doing, kind: type[TaskEvent], task: Task) -> TaskEvent:
    return told(kind, doing.case, task, _now(doing))


def _now(doing: Doing) -> Moment:
    return Moment(doing.asked.incident_id, doing.at, whoever_asked(doing.asked))
