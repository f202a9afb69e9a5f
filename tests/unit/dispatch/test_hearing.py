"""Supervision is heard: the case rises, and whoever ordered it watches it to its end."""

from shared.contracts.cases_v1 import CasePrioritised
from shared.contracts.levels import SupervisionLevel
from shared.contracts.roles import Role
from tests.unit.dispatch.desk import Desk, actor, dispatched_desk, member


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


def test_a_stale_screen_is_none_for_being_supervised_meanwhile() -> None:
    desk = dispatched_desk()
    seen = desk.decided.sequence
    desk.supervise(SupervisionLevel.ORDINARY)
    (accepted,) = desk.ask("accept", member(), expected_sequence=seen)
    assert accepted.TYPE.endswith("accepted.v1")
