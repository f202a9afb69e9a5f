"""Pure: no task of a case is lost: not from its list, not by going back, not in the join."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deploy.audit.case_events import broken
from deploy.audit.problems import Problem
from shared.contracts.case_v1 import OPEN_TASKS, CaseEvent, Task, TaskState
from shared.contracts.cases_v1 import CaseFiled, CaseHandled
from shared.contracts.envelope import Event

FORWARD: Mapping[TaskState, frozenset[TaskState]] = {
    TaskState.ASSIGNED: frozenset(TaskState),
    TaskState.ACCEPTED: frozenset(TaskState) - {TaskState.ASSIGNED},
    TaskState.DONE: frozenset({TaskState.DONE}),
    TaskState.DECLINED: frozenset({TaskState.DECLINED}),
    TaskState.WITHDRAWN: frozenset({TaskState.WITHDRAWN}),
}
"""What a task may be after it was that."""


def check(subject: str, events: Sequence[Event[Any]]) -> list[Problem]:
    """Tasks that got lost on the way; ``events`` are whole, in their order."""
    problems: list[Problem] = []
    known: Mapping[str, Task] = {}
    for event in events:
        data = event.data
        if not isinstance(data, CaseEvent):
            continue
        before = {} if isinstance(data, CaseFiled) else known
        known = {task.code: task for task in data.case.tasks}
        wrongs = [*_lost(before, known)]
        if isinstance(data, CaseHandled):
            wrongs += _waited_for(before)
        problems += [broken("task_lost", subject, event, wrong) for wrong in wrongs]
    return problems


def _lost(before: Mapping[str, Task], after: Mapping[str, Task]) -> Iterator[str]:
    for code, task in before.items():
        if code not in after:
            yield f"{code} is gone"
        elif after[code].state not in FORWARD[task.state]:
            yield f"{code} was {task.state}, and is {after[code].state}"


def _waited_for(tasks: Mapping[str, Task]) -> Iterator[str]:
    """Those for which the case should have waited."""
    for code, task in tasks.items():
        if task.needed and task.state in OPEN_TASKS:
            yield f"{code} was {task.state}, and is needed"
