"""What a unit asks for beside a return, and what is decided on it: suspensions, extensions."""

from collections.abc import Sequence

from services.dispatch.domain.by import whoever_asked
from services.dispatch.domain.doing import Doing
from services.dispatch.domain.requests import NOTHING_ASKED, extended, request, suspended
from services.dispatch.domain.timing import resumed
from shared.contracts.base import EventData
from shared.contracts.case_v1 import Request, RequestKind
from shared.contracts.requests_v1 import (
    CaseExtended,
    CaseSuspended,
    ExtensionRefused,
    ExtensionRequested,
    SuspensionRefused,
    SuspensionRequested,
)


def ask_suspension(doing: Doing) -> Sequence[EventData]:
    """The clocks are to stand until a date; none does yet."""
    return [doing.event(SuspensionRequested, {"request": _request(doing, RequestKind.SUSPENSION)})]


def suspend(doing: Doing) -> Sequence[EventData]:
    """Granted: they stand from now on."""
    return [doing.event(CaseSuspended, suspended(doing.case, _pending(doing), doing.at))]


def refuse_suspension(doing: Doing) -> Sequence[EventData]:
    """Refused: nothing has changed."""
    return [doing.event(SuspensionRefused, NOTHING_ASKED)]


def resume(doing: Doing) -> Sequence[EventData]:
    """Somebody ends it before its review date."""
    by = whoever_asked(doing.asked)
    return [resumed(doing.asked.incident_id, doing.case, doing.at, None, by)]


def ask_extension(doing: Doing) -> Sequence[EventData]:
    """The limit is to be longer."""
    return [doing.event(ExtensionRequested, {"request": _request(doing, RequestKind.EXTENSION)})]


def extend(doing: Doing) -> Sequence[EventData]:
    """Granted: it is, from now on."""
    by = _pending(doing).extend_by
    if by is None:
        raise ValueError("the request names no amount")
    longer = extended(doing.case, by, doing.at, doing.calendar)
    return [doing.event(CaseExtended, longer, extended_by=by)]


def refuse_extension(doing: Doing) -> Sequence[EventData]:
    """Refused: nothing has changed."""
    return [doing.event(ExtensionRefused, NOTHING_ASKED)]


def _request(doing: Doing, kind: RequestKind) -> Request:
    return request(kind, doing.asked, doing.case, doing.decided.requests, doing.calendar)


def _pending(doing: Doing) -> Request:
    if doing.case.request is None:
        raise ValueError("no request waits")
    return doing.case.request
