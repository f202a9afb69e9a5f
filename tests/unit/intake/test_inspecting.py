"""What an inspection found is reported, each finding as an incident of its own."""

import pytest
from pydantic import ValidationError

from services.intake.domain.coordinates import wgs84_to_gcj02
from services.intake.domain.inspecting import (
    MAX_SEQUENCE,
    ActionBody,
    FindingBody,
    NobodyKnownError,
    NotInspectedError,
    NotYourInspectionError,
    check_finder,
    check_turn,
    reports_of,
)
from services.intake.domain.receipt import Receipt, Standing
from services.intake.http.actions import REQUEST
from services.intake.http.door import parse
from shared.contracts.base import Actor, Point
from shared.contracts.flows import FlowActor
from shared.contracts.golden import story
from shared.contracts.incidents_v1 import ActionRequest, CoordinateSystem, Located, Report
from shared.contracts.roles import Role
from shared.contracts.routing_rules import Source
from shared.platform.http import ProblemError
from shared.registry.distance import metres
from tests.unit.dispatch.flows import turn


def step(*findings: FindingBody, action: str = "step") -> ActionBody:
    return ActionBody.model_validate({"action": action, "findings": findings})


INSPECTION = Report(matter="fire-inspection", location=story.PLACE, plan=story.PLANNED)
BOXES = FindingBody(item="exit", description="boxes in the stairway")


def test_each_is_a_report_of_its_matter_where_it_was_found() -> None:
    there = Point(coordinates=(120.2, 30.3))
    here, elsewhere = reports_of(
        step(BOXES, BOXES.model_copy(update={"location": there})), "i-1", INSPECTION, "a-1"
    )
    assert here.report == Report(
        matter="blocked-exit",
        location=story.PLACE,
        description="boxes in the stairway",
        source=Source.INSPECTION,
        arises_from="i-1",
    )
    assert elsewhere.report.location == there
    assert here.finding.incident_id != elsewhere.finding.incident_id


def test_the_same_action_again_is_the_same_incidents() -> None:
    first, second = (reports_of(step(BOXES), "i-1", INSPECTION, "a-1") for _ in range(2))
    assert first == second
    assert reports_of(step(BOXES), "i-1", INSPECTION, "a-2") != first


def test_coordinates_of_a_phone_map_are_brought_to_wgs84() -> None:
    body = FindingBody.model_validate(
        {
            "item": "exit",
            "location": {"coordinates": [120.1551, 30.2741]},
            "location_system": "gcj02",
        }
    )
    (one,) = reports_of(step(body), "i-1", INSPECTION, "a-1")
    assert one.report.location is not None
    assert abs(one.report.location.coordinates[0] - 120.1551) > 0.003


@pytest.mark.parametrize("verb", ["file", "look", "verify"])
def test_where_it_really_is_may_be_sent_in_any_system_and_is_kept_as_it_was_sent(verb: str) -> None:
    here, amap = (120.15, 30.27), wgs84_to_gcj02((120.15, 30.27))
    sent = {"action": verb, "location": {"coordinates": amap}}
    asked = ActionBody.model_validate({**sent, "location_system": "gcj02"}).asked(())
    assert asked.location is not None
    assert metres(*asked.location.coordinates, *here) < 0.1
    assert asked.sent_location == Located(system=CoordinateSystem.GCJ02, coordinates=amap)
    plain = ActionBody.model_validate(sent).asked(())
    assert plain == ActionRequest.model_validate(sent)
    assert plain.sent_location is None
    nowhere = ActionBody.model_validate({"action": verb, "location_system": "gcj02"}).asked(())
    assert nowhere == ActionRequest.model_validate({"action": verb})


def test_nothing_found_is_nothing_to_report() -> None:
    assert reports_of(step(), "i-1", Report(), "a-1") == []


@pytest.mark.parametrize(
    ("report", "item", "said"),
    [
        (Report(matter="litter"), "exit", "ordered"),
        (INSPECTION, "roof", "which has: exit"),
    ],
)
def test_what_was_not_to_be_looked_at_is_refused_with_what_to_do(
    report: Report, item: str, said: str
) -> None:
    with pytest.raises(NotInspectedError, match=said):
        reports_of(step(FindingBody(item=item)), "i-1", report, "a-1")


