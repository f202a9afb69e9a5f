"""Notices on a real Kafka, MongoDB and HTTP: each arrives, also when the process is killed."""

import json
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.escalation.domain.posting import ID, TIMESTAMP, verified
from services.escalation.noticing import READER
from shared.contracts.base import to_instant
from shared.contracts.envelope import Event
from shared.contracts.topics import ESCALATIONS
from shared.platform.security import Principal, Role
from tests.integration.escalation.office import HOOK_SECRET, Office, case
from tests.integration.escalation.sinks import Receiver, receiving
from tests.integration.escalation.test_marks import LADDER
from tests.integration.intake.client import bearer, eventually
from tests.unit.escalation.story import Story
from tests.unit.escalation.targets import breached, target

GROUP = f"wangge-{READER}"
HOURS = 3600


@dataclass
class Hooks:
    """The office, and the receivers of two of its targets."""

    office: Office
    good: Receiver
    bad: Receiver

    async def arrived(self, receiver: Receiver, stories: Sequence[Story]) -> set[str]:
        """The events of which a receiver has been told when it has all of these cases."""
        wanted = {event for story in stories for event in await self.events(story)}

        async def all_there() -> bool:
            return wanted <= events_of(receiver)

        await eventually(all_there, f"{len(wanted)} notices at {receiver.url}", 90)
        return wanted

    async def events(self, story: Story) -> list[str]:
        return [event.id for event in await self.office.until(story, *LADDER)]

    async def stored(self, **which: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - any field
        found = self.office.database["notices"].find(which)
        return [dict(one) for one in await found.to_list(None)]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hooks(office: Office) -> AsyncIterator[Hooks]:
    async with AsyncExitStack() as stack:
        good = await stack.enter_async_context(receiving())
        bad = await stack.enter_async_context(receiving())
        await office.register(
            target("good", url=f"{good.url}/in?room=1", secret="hook"),
            target("bad", url=bad.url, secret="hook"),
            target("elsewhere", url=good.url, secret="hook", area="9902"),
        )
        yield Hooks(office, good, bad)


def events_of(receiver: Receiver) -> set[str]:
    return {headers["x-wangge-event"] for _, headers, _ in receiver.got}


def ids_of(receiver: Receiver) -> dict[str, set[str]]:
    """The notices of each event: one, however often it came."""
    found: dict[str, set[str]] = {}
    for _, headers, _ in receiver.got:
        found.setdefault(headers["x-wangge-event"], set()).add(headers[ID])
    return found


def now() -> datetime:
    return to_instant(datetime.now(UTC))


def of_another_day(hours: float) -> Event[Any]:
    """A breach so many hours ago, of a case of its own."""
    old = breached(now() - timedelta(hours=hours), uuid.uuid4())
    incident = str(uuid.uuid4())
    data = old.data.model_copy(update={"incident_id": incident})
    return Event(
        **{**{n: getattr(old, n) for n in old.__slots__}, "subject": incident, "data": data}
    )


async def test_each_mark_and_order_is_told_signed_and_soon_though_another_target_is_down(
    hooks: Hooks,
) -> None:
    hooks.bad.status = 503
    stories = [case(handle_s=1 + number / 20) for number in range(20)]
    await hooks.office.tell(*(event for one in stories for event in one.inputs))
    wanted = await hooks.arrived(hooks.good, stories)
    assert len(wanted) == len(stories) * len(LADDER)
    for path, headers, body in hooks.good.got:
        assert path == "/in?room=1"
        assert verified(HOOK_SECRET, headers, body, float(headers[TIMESTAMP]), 0)
        told = json.loads(body)
        assert (told["event"], told["target"]) == (headers["x-wangge-event"], "good")
        assert told["notice"] == headers[ID] == headers["idempotency-key"]

    async def all_noted() -> list[dict[str, Any]] | None:
        found = await hooks.stored(target="good", state="sent", event={"$in": list(wanted)})
        return found if len(found) == len(wanted) else None

    sent = await eventually(all_noted, "what was sent is noted as sent", 20)
    took = sorted(one["ended_at"] - one["at"] for one in sent)
    assert took[len(took) * 99 // 100] < timedelta(seconds=5)
    waiting = await hooks.stored(target="bad", event={"$in": list(wanted)})
    assert {one["state"] for one in waiting} == {"pending"}
    assert await hooks.stored(target="elsewhere") == []
    hooks.bad.status = 204
    await hooks.arrived(hooks.bad, stories)


async def test_killed_while_it_sends_it_loses_none(hooks: Hooks) -> None:
    stories = [case(handle_s=2 + number / 10) for number in range(40)]
    await hooks.office.tell(*(event for one in stories for event in one.inputs))
    for number in (0, 20):
        await hooks.office.begun(stories[number])
        await hooks.office.process.kill()
        await hooks.office.process.restart()
    for receiver in (hooks.good, hooks.bad):
        await hooks.arrived(receiver, stories)
    assert {len(notices) for notices in ids_of(hooks.good).values()} == {1}


async def test_read_anew_the_old_is_not_told_and_the_rest_is_the_same(hooks: Hooks) -> None:
    old, young = of_another_day(25), of_another_day(23)
    places = [TopicPartition(ESCALATIONS.name, one) for one in range(ESCALATIONS.partitions)]
    async with AIOKafkaConsumer(bootstrap_servers=hooks.office.kafka) as asking:
        # Not from the start of the topic: the tests of timers leave thousands of marks in it.
        begun = await asking.end_offsets(places)
    await hooks.office.tell_of_then(old, young)

    async def told() -> bool:
        return young.id in events_of(hooks.good)

    await eventually(told, "the younger one", 40)
    first = ids_of(hooks.good)
    await hooks.office.process.stop()
    await hooks.office.database["notices"].drop()
    async with AIOKafkaConsumer(
        bootstrap_servers=hooks.office.kafka, group_id=GROUP, enable_auto_commit=False
    ) as consumer:
        consumer.assign(places)
        committed = {one: await consumer.committed(one) for one in places}
        assert any((committed[one] or 0) > begun[one] for one in places)
        await consumer.commit(begun)
    hooks.good.got.clear()
    await hooks.office.process.start()
    await eventually(told, "the younger one again", 40)
    last = case(handle_s=1)
    await hooks.office.tell(*last.inputs)
    await hooks.arrived(hooks.good, [last])
    again = ids_of(hooks.good)
    assert all(again[event] == first[event] for event in again.keys() & first.keys())
    assert young.id in again.keys() & first.keys()
    assert old.id not in events_of(hooks.good) | events_of(hooks.bad)
    assert await hooks.stored(event=old.id) == []


async def test_who_may_sees_notices_and_tries_a_target(hooks: Hooks) -> None:
    admin = bearer(Principal("a", frozenset({Role.REGISTRY_ADMINISTRATOR})))
    leader = bearer(Principal("l", frozenset({Role.LEADER}), area="990101"))
    async with httpx.AsyncClient(base_url=f"http://{hooks.office.process.address}") as http:
        made = await http.post("/v1/notices", json={"target": "good"}, headers=admin)
        assert made.status_code == 202
        where = f"/v1/notices/{made.json()['notice']}"

        async def sent() -> dict[str, Any] | None:
            found: dict[str, Any] = (await http.get(where, headers=admin)).json()
            return found if found["state"] == "sent" else None

        found = await eventually(sent, "the test notice", 20)
        assert (found["occasion"], found["target"], found["attempts"]) == ("test", "good", 1)
        listed = (await http.get("/v1/notices?state=sent&target=good", headers=admin)).json()
        assert listed["items"][0] == found
        assert (await http.get("/v1/notices", headers=leader)).json() == {"items": []}
        assert (await http.get(where, headers=leader)).status_code == 404
        assert (await http.get("/v1/notices")).status_code == 401
        reporter = bearer(Principal("r"))
        assert (await http.get("/v1/notices", headers=reporter)).status_code == 403
        for who, body, status in (
            (leader, {"target": "good"}, 403),
            (admin, {"target": "nobody"}, 404),
            (admin, {}, 422),
        ):
            answer = await http.post("/v1/notices", json=body, headers=who)
            assert answer.status_code == status
        metrics = (await http.get("/metrics")).text
        assert 'wangge_notices_total{channel="webhook",state="sent"}' in metrics
        assert (await http.get("/readyz")).status_code == 200
