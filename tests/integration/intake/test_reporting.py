"""The way in over HTTP: 202 only for what is durable, one key one incident, clear errors."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.contracts.incidents_v1 import IncidentReported
from shared.contracts.topics import INCIDENTS
from shared.platform import ids
from shared.platform.security import Principal, Scope
from tests.integration.intake.client import SECRET, Intake, bearer

IMPORTER = Principal(subject="importer", scopes=frozenset({Scope.IMPORT}))
PLACE = {"type": "Point", "coordinates": [120.15, 30.27]}
KEY = {"Idempotency-Key": "k"}


async def test_a_report_is_answered_stored_and_published(intake: Intake) -> None:
    key = str(uuid.uuid4())
    answer = await intake.report(key, matter="litter", location=PLACE, description="坏了")
    assert answer.status_code == 202, answer.text
    body = answer.json()
    assert body["incident_id"] == ids.incident_id("anonymous", key)
    assert body["receipt_no"] == ids.receipt_no(body["incident_id"])
    assert answer.headers["location"] == f"/v1/incidents/{body['incident_id']}"
    stored = await intake.database["receipts"].find_one({"_id": body["incident_id"]})
    assert stored is not None
    assert stored["receipt_no"] == body["receipt_no"]
    event = (await intake.wait_published(INCIDENTS, body["incident_id"]))[0]
    assert isinstance(event.data, IncidentReported)
    assert event.data.report.description == "坏了"
    assert event.data.zone == "Asia/Shanghai"
    assert event.time == event.data.received_at
    for name in (body["incident_id"], body["receipt_no"], body["receipt_no"].lower()):
        told = (await intake.http.get(f"/v1/incidents/{name}")).json()
        assert (told["state"], told["incident_id"]) == ("reported", body["incident_id"])


async def test_the_same_again_is_the_same_and_another_body_is_a_conflict(intake: Intake) -> None:
    key = str(uuid.uuid4())
    first = await intake.report(key, address="Harbour Road 1", occurred_at="2026-01-01T00:00:00Z")
    again = await intake.report(
        key, address="Harbour Road 1", occurred_at="2026-01-01T08:00:00+08:00"
    )
    other = await intake.report(key, address="Harbour Road 2")
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    someone = await intake.report(key, Principal(subject="r-9"), address="Harbour Road 2")
    assert someone.status_code == 202
    assert someone.json() != first.json()


async def test_a_phone_map_and_a_position_become_wgs84_and_a_band(intake: Intake) -> None:
    key = str(uuid.uuid4())
    # A point of GCJ-02, and a position some 110 m to the north of it.
    body: dict[str, Any] = {
        "matter": "litter",
        "location": {"type": "Point", "coordinates": [120.1547086, 30.2676797]},
        "position": {"type": "Point", "coordinates": [120.1547086, 30.2686797]},
        "location_system": "gcj02",
    }
    first = await intake.report(key, **body)
    again = await intake.report(key, **body)
    other = await intake.report(key, **body | {"location_system": "wgs84"})
    assert (first.status_code, again.json()) == (202, first.json()), first.text
    assert other.json()["code"] == "idempotency_conflict"
    incident = first.json()["incident_id"]
    event = (await intake.wait_published(INCIDENTS, incident))[0]
    report = event.data.report
    assert report.location.coordinates == pytest.approx((120.15, 30.27), abs=1e-5)
    assert report.sent_location.system == "gcj02"
    assert report.sent_location.coordinates == (120.1547086, 30.2676797)
    assert report.reporter_distance == "near_by"
    stored = await intake.database["receipts"].find_one({"_id": incident})
    log = await asyncio.to_thread(Path(intake.process.log).read_text)
    for kept in (str(stored), event.data.model_dump_json(), log):
        assert "30.2686797" not in kept
    refused = await intake.report(reporter_distance="at_the_place", location=PLACE)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert "position" in refused.json()["detail"]


async def test_one_key_at_once_is_one_incident(intake: Intake) -> None:
    key = str(uuid.uuid4())
    bodies = [f"Harbour Road {number % 2}" for number in range(60)]
    answers = await asyncio.gather(*(intake.report(key, address=body) for body in bodies))
    accepted = {one.json()["incident_id"] for one in answers if one.status_code == 202}
    assert accepted == {ids.incident_id("anonymous", key)}
    by_body = {(body, one.status_code) for body, one in zip(bodies, answers, strict=True)}
    assert sorted(status for _, status in by_body) == [202, 409]
    events = await intake.wait_published(INCIDENTS, accepted.pop())
    assert len({event.id for event in events}) == 1


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"{", KEY, 400, "bad_json"),
        (b"", KEY, 400, "bad_json"),
        (b"\xff\xfe", KEY, 400, "bad_json"),
        (b'{"description": "\\ud800"}', KEY, 400, "bad_json"),
        (b"[" * 10_000, KEY, 400, "bad_json"),
        (b"{}", {}, 400, "idempotency_key_missing"),
        (b"{}", {"Idempotency-Key": ""}, 400, "idempotency_key_invalid"),
        (b"{}", {"Idempotency-Key": "a b"}, 400, "idempotency_key_invalid"),
        (b"{}", {"Idempotency-Key": "x" * 201}, 400, "idempotency_key_invalid"),
        (b"[]", KEY, 422, "invalid"),
        (b'{"colour": "red"}', KEY, 422, "invalid"),
        (b'{"location": {"type": "Point", "coordinates": [1, 2], "x": 1}}', KEY, 422, "invalid"),
        (b'{"matter": 7}', KEY, 422, "invalid"),
        (b'{"matter": "no such \\u0000"}', KEY, 422, "invalid"),
        (b'{"area": "99"}', KEY, 422, "invalid"),
        (b'{"source": "rumour"}', KEY, 422, "invalid"),
        (b'{"occurred_at": "2026-01-01T00:00:00"}', KEY, 422, "invalid"),
        (b'{"occurred_at": 1700000000}', KEY, 422, "invalid"),
        (b'{"occurred_at": "0001-01-01T00:00:00+14:00"}', KEY, 422, "invalid"),
        (b'{"occurred_at": "1969-01-01T00:00:00Z"}', KEY, 422, "too_long_ago"),
        (b'{"occurred_at": "2999-01-01T00:00:00Z"}', KEY, 422, "in_the_future"),
        (b'{"location": {"type": "Point", "coordinates": [200, 0]}}', KEY, 422, "invalid"),
        (b'{"location": {"type": "Point", "coordinates": ["1", 2]}}', KEY, 422, "invalid"),
        (b'{"location": {"type": "Point", "coordinates": [NaN, 2]}}', KEY, 422, "invalid"),
        (b'{"reported_at": "2026-01-01T00:00:00Z"}', KEY, 403, "scope_missing"),
        (b'{"description": "%s"}' % (b"x" * 65_536), KEY, 413, "too_large"),
        (b"{}", {**KEY, "Authorization": "Bearer nonsense"}, 401, "bad_credentials"),
        (b"{}", {**KEY, "Authorization": "Basic YTpi"}, 401, "bad_credentials"),
    ],
)
async def test_bad_input_gets_a_clear_error(
    intake: Intake, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = await intake.http.post("/v1/incidents", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


@pytest.mark.parametrize("mebibytes", [0.1, 0.5, 4])
async def test_a_body_without_a_length_is_bounded_too(intake: Intake, mebibytes: float) -> None:
    async def stream() -> AsyncIterator[bytes]:
        yield b'{"description": "'
        for _ in range(int(mebibytes * 64)):
            yield b"x" * 16_384

    answer = await intake.http.post("/v1/incidents", content=stream(), headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    again = await intake.report(address="still there")
    assert again.status_code == 202


async def test_the_largest_body_is_taken(intake: Intake) -> None:
    padding = " " * (65_536 - len('{"description": "x"}'))
    content = '{"description": "x"' + padding + "}"
    assert len(content) == 65_536
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    answer = await intake.http.post("/v1/incidents", content=content, headers=headers)
    assert answer.status_code == 202


async def test_history_is_reported_at_its_own_instants_by_who_may(intake: Intake) -> None:
    answer = await intake.report(who=IMPORTER, reported_at="2024-02-09T02:00:00Z", source="import")
    assert answer.status_code == 202
    told = (await intake.http.get(answer.headers["location"])).json()
    assert told["counts_from"] == "2024-02-09T02:00:00.000Z"
    assert told["received_at"] > "2026"


def nested(levels: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(levels):
        found = {"a": found}
    return found


async def test_a_batch_answers_each_item_by_itself(intake: Intake) -> None:
    key = str(uuid.uuid4())
    items = [
        {"idempotency_key": key, "incident": {"address": "1"}},
        {"idempotency_key": key, "incident": {"address": "2"}},
        {"idempotency_key": str(uuid.uuid4()), "incident": {"matter": 7}},
        {"idempotency_key": "a b", "incident": {}},
        {"idempotency_key": str(uuid.uuid4()), "incident": {}, "more": 1},
        "nonsense",
        {"idempotency_key": str(uuid.uuid4()), "incident": {"description": "x" * 70_000}},
        {"idempotency_key": str(uuid.uuid4()), "incident": {"reported_at": "2024-01-01T00:00:00Z"}},
        {"idempotency_key": str(uuid.uuid4()), "incident": nested(300)},
        {"idempotency_key": key, "incident": {"address": "1"}},
    ]
    answer = await intake.http.post("/v1/incidents/batch", json={"items": items})
    assert answer.status_code == 207
    found = answer.json()["items"]
    assert [(one["status"], one.get("problem", {}).get("code")) for one in found] == [
        (202, None),
        (409, "idempotency_conflict"),
        (422, "invalid"),
        (400, "idempotency_key_invalid"),
        (422, "invalid"),
        (422, "invalid"),
        (413, "too_large"),
        (403, "scope_missing"),
        (422, "invalid"),
        (202, None),
    ]
    assert found[0] == found[-1]
    alone = await intake.report(key, address="1")
    assert alone.json()["incident_id"] == found[0]["incident_id"]


async def test_a_whole_batch_shares_its_writes(intake: Intake) -> None:
    items = [
        {"idempotency_key": str(uuid.uuid4()), "incident": {"matter": "litter", "location": PLACE}}
        for _ in range(500)
    ]
    answer = await intake.http.post("/v1/incidents/batch", json={"items": items})
    found = answer.json()["items"]
    assert {one["status"] for one in found} == {202}
    wanted = [one["incident_id"] for one in found]
    assert await intake.database["receipts"].count_documents({"_id": {"$in": wanted}}) == 500


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"{", 400, "bad_json"),
        (b"[]", 422, "invalid"),
        (b'{"items": {}}', 422, "invalid"),
        (b'{"items": [], "more": 1}', 422, "invalid"),
        (json.dumps({"items": [{}] * 501}).encode(), 422, "invalid"),
        (b" " * (4 * 1024 * 1024 + 1), 413, "too_large"),
    ],
)
async def test_what_is_no_batch_is_refused_whole(
    intake: Intake, content: bytes, status: int, code: str
) -> None:
    answer = await intake.http.post("/v1/incidents/batch", content=content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_what_is_not_there_is_not_found(intake: Intake) -> None:
    for name in (str(uuid.uuid4()), ids.receipt_no("x"), "990101-20260101-0100000001", "$ne"):
        answer = await intake.http.get(f"/v1/incidents/{name}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_names_are_found_through_indexes(intake: Intake) -> None:
    receipts = intake.database["receipts"]
    for name in ("receipt_no", "case_no"):
        plan = await receipts.find({name: {"$type": "string", "$eq": "X"}}).explain()
        assert plan["queryPlanner"]["winningPlan"]["inputStage"]["indexName"] == name


async def test_the_pages_need_no_other_host(intake: Intake) -> None:
    page = (await intake.http.get("/docs")).text
    assert "http://" not in page
    assert "https://" not in page
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"):
        assert (await intake.http.get(f"/docs-static/{asset}")).status_code == 200
    described = (await intake.http.get("/openapi.json")).json()
    text = json.dumps(described)
    known = {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
    used = {part.split('"')[0] for part in text.split('"$ref": "')[1:]}
    assert used <= known
    assert "Idempotency-Key" in text


async def test_a_token_signed_by_another_is_refused(intake: Intake) -> None:
    forged = bearer(IMPORTER)["Authorization"][:-2] + "xx"
    answer = await intake.http.post(
        "/v1/incidents", json={}, headers={**KEY, "Authorization": forged}
    )
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert SECRET.decode() not in answer.text
    assert isinstance(answer, httpx.Response)
