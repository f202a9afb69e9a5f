"""Supervision is heard: the case rises, and whoever ordered it watches it to its end."""

from shared.contracts.cases_v1 import CasePrioritised
from shared.contracts.levels import SupervisionLevel
from shared.contracts.roles import Role
from tests.unit.dispatch.desk import SUPERVISOR, Desk, actor, dispatched_desk, member


def test_a_supervised_case_rises_and_its_supervisor_watches_it() -> None:
    desk = dispatched_desk()
    (heard,) = desk.supervise(SupervisionLevel.ORDINARY)
    assert isinstance(heard, CasePrioritised)
    assert (heard.case.priority, heard.case.watchers) == (1, ("9901",))
    (red,) = desk.supervise(SupervisionLevel.RED_CARD)
    assert isinstance(red, CasePrioritised)
    assert (red.case.priority, red.case.watchers) == (3, ("9901",))
    assert desk.supervise(SupervisionLevel.RED_CARD) == []
    (lifted,) = desk.supervise(SupervisionLevel.RED_CARD, lifted=True)
    assert isinstance(lifted, CasePrioritised)
    assert (lifted.case.priority, lifted.case.watchers) == (0, ("9901",)), "it goes on watching"


def test_nobody_hears_of_what_is_over_or_no_case() -> None:
    desk = dispatched_desk().do(("accept", member()), ("handled", member()))
    desk.do(("verify", actor(Role.INSPECTOR)))
    assert desk.supervise(SupervisionLevel.ORDINARY) == []
    held = Desk()
    held.report(matter="unheard-of")
    assert held.supervise(SupervisionLevel.ORDINARY) == []


def test_what_is_closed_is_urgent_no_more_also_when_it_is_opened_again() -> None:
    desk = dispatched_desk()
    desk.supervise(SupervisionLevel.RED_CARD)
    desk.do(("accept", member()), ("handled", member()))
    assert desk.case.priority == 3
    desk.do(("verify", actor(Role.INSPECTOR)))
    assert (desk.case.priority, desk.case.watchers) == (0, ("9901",))
    assert desk.supervise(SupervisionLevel.RED_CARD, lifted=True) == []
    desk.do(("reopen", actor(Role.SUPERVISOR)))
    assert (desk.case.priority, desk.supervision) == (0, None)


def test_what_is_opened_again_before_the_order_is_lifted_is_not_urgent_either() -> None:
    desk = dispatched_desk()
    desk.supervise(SupervisionLevel.RED_CARD)
    desk.do(("accept", member()), ("handled", member()), ("verify", actor(Role.INSPECTOR)))
    desk.do(("reopen", actor(Role.SUPERVISOR)))
    assert desk.supervise(SupervisionLevel.RED_CARD, lifted=True) == []
    assert desk.case.priority == 0
    (heard,) = desk.supervise(SupervisionLevel.ORDINARY)
    assert isinstance(heard, CasePrioritised)


def test_a_stale_screen_is_none_for_being_supervised_meanwhile() -> None:
    desk = dispatched_desk()
    seen = desk.decided.sequence
    desk.supervise(SupervisionLevel.ORDINARY)
    desk.ask("supervise", SUPERVISOR, level="red_card")
    desk.ask("release", SUPERVISOR)
    (accepted,) = desk.ask("accept", member(), expected_sequence=seen)
    assert accepted.TYPE.endswith("accepted.v1")


def test_what_is_void_is_urgent_no_more() -> None:
    desk = dispatched_desk()
    desk.supervise(SupervisionLevel.RED_CARD)
    assert desk.case.priority == 3
    desk.ask("void", SUPERVISOR)
    assert desk.case.priority == 0
