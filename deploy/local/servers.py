"""Start a real Kafka or MongoDB in a folder, on free ports: what tests and benchmarks use."""

from pathlib import Path

from deploy.local.kafka import KafkaServer
from deploy.local.mongo import MongoServer
from deploy.local.ports import free_ports

__all__ = ["KafkaServer", "MongoServer", "start_kafka", "start_mongo"]


async def start_kafka(folder: Path, port: int | None = None) -> KafkaServer:
    """Start a broker with its data in ``folder``; it is ready when this returns.

    Without a port it takes a free one. The caller stops it (`KafkaServer.stop`); it dies with the
    calling process at the latest.

    Raises:
        StackError: it cannot be had or does not start.
    """
    chosen, controller = free_ports(2)
    server = KafkaServer(folder / "kafka", port or chosen, controller, folder / "kafka.log")
    await server.start()
    return server


async def start_mongo(folder: Path, port: int | None = None, *, test: bool = True) -> MongoServer:
    """Start a mongod, with the flags for tests by default; else as `start_kafka`."""
    (chosen,) = free_ports(1)
    log = folder / "mongo.log"
    server = MongoServer(folder / "mongo", port or chosen, log, test=test)
    await server.start()
    return server
