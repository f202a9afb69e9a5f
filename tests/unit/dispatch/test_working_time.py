"""Requests and appeals have limits in working time, by the calendar of the case's area.

The clock starts on Monday, 2 March 2026, at 09:00; a working day has seven hours and a half.
"""

from datetime import UTC, datetime, timedelta

import pytest

from services.dispatch.domain.requests import lengthened
from services.intake.domain.entry_rules import examine
from shared.contracts.base import Limit, LimitUnit
from shared.contracts.calendars import Calendar, CalendarRef, Counting, SpecialDays
from shared.contracts.cases_v1 import ActionRefused
from shared.contracts.incidents_v1 import Verb
from shared.contracts.outcomes_v1 import IncidentHeld
from shared.contracts.policies import Policy, RequestRule, RequestRules
from shared.contracts.requests_v1 import AppealMade, CaseExtended
from shared.contracts.rule_v1 import Rule
from shared.registry.snapshot import Snapshot
from tests.unit.dispatch.city import (
    ENTRIES,
    FILING,
    GRID,
    LADDER,
    LONG_AGO,
    entry_set,
    named,
    registry,
)
from tests.unit.dispatch.desk import SUPERVISOR, Desk, member
from tests.unit.dispatch.test_appeals import breached

ZONE = "Asia/Shanghai"
REF = CalendarRef(code="9901", n=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


def limit(amount: float, unit: LimitUnit = LimitUnit.WORKING_DAY) -> Limit:
    return Limit(amount=amount, unit=unit)


def city(counting: Counting = Counting.FROM_START) -> Snapshot:
    """The city with China's calendar, and a policy whose requests have limits in working days."""
    rule = RequestRule(level="town", limit=limit(1))
    rules = RequestRules(suspension=rule, extension=rule, appeal=rule, appeal_within=limit(3))
    policy = Policy(
        code="9901", zone=ZONE, filing_limit=FILING, ladder=LADDER, requests=rules,
        working_days=counting,
    )  # fmt: skip
    calendar = examine(Calendar(code="9901", country="CN"), None).entry
    return registry(ENTRIES, entry_set(calendar), entry_set(policy, 2, LONG_AGO))


def desk(there: Snapshot, until: str = "2026-03-02T09:00") -> Desk:
    """A case that the team has taken, and the instant that it is then."""
    found = Desk(registry=there)
    found.report()
    found.do(("accept", member()))
    found.clock.now = at(until) - timedelta(seconds=1)
    return found


def test_a_case_names_the_calendar_under_which_it_was_filed() -> None:
    assert desk(city()).case.calendar == REF
    by_next_day = desk(city(Counting.FROM_NEXT_DAY)).case.calendar
    assert by_next_day == REF.model_copy(update={"counting": Counting.FROM_NEXT_DAY})
    assert desk(registry()).case.calendar is None


def test_what_waits_in_review_names_it_too() -> None:
    (held,) = Desk(registry=city()).report(matter="unheard-of")
    assert isinstance(held, IncidentHeld)
    assert held.calendar == REF


def test_a_request_lapses_after_a_working_day() -> None:
    waiting = desk(city(), "2026-03-06T16:30")
    waiting.ask(Verb.EXTEND, member(), amount=1)
    assert waiting.case.request is not None
    assert waiting.case.request.lapses_at == at("2026-03-09T16:30")
    waiting.clock.now = at("2026-03-09T16:31")
    assert [type(one).__name__ for one in waiting.tick()] == ["RequestLapsed"]


def test_a_request_that_counts_from_the_next_day_lapses_at_its_close() -> None:
    waiting = desk(city(Counting.FROM_NEXT_DAY), "2026-03-06T16:30")
    waiting.ask(Verb.SUSPEND, member(), until="2026-04-01T00:00:00Z")
    assert waiting.case.request is not None
    assert waiting.case.request.lapses_at == at("2026-03-09T17:30")


@pytest.mark.parametrize(
    ("asked", "made"), [("2026-03-11T16:30", True), ("2026-03-11T16:31", False)]
)
def test_an_appeal_is_made_within_three_working_days(asked: str, made: bool) -> None:  # noqa: FBT001
    blamed = desk(city(), "2026-03-06T16:30")
    blamed.clock.forward(1)
    breached(blamed)
    blamed.clock.now = at(asked) - timedelta(seconds=1)
    (found,) = blamed.ask(Verb.APPEAL, member(), clock="handle")
    assert isinstance(found, AppealMade) == made
    assert made or (isinstance(found, ActionRefused) and found.rule is Rule.TOO_LATE_TO_APPEAL)


def test_a_breach_that_is_told_late_may_be_appealed_against_from_then_on() -> None:
    blamed = desk(city(), "2026-03-13T16:30")  # after a week without escalation
    blamed.clock.forward(1)
    breached(blamed, due_at=at("2026-03-06T16:30"))
    blamed.clock.now = at("2026-03-18T16:30") - timedelta(seconds=1)
    (found,) = blamed.ask(Verb.APPEAL, member(), clock="handle")
    assert isinstance(found, AppealMade)


def test_an_extension_in_hours_is_one_of_the_total_in_its_own_unit() -> None:
    going = desk(city())
    going.ask(Verb.EXTEND, member(), amount=2)
    (extended,) = going.ask(Verb.APPROVE, SUPERVISOR)
    assert isinstance(extended, CaseExtended)
    assert extended.case.limits.handle == limit(4, LimitUnit.URGENT_HOUR)


@pytest.mark.parametrize(
    ("of", "by", "amount"),
    [
        (limit(3), limit(2), 5),
        (limit(5, LimitUnit.NATURAL_DAY), limit(2), 9),  # Friday to Tuesday
        (limit(9, LimitUnit.WORKING_HOUR), limit(2), 24),
        (limit(3), limit(4, LimitUnit.NATURAL_DAY), 5),
        (limit(2, LimitUnit.URGENT_HOUR), limit(1, LimitUnit.NATURAL_DAY), 26),
    ],
)
def test_a_limit_in_another_unit_is_longer_by_what_that_takes(
    of: Limit, by: Limit, amount: float
) -> None:
    calendar = city().working_time(REF, ZONE)
    assert lengthened(of, by, at("2026-03-06T10:00"), calendar) == Limit(
        amount=amount, unit=of.unit
    )


def test_the_calendar_nearest_to_the_grid_is_named() -> None:
    town = examine(Calendar(code=GRID[:9], country="CN"), None).entry
    there = city().with_changes([entry_set(town, 1, LONG_AGO)], 101)
    assert desk(there).case.calendar == CalendarRef(code=GRID[:9], n=1)


def test_what_is_asked_for_now_is_counted_by_the_calendar_in_force_now() -> None:
    """The case was filed before the Monday became a holiday."""
    monday = SpecialDays(days=("2026-03-09",), working=False, names=named("holiday"))
    calendar = examine(Calendar(code="9901", country="CN", overrides=(monday,)), None).entry
    waiting = desk(city(), "2026-03-06T16:30")
    waiting.registry = waiting.registry.with_changes(
        [entry_set(calendar, 2, at("2026-03-05T00:00"))], 200
    )
    waiting.ask(Verb.EXTEND, member(), amount=1)
    assert waiting.case.request is not None
    assert waiting.case.calendar == REF
    assert waiting.case.request.lapses_at == at("2026-03-10T16:30")
