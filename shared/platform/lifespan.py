"""The life of a service: its servers are waited for, its ledger runs, and the end is a drain.

A service's lifespan enters `connected`, composes its settler and its subscription of the parts,
and enters `started` around its ``yield``.
"""

import asyncio
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Mapping,
    Sequence,
)
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiokafka.errors import KafkaError
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_delay,
    wait_exponential,
)

from shared.contracts.base import Names
from shared.contracts.registry_v1 import EntrySet
from shared.ledger.dead_letters import DEAD_SHARE
from shared.ledger.kafka import KafkaPublisher
from shared.ledger.ports import TransientError
from shared.ledger.subscription import Subscription
from shared.ledger.watchdog import watched
from shared.platform.broker import Broker, build_broker
from shared.platform.mongo import Database, connect, database
from shared.platform.settings import ServiceSettings
from shared.registry.reader import NoRegistry, RegistryReader, RegistryView

log = structlog.get_logger("life")
PATIENCE_S = 90.0
"""How long a service waits for its servers at boot before it gives up and is started again."""
LONGEST_PAUSE_S = 3.0


@dataclass(slots=True)
class Health:
    """Why the service is not ready: it is still starting, or what its parts say."""

    problems: list[Callable[[], str | None]] = field(default_factory=list)
    started: bool = False

    def problem(self) -> str | None:
        """The first reason, or None when ready."""
        if not self.started:
            return "starting: waiting for Kafka, MongoDB and the registry"
        return next((found for ask in self.problems if (found := ask()) is not None), None)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a service is composed of; nothing consumes yet."""

    database: Database
    broker: Broker
    publisher: KafkaPublisher
    registry: RegistryView
    names: Mapping[str, Names] = field(default_factory=dict)
    """Names of entries of the registry, as far as the service asked for them."""
    dead_share: float = DEAD_SHARE
    """Of the last records so large a part may become dead letters before consumption stops."""


@asynccontextmanager
async def connected(
    settings: ServiceSettings,
    service: str,
    *,
    registry: bool,
    only: Sequence[type[EntrySet]] | None = None,
    named: Collection[str] = (),
) -> AsyncIterator[Parts]:
    """A service's own database, its broker, and the registry where it decides by it.

    ``only``: the types of its events that the service needs; ``named``: the kinds of entries of
    which it needs the names all the same.
    """
    client = connect(settings.mongo, service)
    broker = build_broker(settings.kafka, service)
    reader = None
    if registry:
        reader = RegistryReader(settings.kafka, service, only=only, named=named)
    try:
        yield Parts(
            database=database(client, settings.database or f"wangge_{service}"),
            broker=broker,
            publisher=KafkaPublisher(broker),
            registry=reader or NoRegistry(),
            names=reader.names if reader is not None else {},
            dead_share=settings.dead_share,
        )
    finally:
        client.close()


@asynccontextmanager
async def started(
    parts: Parts,
    health: Health,
    subscription: Subscription[Any],
    prepare: Sequence[Callable[[], Awaitable[None]]] = (),
) -> AsyncIterator[None]:
    """Prepare the stores, catch up with the registry, consume; at the end, drain.

    Raises TransientError or KafkaError when the servers are not there within PATIENCE_S seconds.
    """
    for one in prepare:
        await _until_there(one)
    try:
        if isinstance(parts.registry, RegistryReader):
            await _until_there(parts.registry.start)
            health.problems.append(parts.registry.problem)
        await _until_there(parts.broker.start)
        subscription.start()
        health.problems.append(subscription.problem)
        health.started = True
        log.info("started")
        with _watching(parts.registry, parts.broker.reachable):
            yield
    finally:
        health.started = False
        await subscription.stop()
        await parts.broker.stop()
        if isinstance(parts.registry, RegistryReader):
            await parts.registry.stop()
        log.info("stopped")


def _watching(
    registry: RegistryView, reachable: Callable[[], bool]
) -> AbstractContextManager[None]:
    """The watchdog of the registry's reader, where there is one."""
    if isinstance(registry, RegistryReader):
        return watched(registry.beats, reachable)
    return nullcontext()


@asynccontextmanager
async def running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Something that runs beside the service until its end."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _until_there(work: Callable[[], Awaitable[Any]]) -> None:
    def note(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        log.warning("waiting_for_servers", error=f"{type(error).__name__}: {error}"[:200])

    async for attempt in AsyncRetrying(
        retry=retry_if_exception_type((TransientError, KafkaError)),
        wait=wait_exponential(multiplier=0.2, max=LONGEST_PAUSE_S),
        stop=stop_after_delay(PATIENCE_S),
        before_sleep=note,
        reraise=True,
    ):
        with attempt:
            await work()
