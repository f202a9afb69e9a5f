"""Reading the log for an audit: without a group, up to offsets that were taken before."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from shared.contracts.topics import MAX_MESSAGE_BYTES, Topic
from shared.ledger.ports import Record
from shared.platform.faulty import stop_wholly

BATCH = 2000
POLL_MS = 1000
FETCH_WAIT_MS = 20
"""A partition read to its end holds up the next one for so long."""
REQUEST_MS = 20_000


class SilentLogError(Exception):
    """Kafka gave no record for too long, although there are more."""


class KafkaLog:
    """Kafka as an audit reads it; raises KafkaError when it is away."""

    def __init__(self, bootstrap: str) -> None:
        servers = bootstrap.split(",")
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=servers,
            client_id="wangge-audit",
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_max_wait_ms=FETCH_WAIT_MS,
            fetch_max_bytes=16 * 1024 * 1024,
            max_partition_fetch_bytes=MAX_MESSAGE_BYTES,
            request_timeout_ms=REQUEST_MS,
        )
        self._admin = AIOKafkaAdminClient(
            bootstrap_servers=servers, client_id="wangge-audit", request_timeout_ms=REQUEST_MS
        )

    async def __aenter__(self) -> Self:
        try:
            await self._consumer.start()
            await self._admin.start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self._stop()

    async def _stop(self) -> None:
        await self._admin.close()
        await stop_wholly(self._consumer)

    async def ends(self, topics: Sequence[Topic], partition: int) -> dict[str, int]:
        """The end offset of one partition of each topic, now."""
        wanted = {topic.name: TopicPartition(topic.name, partition) for topic in topics}
        found = await self._consumer.end_offsets(list(wanted.values()))
        return {name: found[tp] for name, tp in wanted.items()}

    async def since(
        self, topics: Sequence[Topic], partition: int, instant: datetime
    ) -> dict[str, int]:
        """The first offset of one partition of each topic at or after an instant, else its end."""
        wanted = {TopicPartition(topic.name, partition): topic.name for topic in topics}
        milliseconds = int(instant.timestamp() * 1000)
        found = await self._consumer.offsets_for_times(dict.fromkeys(wanted, milliseconds))
        ends = await self.ends(topics, partition)
        return {
            name: one.offset if (one := found.get(tp)) is not None else ends[name]
            for tp, name in wanted.items()
        }

    async def committed(self, group: str) -> dict[tuple[str, int], int]:
        """The next offset of a group, by topic and partition; nothing where it never committed."""
        found = await self._admin.list_consumer_group_offsets(group)
        return {
            (tp.topic, tp.partition): one.offset for tp, one in found.items() if one.offset >= 0
        }

    async def read(
        self, partition: int, ends: Mapping[str, int], starts: Mapping[str, int] | None = None
    ) -> AsyncIterator[list[Record]]:
        """The records of one partition of some topics, each to its end offset.

        Each from its beginning, or from its start offset where some are given. Raises
        SilentLogError when they do not come.
        """
        begin = starts or {}
        places = {
            TopicPartition(topic, partition): end
            for topic, end in ends.items()
            if end > begin.get(topic, 0)
        }
        if not places:
            return
        self._consumer.assign(list(places))
        if starts is None:
            await self._consumer.seek_to_beginning(*places)
        else:
            for tp in places:
                self._consumer.seek(tp, begin.get(tp.topic, 0))
        silent = 0
        while open_ := [
            tp for tp, end in places.items() if await self._consumer.position(tp) < end
        ]:
            found = await self._consumer.getmany(*open_, timeout_ms=POLL_MS, max_records=BATCH)
            silent = 0 if found else silent + POLL_MS
            if silent > REQUEST_MS:
                raise SilentLogError(f"no record of {open_[0]} in {REQUEST_MS // 1000} s")
            yield [
                Record(r.topic, r.partition, r.offset, r.timestamp, r.key, r.value, r.headers)
                for tp, records in found.items()
                for r in records
                if r.offset < places[tp]
            ]


def subject_of(record: Record) -> str:
    """The document that a record is about, by its header; empty where it names none."""
    return header(record, "ce_subject")


def header(record: Record, wanted: str) -> str:
    """The text of a header; empty where the record has none of that name."""
    for name, value in record.headers:
        if name == wanted and value is not None:
            return value.decode("utf-8", "replace")
    return ""
