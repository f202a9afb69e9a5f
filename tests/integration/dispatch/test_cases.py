"""Cases on real servers: filed once, done as the table says, whatever is killed or poisoned."""

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest

from services.dispatch.domain.transitions import TABLE
from shared.contracts.cases_v1 import CaseFiled
from shared.contracts.dead_letters_v1 import RecordDied
from shared.contracts.incidents_v1 import IncidentReported
from shared.contracts.levels import SupervisionLevel
from shared.contracts.topics import CASES, DEAD_LETTERS, ESCALATIONS, INCIDENTS, REGISTRY
from tests.integration.dispatch.centre import Centre, about, kinds, new_desk
from tests.integration.intake.client import eventually, read_all
from tests.unit.dispatch.city import CENTRE, OTHER_COUNTY, entry_set, matter, point
from tests.unit.dispatch.desk import DISPATCHER, FOLDER, INSPECTOR, SUPERVISOR, Desk, member

CLOSED = [
    "case.filed",
    "case.dispatched",
    "case.accepted",
    "case.handled",
    "case.closed",
]


def _closed_desk() -> Desk:
    desk = new_desk()
    desk.report()
    return desk.do(("accept", member()), ("handled", member()), ("verify", INSPECTOR))


async def _agrees(centre: Centre, desk: Desk) -> dict[str, Any]:
    """The document once it is what the log tells and what the rules said here."""
    raw = await centre.settled(desk)
    state = FOLDER.decider.load(raw["state"])
    assert state == await centre.folded(desk)
    assert state.decided.sequence == raw["sequence"] == len(desk.outputs)
    assert kinds(await centre.published(desk.incident)) == kinds(desk.outputs)
    return raw


async def test_from_the_report_to_the_closing(centre: Centre) -> None:
    desk = _closed_desk()
    ((partition, offset),) = await centre.tell(desk.inputs[0])
    for event in desk.inputs[1:]:
        await centre.tell(event)
    found = await centre.until(desk)
    assert kinds(found) == CLOSED
    assert {event.correlation_id for event in found} == {desk.incident}
    reported, *actions = desk.inputs
    causes = [event.causation_id for event in found]
    assert causes == [reported.id, reported.id, *(event.id for event in actions)]
    raw = await _agrees(centre, desk)
    county, day, place = raw["state"]["decided"]["case"]["case_no"].split("-")
    assert (county, len(day), place) == ("990101", 8, f"{partition:02d}{offset:010d}")


async def test_a_report_and_its_actions_in_one_batch_and_twice(centre: Centre) -> None:
    desk = _closed_desk()
    await centre.process.stop()
    await centre.tell(*desk.inputs, *desk.inputs)
    await centre.process.start()
    assert kinds(await centre.until(desk)) == CLOSED
    await _agrees(centre, desk)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"matter": "no-such"}, ["incident.held"]),
        ({"matter": "no-such", "location": point(OTHER_COUNTY)}, ["incident.rejected"]),
        ({"matter": "lamp"}, ["case.filed"]),
    ],
)
async def test_what_is_not_dispatched(
    centre: Centre, fields: dict[str, Any], expected: list[str]
) -> None:
    desk = new_desk()
    desk.report(**fields)
    desk.ask("accept", member())
    await centre.tell(*desk.inputs)
    assert kinds(await centre.until(desk)) == [*expected, "action.refused"]
    await _agrees(centre, desk)


async def test_returned_reworked_reopened_and_void(centre: Centre) -> None:
    desk = new_desk()
    desk.report()
    desk.ask("approve", DISPATCHER)
    desk.do(("return", member()), ("approve", DISPATCHER), ("accept", member(CENTRE)))
    desk.do(("handled", member(CENTRE)))
    desk.ask("verify", INSPECTOR, passed=False)
    desk.do(("handled", member(CENTRE)), ("verify", INSPECTOR), ("reopen", SUPERVISOR))
    await centre.tell(*desk.inputs)
    await centre.until(desk)
    # What comes in another topic may be read before what was told earlier in this one.
    desk.supervise(SupervisionLevel.RED_CARD)
    await centre.tell(desk.inputs[-1])
    await centre.until(desk)
    desk.do(("void", SUPERVISOR))
    await centre.tell(desk.inputs[-1])
    found = await centre.until(desk)
    assert kinds(found) == [
        "case.filed", "case.dispatched", "action.refused", "case.return_requested",
        "case.return_granted", "case.dispatched", "case.accepted", "case.handled",
        "case.rework_ordered", "case.handled", "case.closed", "case.reopened",
        "case.prioritised", "case.voided",
    ]  # fmt: skip
    raw = await _agrees(centre, desk)
    assert raw["state"]["supervision"] == "red_card"


