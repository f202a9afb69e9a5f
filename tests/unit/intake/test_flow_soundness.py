"""Whether a flow is sound, and what is said of one that is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.city.building import build
from services.intake.domain.entry_rules import examine
from services.intake.domain.flow_soundness import mistakes
from shared.contracts.base import Limit, LimitUnit
from shared.contracts.flows import Flow, FlowActor, FlowState
from shared.contracts.routing_rules import Destination, UnitKind
from tests.unit.dispatch.flows import BRINGS, HAZARD, flow, state, turn


def codes(one: Flow) -> set[str]:
    return {code for code, _ in mistakes(one)}


GOOD = (state("a", turn("go", "b")), state("b"))
HERE = Destination(unit_kind=UnitKind.DEPARTMENT)


@pytest.mark.parametrize(
    ("unsound", "code", "where"),
    [
        (flow(*GOOD, state("b")), "duplicate_state", "two states are called b"),
        (
            flow(state("a", turn("go", "b"), turn("go", "b")), state("b")),
            "duplicate_turn",
            "state a: two turns are called go",
        ),
        (
            flow(state("a", turn("go", "b", papers=(BRINGS, BRINGS))), state("b")),
            "duplicate_paper",
            "state a, turn go: the paper order",
        ),
        (flow(state("a", turn("go", "b"), limit=None), state("b")), "no_clock", "state a"),
        (flow(GOOD[0], state("b", limit=GOOD[0].limit)), "end_with_work", "state b"),
        (flow(GOOD[0], state("b", lead=HERE)), "end_with_work", "state b"),
        (flow(*GOOD, start="x"), "unknown_state", "it starts in x"),
        (flow(state("a", turn("go", "x")), state("b")), "unknown_state", "turn go: it goes to x"),
        (flow(*GOOD, state("c")), "unreachable_state", "state c"),
        (
            flow(
                state("a", turn("go", "b"), turn("round", "c")),
                state("b"),
                state("c", turn("on", "d")),
                state("d", turn("on", "c")),
            ),
            "endless_state",
            "state d: no way",
        ),
        (
            flow(state("a", turn("go", "b", finds=True)), state("b")),
            "ends_by_finding_only",
            "state a",
        ),
        (
            flow(state("a", turn("go", "b", at_most=1)), state("b")),
            "used_up_state",
            "state a: once its turns",
        ),
        (
            flow(
                state("a", turn("go", "b", at_most=1), turn("found", "c", finds=True)),
                state("b"),
                state("c"),
            ),
            "used_up_state",
            "state a: once its turns",
        ),
        (flow(state("a", turn("go", "b"), closes=True), state("b")), "work_with_end", "closes"),
        (flow(state("a", turn("go", "b"), missed=True), state("b")), "work_with_end", "missed"),
        (
            flow(state("a", turn("go", "b"), turn("again", "a")), state("b")),
            "renews_its_clock",
            "state a, turn again",
        ),
        (
            flow(
                state("a", turn("go", "b")),
                state("b", turn("back", "a"), turn("end", "c")),
                state("c"),
            ),
            "renews_its_clock",
            "turn back",
        ),
        (flow(*GOOD, start="b"), "start_is_end", "it begins at an end"),
        (
            flow(
                state("a", turn("go", "b"), limit=Limit(amount=1, unit=LimitUnit.WORKING_DAY)),
                state("b"),
            ),
            "no_calendar",
            "state a",
        ),
    ],
)
def test_what_is_not_sound_is_refused_with_where_it_stands(
    unsound: Flow, code: str, where: str
) -> None:
    found = {one.code: one.detail for one in examine(unsound, None).faults}
    assert code in found
    assert where in found[code]


def test_a_state_that_leads_nowhere_is_named_for_all_who_are_caught_in_it() -> None:
    caught = flow(
        state("a", turn("go", "b"), turn("round", "c")),
        state("b"),
        state("c", turn("on", "d")),
        state("d", turn("on", "c")),
    )
    assert [code for code, _ in mistakes(caught)] == ["endless_state"] * 2


def test_a_round_in_which_somebody_else_or_a_number_has_a_say_is_sound() -> None:
    for back in (turn("back", "a", at_most=1), turn("back", "a", FlowActor.CHECKER)):
        one = flow(state("a", turn("go", "b")), state("b", back, turn("end", "c")), state("c"))
        assert codes(one) == set()


def test_the_flows_of_the_demo_city_are_sound() -> None:
    flows = [one for one in build() if isinstance(one, Flow)]
    assert {one.code for one in flows} == {"dispute", "hazard", "resident-service", "inspection"}
    assert [fault for one in flows for fault in examine(one, None).faults] == []
    assert not [*mistakes(HAZARD)]


def test_only_the_citys_administrator_changes_a_flow() -> None:
    assert [one.code for one in examine(HAZARD, "990101").faults] == ["not_your_area"]
    assert examine(HAZARD, "9901").faults == []


CODES = tuple("abcde")
flows = st.lists(
    st.lists(st.sampled_from(CODES), max_size=3, unique=True), min_size=2, max_size=5
).map(
    lambda ways: flow(
        *(
            state(code, *(turn(to, to) for to in there))
            for code, there in zip(CODES, ways, strict=False)
        )
    )
)


@given(flows)
def test_what_is_called_sound_can_be_walked_from_everywhere_to_an_end(one: Flow) -> None:
    """Against a search of its own: every state is met from the start, and meets an end."""
    if codes(one):
        return
    known = {each.code: each for each in one.states}

    def met(start: str) -> set[str]:
        seen: set[str] = set()
        todo = [start]
        while todo:
            code = todo.pop()
            if code not in seen:
                seen.add(code)
                todo += [each.to for each in known[code].turns]
        return seen

    assert met(one.start) == set(known)
    for code in known:
        assert any(_is_end(known[each]) for each in met(code))


def _is_end(one: FlowState) -> bool:
    return not one.turns