def test_findings_come_with_a_turn_of_the_flow_only() -> None:
    with pytest.raises(NotInspectedError, match="step"):
        reports_of(step(BOXES, action="accept"), "i-1", INSPECTION, "a-1")


OWN = Actor(subject="m", roles=(Role.UNIT_MEMBER,), unit="u-1", area="990101")
FOUND = turn("found", "b", finds=True)


def with_unit(unit: str | None, state: str = "accepted") -> Receipt:
    """The receipt of an inspection of a grid that is with a unit, or with none."""
    holders = ("grid/990101001001001", "matter/m", *([f"unit/{unit}"] if unit else []))
    return Receipt(standing=Standing(state=state, sequence=1, holders=holders))


@pytest.mark.parametrize("state", ["accepted", "handled", "closed", "voided"])
def test_its_unit_reports_whatever_has_become_of_it(state: str) -> None:
    receipt = with_unit("u-1", state)
    for turns in ([FOUND], []):
        check_finder(OWN, receipt, turns)
        for stranger in (
            OWN.model_copy(update={"unit": "u-2"}),
            OWN.model_copy(update={"unit": None}),
            OWN.model_copy(update={"roles": (Role.INSPECTOR,)}),
        ):
            with pytest.raises(NotYourInspectionError, match="with the unit u-1"):
                check_finder(stranger, receipt, turns)


@pytest.mark.parametrize(
    ("by", "role"), [(FlowActor.CHECKER, Role.INSPECTOR), (FlowActor.CENTRE, Role.DISPATCHER)]
)
def test_a_turn_of_others_is_for_those_of_its_area(by: FlowActor, role: Role) -> None:
    receipt, turns = with_unit("u-1"), [turn("found", "b", by, finds=True)]
    for area in ("990101", None):
        check_finder(OWN.model_copy(update={"roles": (role,), "area": area}), receipt, turns)
    for other in (OWN, OWN.model_copy(update={"roles": (role,), "area": "990102"})):
        with pytest.raises(NotYourInspectionError):
            check_finder(other, receipt, turns)


def test_as_long_as_nobody_is_known_to_have_it_it_is_to_be_sent_again() -> None:
    for receipt in (Receipt(), Receipt(standing=Standing(state="accepted", sequence=1))):
        with pytest.raises(NobodyKnownError, match="send the same again"):
            check_finder(OWN, receipt, [FOUND])
    # With none it may be for days: whoever waits for that would wait in vain.
    for state in ("filed", "rejected", "voided"):
        with pytest.raises(NotYourInspectionError, match="with no unit"):
            check_finder(OWN, with_unit(None, state), [FOUND])


def test_a_turn_that_says_there_is_nothing_brings_nothing() -> None:
    with pytest.raises(NotInspectedError, match="nothing says that there are none"):
        check_turn([turn("nothing", "b")])
    for turns in ([], [FOUND], [turn("found", "b"), FOUND]):
        check_turn(turns)


def test_nobody_sends_what_intake_writes_itself() -> None:
    with pytest.raises(ValidationError, match="intake writes this itself"):
        ActionBody.model_validate({"action": "step", "found": []})
    with pytest.raises(ValidationError, match="send location with location_system"):
        ActionBody.model_validate({"action": "file", "sent_location": None})
    body = ActionBody.model_validate({"action": "step", "findings": [{"item": "exit"}]})
    assert body.asked((story.FINDING,)).found == (story.FINDING,)


@pytest.mark.parametrize("number", [-1, 2**31, 2**63])
def test_a_number_that_no_event_has_is_not_taken(number: int) -> None:
    with pytest.raises(ProblemError) as problem:
        parse(REQUEST, f'{{"action": "accept", "expected_sequence": {number}}}'.encode())
    assert (problem.value.status, problem.value.code) == (422, "invalid")
    sent = ActionBody.model_validate({"action": "accept", "expected_sequence": MAX_SEQUENCE})
    assert sent.asked(()).expected_sequence == MAX_SEQUENCE
