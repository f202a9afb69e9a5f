"""What the live table names: every turn of the table, on any terminal."""

import io
from itertools import product

import pytest
from rich.console import Console

from deploy.traffic.board import Board
from deploy.traffic.happenings import HAPPENINGS
from deploy.traffic.plots import Plot
from deploy.traffic.reports import Draft
from deploy.traffic.view import View
from deploy.words import STATES, WORDS, Language, pick
from services.dispatch.domain.transitions import TABLE
from shared.contracts import cases_v1, orders_v1, outcomes_v1, requests_v1, supervising_v1
from tests.unit.city import cases

DRAFT = Draft({}, None, Plot.SMOOTH)
OTHERWISE = {
    # The states say how many there are.
    cases_v1.CaseFiled, cases_v1.CaseDispatched, cases_v1.CaseAccepted, cases_v1.CaseHandled,
    cases_v1.CaseClosed, outcomes_v1.IncidentRejected, outcomes_v1.IncidentAnswered,
    outcomes_v1.IncidentTransferred, outcomes_v1.IncidentHeld,
    # What was asked for is counted with what came of it.
    requests_v1.ReturnRequested, requests_v1.SuspensionRequested, requests_v1.ExtensionRequested,
    # Nobody changes a policy, and no desk is urged, while traffic runs.
    supervising_v1.CaseRearmed, supervising_v1.IncidentAcknowledged,
}  # fmt: skip


def test_every_turn_of_the_table_and_every_event_of_orders_has_a_line() -> None:
    lines = {one.model for one in HAPPENINGS}
    turns = {event for row in TABLE for event in row.events}
    assert turns - lines - OTHERWISE == set()
    assert lines >= set(orders_v1.EVENTS)


def test_no_two_lines_count_the_same_and_each_word_is_one_that_events_carry() -> None:
    assert len({(one.model, one.word) for one in HAPPENINGS}) == len(HAPPENINGS)
    assert {one.word for one in HAPPENINGS if one.word} <= set(WORDS)
    for language in ("zh", "en"):
        assert len({pick(one.title, language) for one in HAPPENINGS}) == len(HAPPENINGS)


@pytest.mark.parametrize(
    ("width", "height", "language"),
    [(*size, one) for size, one in product([(80, 24), (100, 40), (170, 55)], ("zh", "en"))],
)
def test_all_states_and_all_that_happens_are_shown_uncut_on_any_terminal(
    width: int, height: int, language: Language
) -> None:
    board = Board()
    for number in range(30):
        board.sent(f"{number}", DRAFT)
        board.saw(cases.event(cases.breached("handle"), f"{number}"))
    page = Console(file=io.StringIO(), width=width, height=height, record=True)
    page.print(View(board, {}, language, cases.NAMES))
    text = page.export_text()
    assert len(text.splitlines()) <= height
    names = [pick(one.title, language) for one in HAPPENINGS]
    states = [pick(pair, language) for state, pair in STATES.items() if state != "sent"]
    assert [one for one in (*names, *states, "速度 Pace") if one not in text] == []
