"""The real servers that the stack and the tests stand on: they start, die and come back."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import MongoClient

from deploy.local.errors import StartFailedError
from deploy.local.kafka import KafkaServer
from deploy.local.mongo import set_trouble
from deploy.local.ports import free_ports
from deploy.local.servers import start_kafka, start_mongo


async def make_topic(bootstrap: str, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1)])
    finally:
        await admin.close()


async def write(bootstrap: str, topic: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        await producer.send_and_wait(topic, value, partition=0)


async def read_all(bootstrap: str, topic: str) -> list[bytes]:
    partition = TopicPartition(topic, 0)
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap) as consumer:
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        end = (await consumer.end_offsets([partition]))[partition]
        found: list[bytes] = []
        while len(found) < end:
            found.append((await consumer.getone()).value)
        return found


async def test_kafka_keeps_what_it_acknowledged_over_a_kill(tmp_path: Path) -> None:
    server = await start_kafka(tmp_path)
    try:
        await make_topic(server.address, "t")
        await write(server.address, "t", b"before")
        first = server.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        assert await server.wait() == -signal.SIGKILL
        assert server.pid is None
        await server.restart()
        await write(server.address, "t", b"after")
        assert await read_all(server.address, "t") == [b"before", b"after"]
        assert server.pid not in (None, first)
    finally:
        await server.stop()


async def test_mongo_keeps_what_it_acknowledged_over_a_kill_and_a_new_port(tmp_path: Path) -> None:
    server = await start_mongo(tmp_path)
    try:
        with MongoClient[dict[str, Any]](server.uri) as client:
            client.db.things.insert_one({"_id": 1})
        await server.kill()
        (server.port,) = free_ports(1)
        await server.restart()
        with MongoClient[dict[str, Any]](server.uri) as client:
            assert client.db.things.find_one() == {"_id": 1}
            assert client.admin.command("serverStatus")["pid"] == server.pid
    finally:
        await server.stop()


async def test_a_kafka_of_another_identity_is_not_taken_for_ours(
    tmp_path: Path, kafka: str
) -> None:
    port = int(kafka.rpartition(":")[2])
    ours = KafkaServer(tmp_path / "kafka", port, free_ports(1)[0], tmp_path / "kafka.log")
    await ours.prepare()
    assert "another cluster" in str(await ours.trouble())


async def test_a_mongo_of_another_process_is_not_taken_for_ours(mongo: str) -> None:
    port = int(mongo.partition("/?")[0].rpartition(":")[2])
    assert "answers instead" in str(await set_trouble(port, os.getpid()))


@pytest.mark.parametrize("kind", ["kafka", "mongo"])
async def test_a_server_whose_port_is_taken_fails_and_says_why(tmp_path: Path, kind: str) -> None:
    holder = await asyncio.start_server(lambda _, w: w.close(), "127.0.0.1", 0)
    port = holder.sockets[0].getsockname()[1]
    start = start_kafka if kind == "kafka" else start_mongo
    async with holder:
        with pytest.raises(StartFailedError, match=r"(?i)address already in use"):
            await start(tmp_path, port)
