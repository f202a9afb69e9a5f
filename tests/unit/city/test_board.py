"""The figures of the live table, with a clock that is moved by hand."""

import io

import pytest
from rich.console import Console

from deploy.traffic import board as module
from deploy.traffic import summary
from deploy.traffic.board import Board
from deploy.traffic.plots import Plot
from deploy.traffic.reports import Draft
from deploy.traffic.view import View
from deploy.words import Language
from shared.contracts import cases_v1
from shared.contracts.case_v1 import CaseState
from shared.contracts.golden import story
from shared.contracts.incidents_v1 import IncidentReported, Report
from shared.contracts.routing_rules import Source
from tests.unit.city import cases

FILED = cases.step(
    cases_v1.CaseFiled, cases.case(CaseState.FILED, unit=None), receipt_no="0000-0000-0000-0"
)
CLOSED = cases.step(cases_v1.CaseClosed, cases.case(CaseState.CLOSED))

DRAFT = Draft({}, None, Plot.SMOOTH)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def board(clock: Clock) -> Board:
    return Board(clock=clock, started=clock.now)


def test_an_incident_is_counted_in_one_state_at_a_time(board: Board, clock: Clock) -> None:
    board.sent("i", DRAFT)
    board.accepted("i")
    assert board.undecided == 1
    clock.now += 0.25
    board.saw(cases.event(FILED))
    board.saw(cases.event(cases.dispatched()))
    assert +board.states == {"dispatched": 1}
    assert board.undecided == 0
    clock.now += 2
    board.saw(cases.event(CLOSED))
    assert +board.states == {"closed": 1}
    assert list(board.latencies) == [0.25]
    assert board.first_closed_s == 2.25


def test_an_outcome_seen_before_the_202_counts_as_no_time(board: Board) -> None:
    board.sent("i", DRAFT)
    board.saw(cases.event(FILED))
    board.accepted("i")
    assert list(board.latencies) == [0.0]
    assert +board.states == {"filed": 1}


def test_events_of_others_are_not_ours(board: Board) -> None:
    assert board.saw(cases.event(FILED, subject="another")) is None
    assert not board.events
    assert not board.latest


def test_a_report_that_was_refused_is_counted_by_its_code_only(board: Board) -> None:
    board.sent("i", DRAFT)
    board.failed("invalid", "i")
    assert board.failures == {"invalid": 1}
    assert not +board.states


def test_what_happened_is_counted_with_the_word_it_carries(board: Board) -> None:
    board.sent("i", DRAFT)
    for data in (
        cases.breached("handle"),
        cases.supervised("ordinary"),
        cases.supervised("red_card"),
    ):
        board.saw(cases.event(data))
    assert {word for _, word in board.words} == {"handle", "ordinary", "red_card"}
    assert [line.word for line in board.latest] == ["red_card", "ordinary", "handle"]


def test_the_pace_is_that_of_the_last_seconds(board: Board, clock: Clock) -> None:
    board.sent("i", DRAFT)
    clock.now += 10
    for _ in range(20):
        board.saw(cases.event(FILED))
    assert board.per_second() == 20 / module.WINDOW_S
    clock.now += module.WINDOW_S + 1
    assert board.per_second() == 0


def test_what_is_published_again_is_no_news(board: Board) -> None:
    board.sent("i", DRAFT)
    filed, given = cases.event(FILED, number=1), cases.event(cases.dispatched(), number=2)
    assert [board.saw(one) is not None for one in (filed, given)] == [True, True]
    assert [board.saw(one) for one in (filed, given)] == [None, None]
    assert board.events[FILED.TYPE] == 1
    assert +board.states == {"dispatched": 1}
    assert board.saw(cases.event(CLOSED, number=3)) is not None


def test_only_the_latest_incidents_are_followed(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_CASES", 2)
    for name in ("a", "b", "c"):
        board.sent(name, DRAFT)
    assert list(board.incidents) == ["b", "c"]
    assert board.saw(cases.event(FILED, subject="a")) is None


def test_quantiles_are_of_what_was_measured(board: Board) -> None:
    assert module.quantile(board.latencies, 0.99) is None
    board.latencies.extend(number / 100 for number in range(100))
    assert module.quantile(board.latencies, 0.5) == 0.5
    assert module.quantile(board.latencies, 0.99) == 0.99


@pytest.mark.parametrize(
    ("language", "shown"), [("zh", "督办 · 红牌"), ("en", "Supervision ordered · red card")]
)
def test_the_table_is_titled_in_both_languages_and_written_in_one(
    board: Board, language: Language, shown: str
) -> None:
    board.sent("i", DRAFT)
    board.saw(cases.event(cases.dispatched()))
    board.saw(cases.event(cases.supervised("red_card")))
    board.failed("invalid")
    page = Console(file=io.StringIO(), width=200, record=True)
    page.print(View(board, {"990101001001001": cases.NAMES}, language, cases.NAMES))
    text = page.export_text()
    for title in ("案卷号 Case", "状态 State", "速度 Pace", "990101-20260101-1", shown, "invalid"):
        assert title in text


def test_the_summary_has_every_figure(board: Board, clock: Clock) -> None:
    for name, data in (("i", FILED), ("j", cases.rejected("no_location"))):
        board.sent(name, DRAFT)
        board.accepted(name)
        clock.now += 1
        board.saw(cases.event(data, subject=name))
    figures = summary.figures(board)
    assert figures["reported"] == 2
    assert (figures["states"]["filed"], figures["states"]["rejected"]) == (1, 1)
    assert figures["latency_ms"] == {"p50": 1000.0, "p99": 1000.0}
    assert figures["words"] == {"cn.wangge.incident.rejected.v1 no_location": 1}
    assert summary.line(board, "en") == "rejected 1, filed 1"


def test_an_inspection_that_intake_reported_is_followed_in_whatever_order_it_is_heard_of(
    board: Board,
) -> None:
    planned = cases.case(CaseState.FILED, unit=None, source="plan")
    filed = cases.step(cases_v1.CaseFiled, planned, receipt_no="0000-0000-0000-0")
    reported = IncidentReported(
        incident_id="i",
        receipt_no="0000-0000-0000-0",
        received_at=cases.NOW,
        zone="Asia/Shanghai",
        reporter=story.RESIDENT,
        report=Report(plan=story.PLANNED, source=Source.PLAN),
    )
    for events in ((filed, reported), (reported, filed)):
        board.incidents.clear()
        for data in events:
            one = board.saw(cases.event(data))
        assert one is not None
        assert one.adopted
        assert one.draft.body["plan"]["code"] == story.PLAN.code
    assert board.saw(cases.event(FILED)) is not None
    board.incidents.clear()
    assert board.saw(cases.event(FILED)) is None, "somebody else's"


def test_an_outcome_that_is_heard_of_before_its_report_comes_again_after_it(board: Board) -> None:
    outcome = cases.event(cases.held("appealed"), "finding")
    assert board.saw(outcome) is None
    reported = cases.event(cases.found_by_inspection(), "finding")
    assert board.saw(reported) is not None
    assert list(board.heard_before(reported)) == [outcome]
    assert list(board.heard_before(reported)) == []


def test_of_outcomes_heard_early_the_latest_are_kept(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_EARLY", 2)
    for name in ("a", "b", "c"):
        board.saw(cases.event(cases.rejected("no_location"), name))
    assert list(board.early) == ["b", "c"]
