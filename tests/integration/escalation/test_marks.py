"""Marks on real servers and the real clock: in time, once each, also when the process is killed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from deploy.audit.marks import check
from services.escalation.domain.clock_table import TABLE
from shared.contracts.envelope import Event
from shared.contracts.topics import ESCALATIONS
from tests.integration.escalation.backlog import case_id, write
from tests.integration.escalation.office import HOUR_S, Office, about, case, marks, short
from tests.integration.intake.client import eventually, read_all
from tests.unit.escalation.story import RULES

LADDER = (
    "clock.approaching",
    "clock.breached",
    "supervision.ordered",
    "supervision.ordered",
    "supervision.ordered",
)
PERCENTS = [80, 100, 100, 150, 200]
BREACHED = LADDER[:3]
BACKLOG = 5_000
KINDS = (["clock.approaching"], ["clock.breached", "supervision.ordered"])
"""What follows of the cases of a backlog, in turn."""


async def test_a_case_that_nobody_handles_climbs_the_ladder_in_time(office: Office) -> None:
    story = case(handle_s=1)
    await office.tell(*story.inputs)
    found = await office.until(story, *LADDER)
    assert [mark.percent for mark in marks(found)] == PERCENTS
    assert [event.data.level for event in found[2:]] == ["ordinary", "yellow_card", "red_card"]
    lateness = [event.time - event.data.mark.due_at for event in found]
    assert all(timedelta(0) <= late < timedelta(seconds=5) for late in lateness)
    watch = await office.settled(story)
    assert watch["next_due_at"] is None
    assert RULES.load(watch["state"]) == await office.folded(story)


async def test_killed_between_marks_it_answers_each_once(office: Office) -> None:
    stories = [case(handle_s=2 + number / 10) for number in range(60)]
    await office.tell(*(event for one in stories for event in one.inputs))
    for number in (0, 30):
        await office.begun(stories[number])
        await office.process.kill()
        await office.process.restart()
    for story in (stories[0], stories[-1]):
        await office.until(story, *LADDER)
        assert RULES.load((await office.settled(story))["state"]) == await office.folded(story)
    log = await read_all(office.kafka, ESCALATIONS)
    for story in stories:
        found = about(story, log)
        assert [short(event) for event in found] == list(LADDER)
        assert [mark.percent for mark in marks(found)] == PERCENTS


async def test_killed_twice_in_a_backlog_of_thousands_it_answers_each_mark_once(
    office: Office,
) -> None:
    await office.process.stop()
    now = datetime.now(UTC)
    await write(office.database, "backlog", BACKLOG, lambda n: now - timedelta(hours=1, seconds=n))
    for share in (0.1, 0.4):
        await office.process.start()
        left = await office.due_below(round(BACKLOG * (1 - share)))
        await office.process.kill()
        assert left > 0
    await office.process.start()
    await office.due_below(1)
    ours = {case_id("backlog", number): number for number in range(BACKLOG)}

    async def all_published() -> dict[str, dict[str, Event[Any]]] | None:
        found: dict[str, dict[str, Event[Any]]] = {}
        for event in await read_all(office.kafka, ESCALATIONS):
            if event.subject in ours:
                first = found.setdefault(event.subject, {}).setdefault(event.id, event)
                assert replace(first, origin=None) == replace(event, origin=None)
        # Every second one breaches its limit, by which an order follows.
        return found if sum(map(len, found.values())) >= BACKLOG + BACKLOG // 2 else None

    published = await eventually(all_published, "all marks", 40)
    for subject, by_id in published.items():
        events = list(by_id.values())
        assert check(subject, events) == []
        expected = (
            ["clock.breached", "supervision.ordered"]
            if ours[subject] % 2
            else ["clock.approaching"]
        )
        assert [short(event) for event in events] == expected

    async def outboxes_empty() -> bool:
        left = {"outbox.at": {"$exists": True}}
        return await office.database["watches"].count_documents(left) == 0

    await eventually(outboxes_empty, "the outboxes are empty", 40)


async def test_a_stop_that_arrives_late_withdraws_and_lifts(office: Office) -> None:
    story = case(handle_s=100, began=120)
    await office.tell(*story.inputs)
    await office.until(story, *BREACHED)
    story.away(50 / HOUR_S)
    story.hand_back()
    await office.tell(story.inputs[-1])
    found = await office.until(
        story, *BREACHED, "clock.mark_withdrawn", "clock.mark_withdrawn", "supervision.lifted"
    )
    assert [event.data.mark.percent for event in found[3:5]] == [80, 100]
    assert found[5].data.reason == "mark_withdrawn"
    watch = await office.settled(story)
    assert (watch["next_due_at"], watch["state"]["answered"]) == (None, [])
    assert RULES.load(watch["state"]) == await office.folded(story)


async def test_away_for_an_hour_it_punishes_nobody_for_what_was_done_meanwhile(
    office: Office,
) -> None:
    in_time = [case(handle_s=60, began=HOUR_S) for _ in range(12)]
    await office.process.stop()
    for story in in_time:
        story.away(30 / HOUR_S)
        story.hand_back()
    overdue = case(handle_s=60, began=HOUR_S)
    await office.tell(*(event for one in [*in_time, overdue] for event in one.inputs))
    await office.process.start()
    await office.until(overdue, *LADDER)
    for story in in_time:
        watch = await office.settled(story)
        assert watch["next_due_at"] is None
        assert await office.published(story) == []


async def test_everything_delivered_twice_is_taken_once(office: Office) -> None:
    story = case(handle_s=100, began=120)
    await office.tell(*story.inputs, *story.inputs)
    await office.until(story, *BREACHED)
    await office.tell(*story.inputs)
    marker = case(handle_s=1, began=60)
    await office.tell(*marker.inputs)
    await office.until(marker, *LADDER)
    found = await office.published(story)
    assert len({(short(event), event.data.mark.percent) for event in found}) == len(found)


async def test_it_shows_the_table_by_which_clocks_turn(office: Office) -> None:
    async with httpx.AsyncClient(base_url=f"http://{office.process.address}") as http:
        rows = (await http.get("/v1/clocks")).json()
    assert [row["event"] for row in rows] == list(TABLE)
    assert rows[0]["turns"] == [{"turn": "start", "task": "case", "clock": "filing"}]
