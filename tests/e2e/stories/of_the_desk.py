"""The acceptance desk (受理): what the rules cannot file, and what becomes of it."""

from typing import Any

from shared.platform.security import Role
from tests.e2e.city import City
from tests.e2e.stories.ground import ADDRESSED, COMMUNITY, HURRIED, QUIET, TOWN
from tests.e2e.story import MATTER, Story, reported


def in_review(city: City, area: str = TOWN, **fields: Any) -> Story:  # noqa: ANN401
    """A report of a matter that the city does not have."""
    story = reported(city, area, matter="no-such-matter", **fields)
    assert story.wait(state="in_review")["reason"] == "unknown_matter"
    assert story.incident in city.inbox("/v1/desk", area=area)
    return story


def clerk(city: City) -> dict[str, str]:
    """Somebody at the desk."""
    return city.as_(Role.ACCEPTANCE_DESK)


def what_the_rules_cannot_file_the_desk_files_as_what_it_is(city: City) -> None:
    story = in_review(city)
    story.clock("case/filing", state="running")
    assert story.refused(Role.DISPATCHER, "file", matter=MATTER) == "role_not_allowed"
    assert story.refused_to(clerk(city), "file") == "unknown_matter"
    story.by(clerk(city), "file", matter=MATTER)
    assert story.wait(state="dispatched")["matter"]["code"] == MATTER
    assert story.incident not in city.inbox("/v1/desk", area=TOWN)
    story.clock("case/filing", state="met")
    story.member("accept")
    story.to_its_end()


def the_desk_answers_what_it_knows_the_answer_to(city: City) -> None:
    before = city.asks("/v1/overview", area=TOWN)["answered"]
    story = in_review(city)
    assert story.refused_to(clerk(city), "answer", reason=" ") == "reason_missing"
    story.by(clerk(city), "answer", reason="open on Sundays, too")
    story.wait(state="answered")
    assert city.told(story.incident, "answered")["said"] == "open on Sundays, too"
    city.counted("answered", before + 1, area=TOWN)
    assert story.refused_to(clerk(city), "file", matter=MATTER) == "not_in_review"


def the_desk_transfers_what_is_for_a_platform_outside(city: City) -> None:
    before = city.asks("/v1/overview", area=TOWN)["transferred"]
    story = in_review(city)
    assert story.refused_to(clerk(city), "transfer") == "platform_missing"
    story.by(clerk(city), "transfer", to="12345")
    story.wait(state="transferred")
    city.told(story.incident, "transferred")
    city.counted("transferred", before + 1, area=TOWN)


def somebody_looks_on_site_before_it_is_filed(city: City) -> None:
    story = in_review(city, COMMUNITY)
    story.by(clerk(city), "look")
    assert story.refused_to(clerk(city), "look") == "look_ordered"
    story.until(lambda: story.incident in city.inbox("/v1/checks", area=TOWN), "it is looked at")
    officer = city.as_(Role.OFFICER, f"team-{COMMUNITY}")
    looked = {"passed": True, "matter": MATTER}
    assert story.refused(Role.OFFICER, "verify", "water-9901", **looked) == "not_your_unit"
    story.by(officer, "verify", passed=False, reason="nothing there")
    story.wait(state="in_review", reason="not_as_reported")
    assert story.refused_to(officer, "verify", **looked) == "no_look_ordered"
    story.by(clerk(city), "look", unit=QUIET)
    sent = f"/v1/units/{QUIET}/tasks"
    story.until(lambda: story.incident in city.inbox(sent), "the unit was sent")
    story.by(clerk(city), "look", unit=ADDRESSED)
    story.until(lambda: story.incident not in city.inbox(sent), "another one was sent instead")
    assert story.refused(Role.UNIT_MEMBER, "verify", QUIET, **looked) == "not_your_unit"
    story.member("verify", ADDRESSED, **looked)
    assert story.wait(state="dispatched")["matter"]["code"] == MATTER
    story.member("accept")
    story.to_its_end()


def a_reporter_appeals_and_never_whoever_rejected_it_decides(city: City) -> None:
    before = city.asks("/v1/overview", area=TOWN)["rejected"]
    mine, first = city.as_(Role.REPORTER), clerk(city)
    story = in_review(city, who=mine)
    story.by(first, "reject", reason="no matter of the city's")
    assert city.told(story.incident, "rejected")["said"] == "no matter of the city's"
    city.counted("rejected", before + 1, area=TOWN)
    assert story.refused(Role.REPORTER, "appeal") == "role_not_allowed"
    story.by(mine, "appeal")
    story.wait(state="in_review", reason="appealed")
    city.counted("rejected", before, area=TOWN)
    assert story.refused_to(first, "reject") == "rejecter_never_decides_appeal"
    story.by(clerk(city), "reject")
    story.wait(state="rejected")
    assert story.refused_to(mine, "appeal") == "appealed_before"


def the_desk_that_is_late_signs_for_the_order_to_hurry(city: City) -> None:
    story = in_review(city, HURRIED)
    story.wait(supervision="ordinary")
    story.clock("case/filing", state="running")
    assert story.refused(Role.REPORTER, "acknowledge") == "role_not_allowed"
    story.once_heard(clerk(city), "acknowledge", "not_supervised")
    city.wait_order(story.incident, lambda order: order["acknowledged"] is not None)
    assert story.refused_to(clerk(city), "acknowledge") == "acknowledged_already"
    story.by(clerk(city), "answer", reason="late, but here it is")
    story.wait(state="answered", supervision=None)
    story.clock("case/filing", state="missed")


STORIES = (
    what_the_rules_cannot_file_the_desk_files_as_what_it_is,
    the_desk_answers_what_it_knows_the_answer_to,
    the_desk_transfers_what_is_for_a_platform_outside,
    somebody_looks_on_site_before_it_is_filed,
    a_reporter_appeals_and_never_whoever_rejected_it_decides,
    the_desk_that_is_late_signs_for_the_order_to_hurry,
)
