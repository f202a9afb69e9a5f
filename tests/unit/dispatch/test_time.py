"""Whose the time of a case is, told as stories; the ledger in the events and the spans agree."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatch.domain.deciding import Dispatching
from shared.casetime.spans import Span, Tiling, moment, shares
from shared.contracts.base import Actor
from shared.contracts.case_v1 import CaseEvent, CaseState
from shared.contracts.cases_v1 import CaseFiled, CasePrioritised
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import SupervisionOrdered
from shared.contracts.golden import story
from shared.contracts.levels import SupervisionLevel
from shared.contracts.requests_v1 import ReturnGranted
from shared.contracts.roles import Role
from shared.contracts.time_v1 import TimeShares
from shared.worktime.natural import MILLISECOND
from tests.unit.dispatch import test_co_operation, test_flows, test_on_site
from tests.unit.dispatch.city import CENTRE, COUNTY, GRID, TEAM, point
from tests.unit.dispatch.desk import (
    DISPATCHER,
    HEAD,
    INCIDENT,
    INSPECTOR,
    SUPERVISOR,
    Desk,
    actor,
    dispatched_desk,
    member,
)
from tests.unit.dispatch.flows import PAPER

HOUR = 3_600_000
BROUGHT = {"papers": (PAPER,)}
"""What has to come with an order to put a hazard right."""


def after(desk: Desk, hours: float, verb: str, who: Actor, **more: object) -> Desk:
    """An action so many hours later, which must be done."""
    desk.clock.forward(hours * 3600 - 1)  # the desk itself lets a second pass
    kinds = [type(one).__name__ for one in desk.ask(verb, who, **more)]
    assert "ActionRefused" not in kinds, desk.outputs[-1].data
    return desk


def ledger(desk: Desk) -> TimeShares:
    found = desk.case.time
    assert found is not None
    return found


def told(desk: Desk) -> dict[str, int]:
    """The ledger in whole hours; it agrees with the spans, and adds up."""
    time, until = ledger(desk), desk.case.time_until
    assert until is not None
    assert shares(tiled(desk)) == time
    assert sum(time.values()) == (until - desk.case.times.counts_from) // MILLISECOND
    return {share: ms // HOUR for share, ms in time.items()}


def events(desk: Desk) -> list[CaseEvent]:
    return [one.data for one in desk.outputs if isinstance(one.data, CaseEvent)]


def tiled(desk: Desk) -> Sequence[Span]:
    tiling = Tiling(desk.case.times.counts_from)
    for data in events(desk):
        tiling.take(moment(data))
    return tiling.spans


def accepted() -> Desk:
    """With the team for an hour until it accepts."""
    return after(dispatched_desk(), 1, "accept", member())


def test_from_the_receipt_to_the_closing_each_stage_has_its_time() -> None:
    desk = after(after(accepted(), 5, "handled", member()), 3, "verify", INSPECTOR, passed=True)
    assert told(desk) == {
        f"accept/{TEAM}": 1,
        f"handle/{TEAM}": 5,
        "verify": 3,
    }
    assert desk.case.time_until == desk.case.times.closed_at


def test_every_event_tells_how_much_of_whose_time_has_passed() -> None:
    desk = accepted()
    desk.clock.forward(7200)
    desk.escalate(supervision(desk))
    found = [
        sum(data.case.time.values()) // HOUR for data in events(desk) if data.case.time is not None
    ]
    assert found == [0, 0, 1, 3]
    assert isinstance(events(desk)[-1], CasePrioritised)


def supervision(desk: Desk) -> SupervisionOrdered:
    return SupervisionOrdered(
        incident_id=INCIDENT, at=desk.clock(), level=SupervisionLevel.ORDINARY, issuer="town",
        issuer_area="9901",
    )  # fmt: skip


def test_what_a_wrongly_chosen_unit_held_before_a_granted_return_is_no_units() -> None:
    desk = after(accepted(), 2, "return", member())
    assert told(desk)[f"handle/{TEAM}"] == 2
    after(desk, 4, "approve", DISPATCHER)
    assert told(desk) == {
        "accept/~returned": 1,
        "handle/~returned": 6,
    }
    assert {one.standing.holder for one in tiled(desk)} == {TEAM}
    unit = desk.case.unit
    assert unit is not None
    after(desk, 2, "accept", member(unit.code))
    assert told(desk)[f"accept/{unit.code}"] == 2


def test_a_return_takes_off_all_that_the_wrong_unit_ever_had_and_nothing_of_others() -> None:
    desk = after(accepted(), 1, "reassign", DISPATCHER, unit=CENTRE)
    after(desk, 2, "accept", member(CENTRE))
    after(desk, 1, "reassign", DISPATCHER, unit=TEAM)
    after(desk, 3, "accept", member())
    after(desk, 1, "return", member())
    after(desk, 0.5, "approve", DISPATCHER, unit=COUNTY)
    assert told(desk) == {
        f"accept/{CENTRE}": 2,
        f"handle/{CENTRE}": 1,
        "accept/~returned": 4,
        "handle/~returned": 2,
    }


def test_while_the_clocks_stand_the_time_is_the_suspensions() -> None:
    desk = after(accepted(), 1, "suspend", member(), until=accepted().clock() + timedelta(days=3))
    after(desk, 2, "approve", SUPERVISOR)
    after(desk, 24, "resume", member())
    after(desk, 1, "handled", member())
    assert told(desk) == {
        f"accept/{TEAM}": 1,
        f"handle/{TEAM}": 4,
        "handle/~suspension-1": 24,
    }


def test_a_suspension_ends_at_its_review_date_however_late_that_is_noticed() -> None:
    desk = accepted()
    until = desk.clock() + timedelta(days=1)
    after(after(desk, 1, "suspend", member(), until=until), 1, "approve", SUPERVISOR)
    desk.clock.forward(48 * 3600)
    assert desk.tick()
    assert desk.case.time_until == until
    assert told(desk)["handle/~suspension-1"] == 22


def test_a_return_that_is_granted_during_a_suspension_leaves_that_as_it_is() -> None:
    desk = accepted()
    until = desk.clock() + timedelta(days=3)
    after(after(desk, 1, "suspend", member(), until=until), 1, "approve", SUPERVISOR)
    after(after(desk, 5, "return", member()), 1, "approve", DISPATCHER)
    assert told(desk) == {
        "accept/~returned": 1,
        "handle/~returned": 2,
        "handle/~suspension-1": 6,
    }


def test_rework_is_the_units_again_and_the_look_before_it_was_not() -> None:
    desk = after(after(accepted(), 5, "handled", member()), 3, "verify", INSPECTOR, passed=False)
    after(desk, 2, "handled", member())
    assert told(desk)[f"handle/{TEAM}"] == 7
    assert told(desk)["verify"] == 3


def test_what_is_handed_up_waits_for_a_centre() -> None:
    area = actor(Role.DISPATCHER, area=GRID[:9])
    desk = after(accepted(), 2, "hand_up", area)
    after(desk, 4, "reassign", HEAD, unit=COUNTY)
    assert told(desk) == {
        f"accept/{TEAM}": 1,
        f"handle/{TEAM}": 2,
        "dispatch": 4,
    }


def test_the_time_while_it_was_closed_is_nobodys_and_counts_only_when_it_is_opened_again() -> None:
    desk = after(after(accepted(), 5, "handled", member()), 3, "verify", INSPECTOR, passed=True)
    assert desk.case.time_until == desk.case.times.closed_at
    after(desk, 48, "reopen", SUPERVISOR)
    assert told(desk)["closed"] == 48
    after(desk, 2, "accept", member())
    assert told(desk)[f"accept/{TEAM}"] == 3


def test_nothing_is_counted_any_more_when_it_has_ended() -> None:
    desk = after(after(accepted(), 5, "handled", member()), 3, "verify", INSPECTOR, passed=True)
    closed, until = ledger(desk), desk.case.time_until
    after(desk, 9, "void", SUPERVISOR)
    assert (ledger(desk), desk.case.time_until) == (closed, until)
    other = after(accepted(), 2, "void", SUPERVISOR)
    assert told(other)[f"handle/{TEAM}"] == 2
    assert other.case.time_until == events(other)[-1].at


def test_put_right_on_the_spot_it_had_no_time_but_the_filing() -> None:
    assert set(told(test_on_site.desk(0))) == set()
    checked = after(test_on_site.desk(100), 2, "verify", test_on_site.INSPECTOR, passed=True)
    assert told(checked) == {"verify": 2}


def test_filing_lasts_from_when_the_clocks_count() -> None:
    desk = Desk()
    desk.report(location=None)  # the desk looks at it
    after(desk, 6, "file", actor(Role.ACCEPTANCE_DESK), location=point(GRID))
    assert told(desk)["filing"] == 6


def test_whoever_passes_it_on_keeps_its_own_time() -> None:
    desk = test_flows.hazard()
    after(desk, 2, "step", DISPATCHER, turn="rule")
    unit = desk.case.unit
    assert unit is not None
    assert unit.code != TEAM
    after(desk, 1, "accept", member(unit.code))
    assert told(desk)[f"handle/{TEAM}"] == 2
    assert told(desk)[f"accept/{unit.code}"] == 1


def test_what_only_an_inspector_can_go_on_with_is_not_the_units_time() -> None:
    desk = after(test_flows.hazard(), 2, "step", member(), turn="order", **BROUGHT)
    assert desk.case.flow is not None
    assert desk.case.flow.waits_for_others
    after(desk, 48, "step", INSPECTOR, turn="in_order")
    assert told(desk) == {f"accept/{TEAM}": 0, f"handle/{TEAM}": 2, "handle": 48}
    after(desk, 1, "verify", INSPECTOR, passed=False)  # the inspector looks once more
    after(desk, 5, "step", INSPECTOR, turn="in_order")
    assert told(desk)["handle"] == 53


def test_a_return_takes_the_units_time_off_it_also_while_it_waits_for_an_inspector() -> None:
    desk = after(test_flows.hazard(), 2, "step", member(), turn="order", **BROUGHT)
    after(after(desk, 3, "return", member()), 4, "approve", DISPATCHER)
    assert told(desk)["handle/~returned"] == 2
    assert told(desk)["handle"] == 7


def test_when_the_lead_is_done_the_time_is_of_whom_the_case_waits_for() -> None:
    desk = test_co_operation.working()
    after(desk, 2, "handled", member())
    assert desk.case.lead_done_at is not None
    first, second = (one.unit.code for one in desk.case.tasks)
    after(after(desk, 3, "co_accept", member(second)), 1, "co_done", member(second))
    after(after(desk, 4, "co_accept", member(first)), 1, "co_done", member(first))
    assert desk.case.state is CaseState.HANDLED
    assert told(desk) == {f"accept/{TEAM}": 0, f"handle/{TEAM}": 2, f"handle/{first}": 9}


def test_an_event_that_took_effect_before_the_last_one_adds_nothing() -> None:
    """Instants of different machines: the acceptance was received before the dispatch was made."""
    desk = dispatched_desk()
    desk.clock.forward(-3600)
    desk.do(("accept", member()))
    assert desk.case.time_until == desk.case.times.filed_at
    desk.clock.forward(3600)
    after(desk, 2, "handled", member())
    assert told(desk) == {f"handle/{TEAM}": 2}


def test_a_history_that_begins_after_its_filing_has_no_negative_time() -> None:
    desk = dispatched_desk()
    filed = events(desk)[0]
    late = filed.at + timedelta(hours=1)
    case = filed.case.model_copy(
        update={"times": filed.case.times.model_copy(update={"counts_from": late})}
    )
    tiling = Tiling(late)
    tiling.take(moment(filed.model_copy(update={"case": case})))
    assert tiling.spans == []
    assert tiling.since == late


def test_a_case_of_an_older_version_tells_no_time_rather_than_a_wrong_one() -> None:
    desk = dispatched_desk()
    state = desk.document.state
    assert state is not None
    old = desk.case.model_copy(update={"time": None, "time_until": None})
    decided = state.decided.model_copy(update={"case": old})
    desk.document.state = state.model_copy(update={"decided": decided})
    desk.do(("accept", member()))
    assert desk.case.time is None


instants = st.lists(
    st.integers(min_value=-50, max_value=400).map(lambda s: timedelta(milliseconds=s * 977)),
    min_size=1,
    max_size=12,
)


@given(instants, st.data())
def test_spans_tile_whatever_the_instants_are(steps: list[timedelta], data: st.DataObject) -> None:
    """Any states in any order at any instants: no gap, no overlap, nothing negative."""
    at, tiling = story.RECEIVED, Tiling(story.RECEIVED)
    filed = CaseFiled(incident_id=INCIDENT, at=at, case=story.case(CaseState.FILED), receipt_no="0")
    tiling.take(moment(filed))
    ends: list[datetime] = []
    for step in steps:
        at += step
        state = data.draw(st.sampled_from(CaseState))
        unit = data.draw(st.sampled_from([None, story.UNIT, story.TEAM]))
        suspension = data.draw(st.sampled_from([None, story.whole_case(state).suspension]))
        case = story.case(state, unit=unit, suspension=suspension, suspensions=1)
        kind = data.draw(st.sampled_from([ReturnGranted, CasePrioritised]))
        more = {"returned_by": story.UNIT.code} if kind is not CasePrioritised else {}
        tiling.take(moment(kind(incident_id=INCIDENT, at=at, case=case, **more)))
        ends.append(tiling.since)
    assert ends == sorted(ends)
    spans = tiling.at(at + timedelta(days=1))
    edges = [story.RECEIVED, *(one.until for one in spans)]
    assert [one.since for one in spans] == edges[:-1]
    assert all(one.ms > 0 for one in spans)
    assert sum(shares(spans).values()) == (edges[-1] - edges[0]) // MILLISECOND


@pytest.mark.parametrize("kept", [True, False])
def test_the_ledger_survives_the_database(kept: bool) -> None:  # noqa: FBT001
    desk, rules = accepted(), Dispatching()
    state = desk.document.state
    assert state is not None
    stored = rules.dump(state) if kept else rules.dump(rules.load(rules.dump(state)))
    assert rules.load(stored).decided.case == desk.case


def test_the_instant_of_an_event_is_that_of_its_envelope() -> None:
    """Readers tile by the one, dispatch counts by the other."""
    desk = after(after(accepted(), 5, "handled", member()), 3, "verify", INSPECTOR, passed=True)
    found: list[Event[CaseEvent]] = [one for one in desk.outputs if isinstance(one.data, CaseEvent)]
    assert all(one.time == one.data.at for one in found)
