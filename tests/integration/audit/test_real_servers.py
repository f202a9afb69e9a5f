"""The audit on real Kafka and MongoDB: clean after work, beside work, and not after damage."""

import asyncio
import json
import uuid
from typing import Any

from aiokafka import AIOKafkaProducer

from deploy.audit.log import KafkaLog
from deploy.audit.report import Report
from shared.contracts.golden import story
from shared.contracts.plans import Plan
from shared.contracts.topics import CASES, INCIDENTS, TOPICS
from shared.platform.partitioning import partition_of
from shared.platform.security import Principal, Role, mint
from tests.integration.audit.conftest import SECRET, City
from tests.integration.intake.client import eventually
from tests.unit.audit.world import entries

MEMBER = Principal("m-1", frozenset({Role.UNIT_MEMBER}), unit=story.UNIT.code, area=story.COUNTY)
ADMINISTRATOR = Principal("a-1", frozenset({Role.REGISTRY_ADMINISTRATOR}))
INSIDE = {"type": "Point", "coordinates": list(story.PLACE.coordinates)}
OUTSIDE = {"type": "Point", "coordinates": [0.5, 0.5]}


def bearer(principal: Principal) -> dict[str, str]:
    return {"Authorization": f"Bearer {mint(SECRET.encode(), principal)}"}


async def import_city(city: City) -> None:
    # The golden plan is of a matter that this city does not have: nothing would be inspected.
    found = [one for one in entries() if not isinstance(one, Plan)]
    lines = [one.model_dump_json(exclude_none=True) for one in found]
    answer = await city.http.post(
        "/v1/registry/import",
        content="\n".join(lines),
        headers={"Content-Type": "application/x-ndjson", **bearer(ADMINISTRATOR)},
    )
    assert answer.status_code in {200, 202}, answer.text


async def report(city: City, **fields: object) -> str:
    body = {"matter": story.MATTER.code, "location": INSIDE, **fields}
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    answer = await city.http.post("/v1/incidents", json=body, headers=headers)
    assert answer.status_code == 202, answer.text
    incident: str = answer.json()["incident_id"]
    return incident


async def ask(city: City, incident: str, action: str) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4()), **bearer(MEMBER)}
    path = f"/v1/cases/{incident}/actions"
    answer = await city.http.post(path, json={"action": action, "reason": "r"}, headers=headers)
    assert answer.status_code == 202, answer.text


async def poison(city: City) -> None:
    """What is no event, in every topic."""
    async with AIOKafkaProducer(bootstrap_servers=city.kafka, acks="all") as producer:
        for topic in TOPICS:
            await producer.send_and_wait(topic.name, b"\xff{", key=b"poison", partition=0)


def said(found: Report) -> str:
    return json.dumps(found.as_json(), ensure_ascii=False, indent=1)


async def when_quiet(city: City) -> Report:
    """The audit once nothing is under way: it waits for what was there, not for what follows."""

    async def quiet() -> Report | None:
        found = await city.audit()
        return None if found.in_flight else found

    return await eventually(quiet, "nothing is under way", 60)


async def test_clean_beside_work_and_after_it(city: City) -> None:
    await import_city(city)
    await poison(city)

    async def work() -> list[str]:
        done = []
        for number in range(60):
            done.append(await report(city, **({} if number % 5 else {"location": OUTSIDE})))
            await ask(city, done[-1], "accept")
        return done

    working = asyncio.create_task(work())
    while not working.done():
        found = await city.audit(wait=0)
        assert found.problems == (), said(found)
        await asyncio.sleep(0.05)
    incidents = await working

    found = await when_quiet(city)

    assert found.clean, said(found)
    assert found.waiting == {}
    assert found.accepted == len(incidents) == 60
    assert (found.filed, found.rejected, found.in_review) == (48, 12, 0)
    assert found.counts["dead_letters"] >= 4
    assert found.counts["registry_changes"] == 1
    assert found.counts["rollup buckets"] > 3


async def republish(city: City, incident: str, **headers: str) -> None:
    """Take a record of the cases topic and publish it again, with other headers."""
    place = partition_of(incident, CASES.partitions)
    async with KafkaLog(city.kafka) as log:
        ends = await log.ends((CASES,), place)
        records = [one async for batch in log.read(place, ends) for one in batch]
    first = next(one for one in records if one.key == incident.encode())
    pairs = [(n, headers[n].encode() if n in headers else v) for n, v in first.headers]
    async with AIOKafkaProducer(bootstrap_servers=city.kafka, acks="all") as producer:
        await producer.send_and_wait(
            CASES.name, first.value, key=first.key, partition=place, headers=pairs
        )


async def test_a_repeated_record_is_clean_and_a_forged_one_is_not(city: City) -> None:
    incident = await report(city)
    before = await city.audit()
    await republish(city, incident)
    found = await city.audit()
    assert found.clean, said(found)
    assert found.counts["repeats"] == before.counts.get("repeats", 0) + 1

    await republish(city, incident, ce_time="2026-01-01T00:00:00.000Z")

    found = await city.audit()
    assert {problem.kind for problem in found.problems} == {"two_contents"}, said(found)
    assert {problem.id for problem in found.problems} == {incident}


DAMAGES: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("intake", "receipts", {"$set": {"receipt_no": "0"}}, "columns_differ"),
    ("dispatch", "cases", {"$set": {"state.decided.case.returns": 3}}, "state_differs"),
    ("dispatch", "cases", {"$inc": {"sequence": 1}}, "event_lost"),
    ("escalation", "watches", {"$set": {"parked": "KeyError"}}, "parked"),
    ("analytics", "timelines", {"$pop": {"seen": 1}}, "not_taken"),
)


async def test_changed_documents_are_found_each_by_its_name(city: City) -> None:
    incidents = [await report(city) for _ in DAMAGES]
    await when_quiet(city)
    for incident, (service, collection, change, _) in zip(incidents, DAMAGES, strict=True):
        documents = city.database(service)[collection]
        assert (await documents.update_one({"_id": incident}, change)).modified_count == 1
    (bucket,) = await city.database("analytics")["rollups"].find().to_list(1)
    await city.database("analytics")["rollups"].update_one(
        {"_id": bucket["_id"]}, {"$inc": {"n.filed": 1}}
    )

    found = await city.audit(wait=0)

    kinds = {(problem.id, problem.kind) for problem in found.problems}
    for incident, (_, _, _, kind) in zip(incidents, DAMAGES, strict=True):
        assert (incident, kind) in kinds, said(found)
    assert (bucket["_id"], "rollup_differs") in kinds, said(found)
    assert not found.clean


async def test_a_lost_document_is_found(city: City) -> None:
    incident = await report(city)
    await city.audit()  # others are damaged, and stay under way
    assert (await city.database("dispatch")["cases"].delete_one({"_id": incident})).deleted_count

    found = await city.audit(wait=0)

    mine = {problem.kind: problem.detail for problem in found.problems if problem.id == incident}
    assert set(mine) == {"document_missing", "document_behind"}, said(found)
    assert INCIDENTS.name in mine["document_missing"]
