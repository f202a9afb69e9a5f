"""What a reader of the topics sees while escalation answers: when, in which order, how often."""

import asyncio
import re
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.contracts.base import EventData, Limits
from shared.contracts.case_v1 import CaseState, Times
from shared.contracts.cases_v1 import CaseAccepted, CaseDispatched, CaseFiled
from shared.contracts.choice_v1 import DispatchRule
from shared.contracts.envelope import SOURCE_BASE, Event, encode
from shared.contracts.escalations_v1 import (
    ClockApproaching,
    ClockBreached,
    ClocksChanged,
    SupervisionOrdered,
)
from shared.contracts.golden import story
from shared.contracts.topics import CASES, ESCALATIONS
from shared.ledger.document import Entry
from shared.ledger.kafka import KafkaPublisher
from shared.platform.ids import caused_id
from shared.platform.partitioning import partition_of

MARKS = frozenset(one.TYPE.encode() for one in (ClockApproaching, ClockBreached))
ORDERED = SupervisionOrdered.TYPE.encode()
CHANGED = ClocksChanged.TYPE.encode()
DUE_AT = re.compile(rb'"mark":\{[^}]*"due_at":"([^"]+)"')
LIMITS = Limits(
    dispatch=story.EVERYTHING.dispatch, handle=story.EVERYTHING.handle, total=story.EVERYTHING.total
)


@dataclass
class Observer:
    """Reads the escalations from now on. Instants are seconds of ``time.time``."""

    kafka: str
    marks: int = 0
    orders: int = 0
    doubled: int = 0
    last: float = 0.0
    lateness: list[float] = field(default_factory=list)
    handled: list[float] = field(default_factory=list)
    inversions: int = 0
    """Marks that came, in their partition, after one that was due later."""
    deepest_s: float = 0.0
    """By how much such a mark was due earlier, at most."""
    per_second: Counter[int] = field(default_factory=Counter)
    asked: dict[bytes, float] = field(default_factory=dict)
    """The new cases that nothing is known of yet, and when they were published."""
    _seen: set[bytes] = field(default_factory=set)
    _newest: dict[int, float] = field(default_factory=dict)

    async def run(self) -> None:
        """Until cancelled."""
        places = [TopicPartition(ESCALATIONS.name, one) for one in range(ESCALATIONS.partitions)]
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.kafka, enable_auto_commit=False, fetch_max_wait_ms=20
        )
        async with consumer:
            consumer.assign(places)
            await consumer.seek_to_end(*places)
            for place in places:
                await consumer.position(place)
            while True:
                fetched = await consumer.getmany(timeout_ms=100)
                now = time.time()
                for records in fetched.values():
                    for one in records:
                        self._note(one, now)

    def _note(self, record: "ConsumerRecord[bytes, bytes]", now: float) -> None:
        headers = dict(record.headers)
        kind = headers.get("ce_type")
        if kind == CHANGED:
            if (asked := self.asked.pop(record.key, None)) is not None:
                self.handled.append(now - asked)
            return
        if kind == ORDERED:
            self.orders += 1
        if kind not in MARKS:
            return
        if (known := headers["ce_id"]) in self._seen:
            self.doubled += 1
            return
        self._seen.add(known)
        self.marks += 1
        self.last = now
        self.per_second[int(now)] += 1
        found = DUE_AT.search(record.value)
        assert found is not None  # noqa: S101 - a mark has its instant
        due = datetime.fromisoformat(found[1].decode()).timestamp()
        self.lateness.append(now - due)
        newest = self._newest.get(record.partition, 0.0)
        if due < newest:
            self.inversions += 1
            self.deepest_s = max(self.deepest_s, newest - due)
        else:
            self._newest[record.partition] = due


def entries_of_case(now: datetime) -> list[Entry]:
    """The first three events of a new case, as dispatch publishes them."""
    incident = str(uuid.uuid4())
    times = Times(counts_from=now, received_at=now, filed_at=now)
    case = story.case(CaseState.ACCEPTED, times=times, limits=LIMITS, unit=story.UNIT)
    said: tuple[EventData, ...] = (
        CaseFiled(
            incident_id=incident, at=now, case=case, receipt_no=story.RECEIPT, ladder=story.LADDER
        ),
        CaseDispatched(
            incident_id=incident, at=now, case=case, rule=DispatchRule.NEAREST_UNIT_OF_MATTER,
            centre=story.COUNTY, level="county",
        ),
        CaseAccepted(incident_id=incident, at=now, case=case),
    )  # fmt: skip
    return [_entry(incident, number, data, now) for number, data in enumerate(said, 1)]


def _entry(incident: str, number: int, data: EventData, now: datetime) -> Entry:
    event: Event[EventData] = Event(
        id=caused_id("bench", incident, number), source=SOURCE_BASE + "dispatch", subject=incident,
        time=now, data=data, correlation_id=incident, causation_id=incident, sequence=number,
    )  # fmt: skip
    headers, value = encode(event)
    partition = partition_of(incident, CASES.partitions)
    return Entry(event.id, CASES.name, incident, partition, headers, value, now)


async def feed(publisher: KafkaPublisher, observer: Observer, per_second: int) -> None:
    """New cases at a steady pace, until cancelled; an open loop."""
    began, count = time.perf_counter(), 0
    while True:
        entries = entries_of_case(datetime.now(UTC))
        observer.asked[entries[0].key.encode()] = time.time()
        await publisher.send(entries)
        count += 1
        await asyncio.sleep(max(0.0, began + count / per_second - time.perf_counter()))
