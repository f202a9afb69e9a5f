"""Figures of plans, as MongoDB counts them."""

import uuid
from typing import Any

import pytest

from services.analytics import store
from services.analytics.domain.filters import OfPlans
from shared.contracts.outcomes_v1 import IncidentRejected
from tests.integration.analytics.station import LEADER, Station
from tests.integration.intake.client import eventually
from tests.unit.analytics.lives import GRIDS, Life
from tests.unit.analytics.test_plans import inspection


async def test_inspections_are_counted_by_plan_and_listed(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not made is not done, and a finding that was rejected is no hazard.

    Whatever was found counts, also what came with a turn that was refused.
    """
    lives = [
        inspection(found=found, incident=str(uuid.uuid4()), missed=missed)
        for found, missed in ((0, False), (1, False), (1, False), (0, True), (0, False))
    ]
    hazard, another, nothing, elsewhere = found = [
        Life(str(uuid.uuid4()), GRIDS[0], "litter") for _ in range(4)
    ]
    hazard.report(arises_from=lives[1].incident)
    another.report(arises_from=lives[1].incident)  # with a turn that was refused
    nothing.report(arises_from=lives[2].incident)
    elsewhere.report()
    for life in (hazard, another, elsewhere):
        life.file()
    nothing.leave_unfiled(IncidentRejected)
    for life in lives[1:4]:
        life.move("handle", "")
        life.move("close", "")
    lives[4].move("void", "")
    for life in (*lives, *found):
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
            "planned": 5, "done": 2, "missed": 2, "open": 1, "overdue": 1, "findings": 3,
            "findings_became": {"filed": 2, "rejected": 1}, "ends": {"put_right": 5},
            "first_day": "2026-03-02", "last_day": "2026-03-02",
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
    for together in (1, 2, 3):
        monkeypatch.setattr(store, "LOOKED_UP", together)
        became = await store.TimelineReader(station.database).became(OfPlans())
        assert became == {("fire-week", "filed"): 2, ("fire-week", "rejected"): 1}
