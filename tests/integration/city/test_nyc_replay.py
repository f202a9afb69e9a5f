"""A real day of New York through the front door, with nothing unaccounted for.

Of its rows so many are drawn that every outcome is among them; all are with WANGGE_TEST_WHOLE_DAY.
"""

import json
import os
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

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
WHOLE = "WANGGE_TEST_WHOLE_DAY" in os.environ
"""Whether all rows are replayed, and not the part of them that is drawn, always the same."""
SAME: dict[str, Any] = {
    "unreadable": 0,
    "refused": {},
    "linked": 0,
    "in_review": {},
    "by_desk": {},
    "unaccounted": 0,
}
EXPECTED = SAME | {
    "rows": 1500,
    "accepted": 1500,
    "filed": 1470,
    "rejected": {"no_location": 20, "unknown_place": 8, "outside_every_grid": 2},
    "grid_named": 1465,
    "grid_equal": 1460,
    "unit_named": 1470,
    "unit_equal": 1470,
}
EXPECTED_OF_ALL = SAME | {
    "rows": 6765,
    "accepted": 6765,
    "filed": 6646,
    "rejected": {"no_location": 89, "unknown_place": 26, "outside_every_grid": 4},
    "grid_named": 6620,
    "grid_equal": 6604,
    "unit_named": 6646,
    "unit_equal": 6646,
}
if WHOLE:
    EXPECTED = EXPECTED_OF_ALL


def replay(stack: Stack, file: Path, *more: str, expect: int = 0) -> dict[str, Any]:
    arguments = ("replay", str(file), "--format", "nyc311", "--json", *more)
    found: dict[str, Any] = json.loads(stack.run(*arguments, expect=expect, timeout=300).stdout)
    return found


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rows that are replayed, in their order."""
    if WHOLE:
        return REQUESTS
    head, *lines = REQUESTS.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    drawn = sorted(random.Random(20181021).sample(range(len(lines)), EXPECTED["rows"]))  # noqa: S311 - no secrets
    file = tmp_path_factory.mktemp("new_york") / REQUESTS.name
    file.write_text(head + "".join(lines[one] for one in drawn), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def new_york(city_stack: Stack, day: Path) -> dict[str, Any]:
    """New York imported beside the demo city, and its day replayed once."""
    districts = NYC / "community_district.geojson"
    for file, kind in (
        (districts, "grids"), (REQUESTS, "matters"), (REQUESTS, "units"), (REQUESTS, "policies"),
        (REQUESTS, "rules"),
    ):  # fmt: skip
        command = ("registry", "import", str(file), "--kind", kind, "--format", "nyc311")
        # New York's districts do not fill it: parks and airports lie between them.
        city_stack.call(*command, *(["--accept-findings"] if kind == "grids" else []))
    return replay(city_stack, day, "--speed", "max", "--at", "original")


def test_every_row_is_accounted_for(new_york: dict[str, Any]) -> None:
    assert new_york == EXPECTED


def test_a_second_replay_changes_nothing(
    city_stack: Stack, day: Path, new_york: dict[str, Any]
) -> None:
    before = figures(city_stack)
    assert replay(city_stack, day) == new_york
    assert figures(city_stack) == before


def figures(stack: Stack) -> dict[str, int]:
    overview = stack.http.get(stack.url("analytics", "/v1/overview?area=8401"), timeout=30).json()
    return {name: overview[name] for name in ("reported", "filed", "rejected", "closed", "open")}


@pytest.mark.usefixtures("new_york")
async def test_every_request_to_the_police_is_due_eight_hours_after_its_creation(
    city_stack: Stack,
) -> None:
    created = {row.key: row.at for row in rows.read(REQUESTS, formats.find("nyc311")).rows}
    kafka = city_stack.process("kafka").address
    cases = await everything(kafka, CASES)
    dispatched = [one for one in cases if isinstance(one.data, CaseDispatched)]
    police = {one.subject for one in dispatched if one.data.case.unit.code == "NYPD"}
    filed = {
        one.subject: one.data.external_id or ""
        for one in cases
        if isinstance(one.data, CaseFiled) and one.subject in police
    }
    spans: Counter[timedelta] = Counter()
    for event in await everything(kafka, ESCALATIONS):
        if isinstance(event.data, ClocksChanged) and event.subject in filed:
            for clock in event.data.clocks:
                if clock.clock == "total":
                    spans[clock.due_at - created[filed[event.subject]]] += 1
    assert len(filed) > EXPECTED["rows"] // 3
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
    arguments = (REQUESTS, "--at", end.isoformat(), "--limit", "40", "--speed", "100000")
    first = replay(city_stack, *arguments)
    assert (first["rows"], first["accepted"], first["unaccounted"]) == (40, 40, 0)
    before = figures(city_stack)
    assert replay(city_stack, *arguments) == first
    assert figures(city_stack) == before
    leader = city_stack.bearer("leader")
    url = city_stack.url("analytics", "/v1/cases?area=8401&limit=1")
    newest = city_stack.http.get(url, headers=leader).json()["items"][0]
    assert datetime.fromisoformat(newest["counts_from"]) == end


@pytest.mark.usefixtures("new_york")
def test_a_row_that_cannot_be_read_is_named_and_ends_in_exit_status_one(
    city_stack: Stack, tmp_path: Path
) -> None:
    lines = REQUESTS.read_text(encoding="utf-8-sig").splitlines(keepends=True)[:4]
    broken = tmp_path / "broken.csv"
    broken.write_text("".join(lines) + lines[1].replace("10/21/18", "yesterday"))
    found = replay(city_stack, broken, expect=1)
    assert (found["rows"], found["unreadable"], found["accepted"]) == (4, 1, 3)


@pytest.mark.usefixtures("new_york")
def test_the_audit_is_clean(city_stack: Stack) -> None:
    found = city_stack.audit()
    assert found["problems"] == []
    assert found["accepted"] == found["filed"] + found["rejected"] + found["in_review"]
    assert found["accepted"] >= EXPECTED["accepted"]
