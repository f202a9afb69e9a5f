"""Plans on a real intake: each inspection is reported once, what it finds is an incident."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from shared.contracts.case_v1 import CaseEvent
from shared.contracts.cases_v1 import CaseClosed, CaseDispatched
from shared.contracts.golden import story
from shared.contracts.incidents_v1 import ActionRequested, IncidentReported
from shared.contracts.topics import INCIDENTS
from shared.platform import ids
from shared.platform.security import Principal, Role
from tests.integration.intake.client import Intake, bearer, intake_process, read_all
from tests.integration.intake.test_outcomes import MEMBER, act, said, wait_told
from tests.unit.dispatch.flows import INSPECTION
from tests.unit.intake.entries import matter

ADMIN = Principal(subject="admin", roles=frozenset({Role.REGISTRY_ADMINISTRATOR}))
AT = [120.15, 30.27]


FLOW = {**INSPECTION.model_dump(mode="json", exclude_none=True), "code": "patrol"}
MATTERS = [FLOW, matter("patrol", flow="patrol"), matter("blocked-exit")]
UNIT = story.UNIT.model_copy(update={"code": "u-1"})
"""That of the member."""


def city(code: str, *days: str) -> list[dict[str, Any]]:
    """A place and a plan that inspects it on these days, and by which matters."""
    names = {"zh": code, "en": code}
    return [
        *MATTERS,
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


async def given(
    intake: Intake, incident: str, kind: type[CaseEvent] = CaseDispatched, sequence: int = 1
) -> None:
    """The inspection is with the unit of the member, as dispatch says, and its receipt knows it."""
    event = said(kind, incident, sequence)
    no = f"990101-20260302-{uuid.uuid4().int % 10**10:010}"
    case = event.data.case.model_copy(update={"unit": UNIT, "case_no": no})
    await intake.tell(said(kind, incident, sequence, case=case))
    await wait_told(intake, incident, state=case.state.value)


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
    entry = city(code, today())[-1] | {"names": {"zh": "又", "en": "again"}}
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
    await given(intake, incident)
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
    await given(intake, incident)
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
    answer = await act(
        intake, incident, str(uuid.uuid4()), MEMBER,
        action="step", turn="in_order", findings=[{"item": "exits"}],
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (422, "not_of_the_inspection")
    assert "in_order says that there are none" in answer.json()["detail"]
    reporter = Principal(subject="r-1", roles=frozenset({Role.REPORTER}))
    asked: dict[str, Any] = {"turn": "found", "findings": [{"item": "exits"}]}
    spoofed = await act(intake, incident, str(uuid.uuid4()), reporter, action="step", **asked)
    assert (spoofed.status_code, spoofed.json()["code"]) == (403, "role_not_allowed")
    other = await act(intake, incident, str(uuid.uuid4()), MEMBER, action="accept", **asked)
    assert (other.status_code, other.json()["code"]) == (422, "not_of_the_inspection")
    forged = await intake.report(matter="blocked-exit", arises_from=incident)
    assert forged.status_code == 422
    assert await intake.database["receipts"].count_documents({}) == before + 1


async def test_what_another_units_inspection_found_only_that_unit_reports(intake: Intake) -> None:
    """Also when it is closed: who stands before a stale screen still has seen the hazard."""
    code = f"plan-{uuid.uuid4().hex[:8]}"
    await brought(intake, city(code, today()))
    incident, key = await inspection(intake, code), str(uuid.uuid4())
    asked: dict[str, Any] = {"action": "step", "turn": "found", "findings": [{"item": "exits"}]}
    before = await intake.database["receipts"].count_documents({})
    nobody = await act(intake, incident, key, MEMBER, **asked)
    assert (nobody.status_code, nobody.json()["code"]) == (503, "busy")
    assert "not known here yet" in nobody.json()["detail"]
    await given(intake, incident)
    await given(intake, incident, CaseClosed, 2)
    court = Principal(subject="c-1", roles=frozenset({Role.UNIT_MEMBER}), unit="court-9901")
    stranger = await act(intake, incident, key, court, **asked)
    assert (stranger.status_code, stranger.json()["code"]) == (403, "not_your_inspection")
    assert "with the unit u-1" in stranger.json()["detail"]
    assert "POST /v1/incidents" in stranger.json()["detail"]
    assert await intake.database["receipts"].count_documents({}) == before
    own = await act(intake, incident, key, MEMBER, **asked)
    assert own.status_code == 202, own.text
    (told,) = own.json()["findings"]
    (event,) = await intake.wait_published(INCIDENTS, told["incident_id"])
    assert event.data.report.arises_from == incident


async def test_a_plan_whose_findings_would_be_lost_is_refused_of_a_put_as_of_an_import(
    intake: Intake,
) -> None:
    code = f"plan-{uuid.uuid4().hex[:8]}"
    await brought(intake, [*MATTERS, city(code)[-2], matter("litter")])
    good, headers = city(code, today())[-1], bearer(ADMIN)

    async def put(entry: dict[str, Any], **params: str) -> dict[str, Any]:
        url = f"/v1/registry/{entry['kind']}/{entry['code']}"
        answer = await intake.http.put(url, json=entry, headers=headers, params=params)
        return {"status": answer.status_code, **answer.json()}

    for wrong, refused in (
        ({"matter": "litter"}, "no_inspection"),
        ({"matter": "no-such"}, "unknown_matter"),
        ({"places": ["nowhere"]}, "no_target"),
        ({"places": ["nowhere"], "matter": "litter"}, "refused_findings"),
    ):
        told = await put(good | wrong)
        assert (told["status"], told["code"]) == (422, refused)
        answer = await intake.http.post(
            "/v1/registry/import", json={"entries": [good | wrong]}, headers=headers
        )
        assert (answer.status_code, answer.json()["code"]) == (422, refused)
    told = await put(good | {"places": [code, "nowhere"]})
    assert (told["status"], told["found"]) == (201, {"unknown_name": 1})
    (feature,) = told["findings"]["features"]
    assert "nowhere" in feature["properties"]["zh"]
    other = good | {"code": f"{code}-as-it-is", "matter": "litter"}
    told = await put(other, accept_findings="true")
    assert (told["status"], told["found"]) == (201, {"no_inspection": 1})
    assert (await put(matter(f"m-{code}", flow="nope")))["found"] == {"unknown_flow": 1}
    assert (await put(matter(f"n-{code}", flow="patrol")))["found"] is None


async def test_what_a_plan_needs_is_withdrawn_only_with_the_findings_accepted(
    intake: Intake,
) -> None:
    code = f"plan-{uuid.uuid4().hex[:8]}"
    item = matter(f"item-{code}")
    *_, place, plan = city(code, today())
    plan["checklist"][0]["finding"] = item["code"]
    await brought(intake, [*MATTERS, item, place, plan])

    async def withdraw(key: str, query: str = "") -> dict[str, Any]:
        headers = bearer(ADMIN) | {"If-Match": "*"}
        answer = await intake.http.delete(f"/v1/registry/{key}{query}", headers=headers)
        return {"status": answer.status_code, **answer.json()}

    for key, refused in (
        (f"place/{code}", "no_target"),
        (f"matter/{item['code']}", "unknown_matter"),
    ):
        told = await withdraw(key)
        assert (told["status"], told["code"]) == (422, refused)
        assert f"plan {code}" in told["detail"]
        latest = (await intake.http.get(f"/v1/registry/{key}")).json()
        assert (latest["n"], latest["valid_until"]) == (1, None)
    told = await withdraw(f"place/{code}", "?accept_findings=true")
    assert (told["status"], told["n"], told["found"]) == (200, 2, {"no_target": 1})
    assert told["valid_until"]
    # The plan goes first: then nothing needs them any more.
    assert (await withdraw(f"plan/{code}"))["status"] == 200
    last = await withdraw(f"matter/{item['code']}")
    assert (last["status"], last["found"]) == (200, None)
