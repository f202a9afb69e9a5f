"""Between the dispatch and the end: what units, centres and reporters make of a case."""

from datetime import UTC, datetime, timedelta

from services.intake.domain.urging import AGAIN
from shared.contracts.base import instant_text
from shared.platform.security import Role
from tests.e2e.city import City
from tests.e2e.story import MATTER, begun, others, reported

EMERGENCY = "gas-smell"


def a_return_is_refused_then_granted_to_a_unit_that_is_named(city: City) -> None:
    story = begun(city)
    second = others(story)[0]
    story.member("return")
    assert story.refused(Role.UNIT_MEMBER, "return", story.unit()) == "request_pending"
    story.role(Role.DISPATCHER, "deny")
    story.member("return")
    story.role(Role.DISPATCHER, "approve", unit=second)
    story.with_unit(second)
    story.member("accept")
    story.to_its_end()
    assert story.happened("return") == [
        "case.return_requested", "case.return_refused",
        "case.return_requested", "case.return_granted",
    ]  # fmt: skip


def after_two_returns_the_duty_head_rules_and_whoever_is_named_keeps_it(city: City) -> None:
    story = begun(city)
    first, second = story.unit(), others(story)[0]
    story.member("return")
    story.role(Role.DISPATCHER, "approve", unit=second)
    story.with_unit(second)
    story.member("return")
    assert story.refused(Role.DISPATCHER, "approve", unit=first) == "duty_head_rules"
    story.role(Role.DISPATCHER, "approve")
    story.wait(state="filed", returns=2)
    assert story.incident in city.inbox("/v1/centre")
    assert story.refused(Role.DISPATCHER, "reassign", unit=first) == "duty_head_rules"
    story.role(Role.DUTY_HEAD, "reassign", unit=first)
    story.with_unit(first)
    assert story.refused(Role.UNIT_MEMBER, "return", first) == "returned_twice"
    story.member("accept")
    story.to_its_end()


def the_clocks_stand_and_run_on_and_more_time_is_denied_and_given(city: City) -> None:
    story = begun(city)
    until = instant_text(datetime.now(UTC) + timedelta(days=1))
    story.member("accept")
    story.member("suspend", until=until)
    story.role(Role.SUPERVISOR, "deny")
    story.member("suspend", until=until)
    story.role(Role.SUPERVISOR, "approve")
    story.member("resume")
    story.member("extend", amount=1)
    story.role(Role.SUPERVISOR, "deny")
    story.member("extend", amount=1)
    story.role(Role.SUPERVISOR, "approve")
    story.to_its_end()
    assert story.happened("suspen", "resumed", "exten") == [
        "case.suspension_requested", "case.suspension_refused",
        "case.suspension_requested", "case.suspended", "case.resumed",
        "case.extension_requested", "case.extension_refused",
        "case.extension_requested", "case.extended",
    ]  # fmt: skip


def others_are_called_one_comes_one_will_not_and_one_is_not_needed(city: City) -> None:
    story = begun(city)
    comes, declines, unneeded = others(story)[:3]
    story.member("accept")
    for one in (comes, declines, unneeded):
        story.member("whistle", unit=one)
    assert story.refused(Role.UNIT_MEMBER, "co_done", comes) == "no_task"
    story.member("co_accept", comes)
    story.member("co_decline", declines)
    story.member("co_withdraw", unit=unneeded)
    story.member("handled")
    assert story.case()["state"] == "accepted"
    story.member("co_done", comes)
    story.checked()
    (refused,) = [one for one in story.case()["timeline"] if "task.declined" in one["type"]]
    assert refused["unit"] == declines, "the unit that will not come, not the one that leads"
    assert story.happened("task.") == [
        "task.assigned", "task.assigned", "task.assigned",
        "task.accepted", "task.declined", "task.withdrawn", "task.done",
    ]  # fmt: skip


