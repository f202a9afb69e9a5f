"""The world without servers."""

from collections.abc import Mapping
from typing import Any

from shared.contracts.topics import Topic
from shared.ledger.ports import Record
from tests.fakes.log import FakeGroup, FakeLog, FakeMember
from tests.fakes.publisher import FakePublisher
from tests.fakes.store import FakeStore
from tests.ledger.worlds import PARTITIONS, new_topic


class FakeWorld:
    """The in-memory log and store."""

    def __init__(self) -> None:
        self.log = FakeLog(PARTITIONS)
        self.store = FakeStore(unique="unique_key")
        self.publisher = FakePublisher(self.log)
        self.inputs = new_topic("inputs")
        self.outputs = new_topic("outputs")
        self.group = FakeGroup(self.log, [self.inputs.name])

    async def documents(self) -> Mapping[str, Mapping[str, Any]]:
        """All documents by id."""
        return self.store.all()

    async def put(self, raw: Mapping[str, Any]) -> None:
        """Set a document."""
        self.store.put(raw)

    async def append(self, record: Record) -> None:
        """Append a record."""
        self.log.append(
            record.topic,
            record.partition,
            key=record.key,
            value=record.value,
            headers=record.headers,
            timestamp=record.timestamp,
        )

    async def read(self, topic: Topic) -> list[Record]:
        """All records of a topic."""
        return self.log.read(topic.name)

    async def join(self) -> FakeMember:
        """A member of the group."""
        return self.group.join()

    async def break_write(self, *, applied: bool) -> None:
        """The next write fails, after or before its effect."""
        (self.store.fail_after if applied else self.store.fail_before).append("write")

    async def take_database_away(self) -> None:
        """From now on no call is answered."""
        self.store.away = True

    async def bring_database_back(self) -> None:
        """It answers again."""
        self.store.away = False
