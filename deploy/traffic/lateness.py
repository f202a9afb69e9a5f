"""Whether somebody comes too late: it went on by itself, or others were faster."""

from collections.abc import Collection
from datetime import datetime

from deploy.traffic import steps
from deploy.traffic.board import FINAL, Tracked
from deploy.traffic.steps import Step
from services.dispatch.domain.checks import URGE_PAUSE
from shared.contracts.base import EventData
from shared.contracts.case_v1 import Case, CaseState
from shared.contracts.incidents_v1 import Verb
from shared.contracts.reminders_v1 import SupervisionReminded
from shared.contracts.requests_v1 import ReturnRequested
from shared.contracts.tasks_v1 import TaskEvent

STATES: dict[Verb, Collection[str]] = {
    Verb.ACCEPT: {CaseState.DISPATCHED},
    Verb.RETURN: {CaseState.DISPATCHED},
    Verb.HANDLED: {CaseState.ACCEPTED},
    Verb.STEP: {CaseState.ACCEPTED},
    Verb.EXTEND: {CaseState.ACCEPTED},
    Verb.SUSPEND: {CaseState.ACCEPTED},
    Verb.SUPERVISE: {CaseState.ACCEPTED},
    Verb.RELEASE: {CaseState.ACCEPTED},
    Verb.REOPEN: {CaseState.CLOSED},
    Verb.VOID: {CaseState.DISPATCHED},
    Verb.VERIFY: {CaseState.HANDLED},
}
"""In which states of a case a request still has a sense, where its plot does not say so."""


def too_late(one: Tracked, step: Step, data: EventData, now: datetime) -> bool:
    """Whether there is nothing to do any more of what was to follow from an event."""
    if step.of_task and isinstance(data, TaskEvent):
        return one.case is None or data.task not in one.case.tasks  # it was done, or withdrawn
    if isinstance(data, SupervisionReminded):
        return one.state in FINAL or data.order in one.acknowledged
    if step.verb in {Verb.CC, Verb.URGE}:
        again = step.verb is Verb.URGE and _urged_just_now(one.case, now)
        return again or one.state in FINAL
    return one.case is not None and _went_on(one.case, one.state, step, data, now)


def _went_on(case: Case, state: str, step: Step, data: EventData, now: datetime) -> bool:
    if step is steps.RULE and case.unit is not None:
        return True
    if step.verb is Verb.RESUME:
        return case.suspension is None
    if step.verb in {Verb.APPROVE, Verb.DENY} and not isinstance(data, ReturnRequested):
        return _lapsed(case, now)
    if step.verb in {Verb.HANDLED, Verb.STEP} and case.lead_done_at is not None:
        return True
    return step.verb in STATES and state not in STATES[step.verb]


def _urged_just_now(case: Case | None, now: datetime) -> bool:
    """Whether somebody hurried them a moment ago: an order that was lifted may be given again."""
    return case is not None and case.urged_at is not None and now < case.urged_at + URGE_PAUSE


def _lapsed(case: Case, now: datetime) -> bool:
    """Whether nobody asks any more, or for a suspension that would be over."""
    request = case.request
    return request is None or (request.until is not None and request.until <= now)
