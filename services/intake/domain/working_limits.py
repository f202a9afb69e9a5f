"""Limits in working time need a work calendar wherever cases are filed."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from shared.contracts.base import Limit
from shared.contracts.calendars import Calendar
from shared.contracts.flows import Flow
from shared.contracts.ladders import LadderStep, NoticeStep
from shared.contracts.policies import Policy
from shared.contracts.registry_v1 import FilingCondition, Matter
from shared.registry.snapshot import BEFORE_ALL, Snapshot
from shared.worktime.limits import WORKING

Limited = Matter | Policy | Flow
"""The kinds of entries that have limits."""
SHOWN = 3


class Around(NamedTuple):
    """What is in force while an entry is examined."""

    registry: Snapshot
    at: datetime


ALONE = Around(Snapshot(), BEFORE_ALL)
"""Nothing is in force."""


def uncounted(entry: Limited, around: Around) -> Iterator[str]:
    """Each limit of an entry that could not be counted, with what to do."""
    limits = [(where, one) for where, one in _limits(entry) if one.unit in WORKING]
    if not limits:
        return
    lacking = _without_calendar(around, entry.code if isinstance(entry, Policy) else None)
    if lacking is None:
        return
    for where, limit in limits:
        yield (
            f"{where}: a limit in {limit.unit.value} needs a work calendar{lacking}; import one "
            "first (wangge registry import FILE --kind calendars), or use urgent_hour or "
            "natural_day"
        )


def in_working_time(around: Around, policies: Iterable[Policy] = ()) -> Limited | None:
    """The first matter or flow in force, or one of these policies, with a limit in working time."""
    registry, at = around
    there: Iterator[Limited] = chain(
        registry.in_force(Matter, at), registry.in_force(Flow, at), policies
    )
    return next((one for one in there if _counts_by_calendar(one)), None)


def _counts_by_calendar(entry: Limited) -> bool:
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
    policies = (one for code in alone if (one := registry.policy(code, at)) is not None)
    first = in_working_time(around, policies)
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

    A policy needs that of its area, a matter or a flow one for every area in which cases are filed.
    """
    registry, at = around
    filed_in = (
        [area] if area else [one for one in registry.policy_codes if registry.policy(one, at)]
    )
    lacking = [one for one in filed_in if registry.calendar(one, at) is None]
    if lacking:
        return f" for {', '.join(lacking[:SHOWN])}"
    return None if filed_in or registry.calendar(None, at) else ""


def _limits(entry: Limited) -> Iterator[tuple[str, Limit]]:
    """Each limit of an entry, with where it stands."""
    name = f"{entry.kind} {entry.code}"
    found = (
        _of_policy(entry) if isinstance(entry, Policy)
        else ((f"state {one.code}", one.limit) for one in entry.states) if isinstance(entry, Flow)
        else _of_conditions(entry.conditions)
    )  # fmt: skip
    return ((f"{name}, {where}", limit) for where, limit in found if limit is not None)


def _of_policy(policy: Policy) -> Iterator[tuple[str, Limit | None]]:
    yield "filing", policy.filing_limit
    for request in ("returns", "suspension", "extension", "appeal"):
        yield f"requests, {request}", getattr(policy.requests, request).limit
    yield "requests, appeal_within", policy.requests.appeal_within
    steps: tuple[LadderStep | NoticeStep, ...] = (*policy.ladder, *policy.notice_ladder)
    for step in steps:
        where = f"repeat of {step.clock.value} at {step.percent} %"
        yield where, step.repeat.every if step.repeat else None


def _of_conditions(conditions: Iterable[FilingCondition]) -> Iterator[tuple[str, Limit | None]]:
    for condition in conditions:
        where = f"condition {condition.code}"
        for stage, limit in condition.limits:
            yield f"{where}, {stage}", limit if isinstance(limit, Limit) else None
        yield f"{where}, make_safe", condition.make_safe
