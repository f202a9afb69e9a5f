"""Reads what escalation has published, and puts down whom to notify: a group of its own."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from aiokafka import ConsumerRecord

from services.escalation.domain.deciding import SERVICE
from services.escalation.domain.notices import KEPT, Notice, notices
from services.escalation.domain.wording import Writer
from services.escalation.store import PENDING, NoticeStore
from shared.contracts.envelope import Origin
from shared.contracts.escalations_v1 import ClocksChanged
from shared.contracts.topics import ESCALATIONS
from shared.ledger.decoding import decode_all
from shared.ledger.health import Progress
from shared.ledger.kafka import KafkaConsumer
from shared.ledger.ports import Record, TransientError
from shared.ledger.retry import patiently
from shared.ledger.watchdog import Beats
from shared.platform import telemetry
from shared.platform.broker import subscribe
from shared.platform.clock import Clock
from shared.platform.lifespan import Parts

READER = f"{SERVICE}-notifier"
"""Its consumer group is ``wangge-escalation-notifier``."""
MAX_RECORDS = 500
PATIENCE_S = 20.0
PAUSE_S = 1.0
PASSES = frozenset({ClocksChanged.TYPE.encode()})

log = structlog.get_logger("notices")


@dataclass(frozen=True, slots=True)
class Means:
    """What the reader needs: where notices go, their words, and who is to know of new ones."""

    store: NoticeStore
    writer: Writer
    wake: Callable[[], None]
    progress: Progress


class Noticing:
    """Every notice is durable before the offset is committed; read again, it is the same one."""

    def __init__(self, parts: Parts, means: Means, clock: Clock) -> None:
        self._registry = parts.registry
        self._means = means
        self._clock = clock
        self._consumer = KafkaConsumer(lambda: self._subscriber.consumer)
        self._subscriber = subscribe(
            parts.broker, (ESCALATIONS,), READER, self._handle, MAX_RECORDS
        )

    def beats(self) -> Beats:
        """How many polls have succeeded."""
        return {"notices": self._consumer.polls}

    def problem(self) -> str | None:
        """Why nobody is notified of what is new."""
        found = self._consumer.problem()
        return None if found is None else f"notices: {found}"

    async def _handle(self, records: "Sequence[ConsumerRecord[bytes, bytes]]") -> None:
        batch = [
            Record(r.topic, r.partition, r.offset, r.timestamp, r.key, r.value, r.headers)
            for r in records
        ]
        try:
            await patiently(lambda: self._batch(batch), PATIENCE_S, READER)
        except TransientError as error:
            log.warning("batch_handed_back", records=len(batch), error=str(error))
            self._hand_back(batch, str(error))
        except Exception as error:
            log.exception("batch_failed", records=len(batch))
            self._hand_back(batch, f"{type(error).__name__}: {error}")
            await asyncio.sleep(PAUSE_S)
        else:
            self._means.progress.handled()

    def _hand_back(self, batch: Sequence[Record], reason: str) -> None:
        self._means.progress.failed(f"notices: {reason}")
        firsts: dict[tuple[str, int], int] = {}
        for one in batch:
            firsts.setdefault((one.topic, one.partition), one.offset)
        self._consumer.seek(firsts)

    async def _batch(self, batch: Sequence[Record]) -> None:
        added = await self._put_down(fresh(batch, self._clock))
        if added:
            self._means.wake()
            for channel, count in Counter(one.channel for one in added).items():
                telemetry.NOTICES.labels(channel, PENDING).inc(count)
            log.info("notices", records=len(batch), added=len(added))
        await self._consumer.commit({(one.topic, one.partition): one.offset + 1 for one in batch})

    async def _put_down(self, batch: Sequence[Record]) -> list[Notice]:
        decoded = decode_all(batch, PASSES)
        for letter in decoded.letters:
            # Others read this topic too: they put away what is no event.
            log.error("no_event", offset=letter.record.offset, error=letter.error[:200])
        if not decoded.events:
            return []
        await self._registry.at_least(max(one.registry_version for one in decoded.events))
        registry, now = self._registry.current(), self._clock()
        published = {Origin(one.topic, one.partition, one.offset): _written(one) for one in batch}
        made = [
            notice
            for event in decoded.events
            for notice in notices(
                event,
                registry.notice_targets(event.time),
                self._means.writer,
                now,
                published[event.origin] if event.origin else None,
            )
        ]
        new = await self._means.store.add(made)
        return [one for one in made if one.id in new]


def _written(record: Record) -> datetime:
    return datetime.fromtimestamp(record.timestamp / 1000, UTC)


def fresh(batch: Sequence[Record], clock: Clock) -> list[Record]:
    """The records that are not too old for a notice; a log of years is passed over quickly."""
    since = clock() - KEPT - timedelta(hours=1)
    oldest_ms = int(since.timestamp() * 1000)
    return [one for one in batch if one.timestamp >= oldest_ms]
