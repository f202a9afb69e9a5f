"""What time makes of a case: a request lapses, a mark is appealed against, a policy changes."""

from datetime import UTC, datetime, timedelta

from shared.contracts.base import instant_text
from shared.platform.security import Role
from tests.e2e.city import City
from tests.e2e.stories.ground import CHANGED, COUNTY, HASTY, TOWN, policy
from tests.e2e.story import Story, begun, others


def a_request_that_nobody_decides_is_denied_by_itself_and_stopped_no_clock(city: City) -> None:
    story = begun(city, area=TOWN)
    story.member("accept")
    story.member("suspend", until=instant_text(datetime.now(UTC) + timedelta(days=1)))
    story.until_happened("request_lapsed")
    assert story.refused(Role.SUPERVISOR, "approve") == "no_request_pending"
    assert story.happened("suspen") == ["case.suspension_requested"]
    story.clock("lead/handle", run=1, state="running")
    story.member("suspend", until=instant_text(datetime.now(UTC) + timedelta(days=1)))
    story.to_its_end()


def late(city: City) -> Story:
    """A case whose unit has not accepted it in time."""
    story = begun(city, HASTY, TOWN)
    story.until_happened("clock.breached")
    return story


def an_appeal_against_a_mark_is_upheld_a_level_above_and_the_fact_is_kept(city: City) -> None:
    story = late(city)
    stranger = others(story)[0]
    member = city.as_(Role.UNIT_MEMBER, story.unit())
    refused = story.refused(Role.UNIT_MEMBER, "appeal", stranger, clock="accept")
    assert refused == "not_breached_by_you"
    story.once_heard(member, "appeal", "not_breached_by_you", clock="accept")
    assert story.refused(Role.SUPERVISOR, "uphold", story.unit()) == "asker_never_decides"
    near = city.as_(Role.SUPERVISOR, area=TOWN)
    assert story.refused_to(near, "uphold") == "level_too_low"
    issuer = city.as_(Role.SUPERVISOR, area=COUNTY)
    story.by(issuer, "supervise", level="ordinary")
    story.wait(priority=1)  # dispatch has heard who ordered it
    assert story.refused_to(issuer, "uphold") == "issuer_never_decides_appeal"
    story.by(city.as_(Role.SUPERVISOR, area=COUNTY), "uphold")
    story.until(lambda: story.case()["appeals"][0]["state"] == "upheld", "it is upheld")
    story.member("accept")
    story.to_its_end()
    story.clock("lead/accept", state="missed")


def an_appeal_against_a_mark_is_overruled_for_a_reason_and_not_made_twice(city: City) -> None:
    story = late(city)
    member = city.as_(Role.UNIT_MEMBER, story.unit())
    assert story.refused_to(member, "appeal", clock="accept", reason="") == "reason_missing"
    story.once_heard(member, "appeal", "not_breached_by_you", clock="accept")
    assert story.refused(Role.DUTY_HEAD, "overrule", reason="") == "reason_missing"
    story.role(Role.DUTY_HEAD, "overrule")
    story.until(lambda: story.case()["appeals"][0]["state"] == "overruled", "it is overruled")
    assert story.refused_to(member, "appeal", clock="accept") == "not_breached_by_you"
    story.member("accept")
    story.to_its_end()


def an_open_case_goes_by_a_new_policy_once_somebody_says_so(city: City) -> None:
    story = begun(city, area=CHANGED)
    assert story.refused(Role.SUPERVISOR, "rearm") == "nothing_to_rearm"
    city.brings_in(policy(city, CHANGED, reopen_within_days=11))
    story.once_heard(city.as_(Role.SUPERVISOR), "rearm", "nothing_to_rearm")
    story.until_happened("case.rearmed")
    story.member("accept")
    story.to_its_end()


STORIES = (
    a_request_that_nobody_decides_is_denied_by_itself_and_stopped_no_clock,
    an_appeal_against_a_mark_is_upheld_a_level_above_and_the_fact_is_kept,
    an_appeal_against_a_mark_is_overruled_for_a_reason_and_not_made_twice,
    an_open_case_goes_by_a_new_policy_once_somebody_says_so,
)
