"""Readiness by progress."""

from shared.ledger.health import Progress
from tests.fakes.clock import MovedClock


def progress() -> tuple[Progress, MovedClock]:
    clock = MovedClock()
    return Progress(stale_s=30, now=lambda: clock().timestamp()), clock


def test_a_loop_that_beats_is_well_and_one_that_does_not_is_stuck() -> None:
    health, clock = progress()
    clock.forward(29)
    assert health.problem() is None
    health.moved()
    clock.forward(29)
    assert health.problem() is None
    clock.forward(2)
    assert health.problem() == "nothing moved for 31 s"
    health.moved()
    assert health.problem() is None


def test_a_batch_that_is_handed_back_again_and_again_is_a_problem_with_its_reason() -> None:
    health, clock = progress()
    health.failed("the database is away")
    clock.forward(20)
    health.failed("the database is still away")
    health.moved()
    assert health.problem() is None
    clock.forward(11)
    assert health.problem() == "no batch was done for 31 s: the database is still away"
    health.handled()
    assert health.problem() is None


def test_what_stopped_for_good_says_so() -> None:
    health, _ = progress()
    health.halt("30 of the last 40 records could not be handled")
    health.handled()
    assert health.problem() == "30 of the last 40 records could not be handled"
