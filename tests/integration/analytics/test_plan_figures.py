"""Figures of plans, as MongoDB counts them."""

import uuid
from typing import Any

from tests.integration.analytics.station import LEADER, Station
from tests.integration.intake.client import eventually
from tests.unit.analytics.test_plans import inspection


async def test_inspections_are_counted_by_plan_and_listed(station: Station) -> None:
    lives = [inspection(found=found, incident=str(uuid.uuid4())) for found in (0, 2, 1)]
    for life in lives[1:]:
        life.move("handle", "")
        life.move("close", "")
    for life in lives:
        await station.publish([one for events in life.topics.values() for one in events])
    async with station.running() as http:

        async def counted() -> bool:
            return (await http.get("/v1/overview")).headers["x-wangge-lag"] == "0"

        await eventually(counted, "everything is counted")

        async def asked(**query: str) -> list[dict[str, Any]]:
            answer = await http.get("/v1/plans", params=query, headers=LEADER)
            assert answer.status_code == 200, answer.text
            found: list[dict[str, Any]] = answer.json()["items"]
            return found

        (plan,) = await asked()
        assert plan == {
            "code": "fire-week", "names": plan["names"], "kind": "campaign",
            "planned": 3, "done": 2, "open": 1, "overdue": 1, "findings": 3,
            "ends": {"put_right": 3}, "first_day": "2026-03-02", "last_day": "2026-03-02",
        }  # fmt: skip
        assert await asked(plan="fire-week", to="2026-03-02") == [plan]
        assert await asked(plan="another") == []
        assert await asked(**{"from": "2026-03-03"}) == []
        listed = await http.get("/v1/cases", params={"plan": "fire-week"}, headers=LEADER)
        assert {one["incident_id"] for one in listed.json()["items"]} == {
            one.incident for one in lives
        }
        odd = await http.get("/v1/plans", params={"plans": "x"})
        assert odd.status_code == 422
    assert (await station.recount()).same
