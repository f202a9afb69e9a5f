"""A running escalation: told what dispatch publishes, watched on its topic and in its database."""

import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from deploy.local.ports import free_ports
from deploy.local.service import ServiceServer
from services.escalation.domain.watch import Watch
from shared.contracts.base import Limits, to_instant
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import ClocksChanged, Mark
from shared.contracts.notice_targets import NoticeTarget
from shared.contracts.topics import CASES, ESCALATIONS
from shared.platform.mongo import Client, Database, connect, database
from tests.integration.intake.client import SECRET, eventually, read_all
from tests.integration.publishing import publish
from tests.registry.entries import alone, version
from tests.registry.entries import event as as_event
from tests.unit.escalation.story import RULES, Story, hours

HOUR_S = 3600
HOOK_SECRET = "whsec_bm90aWNlcyBvZiB0aGUgdGVzdHMsIHNpZ25lZA=="


def escalation_process(folder: Path, kafka: str, mongo: str) -> ServiceServer:
    """An escalation that is not started yet, with a database and secrets of its own."""
    (port,) = free_ports(1)
    (folder / "secret").write_bytes(SECRET)
    (secrets := folder / "notice-secrets").mkdir()
    (secrets / "hook").write_text(HOOK_SECRET)
    settings = {
        "WANGGE_SECRET_FILE": str(folder / "secret"),
        "WANGGE_ESCALATION_NOTICE_SECRETS": str(secrets),
        "WANGGE_KAFKA": kafka,
        "WANGGE_MONGO": mongo,
        "WANGGE_LOG": "json",
        "WANGGE_ESCALATION_DATABASE": f"escalation_{uuid.uuid4().hex[:12]}",
    }
    return ServiceServer(
        "escalation", "services.escalation", port, folder / "escalation.log", settings
    )


def case(handle_s: float, began: float = 0) -> Story:
    """A case that its unit accepted so many seconds ago, with so many to handle it."""
    accepted = to_instant(datetime.now(UTC) - timedelta(seconds=began))
    limits = Limits(handle=hours(handle_s / HOUR_S))
    return Story(limits, start=accepted, now=accepted, incident=str(uuid.uuid4())).begin()


def short(event: Event[Any]) -> str:
    """The type of an event without what all have in common."""
    return event.type.removeprefix("cn.wangge.").removesuffix(".v1")


@dataclass(frozen=True)
class Office:
    """The process and its servers."""

    process: ServiceServer
    kafka: str
    client: Client

    @classmethod
    def of(cls, process: ServiceServer) -> "Office":
        """The office that a process is."""
        settings = process.settings
        client = connect(settings["WANGGE_MONGO"], "test")
        return cls(process, settings["WANGGE_KAFKA"], client)

    @property
    def database(self) -> Database:
        """The service's own database."""
        return database(self.client, self.process.settings["WANGGE_ESCALATION_DATABASE"])

    async def tell(self, *events: Event[Any]) -> None:
        """Publish events as dispatch does."""
        await publish(self.kafka, events)

    async def tell_of_then(self, *events: Event[Any]) -> None:
        """Publish events as their producer did, at their own time."""
        await publish(self.kafka, events, at_their_time=True)

    async def register(self, *targets: NoticeTarget) -> None:
        """Bring targets of notices into the registry, and wait until the service knows them."""
        versions = [version(one, alone(str(uuid.uuid4()))) for one in targets]
        await self.tell_of_then(*map(as_event, versions))
        await self.process.restart()

    async def published(self, story: Story) -> list[Event[Any]]:
        """What escalation has published about a case, beside its clocks."""
        return about(story, await read_all(self.kafka, ESCALATIONS, story.incident))

    async def until(self, story: Story, *expected: str) -> list[Event[Any]]:
        """The events about a case when there are so many as expected, which they must be."""

        async def enough() -> list[Event[Any]] | None:
            found = await self.published(story)
            return found if len(found) >= len(expected) else None

        found = await eventually(enough, f"{expected} of {story.incident}", 40)
        assert [short(event) for event in found] == list(expected)
        return found

    async def begun(self, story: Story) -> None:
        """Return when a mark of a case has been answered."""

        async def any_there() -> bool:
            return bool(await self.published(story))

        await eventually(any_there, f"a mark of {story.incident}", 40)

    async def due_below(self, count: int) -> int:
        """How many watches are due, as soon as they are fewer than so many."""
        watches = self.database["watches"]

        async def fewer() -> tuple[int] | None:
            left = await watches.count_documents({"next_due_at": {"$lte": datetime.now(UTC)}})
            return (left,) if left < count else None

        return (await eventually(fewer, f"fewer than {count} are due", 60))[0]

    async def outlast(self, seconds: float) -> None:
        """Return when so much real time has passed, with the process as it is."""
        until = datetime.now(UTC) + timedelta(seconds=seconds)

        async def over() -> bool:
            return datetime.now(UTC) >= until

        await eventually(over, f"{seconds} s", 2 * seconds + 5)

    async def settled(self, story: Story) -> dict[str, Any]:
        """The document of a case when it has taken all that was told of it."""
        told = {event.id for event in story.inputs}

        async def taken() -> dict[str, Any] | None:
            raw = await self.database["watches"].find_one({"_id": story.incident})
            return dict(raw) if raw and told <= set(raw["seen"]) and not raw["outbox"] else None

        return await eventually(taken, f"the watch of {story.incident}", 40)

    async def folded(self, story: Story) -> Watch:
        """The watch as the two topics tell it; what was published again after a kill, once."""
        state = None
        for topic in (CASES, ESCALATIONS):
            once: dict[str, Event[Any]] = {}
            for event in await read_all(self.kafka, topic, story.incident):
                once.setdefault(event.id, event)
            for event in once.values():
                state = RULES.evolve(state, event)
        assert state is not None
        return state


def about(story: Story, log: list[Event[Any]]) -> list[Event[Any]]:
    """What a log says about a case beside its clocks; checked for numbers without a gap.

    A record that was published again after a crash, with its id and content, is one event.
    """
    mine: dict[str, Event[Any]] = {}
    for event in log:
        if event.subject == story.incident:
            first = mine.setdefault(event.id, event)
            assert replace(first, origin=None) == replace(event, origin=None)
    assert [event.sequence for event in mine.values()] == list(range(1, len(mine) + 1))
    return [event for event in mine.values() if not isinstance(event.data, ClocksChanged)]


def marks(events: list[Event[Any]]) -> list[Mark]:
    """The marks of events that have one."""
    return [event.data.mark for event in events if event.data.mark is not None]
