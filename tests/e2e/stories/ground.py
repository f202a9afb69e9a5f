"""What the stories need beside the demo city: short limits, and a desk for what rules cannot file.

Towns of their own have policies of their own; the rest of the city goes by the demo city's.
"""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.e2e.city import City
from tests.e2e.story import reported

COUNTY, TOWN = "990101", "990101003"
COMMUNITY = f"{TOWN}001"
GRID = f"{COMMUNITY}001"
HURRIED, CHANGED = "990102003", "990103003"
"""Towns: where the desk is soon late; where the policy changes."""
HASTY = "hasty"
"""A matter whose unit is late at once to accept it."""
QUIET, ADDRESSED = "quiet-unit", "addressed-unit"
"""Units that no rule gives a case."""
PLAN = "story-plan"
SECOND = {"amount": 0.0003, "unit": "urgent_hour"}
LONG = {"amount": 1, "unit": "natural_day"}


def prepare(city: City) -> None:
    """Bring it in, and wait until dispatch has read it."""
    city.brings_in(*entries(city))

    def is_known() -> bool:
        story = reported(city, TOWN, matter=HASTY)
        return story.is_one_of("dispatched", "rejected", "in_review") == "dispatched"

    city.stack.wait_for(is_known, 60, "dispatch knows the matters of the stories")


def entries(city: City) -> list[dict[str, Any]]:
    """All of it, as one change."""
    checklist = {"code": "gates", "names": names("gates"), "finding": "school-gate-traffic"}
    return [
        policy(
            city, TOWN, unmatched="review", spot_check_percent=50,
            requests={"suspension": {"limit": SECOND}},
        ),
        policy(
            city, HURRIED, unmatched="review", filing_limit=SECOND,
            ladder=[{"clock": "filing", "percent": 100, "level": "ordinary", "issuer": "town"}],
        ),
        policy(city, CHANGED),
        {
            "kind": "matter", "code": HASTY, "names": names(HASTY), "klass": "event",
            "conditions": [
                {
                    "code": "any", "names": names("any"),
                    "limits": {"accept": SECOND, "handle": LONG, "verify": LONG, "total": LONG},
                }
            ],
        },
        *(unit(code, matters) for code, matters in (
            ("hasty-unit", [HASTY]), (QUIET, []), (ADDRESSED, []),
        )),
        {
            "kind": "plan", "code": PLAN, "names": names(PLAN), "plan_kind": "survey",
            "matter": "fire-inspection", "grids": [GRID], "dates": [today()],
            "checklist": [checklist],
        },
    ]  # fmt: skip


def policy(city: City, code: str, **other: Any) -> dict[str, Any]:  # noqa: ANN401
    """That of the demo city for an area, without ladders, and with what is other."""
    whole = next(one for one in city.entries("policy") if one["code"] == "9901")
    return whole | {"code": code, "ladder": [], "notice_ladder": []} | other


def unit(code: str, matters: list[str]) -> dict[str, Any]:
    """A department of the town."""
    return {
        "kind": "unit", "code": code, "names": names(code), "unit_kind": "department",
        "area": TOWN, "matters": matters,
    }  # fmt: skip


def names(code: str) -> dict[str, str]:
    """A name in both languages."""
    return {"zh": code, "en": code}


def today() -> str:
    """The day in the city."""
    return datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()
