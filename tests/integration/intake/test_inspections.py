"""Plans on a real intake: each inspection is reported once, what it finds is an incident."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from shared.contracts.incidents_v1 import ActionRequested, IncidentReported
from shared.contracts.topics import INCIDENTS
from shared.platform import ids
from shared.platform.security import Principal, Role
from tests.integration.intake.client import Intake, bearer, intake_process, read_all
from tests.integration.intake.test_outcomes import MEMBER, act

ADMIN = Principal(subject="admin", roles=frozenset({Role.REGISTRY_ADMINISTRATOR}))
AT = [120.15, 30.27]


def city(code: str, *days: str) -> list[dict[str, Any]]:
    """A place and a plan that inspects it on these days."""
    names = {"zh": code, "en": code}
    return [
        {
            "kind": "place", "code": code, "names": names,
            "location": {"type": "Point", "coordinates": AT},
        },
        {
            "kind": "plan", "code": code, "names": names, "plan_kind": "patrol",
            "matter": "patrol", "places": [code], "dates": list(days),
            "checklist": [{"code": "exits", "names": names, "finding": "blocked-exit"}],
        },
    ]  # fmt: skip


def today() -> str:
    return datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()


async def brought(intake: Intake, entries: list[dict[str, Any]]) -> None:
    answer = await intake.http.post(
        "/v1/registry/import",
        json={"entries": entries},
        headers=bearer(ADMIN) | {"Idempotency-Key": str(uuid.uuid4())},
    )
    assert answer.status_code in {200, 202}, answer.text


async def inspection(intake: Intake, code: str) -> str:
    """The inspection of today, once it is published."""
    incident = ids.incident_id(f"plan-{code}", f"{today()}/{code}")
    event = (await intake.wait_published(INCIDENTS, incident))[0]
    assert isinstance(event.data, IncidentReported)
    assert event.data.report.plan is not None
    assert (event.data.report.plan.code, event.data.report.matter) == (code, "patrol")
    return incident


async def test_an_inspection_is_reported_on_its_day_and_once(intake: Intake) -> None:
    code = f"plan-{uuid.uuid4().hex[:8]}"
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    await brought(intake, city(code, today(), tomorrow))
    incident = await inspection(intake, code)
    told = (await intake.http.get(f"/v1/incidents/{incident}")).json()
    assert told["state"] == "reported"
    # The plan changes: what was ordered stays, and is not ordered again.
    entry = city(code, today())[1] | {"names": {"zh": "又", "en": "again"}}
    await brought(intake, [entry])
    await inspection(intake, code)
    events = [one for one in await read_all(intake.kafka, INCIDENTS) if code in str(one.data)]
    assert [type(one.data) for one in events] == [IncidentReported]


async def test_an_intake_that_starts_later_orders_nothing_again(
    intake: Intake, tmp_path: Path
) -> None:
    first, second = (f"plan-{uuid.uuid4().hex[:8]}" for _ in range(2))
    await brought(intake, city(first, today()))
    await inspection(intake, first)
    settings = intake.process.settings
    other = intake_process(
        tmp_path, intake.kafka, settings["WANGGE_MONGO"],
        WANGGE_INTAKE_DATABASE=settings["WANGGE_INTAKE_DATABASE"],
    )  # fmt: skip
    await other.start()
    try:
        await brought(intake, city(second, today()))  # both see it, and whoever is first orders it
        await inspection(intake, second)
    finally:
        await other.stop()
    for code in (first, second):
        events = [one for one in await read_all(intake.kafka, INCIDENTS) if code in str(one.data)]
        assert len({one.id for one in events}) == 1


async def test_what_is_found_is_reported_before_the_action_and_named_by_it(intake: Intake) -> None:
    code = f"plan-{uuid.uuid4().hex[:8]}"
    await brought(intake, city(code, today()))
    incident, key = await inspection(intake, code), str(uuid.uuid4())
    findings = [
        {"item": "exits", "description": "boxes"},
        {"item": "exits", "location": {"type": "Point", "coordinates": [120.16, 30.28]}},
    ]
    asked: dict[str, Any] = {"action": "step", "turn": "found", "findings": findings}
    first = await act(intake, incident, key, **asked)
    assert first.status_code == 202, first.text
    told = first.json()["findings"]
    assert [one["item"] for one in told] == ["exits", "exits"]
    assert first.json() == (await act(intake, incident, key, **asked)).json()
    for one in told:
        event = (await intake.wait_published(INCIDENTS, one["incident_id"]))[0]
        assert event.data.report.arises_from == incident
        assert (event.data.report.matter, event.data.report.source) == (
            "blocked-exit", "inspection",
        )  # fmt: skip
        shown = (await intake.http.get(f"/v1/incidents/{one['receipt_no']}")).json()
        assert shown["incident_id"] == one["incident_id"]
    events = await intake.wait_published(INCIDENTS, incident, 2)
    assert isinstance(events[1].data, ActionRequested)
    assert [one.incident_id for one in events[1].data.request.found] == [
        one["incident_id"] for one in told
    ]
    other = await act(intake, incident, key, **asked | {"findings": findings[:1]})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


async def test_what_was_not_to_be_looked_at_is_refused_and_nothing_is_reported(
    intake: Intake,
) -> None:
    code = f"plan-{uuid.uuid4().hex[:8]}"
    await brought(intake, city(code, today()))
    incident = await inspection(intake, code)
    before = await intake.database["receipts"].count_documents({})
    for name, findings in (
        (incident, [{"item": "exits"}, {"item": "roof"}]),
        ((await intake.report(address="somewhere")).json()["incident_id"], [{"item": "exits"}]),
    ):
        answer = await act(
            intake, name, str(uuid.uuid4()), MEMBER,
            action="step", turn="found", findings=findings,
        )  # fmt: skip
        assert (answer.status_code, answer.json()["code"]) == (422, "not_of_the_inspection")
    reporter = Principal(subject="r-1", roles=frozenset({Role.REPORTER}))
    asked: dict[str, Any] = {"turn": "found", "findings": [{"item": "exits"}]}
    spoofed = await act(intake, incident, str(uuid.uuid4()), reporter, action="step", **asked)
    assert (spoofed.status_code, spoofed.json()["code"]) == (403, "role_not_allowed")
    other = await act(intake, incident, str(uuid.uuid4()), MEMBER, action="accept", **asked)
    assert (other.status_code, other.json()["code"]) == (422, "not_of_the_inspection")
    forged = await intake.report(matter="blocked-exit", arises_from=incident)
    assert forged.status_code == 422
    assert await intake.database["receipts"].count_documents({}) == before + 1
