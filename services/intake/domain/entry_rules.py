"""What an entry of the registry must keep to beyond its shape."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.intake.domain import (
    calendars,
    flow_soundness,
    ladder_checks,
    plan_checks,
    rule_lists,
    target_checks,
)
from services.intake.domain.findings import FindingCode
from services.intake.domain.geometry import GeometryError, repaired
from services.intake.domain.working_limits import ALONE, Around, in_working_time, uncounted
from shared.contracts.base import CITY_DIGITS
from shared.contracts.calendars import Calendar
from shared.contracts.flows import Flow
from shared.contracts.notice_targets import NoticeTarget
from shared.contracts.plans import Plan
from shared.contracts.policies import Policy
from shared.contracts.registry_v1 import (
    Area,
    Component,
    Entry,
    Grid,
    Matter,
    Officer,
    Place,
    Unit,
)
from shared.contracts.routing_rules import Rules

MAX_ENTRY_BYTES = 3 * 1024 * 1024
"""An entry's JSON; its record must fit into the topic, its document with an outbox into MongoDB."""


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


def examine(entry: Entry, area: str | None, around: Around = ALONE) -> Examined:
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
    found = [*_faults(entry, around)]
    if isinstance(entry, Calendar) and not found:
        entry = calendars.with_public_days(entry)
    if not found and (size := len(as_json(entry))) > MAX_ENTRY_BYTES:
        detail = f"{entry.kind} {entry.code} has {size} bytes, {MAX_ENTRY_BYTES} at most"
        found.append(Fault("entry_too_large", detail))
    return Examined(entry, found, repairs)


def as_json(entry: Entry) -> bytes:
    """The one spelling of an entry: equal entries have equal bytes."""
    return entry.model_dump_json(exclude_none=True).encode()


def _faults(entry: Entry, around: Around) -> Iterator[Fault]:
    if isinstance(entry, Matter | Policy | Flow):
        yield from (Fault("no_calendar", detail) for detail in uncounted(entry, around))
    if isinstance(entry, Policy | Calendar | NoticeTarget) and entry.zone is not None:
        yield from _zone(f"{entry.kind} {entry.code}", entry.zone)
    match entry:
        case Matter():
            yield from _matter(entry)
        case Policy():
            yield from (Fault(*one) for one in ladder_checks.mistakes(entry))
            yield from _policy(entry, around)
        case Officer():
            yield from _officer(entry)
        case _:
            yield from (Fault(code, detail) for code, detail in _mistakes(entry))


def _mistakes(entry: Entry) -> Iterable[tuple[str, str]]:
    match entry:
        case Flow():
            return flow_soundness.mistakes(entry)
        case Rules():
            return rule_lists.mistakes(entry)
        case Plan():
            return plan_checks.mistakes(entry)
        case Calendar():
            return calendars.mistakes(entry)
        case NoticeTarget():
            return target_checks.mistakes(entry)
        case _:
            return ()


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


def _zone(name: str, zone: str) -> Iterator[Fault]:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Fault(
            "unknown_zone",
            f"{name}: {zone!r:.80} is no IANA time zone, write for example Asia/Shanghai",
        )


def _policy(policy: Policy, around: Around) -> Iterator[Fault]:
    """Where cases begin to be filed, the limits of the matters there are have to be counted."""
    registry, at = around
    if registry.calendar(policy.code, at) is not None:
        return
    first = in_working_time(around)
    if first is not None:
        yield Fault(
            "no_calendar",
            f"policy {policy.code}: {first.kind} {first.code} has a limit in working time, and "
            f"there is no work calendar for {policy.code}; import one first "
            "(wangge registry import FILE --kind calendars)",
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
        case Unit() | NoticeTarget():
            return entry.area.startswith(area)
        case Area() | Grid() | Component() | Policy() | Rules() | Calendar():
            return entry.code.startswith(area)
