"""Errors of the database as the ledger names them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pymongo.errors import BulkWriteError, PyMongoError

from shared.ledger.ports import TransientError
from shared.platform.mongo import PASSING_CODES, passing


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Errors that may pass become TransientError, others stay what they are."""
    try:
        yield
    except PyMongoError as error:
        if passing(error) or (isinstance(error, BulkWriteError) and _doubtful(error)):
            raise TransientError(f"{type(error).__name__}: {error}"[:500]) from error
        raise


def _doubtful(error: BulkWriteError) -> bool:
    """Whether the server does not vouch for the whole bulk, or failed for a reason that passes."""
    codes = {one["code"] for one in error.details["writeErrors"]}
    return bool(error.details["writeConcernErrors"]) or not codes.isdisjoint(PASSING_CODES)
