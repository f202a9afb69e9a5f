"""What follows from an event of a case under each plot."""

from collections import Counter

import pytest

from deploy.traffic import next_steps, plots, steps
from deploy.traffic.plots import Plot
from deploy.traffic.steps import ACCEPT, FAIL, GRANT, HANDLED, PASS, REFUSE, RETURN, RULE
from shared.contracts import cases_v1
from shared.contracts.case_v1 import CaseState
from shared.contracts.incidents_v1 import Verb
from shared.contracts.outcomes_v1 import IncidentLooked, LookOrdered
from shared.contracts.requests_v1 import (
    CaseExtended,
    CaseResumed,
    CaseSuspended,
    ExtensionRefused,
    ExtensionRequested,
    ReturnRefused,
    ReturnRequested,
    SuspensionRefused,
    SuspensionRequested,
)
from shared.contracts.supervising_v1 import CaseReleased
from shared.contracts.tasks_v1 import (
    TaskAccepted,
    TaskAssigned,
    TaskDeclined,
    TaskDone,
    TaskWithdrawn,
)
from tests.unit.city import cases
from tests.unit.city.cases import seeded

ACCEPTED = cases.step(
    cases_v1.CaseAccepted,
    cases.case(CaseState.ACCEPTED, limits={"handle": {"amount": 1, "unit": "urgent_hour"}}),
)
WITHOUT_A_LIMIT = cases.step(cases_v1.CaseAccepted, cases.case(CaseState.ACCEPTED))
HANDED_BACK = cases.step(cases_v1.CaseHandled, cases.case(CaseState.HANDLED))
HANDED_BACK_AGAIN = cases.step(cases_v1.CaseHandled, cases.case(CaseState.HANDLED, reworks=1))
ASKED = cases.step(ReturnRequested, cases.case(return_pending=True))
DENIED = cases.step(ReturnRefused, cases.case(refused_returns=1))
REWORK = cases.step(cases_v1.ReworkOrdered, cases.case(CaseState.ACCEPTED, reworks=1))
HOUR = {"amount": 1, "unit": "urgent_hour"}
UP = cases.step(cases_v1.CaseHandedUp, cases.case(), centre_before="990101")
CLOSED = cases.step(cases_v1.CaseClosed, cases.case(CaseState.CLOSED))


