"""Errors of the database as the ledger names them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pymongo.errors import PyMongoError

from shared.ledger.ports import TransientError
from shared.platform.mongo import passing


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Errors that may pass become TransientError, others stay what they are."""
    try:
        yield
    except PyMongoError as error:
        if passing(error):
            raise TransientError(f"{type(error).__name__}: {error}"[:500]) from error
        raise
