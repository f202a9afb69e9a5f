"""Limits in working time need a work calendar wherever cases are filed."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from shared.contracts.base import Limit
from shared.contracts.calendars import Calendar
from shared.contracts.registry_v1 import Matter, Policy
from shared.registry.snapshot import BEFORE_ALL, Snapshot
from shared.worktime.limits import WORKING

SHOWN = 3


class Around(NamedTuple):
    """What is in force while an entry is examined."""

    registry: Snapshot
    at: datetime


ALONE = Around(Snapshot(), BEFORE_ALL)
"""Nothing is in force."""


def uncounted(entry: Matter | Policy, around: Around) -> Iterator[str]:
    """Each limit of an entry that could not be counted, with what to do."""
    limits = [(where, one) for where, one in _limits(entry) if one.unit in WORKING]
    lacking = _without_calendar(around, entry.code if isinstance(entry, Policy) else None)
    if lacking is None:
        return
    for where, limit in limits:
        yield (
            f"{where}: a limit in {limit.unit.value} needs a work calendar{lacking}; import one "
            "first (wangge registry import FILE --kind calendars), or use urgent_hour or "
            "natural_day"
        )


def counts_by_calendar(entry: Matter | Policy) -> bool:
    """Whether any limit of an entry is in working time."""
    return any(limit.unit in WORKING for _, limit in _limits(entry))


def still_needed(calendar: Calendar, around: Around) -> str | None:
    """Why a calendar may not be withdrawn; None: it may.

    An open case goes on by the version that it names, a new one would have none.
    """
    registry, at = around
    alone = [
        one for one in registry.policy_codes
        if registry.policy(one, at) is not None and _only(calendar.code, one, around)
    ]  # fmt: skip
    if not alone:
        return None
    policies = [one for code in alone if (one := registry.policy(code, at)) is not None]
    there: list[Matter | Policy] = [*registry.matters(at), *policies]
    counted = (one for one in there if counts_by_calendar(one))
    first = next(counted, None)
    if first is None:
        return None
    return (
        f"calendar {calendar.code}: {first.kind} {first.code} has a limit in working time, and "
        f"{', '.join(alone[:SHOWN])} would be left without a calendar; import another one, or "
        "change the limits first"
    )


def _only(calendar: str, area: str, around: Around) -> bool:
    registry, at = around
    there = [
        code for code in registry.calendar_codes
        if area.startswith(code) and registry.ruling(f"calendar/{code}", at) is not None
    ]  # fmt: skip
    return there == [calendar]


def _without_calendar(around: Around, area: str | None) -> str | None:
    """Where there is none of those that are needed, in words; None: there are all.

    A policy needs that of its area, a matter one for every area in which cases are filed.
    """
    registry, at = around
    filed_in = (
        [area] if area else [one for one in registry.policy_codes if registry.policy(one, at)]
    )
    lacking = [one for one in filed_in if registry.calendar(one, at) is None]
    if lacking:
        return f" for {', '.join(lacking[:SHOWN])}"
    return None if filed_in or registry.calendar(None, at) else ""


def _limits(entry: Matter | Policy) -> Iterator[tuple[str, Limit]]:
    name = f"{entry.kind} {entry.code}"
    if isinstance(entry, Policy):
        if entry.filing_limit is not None:
            yield f"{name}, filing", entry.filing_limit
        for request in ("returns", "suspension", "extension", "appeal"):
            yield f"{name}, requests, {request}", getattr(entry.requests, request).limit
        yield f"{name}, requests, appeal_within", entry.requests.appeal_within
        return
    for condition in entry.conditions:
        where = f"{name}, condition {condition.code}"
        for stage, limit in condition.limits:
            if isinstance(limit, Limit):
                yield f"{where}, {stage}", limit
        if condition.make_safe is not None:
            yield f"{where}, make_safe", condition.make_safe