async def test_a_report_waits_for_the_registry_that_intake_had(centre: Centre) -> None:
    desk = new_desk()
    newest = entry_set(matter("brand-new"), 1, desk.clock())
    version = await centre.register(newest)
    desk.report(matter="brand-new")
    desk.inputs = [replace(event, registry_version=version) for event in desk.inputs]
    await centre.tell(*desk.inputs)

    async def decided() -> Any:  # noqa: ANN401
        return await centre.published(desk.incident)

    found = await eventually(decided, "it is filed")
    assert isinstance(found[0].data, CaseFiled)
    assert found[0].data.case.matter.code == "brand-new"
    assert found[0].registry_version >= version


async def test_poison_in_every_topic_is_put_away_and_nothing_is_stuck(centre: Centre) -> None:
    desk = _closed_desk()
    for topic in (INCIDENTS, ESCALATIONS, REGISTRY):
        await centre.poison(topic, desk.incident, b"not an event")
        await centre.poison(topic, desk.incident, b"{}", ce_id=b"\xff\xfe")
        await centre.poison(topic, desk.incident, None, ce_type=IncidentReported.TYPE.encode())
    await centre.tell(*desk.inputs)
    assert kinds(await centre.until(desk)) == CLOSED
    await _agrees(centre, desk)

    async def letters() -> list[RecordDied] | None:
        found = [event.data for event in await read_all(centre.kafka, DEAD_LETTERS)]
        return found if len(found) >= 6 else None

    found = await eventually(letters, "the poison is put away")
    assert {(one.service, one.code) for one in found} == {("dispatch", "undecodable")}
    # A reader without a group passes over what is no entry of the registry.
    assert sorted(one.topic for one in found) == [ESCALATIONS.name] * 3 + [INCIDENTS.name] * 3


async def test_killed_under_load_it_files_each_once(centre: Centre) -> None:
    desks = [_closed_desk() for _ in range(600)]
    parts = [desks[first : first + 20] for first in range(0, len(desks), 20)]

    async def feed() -> None:
        for part in parts:
            await centre.tell(*(event for one in part for event in one.inputs))

    feeding = asyncio.create_task(feed())
    for part in (parts[1], parts[len(parts) // 2]):
        await centre.until(part[0])
        await centre.process.kill()
        await centre.process.restart()
    await feeding
    for desk in (desks[0], desks[300], desks[-1]):
        await _agrees(centre, desk)
    for desk in desks:
        await centre.settled(desk)
    log = await read_all(centre.kafka, CASES)
    numbers = set()
    for desk in desks:
        found = about(desk.incident, log)
        assert kinds(found) == CLOSED
        numbers.add(found[-1].data.case.case_no)
    assert len(numbers) == len(desks)


async def test_it_shows_its_table_and_its_health(centre: Centre) -> None:
    async with httpx.AsyncClient(base_url=f"http://{centre.process.address}") as http:
        rows = (await http.get("/v1/transitions")).json()
        ready = await http.get("/readyz")
        metrics = (await http.get("/metrics")).text
        missing = await http.get("/v1/nothing")
    assert [row["action"] for row in rows] == [row.verb for row in TABLE]
    assert [row["request"] for row in rows] == [row.request for row in TABLE]
    assert [row["lowest_level"] for row in rows] == [row.lowest for row in TABLE]
    assert rows[0]["from"] == ["dispatched"]
    assert rows[0]["events"] == ["cn.wangge.case.accepted.v1"]
    assert rows[0]["to"] == ["accepted"]
    assert all(row["why"] for row in rows)
    assert (ready.status_code, ready.json()["service"]) == (200, "dispatch")
    assert "wangge_" in metrics
    assert missing.headers["content-type"] == "application/problem+json"