def nobody_waits_for_a_unit_that_is_called_but_not_needed(city: City) -> None:
    story = begun(city)
    helper = others(story)[0]
    story.member("accept")
    story.member("whistle", unit=helper, needed=False)
    who = city.as_(Role.UNIT_MEMBER, story.unit())
    assert story.refused_to(who, "whistle", unit=helper) == "co_operates_already"
    story.until(lambda: story.incident in city.inbox(f"/v1/units/{helper}/tasks"), "it is called")
    story.member("handled")
    story.wait(state="handled")
    story.checked()
    assert story.incident not in city.inbox(f"/v1/units/{helper}/tasks")


def it_is_handed_up_and_down_and_given_to_whom_the_centre_names(city: City) -> None:
    story = begun(city)
    second, told = others(story)[:2]
    grid = story.case()["grid"]
    story.role(Role.DISPATCHER, "hand_up", area=grid[:6])
    assert story.refused(Role.DISPATCHER, "hand_down", area=grid[:4]) == "not_below"
    story.role(Role.DISPATCHER, "hand_down", area=grid[:9])
    story.role(Role.DUTY_HEAD, "reassign", unit=second)
    story.with_unit(second)
    story.role(Role.LEADER, "cc", unit=told)
    story.role(Role.SUPERVISOR, "urge")
    story.member("accept")
    story.to_its_end()
    assert story.happened("handed", "copied", "urged") == [
        "case.handed_up", "case.handed_down", "case.copied", "case.urged",
    ]  # fmt: skip


def whoever_is_told_of_it_owes_nothing(city: City) -> None:
    story = begun(city)
    told = others(story)[0]
    inbox = f"/v1/units/{told}/tasks"
    story.role(Role.LEADER, "cc", unit=told)
    assert story.refused(Role.LEADER, "cc", unit=told) == "copied_before"
    story.until(lambda: story.incident in city.inbox(inbox, "copied"), "it is told")
    assert story.incident not in city.inbox(inbox)
    story.member("accept")
    story.to_its_end()
    assert story.incident not in city.inbox(inbox, "copied")


def what_is_reported_again_urges_and_an_order_is_told_to_the_unit_that_gets_the_case(
    city: City,
) -> None:
    mine, place = city.as_(Role.REPORTER), city.point(city.inside())
    story, again = (
        reported(city, who=mine, matter=MATTER, location=place),
        reported(city, who=mine, matter=MATTER, location=place),
    )
    story.wait(state="dispatched", urgings=1)
    city.told(story.incident, "dispatched")  # each is told by its own receipt
    assert city.told(again.incident, "linked")["first_state"] == "dispatched"
    story.role(Role.SUPERVISOR, "supervise", level="ordinary")
    story.wait(supervision="ordinary")
    second = others(story)[0]
    story.role(Role.DUTY_HEAD, "reassign", unit=second)
    story.with_unit(second)
    story.until_happened("conveyed")
    story.member("accept")
    story.to_its_end()
    assert story.happened("conveyed", "urged") == ["case.urged", "supervision.conveyed"]
    (urged,) = [one for one in story.case()["timeline"] if "urged" in one["type"]]
    assert (urged["roles"], urged["reason"]) == (["reporter"], AGAIN)


def its_reporter_urges_it_and_opens_it_again(city: City) -> None:
    mine = city.as_(Role.REPORTER)
    story = begun(city, who=mine)
    assert story.refused(Role.REPORTER, "urge") == "role_not_allowed"
    story.by(mine, "urge")
    assert story.refused_to(mine, "urge") == "urged_just_now"
    story.wait(urgings=1)
    story.member("accept")
    story.to_its_end()
    assert story.refused(Role.REPORTER, "reopen") == "role_not_allowed"
    story.by(mine, "reopen")
    story.wait(state="dispatched")
    story.member("accept")
    story.to_its_end()


def a_failed_check_is_worked_again_and_a_closed_case_is_opened_again(city: City) -> None:
    story = begun(city)
    story.member("accept")
    story.member("handled")
    story.role(Role.INSPECTOR, "verify", passed=False)
    story.to_its_end()
    story.role(Role.DISPATCHER, "reopen")
    story.wait(state="dispatched")
    story.member("accept")
    story.to_its_end()
    story.role(Role.SUPERVISOR, "void")
    story.wait(state="voided")
    assert story.happened("rework", "closed", "reopened", "voided") == [
        "case.rework_ordered", "case.closed", "case.reopened", "case.closed", "case.voided",
    ]  # fmt: skip


