"""aiokafka's consumer, made to survive a record that it cannot parse.

A header's *name* that is not UTF-8 (clients in Go or C can write one) raises inside aiokafka's
parser on every poll, and what that poll had drained of other partitions is lost with the error.
"""

import asyncio
from collections.abc import Mapping

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

UNREADABLE = "wangge-unreadable"
"""The one header of what stands for a record that could not be parsed; its value says why."""
SINGLE_TIMEOUT_MS = 2_000
PAUSE_S = 1.0

log = structlog.get_logger("consumer")

Fetched = dict[TopicPartition, list["ConsumerRecord[bytes, bytes]"]]


class CarefulConsumer(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka is untyped
    """Gives an empty record with its place for one that cannot be parsed, and loses no other."""

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> Fetched:
        """As aiokafka's."""
        before = self._positions()
        try:
            found: Fetched = await super().getmany(
                *partitions, timeout_ms=timeout_ms, max_records=max_records
            )
        except UnicodeDecodeError:
            return await self._singly(before, max_records or 1)
        return found

    def _positions(self) -> dict[TopicPartition, int]:
        found = {}
        for place in self.assignment():
            state = self._subscription.subscription.assignment.state_value(place)
            if state.has_valid_position:
                found[place] = state.position
        return found

    async def _singly(self, before: Mapping[TopicPartition, int], limit: int) -> Fetched:
        """Records one by one up to the first that cannot be parsed, which is passed over."""
        starts = await self._starts(before)
        for place, offset in starts.items():
            if place in self.assignment():
                self.seek(place, offset)
        ends = await self.end_offsets(list(starts))
        found: Fetched = {}
        for place in [place for place in starts if starts[place] < ends[place]]:
            records, passed = await self._of_one(place, limit)
            if records:
                found[place] = records
            if passed:
                break
        return found

    async def _starts(self, before: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """Where the poll began; to go on without knowing that would lose what it had drained."""
        while True:
            try:
                return {place: await self._start_of(place, before) for place in self.assignment()}
            except KafkaError as error:
                log.warning("waits_for_positions", error=str(error)[:200])
                await asyncio.sleep(PAUSE_S)

    async def _start_of(self, place: TopicPartition, before: Mapping[TopicPartition, int]) -> int:
        """Its position before the poll; one that had none yet found it by what is committed."""
        if place in before:
            return before[place]
        committed = await self.committed(place) if self._group_id is not None else None
        if committed is not None:
            return int(committed)
        return int((await self.beginning_offsets([place]))[place])

    async def _of_one(
        self, place: TopicPartition, limit: int
    ) -> tuple[list["ConsumerRecord[bytes, bytes]"], bool]:
        """Records of one partition, and whether the last stands for one that was passed over."""
        records: list[ConsumerRecord[bytes, bytes]] = []
        while len(records) < limit:
            try:
                single = await super().getmany(place, timeout_ms=SINGLE_TIMEOUT_MS, max_records=1)
            except UnicodeDecodeError as error:
                offset = await self.position(place)
                self.seek(place, offset + 1)
                return [*records, _stand_in(place, offset, error)], True
            if not single:
                break
            records += single[place]
        return records, False


def _stand_in(
    place: TopicPartition, offset: int, error: Exception
) -> "ConsumerRecord[bytes, bytes]":
    return ConsumerRecord(
        topic=place.topic,
        partition=place.partition,
        offset=offset,
        timestamp=-1,
        timestamp_type=0,
        key=None,
        value=None,
        checksum=None,
        serialized_key_size=-1,
        serialized_value_size=-1,
        headers=((UNREADABLE, str(error).encode()),),
    )
