"""aiokafka's consumer, made to survive a record that it cannot parse, and to be asked at any time.

A header's *name* that is not UTF-8 (clients in Go or C can write one) raises inside aiokafka's
parser on every poll, and what that poll had drained of other partitions is lost with the error.

A broker answers what comes over one connection in turn: whoever asks for the end of a partition
over the one on which a fetch waits for records hears of it when that fetch is over.
"""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError, KafkaTimeoutError

from shared.platform.faulty import end_consumer, hang_up, revive, stop_wholly

UNREADABLE = "wangge-unreadable"
"""The one header of what stands for a record that could not be parsed; its value says why."""
SINGLE_TIMEOUT_MS = 2_000
PAUSE_S = 1.0
ASK_ANEW_S = 5.0
CONNECTION = frozenset({
    "bootstrap_servers", "client_id", "isolation_level", "request_timeout_ms", "retry_backoff_ms",
    "metadata_max_age_ms", "connections_max_idle_ms", "api_version", "security_protocol",
    "ssl_context", "sasl_mechanism", "sasl_plain_username", "sasl_plain_password",
    "sasl_kerberos_service_name", "sasl_kerberos_domain_name", "sasl_oauth_token_provider",
})  # fmt: skip
"""What says how the broker is reached, and what counts as the end."""

log = structlog.get_logger("consumer")

Fetched = dict[TopicPartition, list["ConsumerRecord[bytes, bytes]"]]


class CarefulConsumer(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka is untyped
    """Gives an empty record with its place for one that cannot be parsed, and loses no other."""

    def __init__(self, *topics: str, **options: Any) -> None:  # noqa: ANN401 - aiokafka's own
        super().__init__(*topics, **options)
        self._known = {name: value for name, value in options.items() if name in CONNECTION}
        self.polls = 0
        self.failing: str | None = None
        self._asking = self._to_ask()
        self._renewing = False

    def _to_ask(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(**self._known, group_id=None, enable_auto_commit=False)

    async def start(self) -> None:
        """As aiokafka's; one that could not be started leaves nothing behind."""
        try:
            await self._asking.start()
            await super().start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """As aiokafka's, and wholly."""
        try:
            await stop_wholly(self)
        finally:
            await stop_wholly(self._asking)

    def problem(self) -> str | None:
        """Why nothing is fetched, if the last poll failed."""
        return None if self.failing is None else f"no records can be fetched: {self.failing}"

    async def ask_anew(self) -> None:
        """Ask over another connection from now on, if that is there in time."""
        if self._renewing:
            return
        self._renewing = True
        old, new = self._asking, self._to_ask()
        try:
            async with asyncio.timeout(ASK_ANEW_S):
                await new.start()
            if not self._closed:
                self._asking, new = new, old
                log.warning("asks_anew")
        except (KafkaError, TimeoutError) as error:
            log.warning("asks_as_before", error=f"{type(error).__name__}: {error}"[:300])
        finally:
            self._renewing = False
            await end_consumer(new)

    async def end_offsets(
        self, partitions: Collection[TopicPartition]
    ) -> Mapping[TopicPartition, int]:
        """As aiokafka's, and without waiting for a fetch."""
        asking = self._asking
        revive(asking)
        # While a group settles, polls wait for the end of that, and may wait for this client.
        revive(self)
        try:
            ends: Mapping[TopicPartition, int] = await asking.end_offsets(list(partitions))
        except (KafkaTimeoutError, asyncio.CancelledError):
            hang_up(asking)
            raise
        return ends

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> Fetched:
        """As aiokafka's."""
        revive(self)
        try:
            self._check_fetcher()
            found = await self._fetched(partitions, timeout_ms, max_records)
        except KafkaError as error:
            # FastStream tries again and tells nobody.
            self.failing = f"{type(error).__name__}: {error}"[:300]
            log.warning("poll_failed", error=self.failing)
            raise
        self.polls += 1
        self.failing = None
        return found

    def _check_fetcher(self) -> None:
        """Aiokafka answers for one whose task has ended that there are no records, for ever."""
        if not self._closed and self._fetcher.error_future.done():
            raise KafkaError("the task that fetches records has ended")

    async def _fetched(
        self, partitions: Collection[TopicPartition], timeout_ms: int, max_records: int | None
    ) -> Fetched:
        before = self._positions()
        try:
            found: Fetched = await super().getmany(
                *partitions, timeout_ms=timeout_ms, max_records=max_records
            )
        except UnicodeDecodeError:
            found = await self._singly(before, max_records or 1)
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
