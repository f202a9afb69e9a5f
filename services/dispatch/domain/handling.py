"""From the acceptance to the closing: what the unit and the inspector do, and what undoes it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.dispatch.domain.doing import Doing
from services.dispatch.domain.flowing import undone
from services.dispatch.domain.requests import NOTHING_ASKED
from services.dispatch.domain.tasks import all_withdrawn, joined
from shared.contracts.base import EventData
from shared.contracts.case_v1 import AppealState, Case, CaseState
from shared.contracts.cases_v1 import (
    CaseAccepted,
    CaseClosed,
    CaseHandled,
    CaseReopened,
    CaseVoided,
    LeadDone,
    ReworkOrdered,
)
from shared.contracts.incidents_v1 import PhotoRef


def accept(doing: Doing) -> Sequence[EventData]:
    """The unit takes it."""
    change = {"state": CaseState.ACCEPTED}
    return [doing.event(CaseAccepted, change, {"accepted_at": doing.at})]


def hand_back(doing: Doing, *, closes: bool = False) -> Sequence[EventData]:
    """The lead is done; so is the case, unless it waits for others.

    Where nothing is to be verified, it is closed at once; not where others have worked on it.
    """
    if not joined(doing.case):
        return [doing.event(LeadDone, {**NOTHING_ASKED, "lead_done_at": doing.at})]
    done = handled(doing, doing.case, doing.asked.request.photos)
    return [done, *closed(replace(doing, case=done.case))] if closes else [done]


def handled(doing: Doing, case: Case, photos: tuple[PhotoRef, ...] = ()) -> CaseHandled:
    """All is done that the case waited for; who co-operates beyond that need not any more.

    A request that nobody had decided has lost its sense.
    """
    change = {
        **NOTHING_ASKED,
        "state": CaseState.HANDLED,
        **all_withdrawn(case, doing.at),
        "lead_done_at": case.lead_done_at or doing.at,
    }
    done = replace(doing, case=case)
    return done.event(CaseHandled, change, {"handled_at": doing.at}, photos=photos)


def verify(doing: Doing) -> Sequence[EventData]:
    """Closed, or done again."""
    if doing.asked.request.passed:
        return closed(doing)
    change = {
        "state": CaseState.ACCEPTED,
        "reworks": doing.case.reworks + 1,
        **undone(doing.case),
    }
    return [doing.event(ReworkOrdered, change, {"handled_at": None})]


def closed(doing: Doing) -> Sequence[EventData]:
    """It is done, and nobody hurries it any more: escalation lifts the order."""
    change = {"state": CaseState.CLOSED, "priority": 0}
    return [doing.event(CaseClosed, change, {"closed_at": doing.at})]


def reopen(doing: Doing) -> Sequence[EventData]:
    """The unit that had it gets it again."""
    change = {
        "state": CaseState.DISPATCHED,
        "priority": 0,  # an older version may have closed it with the order's
        "reopenings": doing.case.reopenings + 1,
        **undone(doing.case),
    }
    times = {
        "dispatched_at": doing.at,
        "accepted_at": None,
        "handled_at": None,
        "closed_at": None,
    }
    return [doing.event(CaseReopened, change, times)]


def void(doing: Doing) -> Sequence[EventData]:
    """It should never have been a case."""
    return [doing.event(CaseVoided, voided(doing.case, doing.at), state_before=doing.case.state)]


def voided(case: Case, at: datetime) -> dict[str, Any]:
    """What a case looks like that is none any more: nothing waits for a decision."""
    decided = tuple(one for one in case.appeals if one.state is not AppealState.PENDING)
    return {
        **NOTHING_ASKED,
        **all_withdrawn(case, at),
        "state": CaseState.VOIDED,
        "priority": 0,
        "appeals": decided,
    }