def a_void_case_is_taken_back_from_the_figures(city: City) -> None:
    matter = "oil-fumes"
    before = city.overview(matter)["filed"]
    story = begun(city, matter)
    city.counted("filed", before + 1, matter=matter)
    low = city.as_(Role.SUPERVISOR, area=story.case()["grid"][:12])
    assert story.refused_to(low, "void") == "level_too_low"
    assert story.refused(Role.SUPERVISOR, "void", reason="") == "reason_missing"
    story.role(Role.SUPERVISOR, "void")
    story.wait(state="voided")
    told = city.told(story.incident, "voided")
    assert told["explanation"]["zh"] == "案卷已作废，不计入统计"
    assert told["said"], "its reporter is told in whose words"
    city.counted("filed", before, matter=matter)


def an_emergency_is_made_safe_by_whoever_is_first(city: City) -> None:
    story = begun(city, EMERGENCY)
    first, second = others(story)[:2]
    story.member("take_first", first)
    assert story.refused(Role.UNIT_MEMBER, "take_first", second) == "another_was_first"
    inbox = f"/v1/units/{first}/tasks"
    story.until(lambda: story.incident in city.inbox(inbox), "whoever is first makes it safe")
    story.member("accept")
    story.member("make_safe", first)
    assert story.refused(Role.UNIT_MEMBER, "make_safe", first) == "safe_already"
    story.to_its_end()
    assert story.happened("first", "safe") == ["case.first_taken", "case.made_safe"]
    story.clock("safe/handle", state="met")


def of_two_people_on_the_same_screen_the_second_is_told_that_it_is_stale(city: City) -> None:
    story = begun(city)
    member = city.as_(Role.UNIT_MEMBER, story.unit())
    url = city.stack.url("analytics", f"/v1/units/{story.unit()}/tasks?limit=500")
    items = city.stack.http.get(url, headers=city.as_(Role.LEADER)).json()["items"]
    (seen,) = [one["sequence"] for one in items if one["incident_id"] == story.incident]
    story.by(member, "accept", expected_sequence=seen)
    seen = story.wait(state="accepted")["sequence"]
    story.by(member, "handled", expected_sequence=seen)
    late = story.refused(Role.SUPERVISOR, "void", expected_sequence=seen)
    assert late == "stale_sequence"
    story.checked()


def what_doubles_a_case_is_separated(city: City) -> None:
    story = begun(city)
    double = reported(city, matter=MATTER, location=story.case()["location"])
    double.wait(state="linked")
    double.role(Role.DISPATCHER, "separate")
    double.wait(state="dispatched")
    assert double.case()["case_no"] != story.case()["case_no"]
    of_one = [one.refused(Role.DISPATCHER, "separate") for one in (story, double)]
    assert of_one == ["not_a_follower"] * 2


STORIES = (
    a_return_is_refused_then_granted_to_a_unit_that_is_named,
    after_two_returns_the_duty_head_rules_and_whoever_is_named_keeps_it,
    the_clocks_stand_and_run_on_and_more_time_is_denied_and_given,
    others_are_called_one_comes_one_will_not_and_one_is_not_needed,
    nobody_waits_for_a_unit_that_is_called_but_not_needed,
    it_is_handed_up_and_down_and_given_to_whom_the_centre_names,
    whoever_is_told_of_it_owes_nothing,
    what_is_reported_again_urges_and_an_order_is_told_to_the_unit_that_gets_the_case,
    its_reporter_urges_it_and_opens_it_again,
    a_failed_check_is_worked_again_and_a_closed_case_is_opened_again,
    a_void_case_is_taken_back_from_the_figures,
    an_emergency_is_made_safe_by_whoever_is_first,
    of_two_people_on_the_same_screen_the_second_is_told_that_it_is_stale,
    what_doubles_a_case_is_separated,
)
