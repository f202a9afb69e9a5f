"""What an entry of the registry must keep to beyond its shape."""

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.intake.domain import flow_soundness, plan_checks, rule_lists
from services.intake.domain.findings import FindingCode
from services.intake.domain.geometry import GeometryError, repaired
from shared.contracts.base import CITY_DIGITS, Limit, LimitUnit
from shared.contracts.flows import Flow
from shared.contracts.plans import Plan
from shared.contracts.registry_v1 import (
    Area,
    Component,
    Entry,
    Grid,
    Matter,
    Officer,
    Place,
    Policy,
    Unit,
)
from shared.contracts.routing_rules import Rules

MAX_ENTRY_BYTES = 3 * 1024 * 1024
"""An entry's JSON; its record must fit into the topic, its document with an outbox into MongoDB."""
WORKING = frozenset({LimitUnit.WORKING_HOUR, LimitUnit.WORKING_DAY})


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an entry: a stable code, and what to do."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Examined:
    """An entry in the form in which it is kept, and all that is wrong with it."""

    entry: Entry
    faults: list[Fault]
    repairs: tuple[str, ...] = ()
    """What was harmlessly wrong with a grid's geometry, and is repaired."""


def examine(entry: Entry, area: str | None) -> Examined:
    """A well-formed entry, examined.

    ``area`` is the one within which its sender may change entries; None is everywhere.
    """
    if not within(entry, area):
        detail = f"{entry.kind} {entry.code} does not lie within your area {area}"
        return Examined(entry, [Fault("not_your_area", detail)])
    repairs: tuple[str, ...] = ()
    if isinstance(entry, Grid):
        try:
            drawn = repaired(entry.geometry)
        except GeometryError as error:
            return Examined(
                entry, [Fault(FindingCode.INVALID_POLYGON.value, f"grid {entry.code}: {error}")]
            )
        entry, repairs = entry.model_copy(update={"geometry": drawn.geometry}), drawn.repairs
    found = [*_faults(entry)]
    if not found and (size := len(as_json(entry))) > MAX_ENTRY_BYTES:
        detail = f"{entry.kind} {entry.code} has {size} bytes, {MAX_ENTRY_BYTES} at most"
        found.append(Fault("entry_too_large", detail))
    return Examined(entry, found, repairs)


def as_json(entry: Entry) -> bytes:
    """The one spelling of an entry: equal entries have equal bytes."""
    return entry.model_dump_json(exclude_none=True).encode()


def _faults(entry: Entry) -> Iterator[Fault]:
    match entry:
        case Matter():
            yield from _matter(entry)
        case Policy():
            yield from _policy(entry)
        case Flow():
            yield from _flow(entry)
        case Officer():
            yield from _officer(entry)
        case Rules():
            yield from (Fault(code, detail) for code, detail in rule_lists.mistakes(entry))
        case Plan():
            yield from (Fault(code, detail) for code, detail in plan_checks.mistakes(entry))
        case _:
            pass


def _flow(flow: Flow) -> Iterator[Fault]:
    yield from (Fault(code, detail) for code, detail in flow_soundness.mistakes(flow))
    for state in flow.states:
        if state.limit is not None and state.limit.unit in WORKING:
            yield _working(f"flow {flow.code}, state {state.code}", state.limit)


def _officer(officer: Officer) -> Iterator[Fault]:
    if (officer.left or "9999") <= (officer.joined or ""):
        said = f"left ({officer.left}) is not after joined ({officer.joined})"
        yield Fault("left_before_joined", f"officer {officer.code}: {said}")


def _matter(matter: Matter) -> Iterator[Fault]:
    codes = [condition.code for condition in matter.conditions]
    if len(set(codes)) < len(codes):
        yield Fault(
            "duplicate_condition", f"matter {matter.code}: two filing conditions have one code"
        )
    for condition in matter.conditions:
        for stage, limit in condition.limits:
            if isinstance(limit, Limit) and limit.unit in WORKING:
                yield _working(f"matter {matter.code}, condition {condition.code}, {stage}", limit)
        if condition.make_safe is not None and condition.make_safe.unit in WORKING:
            where = f"matter {matter.code}, condition {condition.code}, make_safe"
            yield _working(where, condition.make_safe)


def _policy(policy: Policy) -> Iterator[Fault]:
    try:
        ZoneInfo(policy.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Fault(
            "unknown_zone",
            f"policy {policy.code}: {policy.zone!r:.80} is no IANA time zone, "
            "write for example Asia/Shanghai",
        )
    if policy.filing_limit is not None and policy.filing_limit.unit in WORKING:
        yield _working(f"policy {policy.code}, filing", policy.filing_limit)
    for name in ("returns", "suspension", "extension", "appeal"):
        limit: Limit = getattr(policy.requests, name).limit
        if limit.unit in WORKING:
            yield _working(f"policy {policy.code}, requests, {name}", limit)


def _working(where: str, limit: Limit) -> Fault:
    return Fault(
        "working_time_not_supported_yet",
        f"{where}: a limit in {limit.unit.value} needs work calendars, which are not there yet; "
        "use urgent_hour or natural_day",
    )


def within(entry: Entry, area: str | None) -> bool:
    """Whether an administrator of an area (None: everywhere) may change an entry.

    Matters, flows, plans, officers and places name no area: one below the city changes none.
    """
    if area is None:
        return True
    match entry:
        case Matter() | Officer() | Place() | Flow() | Plan():
            return len(area) == CITY_DIGITS
        case Unit():
            return entry.area.startswith(area)
        case Area() | Grid() | Component() | Policy() | Rules():
            return entry.code.startswith(area)
