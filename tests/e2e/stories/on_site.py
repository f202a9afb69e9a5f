"""What an officer puts right on the spot (自行处置), and who checks what (抽查、核查)."""

from typing import Any

from shared.platform.security import Role
from tests.e2e.city import City
from tests.e2e.stories.ground import COMMUNITY, TOWN
from tests.e2e.story import Story, begun, reported

PUT_RIGHT, OF_THE_TEAM = "shared-bicycles", "dead-animal"
TEAM = f"team-{COMMUNITY}"
TOGETHER, AT_MOST = 4, 40
"""So many are reported at once, until both are seen. Of 40, at an even chance, all are alike once
in 2 ** 39 times."""


def photo(shows: str) -> dict[str, str]:
    """A photo that is kept elsewhere."""
    return {"shows": shows, "ref": f"photos/{shows}.jpg", "sha256": shows[0].encode().hex() * 32}


ON_SITE = {"before": photo("before"), "after": photo("after"), "said": "put in a row"}


def decided(city: City, officer: dict[str, str]) -> list[Story]:
    """Some more reports of what the officer put right, once they are decided."""
    told: list[Story] = [
        reported(city, COMMUNITY, who=officer, matter=PUT_RIGHT, handled_on_site=ON_SITE)
        for _ in range(TOGETHER)
    ]
    for one in told:
        one.is_one_of("closed", "handled")
    return told


def what_is_put_right_on_site_is_closed_and_what_is_drawn_is_checked(city: City) -> None:
    before = city.overview(PUT_RIGHT)
    refused = city.report(matter=PUT_RIGHT, handled_on_site=ON_SITE)
    assert (refused.status_code, refused.json()["code"]) == (403, "role_not_allowed")
    officer = city.as_(Role.OFFICER, TEAM)
    told: list[Story] = []
    states: dict[str, Story] = {}
    while len(states) < len({"closed", "handled"}) and len(told) < AT_MOST:
        told += decided(city, officer)
        states = {one.case()["state"]: one for one in told}
    closed, drawn = states["closed"], states["handled"]
    assert closed.happened("on_site", "spot_check") == ["case.handled_on_site"]
    assert closed.happened("dispatched", "accepted", "verify") == []
    assert drawn.happened("on_site", "spot_check") == ["case.spot_check_ordered"]
    assert drawn.incident in city.inbox("/v1/checks", area=TOWN)
    assert drawn.refused(Role.INSPECTOR, "verify", TEAM, passed=True) == "handler_never_verifies"
    drawn.role(Role.INSPECTOR, "verify", passed=False)
    drawn.wait(state="accepted")
    drawn.to_its_end()
    for name in ("on_site", "filed"):
        city.counted(name, before[name] + len(told), matter=PUT_RIGHT)


def nobody_checks_what_they_or_their_own_team_have_handled(city: City) -> None:
    story = begun(city, OF_THE_TEAM, area=COMMUNITY)
    assert story.unit() == TEAM
    subject = "both-at-once"
    story.by(city.as_(Role.OFFICER, TEAM, subject), "accept")
    story.member("handled")
    story.until(
        lambda: story.incident in city.inbox("/v1/checks", area=TOWN), "it is to be checked"
    )
    story.clock("lead/verify", state="running")
    asked: dict[str, Any] = {"verb": "verify", "passed": True}
    himself = city.as_(Role.INSPECTOR, subject=subject)
    assert story.refused_to(himself, **asked) == "handler_never_verifies"
    near = city.as_(Role.INSPECTOR, area=COMMUNITY)
    assert story.refused_to(near, **asked) == "one_level_up"
    story.by(city.as_(Role.INSPECTOR, area=TOWN), "verify", passed=False)
    story.wait(state="accepted", reworks=1)
    assert story.clock("lead/handle", run=2, state="running")["used_ms"] > 0
    story.member("handled")
    story.by(city.as_(Role.INSPECTOR, area=TOWN), "verify", passed=True)
    story.wait(state="closed")


STORIES = (
    what_is_put_right_on_site_is_closed_and_what_is_drawn_is_checked,
    nobody_checks_what_they_or_their_own_team_have_handled,
)
