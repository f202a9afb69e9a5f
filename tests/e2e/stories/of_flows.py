"""Other turns of states: disputes, hazards, services to residents, and plans of inspections."""

from typing import Any

from shared.platform.security import Role
from tests.e2e.city import City
from tests.e2e.stories.ground import PLAN
from tests.e2e.story import Story, begun, paper

DISPUTE, HAZARD, SERVICE = "neighbour-dispute", "kitchen-hygiene", "elderly-help"


def a_dispute_that_is_settled_by_the_people_is_never_just_handed_back(city: City) -> None:
    story = begun(city, DISPUTE)
    story.member("accept")
    assert story.refused(Role.UNIT_MEMBER, "handled", story.unit()) == "flow_goes_on"
    story.member("step", turn="mediate")
    assert story.refused(Role.UNIT_MEMBER, "step", story.unit(), turn="agreed") == "paper_missing"
    story.member("step", turn="agreed", papers=[paper("agreement")])
    story.checked()
    assert story.happened("step", "flow") == ["case.stepped", "case.flow_ended"]


def a_dispute_is_passed_on_to_the_second_and_the_third_mediation(city: City) -> None:
    story = begun(city, DISPUTE)
    county = story.case()["grid"][:6]
    story.member("accept")
    story.member("step", turn="mediate")
    failed: dict[str, Any] = {"turn": "failed", "papers": [paper("record")]}
    story.member("step", **failed)
    story.with_unit(f"justice-{county}")
    assert story.wait(state="dispatched")["flow"]["state"]["code"] == "administrative_mediation"
    member = city.as_(Role.UNIT_MEMBER, story.unit())
    assert story.refused_to(member, "step", **failed) == "wrong_state"
    story.by(member, "accept")
    assert story.refused_to(member, "step", **failed | {"reason": ""}) == "reason_missing"
    story.by(member, "step", **failed)
    story.with_unit("court-9901")
    assert story.wait(state="dispatched")["flow"]["state"]["code"] == "judicial_mediation"
    story.member("accept")
    assert story.refused_to(member, "step", turn="failed") == "not_your_turn"
    story.member("step", turn="agreed", papers=[paper("ruling")])
    story.checked()
    assert story.happened("passed_on", "flow_ended", "closed") == [
        "case.passed_on", "case.passed_on", "case.flow_ended", "case.closed",
    ]  # fmt: skip


def a_hazard_is_inspected_again_until_it_is_put_right(city: City) -> None:
    story = begun(city, HAZARD)
    story.member("accept")
    story.member("step", turn="ordinary", papers=[paper("order")])
    story.member("step", turn="report_done")
    assert story.refused(Role.UNIT_MEMBER, "step", story.unit(), turn="in_order") == "not_your_turn"
    story.until(lambda: story.incident in city.inbox("/v1/checks"), "it is to be inspected")
    story.role(Role.INSPECTOR, "step", turn="again")
    story.member("step", turn="report_done")
    story.role(Role.INSPECTOR, "step", turn="in_order")
    assert story.wait(state="handled")["flow"]["end"]["code"] == "put_right"
    story.checked()
    assert story.happened("stepped") == ["case.stepped"] * 4


def a_grave_hazard_that_nobody_puts_right_goes_to_law_enforcement(city: City) -> None:
    story = begun(city, HAZARD)
    story.member("accept")
    member = city.as_(Role.UNIT_MEMBER, story.unit())
    order = [paper("order")]
    refused = story.refused_to(member, "step", turn="major", papers=order, reason="")
    assert refused == "reason_missing"
    story.by(member, "step", turn="major", papers=order)
    story.by(member, "step", turn="refused")
    assert story.refused_to(member, "step", turn="report_done") == "unknown_turn"
    story.member("step", turn="enforced", papers=[paper("decision")])
    assert story.wait(state="handled")["flow"]["end"]["code"] == "enforced"
    story.checked()


def a_resident_is_visited_until_it_is_settled(city: City) -> None:
    story = begun(city, SERVICE)
    story.member("accept")
    assert story.refused(Role.UNIT_MEMBER, "step", story.unit(), turn="settled") == "unknown_turn"
    story.member("step", turn="visit")
    story.member("step", turn="again")
    story.member("step", turn="settled")
    assert story.wait(state="handled")["flow"]["end"]["code"] == "settled"
    story.checked()
    anybody = city.stack.http.get(city.stack.url("analytics", f"/v1/cases/{story.incident}"))
    assert anybody.status_code == 404  # it is about a person


def a_plan_orders_an_inspection_and_what_that_finds_is_a_hazard_of_its_own(city: City) -> None:
    city.stack.wait_for(lambda: city.inbox("/v1/cases", plan=PLAN), 30, "it is ordered")
    story = Story(city, city.inbox("/v1/cases", plan=PLAN)[0])
    story.wait(state="dispatched")
    story.member("accept")
    member = city.as_(Role.OFFICER, story.unit())
    assert story.refused_to(member, "step", turn="found") == "finding_missing"
    found = [{"item": "gates", "description": "cars on the pavement"}]
    (finding,) = story.by(member, "step", turn="found", findings=found)["findings"]
    story.wait(state="closed")
    hazard = Story(city, finding["incident_id"])
    assert hazard.wait(state="dispatched")["arises_from"] == story.incident
    hazard.member("accept")
    hazard.member("step", turn="on_the_spot")
    hazard.checked()

    def counted() -> bool:
        (plan,) = city.asks("/v1/plans", plan=PLAN)["items"]
        figures = plan["planned"], plan["done"], plan["open"], plan["findings"]
        return bool(figures == (1, 1, 0, 1) and plan["ends"] == {"hazards_found": 1})

    city.stack.wait_for(counted, 20, "the plan's figures")


STORIES = (
    a_dispute_that_is_settled_by_the_people_is_never_just_handed_back,
    a_dispute_is_passed_on_to_the_second_and_the_third_mediation,
    a_hazard_is_inspected_again_until_it_is_put_right,
    a_grave_hazard_that_nobody_puts_right_goes_to_law_enforcement,
    a_resident_is_visited_until_it_is_settled,
    a_plan_orders_an_inspection_and_what_that_finds_is_a_hazard_of_its_own,
)