@pytest.mark.parametrize(
    ("plot", "happenings"),
    [
        (Plot.SMOOTH, [(cases.dispatched(), ACCEPT), (ACCEPTED, HANDLED), (HANDED_BACK, PASS)]),
        (
            Plot.RETURN_GRANTED,
            [
                (cases.dispatched(), RETURN),
                (ASKED, GRANT),
                (cases.dispatched(returns=1), ACCEPT),
                (ACCEPTED, HANDLED),
            ],
        ),
        (Plot.RETURN_REFUSED, [(cases.dispatched(), RETURN), (ASKED, REFUSE), (DENIED, ACCEPT)]),
        (
            Plot.FAILED_CHECK,
            [(HANDED_BACK, FAIL), (REWORK, HANDLED), (HANDED_BACK_AGAIN, PASS), (CLOSED, None)],
        ),
        (
            Plot.NOT_ACCEPTED,
            [
                (cases.dispatched(), None),
                (cases.breached("handle"), None),
                (cases.breached("accept"), ACCEPT),
                (ACCEPTED, HANDLED),
            ],
        ),
        (
            Plot.UNTIL_YELLOW,
            [
                (cases.dispatched(), ACCEPT),
                (ACCEPTED, None),
                (cases.breached("handle"), None),
                (cases.supervised("ordinary"), steps.URGE),
                (cases.supervised("yellow_card"), HANDLED),
            ],
        ),
        (
            Plot.UNTIL_RED,
            [
                (ACCEPTED, None),
                (cases.supervised("yellow_card"), steps.TELL),
                (cases.supervised("red_card"), HANDLED),
            ],
        ),
        (Plot.SMOOTH, [(cases.filed(), None), (cases.dispatched(), ACCEPT)]),
        (
            Plot.RETURN_GRANTED,
            [
                (cases.filed(unrouted="ownerless_component"), RULE),
                (cases.ruled(), ACCEPT),
                (cases.task(TaskAssigned, by=cases.CENTRE), steps.COME),
            ],
        ),
        (
            Plot.RETURN_GRANTED,
            [
                (cases.task(TaskAssigned), None),
                (cases.dispatched().model_copy(update={"actor": cases.CENTRE}), ACCEPT),
            ],
        ),
        (Plot.SMOOTH, [(cases.supervised("red_card"), None)]),
        (
            Plot.UNTIL_RED,
            [(cases.reminded(1), steps.ACKNOWLEDGE), (cases.reminded(2), None)],
        ),
        (Plot.SMOOTH, [(cases.reminded(1), None)]),
        (
            Plot.WHISTLE,
            [
                (ACCEPTED, steps.WHISTLE),
                (cases.task(TaskAssigned), steps.COME),
                (cases.task(TaskAccepted), steps.SHARE_DONE),
                (cases.task(TaskDone), HANDLED),
            ],
        ),
        (Plot.SMOOTH, [(cases.task(TaskDone), None)]),
        (
            Plot.DECLINED,
            [
                (ACCEPTED, steps.WHISTLE),
                (cases.task(TaskAssigned), steps.STAY_AWAY),
                (cases.task(TaskDeclined), HANDLED),
            ],
        ),
        (
            Plot.CALLED_OFF,
            [
                (ACCEPTED, steps.WHISTLE),
                (cases.task(TaskAssigned), steps.CALL_OFF),
                (cases.task(TaskWithdrawn), HANDLED),
            ],
        ),
        (
            Plot.SMOOTH,
            [
                (cases.dispatched(emergency=True), steps.TAKE_FIRST),
                (cases.step(cases_v1.FirstTaken, cases.case(emergency=True)), ACCEPT),
                (cases.step(cases_v1.CaseAccepted, cases.case(emergency=True)), steps.MAKE_SAFE),
                (cases.step(cases_v1.CaseMadeSafe, cases.case(), unit="u"), HANDLED),
            ],
        ),
        (
            Plot.REOPENED,
            [(cases.step(cases_v1.CaseAccepted, cases.made_safe()), HANDLED)],
        ),
        (Plot.SMOOTH, [(cases.step(cases_v1.SpotCheckOrdered, cases.case(), photos=()), PASS)]),
        (
            Plot.EXTENDED,
            [
                (ACCEPTED, steps.EXTEND),
                (cases.step(ExtensionRequested, cases.case()), steps.ALLOW),
                (cases.step(CaseExtended, cases.case(), extended_by=HOUR), HANDLED),
            ],
        ),
        (Plot.EXTENDED, [(WITHOUT_A_LIMIT, HANDLED)]),
        (
            Plot.SUSPENDED,
            [
                (ACCEPTED, steps.SUSPEND),
                (cases.step(SuspensionRequested, cases.case()), steps.ALLOW),
                (cases.step(CaseSuspended, cases.case()), None),
                (cases.step(CaseResumed, cases.case(), rule="review_date"), HANDLED),
            ],
        ),
        (
            Plot.RESUMED,
            [
                (ACCEPTED, steps.SUSPEND_LONG),
                (cases.step(SuspensionRequested, cases.case()), steps.ALLOW),
                (cases.step(CaseSuspended, cases.case()), steps.RESUME),
                (cases.step(CaseResumed, cases.case()), HANDLED),
            ],
        ),
        (
            Plot.SUSPENSION_DENIED,
            [
                (ACCEPTED, steps.SUSPEND_LONG),
                (cases.step(SuspensionRequested, cases.case()), steps.NOT_NOW),
                (cases.step(SuspensionRefused, cases.case()), HANDLED),
            ],
        ),
        (
            Plot.EXTENSION_DENIED,
            [
                (ACCEPTED, steps.EXTEND),
                (cases.step(ExtensionRequested, cases.case()), steps.NOT_NOW),
                (cases.step(ExtensionRefused, cases.case()), HANDLED),
            ],
        ),
        (
            Plot.SUPERVISED,
            [
                (ACCEPTED, steps.HURRY),
                (cases.supervised("yellow_card", by_hand=True), steps.RELEASE),
                (cases.step(CaseReleased, cases.case(CaseState.ACCEPTED)), HANDLED),
            ],
        ),
        (Plot.SMOOTH, [(cases.supervised("yellow_card", by_hand=True), None)]),
        (Plot.URGED, [(cases.filed(), steps.ASK_AFTER), (cases.dispatched(), ACCEPT)]),
        (
            Plot.REOPENED,
            [
                (CLOSED, steps.REOPEN),
                (cases.step(cases_v1.CaseReopened, cases.case(reopenings=1)), ACCEPT),
                (cases.step(cases_v1.CaseClosed, cases.case(CaseState.CLOSED, reopenings=1)), None),
            ],
        ),
        (Plot.VOIDED, [(cases.filed(), None), (cases.dispatched(), steps.VOID)]),
        (
            Plot.HANDED_DOWN,
            [
                (cases.dispatched(), steps.HAND_UP),
                (UP, steps.HAND_DOWN),
                (
                    cases.step(cases_v1.CaseHandedDown, cases.case(), centre_before="990101"),
                    steps.PASS_ON,
                ),
                (cases.dispatched(centre="990101002"), ACCEPT),
            ],
        ),
        (
            Plot.DESK_LOOKS,
            [
                (cases.held("unknown_matter"), steps.LOOK),
                (cases.held("to_be_verified", LookOrdered), steps.LOOKED),
                (cases.held("unknown_matter", IncidentLooked, passed=True), steps.FILE),
            ],
        ),
        (
            Plot.HANDED_UP,
            [
                (cases.dispatched(), steps.HAND_UP),
                (cases.task(TaskAssigned), None),
                (
                    cases.step(cases_v1.CaseHandedUp, cases.case(), centre_before="1234"),
                    steps.PASS_ON,
                ),
                (cases.dispatched(centre="9901"), ACCEPT),
            ],
        ),
        (
            Plot.DESK_FILES,
            [
                (cases.rejected("no_matter"), steps.APPEAL),
                (cases.held("appealed"), steps.FILE),
                (cases.filed(), None),
                (cases.dispatched(), ACCEPT),
            ],
        ),
        (Plot.DESK_REJECTS, [(cases.rejected("rejected_by_desk", "clerk"), None)]),
        *(
            (plot, [(cases.held("unknown_matter"), step)])
            for plot, step in next_steps.AT_THE_DESK.items()
        ),
        (
            Plot.SMOOTH,
            [
                (cases.held("to_be_verified", LookOrdered), steps.LOOKED),
                (cases.held("to_be_verified", IncidentLooked, passed=True), None),
            ],
        ),
        (
            Plot.FAILED_CHECK,
            [
                (cases.held("to_be_verified", LookOrdered), steps.NOT_FOUND),
                (
                    cases.held("not_as_reported", IncidentLooked, passed=False),
                    steps.NOTHING_THERE,
                ),
            ],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_plot_is_played(plot: Plot, happenings: list[tuple[object, object]]) -> None:
    for number, (data, expected) in enumerate(happenings):
        found = next_steps.next_step(plot, data)  # type: ignore[arg-type]
        assert found == expected, number


def test_most_cases_go_smoothly_and_every_plot_is_drawn() -> None:
    random = seeded(1)
    drawn = Counter(plots.draw(random) for _ in range(2000))
    assert set(drawn) == set(plots.WEIGHTS)
    assert set(plots.WEIGHTS) | set(plots.SPOILT) | {Plot.SEPARATED} == set(Plot)
    assert 0.5 < drawn[Plot.SMOOTH] / 2000 < 0.75
    returned = drawn[Plot.RETURN_GRANTED] + drawn[Plot.RETURN_REFUSED]
    assert 0.08 < returned / 2000 < 0.13, "some tenth"
    assert 0.04 < drawn[Plot.FAILED_CHECK] / 2000 < 0.07, "some twentieth"


@pytest.mark.parametrize(
    ("centre", "area"),
    [("9901", "990101"), ("990101", "990101001"), ("990101001", "990101001001")],
)
def test_it_is_handed_down_to_the_next_area_around_its_grid(centre: str, area: str) -> None:
    assert next_steps.below(cases.case(centre=centre)) == area


def test_every_verb_of_the_table_is_asked_for_by_somebody() -> None:
    asked = {one.verb for one in vars(steps).values() if isinstance(one, steps.Step)}
    by_a_flow, by_hand = {Verb.STEP}, {Verb.REARM}
    assert asked | by_a_flow | by_hand == set(Verb)
