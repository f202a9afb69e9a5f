"""A look on site before filing: who is sent, who may look, and what becomes of what was seen."""

from typing import Any

from services.dispatch.domain.explanations import (
    EXPLANATIONS,
    FOUND_AS_REPORTED,
    LOOK_BY_THE_DESK,
)
from shared.contracts.base import Point
from shared.contracts.cases_v1 import CaseDispatched, CaseFiled
from shared.contracts.incidents_v1 import Verb
from shared.contracts.outcomes_v1 import (
    IncidentLooked,
    LookOrdered,
)
from shared.contracts.registry_v1 import Unit
from shared.contracts.roles import Role
from shared.contracts.rule_v1 import Rule
from tests.unit.dispatch.city import (
    CENTRE,
    COUNTY,
    ELSEWHERE,
    ENTRIES,
    FILING,
    GRID,
    LADDER,
    NEIGHBOUR,
    TEAM,
    point,
    registry,
)
from tests.unit.dispatch.desk import RESIDENT, Desk, actor
from tests.unit.dispatch.desks import (
    CAREFUL,
    CLERK,
    OFFICER,
    OTHER,
    OUTSIDE,
    held_desk,
    looked_at_first,
    looking_desk,
    refusal,
)


def test_a_matter_may_ask_for_a_look_before_it_is_filed() -> None:
    desk = Desk(registry=CAREFUL)
    (ordered,) = desk.report(matter="pothole")
    assert isinstance(ordered, LookOrdered)
    assert (ordered.rule, ordered.filing_limit, ordered.ladder) == (
        Rule.TO_BE_VERIFIED, FILING, LADDER,
    )  # fmt: skip
    assert ordered.unit is not None
    assert ordered.unit.code == TEAM
    assert ordered.explanation == EXPLANATIONS[Rule.TO_BE_VERIFIED]
    looked, filed, dispatched = desk.ask(Verb.VERIFY, OFFICER, passed=True)
    assert isinstance(looked, IncidentLooked)
    assert isinstance(filed, CaseFiled)
    assert isinstance(dispatched, CaseDispatched)
    assert (looked.passed, looked.actor, filed.actor) == (True, OFFICER, OFFICER)
    assert looked.rule is Rule.TO_BE_VERIFIED
    assert looked.explanation == FOUND_AS_REPORTED, "nobody is sent any more"
    assert not desk.decided.look


def test_nobody_waits_for_a_look_where_lives_are_in_danger() -> None:
    def dangerous(entry: Any) -> Any:  # noqa: ANN401
        careful = looked_at_first(entry)
        if careful is entry:
            return entry
        deadly = tuple(one.model_copy(update={"emergency": True}) for one in careful.conditions)
        return careful.model_copy(update={"conditions": deadly})

    desk = Desk(registry=registry(map(dangerous, ENTRIES)))
    filed, _ = desk.report(matter="pothole")
    assert isinstance(filed, CaseFiled)
    assert filed.case.emergency


def test_whoever_is_on_site_has_looked_already() -> None:
    desk = Desk(registry=CAREFUL)
    for roles, kind in ((("officer",), CaseFiled), (("reporter",), LookOrdered)):
        follows = desk.report_as(roles, matter="pothole")
        assert isinstance(follows[0], kind)
        desk = Desk(registry=CAREFUL)


def test_what_is_not_as_reported_goes_back_to_the_desk() -> None:
    desk = Desk(registry=CAREFUL)
    desk.report(matter="pothole")
    assert refusal(desk.ask(Verb.VERIFY, OFFICER)) is Rule.OUTCOME_MISSING
    (looked,) = desk.ask(Verb.VERIFY, OFFICER, passed=False)
    assert isinstance(looked, IncidentLooked)
    assert (looked.rule, looked.passed) == (Rule.NOT_AS_REPORTED, False)
    assert (desk.decided.ending, desk.decided.look) == ("in_review", False)
    assert refusal(desk.ask(Verb.VERIFY, OFFICER, passed=True)) is Rule.NO_LOOK_ORDERED
    filed, _ = desk.ask(Verb.FILE, CLERK)
    assert isinstance(filed, CaseFiled)


