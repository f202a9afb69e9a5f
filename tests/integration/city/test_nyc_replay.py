"""One real day of New York through the front door, with nothing unaccounted for."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.feeds import formats, rows
from shared.contracts.cases_v1 import CaseDispatched, CaseFiled
from shared.contracts.envelope import Event, Origin, decode
from shared.contracts.escalations_v1 import ClocksChanged
from shared.contracts.topics import CASES, ESCALATIONS, Topic
from tests.stackdriver import Stack
from tests.unit.city.conftest import NYC

pytestmark = pytest.mark.skipif(
    not NYC.is_dir(), reason=f"no New York data in {NYC}; name its folder with WANGGE_TEST_DATA"
)
REQUESTS = NYC / "service_requests_2018-10-21.csv"
EXPECTED = {
    "rows": 6765,
    "unreadable": 0,
    "accepted": 6765,
    "refused": {},
    "filed": 6646,
    "rejected": {"no_location": 89, "unknown_place": 26, "outside_every_grid": 4},
    "linked": 0,
    "in_review": {},
    "unaccounted": 0,
    "grid_named": 6620,
    "grid_equal": 6604,
    "unit_named": 6646,
    "unit_equal": 6646,
}


def replay(stack: Stack, *more: str, file: Path = REQUESTS, expect: int = 0) -> dict[str, Any]:
    arguments = ("replay", str(file), "--format", "nyc311", "--json", *more)
    found: dict[str, Any] = json.loads(stack.run(*arguments, expect=expect, timeout=300).stdout)
    return found


@pytest.fixture(scope="module")
def new_york(city_stack: Stack) -> dict[str, Any]:
    """New York imported beside the demo city, and its day replayed once."""
    districts = NYC / "community_district.geojson"
    for file, kind in (
        (districts, "grids"), (REQUESTS, "matters"), (REQUESTS, "units"), (REQUESTS, "policies"),
        (REQUESTS, "rules"),
    ):  # fmt: skip
        command = ("registry", "import", str(file), "--kind", kind, "--format", "nyc311")
        # New York's districts do not fill it: parks and airports lie between them.
        city_stack.run(*command, *(["--accept-findings"] if kind == "grids" else []))
    return replay(city_stack, "--speed", "max", "--at", "original")


def test_every_row_is_accounted_for(new_york: dict[str, Any]) -> None:
    assert new_york == EXPECTED


def test_a_second_replay_changes_nothing(city_stack: Stack, new_york: dict[str, Any]) -> None:
    before = figures(city_stack)
    assert replay(city_stack) == new_york
    assert figures(city_stack) == before


def figures(stack: Stack) -> dict[str, int]:
    overview = httpx.get(stack.url("analytics", "/v1/overview?area=8401"), timeout=30).json()
    return {name: overview[name] for name in ("reported", "filed", "rejected", "closed", "open")}


@pytest.mark.usefixtures("new_york")
async def test_every_request_to_the_police_is_due_eight_hours_after_its_creation(
    city_stack: Stack,
) -> None:
    created = {row.key: row.at for row in rows.read(REQUESTS, formats.find("nyc311")).rows}
    kafka = city_stack.status()["kafka"]["address"]
    cases = [one for one in await everything(kafka, CASES) if isinstance(one.data, CaseDispatched)]
    police = {one.subject for one in cases if one.data.case.unit.code == "NYPD"}
    filed = {
        one.subject: one.data.external_id or ""
        for one in await everything(kafka, CASES)
        if isinstance(one.data, CaseFiled) and one.subject in police
    }
    spans: Counter[timedelta] = Counter()
    for event in await everything(kafka, ESCALATIONS):
        if isinstance(event.data, ClocksChanged) and event.subject in filed:
            for clock in event.data.clocks:
                if clock.clock == "total":
                    spans[clock.due_at - created[filed[event.subject]]] += 1
    assert len(filed) > 2300
    assert spans == {timedelta(hours=8): len(filed)}


async def everything(kafka: str, topic: Topic) -> list[Event[Any]]:
    """All events of a topic, up to its ends as they are now."""
    partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
    events: list[Event[Any]] = []
    async with AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest") as consumer:
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning(*partitions)
        while any([await consumer.position(one) < ends[one] for one in partitions]):
            for at, records in (await consumer.getmany(timeout_ms=500)).items():
                for one in records:
                    origin = Origin(at.topic, at.partition, one.offset)
                    events.append(decode(one.headers, one.value, origin))
    return events


@pytest.mark.usefixtures("new_york")
def test_a_moved_replay_ends_when_it_is_told_to_and_can_be_repeated(city_stack: Stack) -> None:
    end = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    arguments = ("--at", end.isoformat(), "--limit", "40", "--speed", "100000")
    first = replay(city_stack, *arguments)
    assert (first["rows"], first["accepted"], first["unaccounted"]) == (40, 40, 0)
    before = figures(city_stack)
    assert replay(city_stack, *arguments) == first
    assert figures(city_stack) == before
    leader = city_stack.bearer("leader")
    url = city_stack.url("analytics", "/v1/cases?area=8401&limit=1")
    newest = httpx.get(url, headers=leader, timeout=10).json()["items"][0]
    assert datetime.fromisoformat(newest["counts_from"]) == end


@pytest.mark.usefixtures("new_york")
def test_a_row_that_cannot_be_read_is_named_and_ends_in_exit_status_one(
    city_stack: Stack, tmp_path: Path
) -> None:
    lines = REQUESTS.read_text(encoding="utf-8-sig").splitlines(keepends=True)[:4]
    broken = tmp_path / "broken.csv"
    broken.write_text("".join(lines) + lines[1].replace("10/21/18", "yesterday"))
    found = replay(city_stack, file=broken, expect=1)
    assert (found["rows"], found["unreadable"], found["accepted"]) == (4, 1, 3)


@pytest.mark.usefixtures("new_york")
def test_the_audit_is_clean(city_stack: Stack) -> None:
    found = city_stack.audit()
    assert found["problems"] == []
    assert found["accepted"] == found["filed"] + found["rejected"] + found["in_review"]
    assert found["accepted"] >= EXPECTED["accepted"]
