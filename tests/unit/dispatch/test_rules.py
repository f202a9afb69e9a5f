"""Routing rules as data, caps and members: who gets a case, and what the event says of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.trial.past import Past
from services.dispatch.domain.dispatching import dispatched
from services.dispatch.domain.duty import within
from services.dispatch.domain.lookups import Loads
from services.dispatch.domain.routes import Route, Routing
from services.dispatch.domain.routing import route
from shared.contracts.case_refs_v1 import ComponentRef
from shared.contracts.cases_v1 import CaseDispatched, CaseFiled
from shared.contracts.choice_v1 import DispatchRule, Unrouted
from shared.contracts.duty import DutyPeriod
from shared.contracts.incidents_v1 import DistanceBand, IncidentReported, Verb
from shared.contracts.registry_v1 import Entry, Officer
from shared.contracts.routing_rules import (
    Destination,
    MatterClass,
    RoutingRule,
    Rules,
    Source,
    UnitKind,
    When,
)
from shared.registry.snapshot import Snapshot
from tests.fakes.clock import START
from tests.unit.dispatch.city import (
    CENTRE,
    CITY,
    COUNTY,
    ELSEWHERE,
    ENTRIES,
    GRID,
    OTHER_COUNTY,
    TEAM,
    entry_set,
    matter,
    named,
    point,
    registry,
    subject,
    unit,
)
from tests.unit.dispatch.desk import DISPATCHER, Desk, member

COVER = ComponentRef(
    code="9901010101000017", names=named("cover"), metres=1.0, maintainer=ELSEWHERE
)
"""Its keeper has returned the case: the usual rules go on."""
LITTER = matter("litter").model_copy(update={"category": ("city", "dirt")})
HERE = GRID[:6]


def rule(code: str, lead: str | Destination, when: When | None = None, **more: Any) -> RoutingRule:  # noqa: ANN401 - any field
    """A rule that leads to a unit."""
    there = lead if isinstance(lead, Destination) else Destination(unit=lead)
    return RoutingRule(code=code, names=named(code), when=when or When(), lead=there, **more)


def rules(*some: RoutingRule, area: str = HERE) -> Rules:
    return Rules(code=area, rules=some)


def routed(*entries: Entry, loads: Loads | None = None, **more: Any) -> Route:  # noqa: ANN401 - any field
    """The route of a case of litter in a city with these entries as well."""
    found = registry([*ENTRIES, *entries])
    return route(subject(LITTER, **more), Routing(found, START, loads or Loads(), {ELSEWHERE}))


def code(found: Route) -> str | None:
    return found.unit.code if found.unit else None


def test_the_first_rule_that_holds_decides_and_the_event_says_which_at_what_version() -> None:
    other = rule("other", CITY, When(matters=("pothole",)))
    found = routed(rules(other, rule("mine", COUNTY), rule("late", CENTRE)))
    assert (code(found), found.rule) == (COUNTY, DispatchRule.ROUTING_RULE)
    assert found.chosen_by is not None
    assert (found.chosen_by.area, found.chosen_by.n, found.chosen_by.code) == (HERE, 1, "mine")
    assert found.inputs is not None
    assert (found.inputs.condition, found.inputs.severity) == ("urgent", 3)
    assert {one.unit: one.lost for one in found.candidates} == {
        TEAM: "rule_decided",
        CENTRE: "rule_decided",
    }


def test_the_rules_of_the_nearest_area_come_first_then_those_around_it() -> None:
    city, town = rules(rule("c", CITY), area="9901"), rules(rule("t", CENTRE), area=GRID[:9])
    assert code(routed(city, town)) == CENTRE
    assert code(routed(city)) == CITY
    elsewhere = rules(rule("e", COUNTY), area=OTHER_COUNTY[:6])
    assert code(routed(elsewhere)) == TEAM


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ({"matters": ("litter",)}, True),
        ({"matters": ("pothole",)}, False),
        ({"categories": ("dirt",)}, True),
        ({"categories": ("noise",)}, False),
        ({"classes": (MatterClass.EVENT,)}, True),
        ({"classes": (MatterClass.SERVICE,)}, False),
        ({"conditions": ("urgent",)}, True),
        ({"conditions": ("slight",)}, False),
        ({"areas": (GRID[:12],)}, True),
        ({"areas": (OTHER_COUNTY[:6],)}, False),
        ({"severity_from": 3, "severity_to": 3}, True),
        ({"severity_from": 4}, False),
        ({"severity_to": 2}, False),
        ({"hours": (DutyPeriod(begin="00:00", end="23:59"),)}, True),
        ({"hours": (DutyPeriod(begin="03:00", end="03:01"),)}, False),
        ({"sources": (Source.HOTLINE,)}, True),
        ({"sources": (Source.SENSOR,)}, False),
        ({"keywords": ("BURST", "爆")}, True),
        ({"keywords": ("gas",)}, False),
        ({"components": ("0101",)}, True),
        ({"components": ("0102",)}, False),
        ({"matters": ("litter",), "keywords": ("gas",)}, False),
    ],
)
def test_a_rule_holds_when_all_that_it_asks_holds(when: dict[str, Any], *, holds: bool) -> None:
    found = routed(
        rules(rule("r", COUNTY, When(**when))),
        description="A pipe burst at the corner",
        source=Source.HOTLINE,
        component=COVER,
    )
    assert code(found) == (COUNTY if holds else TEAM)


def test_the_inputs_name_the_keywords_that_were_found() -> None:
    some = rules(rule("r", COUNTY, When(keywords=("burst", "gas"))))
    found = routed(some, description="Burst pipe")
    assert found.inputs is not None
    assert found.inputs.keywords == ("burst",)


def test_a_rule_whose_lead_cannot_be_had_is_passed_over_and_named() -> None:
    found = routed(rules(rule("gone", "nobody-1"), rule("next", COUNTY)))
    assert code(found) == COUNTY
    assert found.chosen_by is not None
    assert found.chosen_by.passed_over == ("gone",)
    first = found.candidates[0]
    assert (first.unit, first.lost, first.rule) == ("nobody-1", "not_in_force", "gone")


def test_whoever_a_rule_might_have_meant_lost_by_that_rule() -> None:
    found = routed(rules(rule("back", ELSEWHERE), rule("next", COUNTY)))
    assert found.chosen_by is not None
    assert found.chosen_by.passed_over == ("back",)
    first = found.candidates[0]
    assert (first.unit, first.lost, first.rule) == (ELSEWHERE, "returned_before", "back")


def test_without_a_rule_that_leads_anywhere_the_nearest_gets_it() -> None:
    found = routed(rules(rule("gone", "nobody-1"), rule("back", ELSEWHERE)))
    assert (code(found), found.rule) == (TEAM, DispatchRule.NEAREST_UNIT_OF_MATTER)
    assert found.inputs is not None
    assert found.passed_over == ("gone", "back")
    assert [(one.unit, one.lost, one.rule) for one in found.candidates] == [
        ("nobody-1", "not_in_force", "gone"),
        (ELSEWHERE, "returned_before", "back"),
        (CENTRE, "larger_area", None),
        (COUNTY, "larger_area", None),
    ]


def test_the_events_say_which_rules_were_passed_over_where_none_decides() -> None:
    desk = Desk(registry([*ENTRIES, rules(rule("gone", "nobody-1"))]))
    _, given_to = desk.report()
    assert isinstance(given_to, CaseDispatched)
    assert (given_to.chosen_by, given_to.passed_over) == (None, ("gone",))
    unrouted = Desk(desk.registry)
    (filed,) = unrouted.report(matter="lamp", location=point(GRID))
    assert isinstance(filed, CaseFiled)
    assert filed.passed_over == ("gone",)


def test_a_kind_means_the_nearest_of_it_and_a_level_the_one_there() -> None:
    department = Destination(unit_kind=UnitKind.DEPARTMENT)
    assert code(routed(rules(rule("r", department)))) == COUNTY
    of_city = Destination(unit_kind=UnitKind.DEPARTMENT, level="city")
    assert code(routed(rules(rule("r", of_city)))) == CITY


def test_who_co_operates_and_who_is_told_are_in_the_case_and_nobody_twice() -> None:
    some = rules(
        rule(
            "r",
            COUNTY,
            co_units=(Destination(unit_kind=UnitKind.TOWN_CENTRE), Destination(unit=COUNTY)),
            cc=(Destination(unit=CENTRE), Destination(unit=CITY)),
        )
    )
    desk = Desk(registry([*ENTRIES, some]))
    desk.report()
    assert [one.code for one in desk.case.co_units] == [CENTRE]
    assert [one.code for one in desk.case.cc] == [CITY]


def test_the_list_of_matters_names_who_co_operates_where_no_rule_does() -> None:
    litter = matter("litter").model_copy(update={"co_unit_kinds": (UnitKind.DEPARTMENT,)})
    changed = entry_set(litter, 2, START)
    desk = Desk(registry(ENTRIES, changed))
    desk.report()
    assert [one.code for one in desk.case.co_units] == [COUNTY]


def test_a_rule_leads_nowhere_that_has_returned_the_case() -> None:
    some = rules(rule("a", COUNTY), rule("b", CENTRE))
    desk = Desk(registry([*ENTRIES, some]))
    desk.report()
    assert desk.case.unit is not None
    assert desk.case.unit.code == COUNTY
    desk.ask(Verb.RETURN, member(COUNTY), reason="not ours")
    again = desk.ask(Verb.APPROVE, DISPATCHER)[-1]
    assert isinstance(again, CaseDispatched)
    assert again.case.unit is not None
    assert again.case.unit.code == CENTRE
    assert again.chosen_by is not None
    assert again.chosen_by.passed_over == ("a",)


def test_a_full_unit_is_spared_and_the_town_has_the_case() -> None:
    team = unit(TEAM, UnitKind.OFFICER_TEAM, "litter").model_copy(update={"load_cap": 5})
    both = registry(ENTRIES, entry_set(team, 2, START))

    def at(**loads: int) -> Route:
        units = {name.replace("_", "-"): count for name, count in loads.items()}
        return route(subject(LITTER), Routing(both, START, Loads(units)))

    below = at(team_990101001001=4)
    assert (code(below), below.unit_load) == (TEAM, 4)
    full = at(team_990101001001=5, centre_990101001=9)
    assert (code(full), full.rule, full.unit_load) == (CENTRE, DispatchRule.TOWN_OVERFLOW, 9)
    first = full.candidates[0]
    assert (first.unit, first.lost, first.load) == (TEAM, "at_its_cap", 5)


def test_a_full_unit_without_a_town_gets_the_case_nevertheless() -> None:
    team = unit(TEAM, UnitKind.OFFICER_TEAM, "litter").model_copy(update={"load_cap": 1})
    gone = entry_set(unit(CENTRE, UnitKind.TOWN_CENTRE, "*"), 2, START, START)
    both = registry(ENTRIES, entry_set(team, 2, START), gone)
    found = route(subject(LITTER), Routing(both, START, Loads({TEAM: 7})))
    assert (code(found), found.unit_load) == (TEAM, 7)


def test_where_the_town_is_full_as_well_the_unit_keeps_the_case_and_the_event_names_both() -> None:
    team = unit(TEAM, UnitKind.OFFICER_TEAM, "litter").model_copy(update={"load_cap": 5})
    centre = unit(CENTRE, UnitKind.TOWN_CENTRE, "*").model_copy(update={"load_cap": 9})
    both = registry(ENTRIES, entry_set(team, 2, START), entry_set(centre, 2, START))
    loads = Loads({TEAM: 5, CENTRE: 9})
    found = route(subject(LITTER), Routing(both, START, loads))
    assert (code(found), found.rule) == (TEAM, DispatchRule.NEAREST_UNIT_OF_MATTER)
    assert found.unit_load == 5
    assert [(one.unit, one.lost, one.load) for one in found.candidates] == [
        (CENTRE, "at_its_cap", 9),
        (COUNTY, "larger_area", None),
    ]
    assert route(subject(LITTER), Routing(both, START, frozen(found))) == found


def test_a_rule_by_class_asks_the_version_of_the_matter_under_which_the_case_is_filed() -> None:
    some = rules(rule("s", COUNTY, When(classes=(MatterClass.SERVICE,))))
    service = LITTER.model_copy(update={"klass": MatterClass.SERVICE})
    for asked in ((LITTER, service), (service, LITTER)):
        one = registry([*ENTRIES, some])
        found = {which.klass: code(route(subject(which), Routing(one, START))) for which in asked}
        assert found == {MatterClass.EVENT: TEAM, MatterClass.SERVICE: COUNTY}


def frozen(found: Route) -> Loads:
    """The loads that are known where a decision is made again: those in its event."""
    desk = Desk()
    filed = desk.report()[0]
    reported = desk.inputs[0].data
    assert isinstance(filed, CaseFiled)
    assert isinstance(reported, IncidentReported)
    told = dispatched(desk.incident, filed.case, found, START)
    return Past(reported, filed, told, registry_version=0).loads


def officer(name: str, **more: Any) -> Officer:  # noqa: ANN401 - any field
    return Officer(code=name, unit=TEAM, role="officer", **more)


NIGHT = (DutyPeriod(begin="20:00", end="08:00"),)
"""The clock of the tests stands by day in Shanghai."""


def test_the_member_on_duty_with_the_fewest_open_cases_gets_it_and_the_event_says_why() -> None:
    found = routed(
        officer("a", duty=NIGHT),
        officer("b"),
        officer("c"),
        officer("d", load_cap=2),
        officer("e", grids=(OTHER_COUNTY,)),
        officer("f", left="2020-01-01"),
        officer("g", joined="2999-01-01"),
        loads=Loads(members={"b": 3, "c": 1, "d": 2}),
    )
    assert found.member is not None
    assert (found.member.subject, found.member.load) == ("c", 1)
    assert {one.subject: one.lost for one in found.member.lost} == {
        "a": "off_duty",
        "b": "more_loaded",
        "d": "at_its_cap",
        "e": "other_grids",
        "f": "has_left",
        "g": "not_yet_joined",
    }


def test_of_many_who_lose_ten_are_listed_and_all_are_counted() -> None:
    free = [officer(f"free-{n}") for n in range(30)]
    away = [officer(f"away-{n}", duty=NIGHT) for n in range(5)]
    found = routed(*free, *away).member
    assert found is not None
    assert len(found.lost) == 10
    assert found.counts == {"by_lot": 29, "off_duty": 5}
    nobody = routed(*away, *(officer(f"more-{n}", duty=NIGHT) for n in range(7))).member
    assert nobody is not None
    assert (nobody.subject, len(nobody.lost), nobody.counts) == (None, 10, {"off_duty": 12})
    alone = routed(officer("a")).member
    assert alone is not None
    assert alone.counts == {}


def test_of_two_alike_the_one_who_is_at_the_place_gets_it() -> None:
    for name in ("a", "b"):
        at_it = DistanceBand.AT_THE_PLACE
        found = routed(officer("a"), officer("b"), reporter=name, reporter_distance=at_it)
        assert found.member is not None
        assert (found.member.subject, found.member.distance) == (name, at_it)
        assert [one.lost for one in found.member.lost] == ["less_near"]


def test_equals_draw_lots_and_the_same_case_draws_the_same() -> None:
    team = [officer(name) for name in ("a", "b", "c")]
    drawn = [routed(*team, incident=f"i-{n}").member for n in range(60)]
    assert drawn == [routed(*team, incident=f"i-{n}").member for n in range(60)]
    counts = {name: sum(one is not None and one.subject == name for one in drawn) for name in "abc"}
    assert min(counts.values()) > 8


def test_a_unit_whose_members_are_all_away_has_the_case_as_a_whole() -> None:
    found = routed(officer("a", duty=NIGHT))
    assert found.member is not None
    assert found.member.subject is None
    assert [one.lost for one in found.member.lost] == ["off_duty"]


def test_the_member_is_the_cases_until_another_unit_has_it() -> None:
    desk = Desk(registry([*ENTRIES, officer("a")]))
    desk.report()
    assert desk.case.member == "a"
    desk.ask(Verb.REASSIGN, DISPATCHER, unit=CENTRE, reason="theirs")
    assert desk.case.member is None


def test_a_case_that_nobody_can_be_given_says_so_when_it_is_filed() -> None:
    desk = Desk()
    (filed,) = desk.report(matter="lamp", location=point(GRID))
    assert isinstance(filed, CaseFiled)
    assert filed.unrouted is Unrouted.NO_UNIT
    assert {one.unit: one.lost for one in filed.candidates} == {CENTRE: "other_kind"}


@pytest.mark.parametrize(
    ("period", "local", "inside"),
    [
        (DutyPeriod(begin="08:30", end="17:30"), "2026-03-02T08:30", True),
        (DutyPeriod(begin="08:30", end="17:30"), "2026-03-02T17:30", False),
        (DutyPeriod(days=(1,), begin="08:30", end="17:30"), "2026-03-03T09:00", False),
        # Over midnight: it begins on Monday, and Tuesday morning still is in it.
        (DutyPeriod(days=(1,), begin="20:00", end="08:00"), "2026-03-02T23:59", True),
        (DutyPeriod(days=(1,), begin="20:00", end="08:00"), "2026-03-03T07:59", True),
        (DutyPeriod(days=(1,), begin="20:00", end="08:00"), "2026-03-03T08:00", False),
        (DutyPeriod(days=(1,), begin="20:00", end="08:00"), "2026-03-02T07:00", False),
        (DutyPeriod(days=(7,), begin="20:00", end="08:00"), "2026-03-02T07:00", True),
        (DutyPeriod(begin="00:00", end="00:00"), "2026-03-02T12:00", True),
    ],
)
def test_periods_of_the_day(period: DutyPeriod, local: str, *, inside: bool) -> None:
    assert within((period,), datetime.fromisoformat(local)) is inside


UNITS: Sequence[str] = (TEAM, CENTRE, COUNTY, CITY, "nobody-1")
a_destination = st.one_of(
    st.builds(Destination, unit=st.sampled_from(UNITS)),
    st.builds(Destination, unit_kind=st.sampled_from(UnitKind)),
)
a_when = st.builds(
    When,
    matters=st.sampled_from([(), ("litter",), ("pothole",)]),
    keywords=st.sampled_from([(), ("burst",)]),
    sources=st.sampled_from([(), (Source.HOTLINE,)]),
    classes=st.sampled_from([(), (MatterClass.EVENT,), (MatterClass.SERVICE,)]),
)
some_rules = st.lists(
    st.builds(lambda n, lead, when: rule(f"r{n}", lead, when), st.integers(0, 9), a_destination,
              a_when),
    max_size=5,
)  # fmt: skip


@given(
    some=some_rules,
    loads=st.dictionaries(st.sampled_from(UNITS), st.integers(0, 9)),
    members=st.dictionaries(st.sampled_from(("a", "b")), st.integers(0, 9)),
    text=st.sampled_from(["", "burst"]),
    source=st.sampled_from([Source.HOTLINE, Source.RESIDENT]),
    later=st.integers(0, 48),
    classes=st.permutations([MatterClass.EVENT, MatterClass.SERVICE]),
)
def test_a_route_follows_from_report_registry_and_look_ups_alone(  # noqa: PLR0913, PLR0917
    some: list[RoutingRule],
    loads: dict[str, int],
    members: dict[str, int],
    text: str,
    source: Source,
    later: int,
    classes: list[MatterClass],
) -> None:
    team = unit(TEAM, UnitKind.OFFICER_TEAM, "litter").model_copy(update={"load_cap": 4})
    centre = unit(CENTRE, UnitKind.TOWN_CENTRE, "*").model_copy(update={"load_cap": 4})
    city = [*ENTRIES, rules(*some), officer("a"), officer("b")]
    now = Loads(dict(loads), dict(members))
    received = START + timedelta(hours=later)

    def own() -> Snapshot:
        """A registry that remembers nothing."""
        return registry(city, entry_set(team, 2, START), entry_set(centre, 2, START))

    shared = own()
    for klass in classes:  # two versions of the matter
        filed_as = LITTER.model_copy(update={"klass": klass})
        case = subject(filed_as, received=received, description=text, source=source)
        found = route(case, Routing(own(), START, now))
        assert found == route(case, Routing(own(), START, now))
        assert found == route(case, Routing(shared, START, now))
        assert found == route(case, Routing(own(), START, frozen(found)))
        assert found.unit is not None
        assert found.unit.code != "nobody-1"
        lost = [one.unit for one in found.candidates]
        assert found.unit.code not in lost
