"""What a snapshot says of matters, units and policies, and which of its indexes it keeps."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.calendars import Calendar, CalendarRef, WorkPeriod
from shared.registry.snapshot import Snapshot
from shared.worktime.calendar import of_zone
from tests.registry.entries import (
    COMMUNITY,
    EPOCH,
    alone,
    grid,
    matter,
    policy,
    square,
    unit,
    version,
)

NOW = EPOCH + timedelta(days=1)
GRID = f"{COMMUNITY}001"


def snapshot(*entries: object) -> Snapshot:
    versions = [version(one, alone("c")) for one in entries]  # type: ignore[arg-type]
    return Snapshot().with_changes(versions, len(versions) - 1)


def test_units_are_found_by_matter_and_area_nearest_first_then_by_code() -> None:
    city, town = unit("z-city", COMMUNITY[:4], "noise"), unit("b-town", COMMUNITY[:9], "noise")
    other_town, any_matter = unit("a-town", COMMUNITY[:9], "noise"), unit("any", COMMUNITY, "*")
    elsewhere, else_matter = unit("far", "9902", "noise"), unit("lamps", COMMUNITY, "lamp")
    found = snapshot(city, town, other_town, any_matter, elsewhere, else_matter)
    codes = [one.code for one in found.units_for("noise", GRID, NOW)]
    assert codes == ["any", "a-town", "b-town", "z-city"]
    assert [one.code for one in found.units_for("unheard-of", GRID, NOW)] == ["any"]


def test_a_unit_that_gave_a_matter_up_is_not_found_by_it() -> None:
    before = version(unit("u", COMMUNITY, "noise", "lamp"), alone("a"))
    later = NOW + timedelta(days=1)
    after = version(unit("u", COMMUNITY, "lamp"), alone("b"), 2, since=later)
    found = Snapshot().with_changes([before, after], 1)
    assert [one.code for one in found.units_for("noise", GRID, NOW)] == ["u"]
    assert found.units_for("noise", GRID, later) == []


@st.composite
def histories(draw: st.DrawFn) -> Snapshot:
    """Versions of a few units that begin and end on a few days, some of them withdrawals."""
    versions = []
    for code in ("a", "b", "c"):
        for n in range(1, draw(st.integers(1, 4))):
            area = COMMUNITY[: draw(st.sampled_from((4, 9, 12)))]
            matters = draw(st.sets(st.sampled_from(("noise", "lamp", "*")), min_size=1))
            since = draw(st.integers(0, 6))
            until = draw(st.none() | st.integers(since, 7))
            versions.append(
                version(
                    unit(code, area, *sorted(matters)),
                    alone(f"{code}{n}"),
                    n,
                    since=EPOCH + timedelta(days=since),
                    until=None if until is None else EPOCH + timedelta(days=until),
                )
            )
    return Snapshot().with_changes(versions, len(versions))


@given(histories(), st.permutations(range(-1, 9)), st.sampled_from(("noise", "lamp", "rain")))
def test_what_is_kept_of_units_is_what_is_in_force_at_every_instant(
    found: Snapshot, days: list[int], matter_code: str
) -> None:
    for day in days:
        at = EPOCH + timedelta(days=day)
        in_force = [one for code in ("a", "b", "c") if (one := found.unit(code, at))]
        wanted = sorted(
            (one for one in in_force if {matter_code, "*"} & set(one.matters)),
            key=lambda one: (-len(one.area), one.code),
        )
        assert found.units_for(matter_code, GRID, at) == wanted


def test_the_nearest_policy_holds_and_without_a_place_the_one_highest_up() -> None:
    city, town = policy(COMMUNITY[:4]), policy(COMMUNITY[:9])
    found = snapshot(city, town)
    assert found.policy(GRID, NOW) == town
    assert found.policy(COMMUNITY[:6], NOW) == city
    assert found.policy(None, NOW) == city
    assert found.policy("8800", NOW) is None
    assert Snapshot().policy(None, NOW) is None


def test_a_matter_comes_with_its_version() -> None:
    later = NOW + timedelta(days=1)
    found = Snapshot().with_changes(
        [
            version(matter("noise"), alone("a")),
            version(matter("noise"), alone("b"), 2, since=later),
        ],
        1,
    )
    assert [n for at in (NOW, later) if (one := found.matter("noise", at)) for n in one[1:]] == [
        1,
        2,
    ]
    assert found.matter("noise", EPOCH - timedelta(seconds=1)) is None


def test_indexes_of_what_did_not_change_are_kept_and_others_are_made_anew() -> None:
    before = snapshot(grid(1, square(0, 0)), unit("u", COMMUNITY, "*")).prepare()
    after = before.with_changes([version(unit("v", COMMUNITY, "*"), alone("d"))], 9)
    assert after.grids is before.grids
    assert after.units_of_matter != before.units_of_matter
    assert before.units_of_matter == {("*", COMMUNITY): ("u",)}
    assert (before.version, after.version) == (1, 9)


def test_the_nearest_calendar_holds_and_a_version_that_is_named_stays_what_it_was() -> None:
    night = (WorkPeriod(begin="22:00", end="06:00"),)
    city, county = Calendar(code="9901", country="CN"), Calendar(code="990102", country="CN")
    changed = city.model_copy(update={"periods": night})
    before = Snapshot().with_changes([version(city, alone("1")), version(county, alone("2"))], 2)
    named = CalendarRef(code="9901", n=1)
    counted = before.working_time(named, "Asia/Shanghai")
    after = before.with_changes([version(changed, alone("3"), 2, since=NOW)], 3).prepare()
    assert after.calendar("990102003004001", NOW) == (county, 1)
    assert after.calendar("990103003004001", EPOCH) == (city, 1)
    assert after.calendar("990103003004001", NOW) == (changed, 2)
    assert after.calendar("8801", NOW) is None
    assert after.working_time(named, "Asia/Shanghai") is counted
    newer = after.working_time(named.model_copy(update={"n": 2}), "Europe/Berlin")
    assert (len(newer.periods), newer.zone) == (1, "Europe/Berlin")
    for nothing in (None, CalendarRef(code="9901", n=9)):
        assert after.working_time(nothing, "Asia/Shanghai") == of_zone("Asia/Shanghai")
