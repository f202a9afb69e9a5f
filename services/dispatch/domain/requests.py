"""Requests of units: a suspension, more time. Asking stops no clock; what nobody decides lapses."""

from datetime import datetime, timedelta
from typing import Any

from services.dispatch.domain.dossier import Decided
from shared.contracts.base import Limit, Limits
from shared.contracts.case_v1 import Case, Request, RequestKind, Suspension
from shared.contracts.incidents_v1 import ActionRequested
from shared.contracts.policies import RequestRule, RequestRules
from shared.worktime.calendar import Calendar
from shared.worktime.limits import due, elapsed, end, length, unit_length, whole

NOTHING_ASKED: dict[str, Any] = {"return_pending": False, "request": None}
"""What a case looks like once a request is settled, or has lost its sense."""
MAX_EXTENSIONS = 2
DEFAULT = RequestRules()
"""For cases that were filed before there were rules of requests."""


def rule_of(rules: RequestRules | None, kind: RequestKind) -> RequestRule:
    """Who decides requests of a kind, and until when."""
    found = rules or DEFAULT
    if kind is RequestKind.SUSPENSION:
        return found.suspension
    return found.extension if kind is RequestKind.EXTENSION else found.returns


def request(
    kind: RequestKind,
    asked: ActionRequested,
    case: Case,
    rules: RequestRules | None,
    calendar: Calendar,
) -> Request:
    """The request as it waits; a return waits for ever, the others are denied at their limit.

    Raises UnsupportedLimitError for working time without a work calendar.
    """
    rule = rule_of(rules, kind)
    lapses = kind is not RequestKind.RETURN
    return Request(
        kind=kind,
        asked_at=asked.received_at,
        unit=asked.actor.unit,
        subject=asked.actor.subject,
        reason=asked.request.reason,
        level=rule.level,
        limit=rule.limit,
        lapses_at=whole(due(asked.received_at, rule.limit, calendar)) if lapses else None,
        until=asked.request.until if kind is RequestKind.SUSPENSION else None,
        extend_by=extend_by(asked, case) if kind is RequestKind.EXTENSION else None,
    )


def extend_by(asked: ActionRequested, case: Case) -> Limit | None:
    """By how much the limit to handle it would be longer; None where one of both is missing."""
    amount, limit = asked.request.amount, case.limits.handle
    if amount is None or limit is None:
        return None
    return Limit(amount=amount, unit=limit.unit)


def suspended(case: Case, asked: Request, at: datetime) -> dict[str, Any]:
    """The case with its suspension granted."""
    until = asked.until or at
    return {
        **NOTHING_ASKED,
        "suspension": Suspension(since=at, until=until, reason=asked.reason),
        "suspensions": case.suspensions + 1,
    }


def extended(case: Case, by: Limit, at: datetime, calendar: Calendar) -> dict[str, Any]:
    """The case with more time from an instant on: to handle it, and in total."""
    limits = case.limits.model_copy(
        update={
            "handle": lengthened(case.limits.handle, by, at, calendar),
            "total": lengthened(case.limits.total, by, at, calendar),
        }
    )
    return {**NOTHING_ASKED, "limits": limits, "extensions": case.extensions + 1}


def own_limits(case: Case, decided: Decided) -> Limits:
    """A case's limits for whoever has it next: more time was granted to whoever had it.

    What it takes in total stays longer. Of what an older version filed all stays as it is.
    """
    handle = decided.handle_limit or case.limits.handle
    return case.limits.model_copy(update={"handle": handle})


def lengthened(limit: Limit | None, by: Limit, at: datetime, calendar: Calendar) -> Limit | None:
    """A limit and more, in its own unit; none stays none.

    In another unit it is longer by what that takes from an instant on: two working days from a
    Friday are four natural ones. Raises UnsupportedLimitError for working time without a work
    calendar.
    """
    if limit is None:
        return None
    if limit.unit is by.unit:
        return limit.model_copy(update={"amount": limit.amount + by.amount})
    until = end(at, length(by, calendar), by.unit, calendar)
    more = elapsed(at, until, limit.unit, calendar) / unit_length(limit.unit, calendar)
    return limit.model_copy(update={"amount": limit.amount + more})


def too_far(until: datetime, asked_at: datetime, rules: RequestRules | None) -> bool:
    """Whether a review date lies farther ahead than the rules allow."""
    return until > asked_at + timedelta(days=(rules or DEFAULT).longest_suspension_days)
