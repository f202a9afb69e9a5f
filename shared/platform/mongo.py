"""MongoDB: the one place that makes a client, with every option that correctness hangs on."""

from datetime import UTC
from typing import Any

from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
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
