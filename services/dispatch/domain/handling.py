"""From the acceptance to the closing: what the unit and the inspector do, and what undoes it."""

from collections.abc import Sequence

from services.dispatch.domain.doing import Doing
from services.dispatch.domain.requests import NOTHING_ASKED
from shared.contracts.base import EventData
from shared.contracts.case_v1 import CaseState
from shared.contracts.cases_v1 import (
    CaseAccepted,
    CaseClosed,
    CaseHandled,
    CaseReopened,
    CaseVoided,
    ReworkOrdered,
)


def accept(doing: Doing) -> Sequence[EventData]:
    """The unit takes it."""
    change = {"state": CaseState.ACCEPTED}
    return [doing.event(CaseAccepted, change, {"accepted_at": doing.at})]


def hand_back(doing: Doing) -> Sequence[EventData]:
    """It is done; a request that nobody had decided has lost its sense."""
    change = {**NOTHING_ASKED, "state": CaseState.HANDLED}
    photos = doing.asked.request.photos
    return [doing.event(CaseHandled, change, {"handled_at": doing.at}, photos=photos)]


def verify(doing: Doing) -> Sequence[EventData]:
    """Closed, or done again."""
    if doing.asked.request.passed:
        return [doing.event(CaseClosed, {"state": CaseState.CLOSED}, {"closed_at": doing.at})]
    change = {"state": CaseState.ACCEPTED, "reworks": doing.case.reworks + 1}
    return [doing.event(ReworkOrdered, change, {"handled_at": None})]


def reopen(doing: Doing) -> Sequence[EventData]:
    """The unit that had it gets it again."""
    change = {"state": CaseState.DISPATCHED, "reopenings": doing.case.reopenings + 1}
    times = {
        "dispatched_at": doing.at,
        "accepted_at": None,
        "handled_at": None,
        "closed_at": None,
    }
    return [doing.event(CaseReopened, change, times)]


def void(doing: Doing) -> Sequence[EventData]:
    """It should never have been a case."""
    change = {**NOTHING_ASKED, "state": CaseState.VOIDED}
    return [doing.event(CaseVoided, change, state_before=doing.case.state)]