def test_a_look_that_confirms_what_cannot_be_filed_says_what_stands_in_its_way() -> None:
    (looked,) = looking_desk().ask(Verb.VERIFY, OFFICER, passed=True)
    assert isinstance(looked, IncidentLooked)
    assert (looked.rule, looked.passed) == (Rule.UNKNOWN_MATTER, True)
    assert looked.explanation == EXPLANATIONS[Rule.UNKNOWN_MATTER]
    (nearer,) = looking_desk().ask(
        Verb.VERIFY, OFFICER, passed=True, matter="litter", location=OUTSIDE
    )
    assert isinstance(nearer, IncidentLooked)
    assert nearer.rule is Rule.OUTSIDE_EVERY_GRID, "as the officer has put it right"
    follows = looking_desk().ask(Verb.VERIFY, OFFICER, passed=True, matter="litter")
    assert [type(one) for one in follows] == [IncidentLooked, CaseFiled, CaseDispatched]


def test_a_look_is_sent_to_whom_the_desk_names_and_none_without_a_place() -> None:
    (ordered,) = held_desk().ask(Verb.LOOK, CLERK, unit=CENTRE)
    assert isinstance(ordered, LookOrdered)
    assert ordered.unit is not None
    assert ordered.unit.code == CENTRE
    assert (ordered.rule, ordered.explanation) == (Rule.TO_BE_VERIFIED, LOOK_BY_THE_DESK)
    assert refusal(held_desk(location=OUTSIDE).ask(Verb.LOOK, CLERK)) is Rule.OUTSIDE_EVERY_GRID
    teamless = registry(one for one in ENTRIES if not isinstance(one, Unit) or one.code != TEAM)
    desk = Desk(registry=teamless)
    desk.report(matter="unheard-of", location=point(NEIGHBOUR))
    (ordered,) = desk.ask(Verb.LOOK, CLERK)
    assert isinstance(ordered, LookOrdered)
    assert ordered.unit is None


def looks(desk: Desk, role: Role, unit: str | None) -> Rule | None:
    """Somebody looks on site; the rule by which that is refused."""
    who = actor(role, subject="looks", unit=unit)
    return refusal(desk.ask(Verb.VERIFY, who, passed=False))


def test_the_unit_that_was_sent_looks_and_any_inspector_and_no_officer_of_another() -> None:
    def sent() -> Desk:
        desk = held_desk()
        desk.ask(Verb.LOOK, CLERK, unit=CENTRE)
        return desk

    for unit in (TEAM, None):
        assert looks(sent(), Role.OFFICER, unit) is Rule.NOT_YOUR_UNIT
        assert looks(sent(), Role.INSPECTOR, unit) is None
    for role in (Role.OFFICER, Role.UNIT_MEMBER, Role.DEPARTMENT_SYSTEM):
        assert looks(sent(), role, CENTRE) is None
    assert looks(sent(), Role.UNIT_MEMBER, TEAM) is Rule.NOT_YOUR_UNIT
    teamless = registry(one for one in ENTRIES if not isinstance(one, Unit) or one.code != TEAM)
    desk = Desk(registry=teamless)
    desk.report(matter="unheard-of", location=point(NEIGHBOUR))
    desk.ask(Verb.LOOK, CLERK)
    assert looks(desk, Role.UNIT_MEMBER, CENTRE) is Rule.NOT_YOUR_UNIT, "nobody was sent"
    assert looks(desk, Role.OFFICER, CENTRE) is None, "nobody was sent"


def test_the_desk_sends_another_unit_to_look_instead() -> None:
    desk = held_desk(location=OUTSIDE)
    here = Point.model_validate(point(GRID))
    desk.ask(Verb.LOOK, CLERK, unit=CENTRE, location=here, condition="slight", matter="pothole")
    assert refusal(desk.ask(Verb.LOOK, CLERK, unit=CENTRE)) is Rule.LOOK_ORDERED
    assert refusal(desk.ask(Verb.LOOK, CLERK)) is Rule.LOOK_ORDERED, "nobody else is named"
    assert refusal(desk.ask(Verb.LOOK, CLERK, unit="no-such")) is Rule.UNKNOWN_UNIT
    (ordered,) = desk.ask(Verb.LOOK, CLERK, unit=COUNTY)
    assert isinstance(ordered, LookOrdered)
    assert ordered.unit is not None
    assert ordered.unit.code == COUNTY
    assert (ordered.grid, ordered.location) == (GRID, here), "as it was put right before"
    assert ordered.put_right is not None
    assert ordered.put_right.condition == "slight"
    assert looks(desk, Role.UNIT_MEMBER, CENTRE) is Rule.NOT_YOUR_UNIT
    assert looks(desk, Role.UNIT_MEMBER, COUNTY) is None


