"""MongoDB: the one place that makes a client, with every option that correctness hangs on."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import ReadPreference, WriteConcern
from pymongo.errors import (
    AutoReconnect,
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
    WTimeoutError,
)
from pymongo.read_concern import ReadConcern

Database = AsyncIOMotorDatabase[dict[str, Any]]
Collection = AsyncIOMotorCollection[dict[str, Any]]
Client = AsyncIOMotorClient[dict[str, Any]]

DURABLE = WriteConcern(w="majority", j=True, wtimeout=10_000)
"""Acknowledged means: in the journal of a majority. An explicit w=1 loses writes on a kill -9."""

PASSING: tuple[type[PyMongoError], ...] = (
    AutoReconnect,
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    WriteConcernError,
    WTimeoutError,
)
"""What may pass: the server is away, changes its primary, or the outcome is not known."""

NOT_VALID = 121
THERE_ALREADY = 48
PASSING_CODES = frozenset({6, 7, 50, 64, 89, 91, 112, 189, 262, 9001, 10107, 11600, 11602, 13435})
"""Server errors that may pass: not primary, shutting down, interrupted, write conflict, time."""


def connect(uri: str, service: str) -> Client:
    """A client for the event loop that runs; one per service."""
    return AsyncIOMotorClient(
        uri,
        appname=f"wangge-{service}",
        serverSelectionTimeoutMS=3_000,
        connectTimeoutMS=3_000,
        socketTimeoutMS=15_000,
        maxPoolSize=16,
        waitQueueTimeoutMS=5_000,
        # The ledger decides again what it does not know the outcome of (decision 23).
        retryWrites=False,
        retryReads=True,
    )


def database(client: Client, name: str) -> Database:
    """A service's own database: majority both ways, instants in UTC."""
    return client.get_database(
        name,
        codec_options=CodecOptions(tz_aware=True, tzinfo=UTC),
        read_preference=ReadPreference.PRIMARY,
        write_concern=DURABLE,
        read_concern=ReadConcern("majority"),
    )


def passing(error: PyMongoError) -> bool:
    """Whether trying again may help."""
    return (
        isinstance(error, PASSING)
        or (isinstance(error, OperationFailure) and error.code in PASSING_CODES)
        or error.has_error_label("RetryableWriteError")
    )


async def demand(collection: Collection, validator: Mapping[str, Any]) -> None:
    """Let a collection refuse what is not valid (error NOT_VALID); it is created where it is not.

    Also one that an older version has made. Raises pymongo's errors.
    """
    name, database = collection.name, collection.database
    try:
        await database.command("create", name, validator=validator)
    except OperationFailure as error:
        if error.code != THERE_ALREADY:
            raise
        (found,) = [one async for one in await database.list_collections(filter={"name": name})]
        if found["options"].get("validator") != validator:
            await database.command("collMod", name, validator=validator)
