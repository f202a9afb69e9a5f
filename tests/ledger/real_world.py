"""The world with real Kafka and MongoDB: topics, a group and a database of one test's own."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from pymongo.read_concern import ReadConcern

from shared.contracts.topics import DEAD_LETTERS, MAX_MESSAGE_BYTES, Topic
from shared.ledger.kafka import KafkaConsumer, KafkaPublisher
from shared.ledger.mongo_store import MongoStore
from shared.ledger.ports import Record
from shared.platform.broker import build_broker
from shared.platform.mongo import Client, connect, database
from tests.ledger.scripted import Following
from tests.ledger.worlds import PARTITIONS, new_topic

PATIENCE_S = 20.0
WTIMEOUT = 64


class RealMember(KafkaConsumer):
    """A member of a real group."""

    def __init__(self, consumer: AIOKafkaConsumer, others: list["RealMember"]) -> None:
        super().__init__(lambda: consumer)
        self.consumer = consumer
        self._others = others
        others.append(self)

    async def poll(self, count: int = 500) -> list[Record]:
        """Records until there are so many, or until none has come for a while."""
        found: list[Record] = []
        while len(found) < count:
            fetched = await self.consumer.getmany(timeout_ms=500, max_records=count - len(found))
            if not fetched:
                break
            found += [
                Record(r.topic, r.partition, r.offset, r.timestamp, r.key, r.value, r.headers)
                for records in fetched.values()
                for r in records
            ]
        return found

    async def leave(self) -> None:
        """Leave the group."""
        self._others.remove(self)
        await self.consumer.stop()


class RealWorld:
    """Servers that the session has started; topics and database are new unless they are named."""

    def __init__(  # noqa: PLR0913 - what another process must be told to be in the same world
        self,
        kafka: str,
        client: Client,
        producer: AIOKafkaProducer,
        *,
        inputs: Topic | None = None,
        outputs: Topic | None = None,
        name: str | None = None,
    ) -> None:
        self.kafka = kafka
        self.client = client
        self.producer = producer
        self.inputs = inputs or new_topic("inputs")
        self.outputs = outputs or new_topic("outputs")
        self.group = f"group-{uuid.uuid4().hex[:12]}"
        self.database = database(client, name or f"test-{uuid.uuid4().hex[:12]}")
        self.collection = self.database["documents"]
        self.store = MongoStore(self.collection)
        self.broker = build_broker(kafka, "contract")
        self.publisher = KafkaPublisher(self.broker)
        self.members: list[RealMember] = []

    async def start(self) -> None:
        """Topics, indexes, the publisher."""
        await create_topics(self.kafka, self.inputs, self.outputs, DEAD_LETTERS)
        await self.store.prepare(timers=True, walks=[Following.columns])
        await self.collection.create_index(
            "unique_key", unique=True, partialFilterExpression={"unique_key": {"$type": "string"}}
        )
        await self.broker.start()

    async def stop(self) -> None:
        """Leave nothing behind."""
        for member in list(self.members):
            await member.leave()
        await self.broker.stop()
        await self.bring_database_back()
        await self.client.drop_database(self.database.name)

    async def documents(self) -> Mapping[str, Mapping[str, Any]]:
        """All documents by id."""
        # A majority's view may be some milliseconds old after a write that nobody vouched for.
        latest = self.collection.with_options(read_concern=ReadConcern("local"))
        return {raw["_id"]: raw async for raw in latest.find()}

    async def put(self, raw: Mapping[str, Any]) -> None:
        """Set a document."""
        await self.collection.replace_one({"_id": raw["_id"]}, dict(raw), upsert=True)

    async def append(self, record: Record) -> None:
        """Append a record."""
        await self.producer.send_and_wait(
            record.topic,
            record.value,
            key=record.key,
            partition=record.partition,
            timestamp_ms=record.timestamp,
            headers=list(record.headers),
        )

    async def read(self, topic: Topic) -> list[Record]:
        """All records of a topic."""
        return await read_topic(self.kafka, topic)

    async def join(self) -> RealMember:
        """A member of the group, when it owns its share of the partitions."""
        consumer = AIOKafkaConsumer(
            self.inputs.name,
            bootstrap_servers=self.kafka,
            group_id=self.group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            partition_assignment_strategy=[RangePartitionAssignor],
            heartbeat_interval_ms=100,
            fetch_max_wait_ms=50,
        )
        await consumer.start()
        member = RealMember(consumer, self.members)
        share = PARTITIONS // len(self.members)
        deadline = time.monotonic() + PATIENCE_S
        while any(len(one.owned()) != share for one in self.members):
            assert time.monotonic() < deadline, "the group did not settle"
            await asyncio.sleep(0.02)
        return member

    async def break_write(self, *, applied: bool) -> None:
        """The server hangs up on the next write, or says that it cannot vouch for it."""
        data: dict[str, Any] = {"failCommands": ["update", "insert"]}
        if applied:
            data["writeConcernError"] = {"code": WTIMEOUT, "errmsg": "on purpose"}
        else:
            data["closeConnection"] = True
        mode = {"times": 1}
        await self.client.admin.command("configureFailPoint", "failCommand", mode=mode, data=data)

    async def take_database_away(self) -> None:
        """From now on it hangs up on whatever it is asked."""
        data = {"failCommands": ["find", "update", "insert"], "closeConnection": True}
        await self.client.admin.command(
            "configureFailPoint", "failCommand", mode="alwaysOn", data=data
        )

    async def bring_database_back(self) -> None:
        """It answers again."""
        await self.client.admin.command("configureFailPoint", "failCommand", mode="off")


async def create_topics(kafka: str, *topics: Topic) -> None:
    """Create topics; those that exist stay as they are."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        await admin.create_topics(
            [NewTopic(one.name, one.partitions, 1, topic_configs=one.config()) for one in topics]
        )
    finally:
        await admin.close()


async def read_topic(kafka: str, topic: Topic) -> list[Record]:
    """All records of a topic that there still are, partition by partition.

    Letters of tests whose clock stands in the past are soon older than the topic keeps them.
    """
    places = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
    async with AIOKafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False) as consumer:
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        found: list[Record] = []
        while [place for place in places if await consumer.position(place) < ends[place]]:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [
                    Record(r.topic, r.partition, r.offset, r.timestamp, r.key, r.value, r.headers)
                    for r in records
                ]
    return sorted(found, key=lambda one: (one.partition, one.offset))


@asynccontextmanager
async def real_world(kafka: str, mongo: str) -> AsyncIterator[RealWorld]:
    """A world of its own on the session's servers."""
    client = connect(mongo, "contract")
    async with AIOKafkaProducer(
        bootstrap_servers=kafka, acks="all", max_request_size=MAX_MESSAGE_BYTES
    ) as producer:
        world = RealWorld(kafka, client, producer)
        await world.start()
        try:
            yield world
        finally:
            await world.stop()
            client.close()