def test_what_is_looked_for_is_what_the_desk_named() -> None:
    desk = held_desk(location=OUTSIDE)
    here = Point.model_validate(point(GRID))
    (ordered,) = desk.ask(Verb.LOOK, CLERK, location=here, matter="pothole", condition="slight")
    assert isinstance(ordered, LookOrdered)
    assert ordered.put_right is not None
    assert (ordered.grid, ordered.location, ordered.put_right.condition) == (GRID, here, "slight")
    again = desk.ask(Verb.LOOK, CLERK)
    assert refusal(again) is Rule.LOOK_ORDERED
    _, filed, _ = desk.ask(Verb.VERIFY, OFFICER, passed=True)
    assert isinstance(filed, CaseFiled)
    matter = filed.case.matter
    assert (filed.case.grid, matter.code, matter.condition) == (GRID, "pothole", "slight")
    # What the officer finds instead counts more.
    other = held_desk(location=OUTSIDE)
    other.ask(Verb.LOOK, CLERK, location=here, matter="pothole")
    _, filed, _ = other.ask(Verb.VERIFY, OFFICER, passed=True, matter="litter")
    assert isinstance(filed, CaseFiled)
    assert (filed.case.grid, filed.case.matter.code) == (GRID, "litter")


def test_what_was_not_there_is_looked_for_no_more_and_what_was_named_before_counts_on() -> None:
    here = Point.model_validate(point(GRID))
    desk = held_desk(location=OUTSIDE)
    desk.ask(Verb.LOOK, CLERK, location=here, matter="pothole", condition="slight")
    desk.ask(Verb.VERIFY, OFFICER, passed=False, reason="nothing here")
    assert refusal(desk.ask(Verb.FILE, CLERK, matter="litter")) is Rule.OUTSIDE_EVERY_GRID
    # A reporter appeals while somebody is sent, and somebody else is sent once more.
    again = held_desk(location=OUTSIDE)
    again.ask(Verb.LOOK, CLERK, location=here, matter="pothole", condition="slight")
    again.ask(Verb.REJECT, CLERK)
    again.ask(Verb.APPEAL, RESIDENT)
    (ordered,) = again.ask(Verb.LOOK, OTHER, matter="litter")
    assert isinstance(ordered, LookOrdered)
    assert ordered.put_right is not None
    found = ordered.put_right
    assert (found.location, found.matter, found.condition) == (here, "litter", None)


def test_whoever_was_sent_says_what_it_saw_wherever_its_unit_is() -> None:
    desk = held_desk()
    desk.ask(Verb.LOOK, CLERK, unit=ELSEWHERE)
    stranger = actor(Role.OFFICER, unit=CENTRE, area="990102")
    assert refusal(desk.ask(Verb.VERIFY, stranger, passed=True)) is Rule.NOT_YOUR_AREA
    apart = actor(Role.UNIT_MEMBER, unit=ELSEWHERE, area="990102")
    assert refusal(desk.ask(Verb.VERIFY, apart, passed=True, matter="litter")) is None


def test_whoever_looked_in_vain_says_why() -> None:
    follows = looking_desk().ask(Verb.VERIFY, OFFICER, passed=False, reason=" ")
    assert refusal(follows) is Rule.REASON_MISSING


def test_nobody_verifies_what_he_reported_himself() -> None:
    desk = looking_desk()
    himself = RESIDENT.model_copy(update={"roles": ("officer", "reporter")})
    follows = desk.ask(Verb.VERIFY, himself, passed=True)
    assert refusal(follows) is Rule.REPORTER_NEVER_VERIFIES
