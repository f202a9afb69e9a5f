"""All services in memory, on the ledger's fakes: their log, their documents, and an audit."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import bson

from deploy.audit.bucket import Bucket
from deploy.audit.owner import Owner
from deploy.audit.owners import (
    DOSSIERS,
    ENTRIES,
    KEYED_OWNERS,
    ORDERS,
    ORDERS_KNOWN,
    RECEIPTS,
    TIMELINES,
    WATCHES,
    parse_bucket,
    rollups,
)
from deploy.audit.ports import Offsets, Sources
from deploy.audit.report import Report
from deploy.audit.run import Auditor, Watcher
from services.analytics.domain.timeline import Timeline
from services.analytics.rollups import gather
from services.dispatch.domain.turns import in_turn
from services.dispatch.domain.walking import WALKS
from services.dispatch.looking_up import LookUps
from services.dispatch.second_look import SecondLook
from services.escalation.domain.deciding import Watching
from services.intake.domain.commands import (
    GiveReceipt,
    IssueOrder,
    ReportIncident,
    RequestAction,
    SetEntry,
    WithdrawOrder,
    command,
)
from services.intake.domain.order_bodies import OrderBody, ReceiptBody, WithdrawalBody
from services.intake.domain.urging import urged
from shared.contracts.base import Actor, EventData, Limit, Limits, LimitUnit
from shared.contracts.envelope import Event, Origin, decode, encode
from shared.contracts.golden import registry as golden
from shared.contracts.golden import story
from shared.contracts.golden.orders import LEADER
from shared.contracts.incidents_v1 import ActionRequest, Verb
from shared.contracts.incidents_v1 import Report as Reported
from shared.contracts.orders_v1 import EVENTS as ORDER_EVENTS
from shared.contracts.policies import Policy
from shared.contracts.registry_v1 import (
    Change,
    Entry,
    EntrySet,
    Matter,
    entry_key,
)
from shared.contracts.topics import CASES, REGISTRY, Topic
from shared.ledger.decider import Taken
from shared.ledger.folding import Folder
from shared.ledger.health import Progress
from shared.ledger.partition_time import PartitionTimes
from shared.ledger.ports import Record
from shared.ledger.processing import Processor
from shared.ledger.settling import Settler
from shared.ledger.ticker import Ticker
from shared.ledger.walker import Walker
from shared.platform import ids
from shared.platform.partitioning import partition_of
from shared.registry.snapshot import Snapshot
from tests.fakes.cases import FakeCases
from tests.fakes.clock import MovedClock
from tests.fakes.log import FakeGroup, FakeLog, FakeMember
from tests.fakes.publisher import FakePublisher
from tests.fakes.registry import FakeRegistry
from tests.fakes.store import FakeStore

HOUR = Limit(amount=1, unit=LimitUnit.URGENT_HOUR)
LIMITS = Limits(dispatch=HOUR, accept=HOUR, handle=HOUR, verify=HOUR, total=HOUR)
OFFICER = Actor(subject="o-1", roles=("officer",), unit="grid-990101002003", area=story.TOWN)


def entries(duplicates: str = "file") -> list[Entry]:
    """The golden city, with limits in natural time only, where duplicates are filed or linked."""
    found: list[Entry] = []
    for entry in golden.ENTRIES:
        if isinstance(entry, Matter):
            conditions = tuple(
                one.model_copy(update={"limits": LIMITS, "verify_before_filing": False})
                for one in entry.conditions
            )
            found.append(entry.model_copy(update={"conditions": conditions, "flow": None}))
        elif isinstance(entry, Policy):
            rules = {"filing_limit": HOUR, "unmatched": "reject", "duplicates": duplicates}
            found.append(entry.model_copy(update=rules))
        else:
            found.append(entry)
    return found


@dataclass
class Service:
    """One owner at work."""

    owner: Owner
    store: FakeStore
    settler: Settler[Any]
    member: FakeMember
    processor: Processor[Any]


@dataclass
class FakeBuckets:
    """The rollups in memory, counted as analytics counts them."""

    raws: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def write(self, taken: Iterable[Taken[Timeline]]) -> None:
        for bucket, places in gather(taken).items():
            raw = self.raws.setdefault(bucket, {"_id": bucket, "n": {}, "at": {}})
            for where, items in places.items():
                mark = raw["at"].get(where, -1)
                for offset, figure, amount in items:
                    if offset > mark:
                        raw["n"][figure] = raw["n"].get(figure, 0) + amount
                        raw["at"][where] = max(offset, raw["at"].get(where, -1))


@dataclass
class World:
    """The services, their log and their clock."""

    clock: MovedClock = field(default_factory=MovedClock)
    log: FakeLog = field(default_factory=FakeLog)
    groups: dict[str, FakeGroup] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    registry: FakeRegistry = field(default_factory=FakeRegistry)
    buckets: FakeBuckets = field(default_factory=FakeBuckets)
    going_on: set[str] = field(default_factory=set)
    actions: int = 0
    duplicates: str = "file"
    meanwhile: Callable[[], Awaitable[None]] | None = None
    """What the services do while the audit reads."""

    def __post_init__(self) -> None:
        for owner in (*KEYED_OWNERS, ENTRIES):
            self.services[owner.name] = self._service(owner)
        # One consumer for both, as in analytics: orders are settled beside the timelines.
        known = self.services[ORDERS_KNOWN.name].settler
        self.services[TIMELINES.name].settler.beside = dict.fromkeys(ORDER_EVENTS, known)

    def _service(self, owner: Owner) -> Service:
        store = FakeStore()
        folder: Folder[Any] = Folder(owner.service, owner.decider, partition_of, owner.home)
        settler = Settler(folder, store, FakePublisher(self.log), self.clock, self.registry)
        if owner is RECEIPTS:
            settler.also = urged
        if owner is TIMELINES:
            settler.projection = self.buckets
        if owner is DOSSIERS:
            settler.look_up, settler.in_turn = LookUps(FakeCases(store)), in_turn
        topics = () if owner is ORDERS_KNOWN else owner.reads
        group = FakeGroup(self.log, [topic.name for topic in topics])
        self.groups.setdefault(owner.group, group)
        member = group.join()
        passes = frozenset(one.TYPE.encode() for one in owner.passes if owner is not TIMELINES)
        processor = Processor(
            settler, member, PartitionTimes(), Progress(), passes=passes, nothing=owner.nothing
        )
        return Service(owner, store, settler, member, processor)

    def store(self, owner: Owner) -> FakeStore:
        """The documents of an owner."""
        return self.services[owner.name].store

    async def import_city(self) -> None:
        """Set every entry of the city, as one change."""
        await self.enter("change", entries(self.duplicates), golden.FROM)

    async def enter(
        self,
        name: str,
        wanted: Sequence[Entry],
        since: datetime,
        until: Mapping[str, datetime] | None = None,
    ) -> str:
        """Set entries as one change; those that ``until`` names by code end then. Its id."""
        change = ids.caused_id("test", name)
        for part, entry in enumerate(wanted, 1):
            data = SetEntry(
                change=Change(id=change, part=part, count=len(wanted)),
                entry=entry,
                decided_at=self.clock(),
                valid_from=since,
                valid_until=(until or {}).get(entry.code),
            )
            asked = command(entry_key(entry), data, self.clock(), change)
            await self.services[ENTRIES.name].settler.settle([asked])
        records = self.log.read(REGISTRY.name)
        found = [decode(one.headers, one.value, Origin(one.topic, 0, 0)).data for one in records]
        versions = [one for one in found if isinstance(one, EntrySet)]
        self.registry.snapshot = Snapshot().with_changes(versions, len(versions) - 1).prepare()
        self.registry.end = len(versions) - 1
        return change

    async def walk(self) -> int:
        """Let open cases follow the registry; how many did."""
        return await Walker(self.services[DOSSIERS.name].processor, WALKS, limit=3).round()

    async def report(self, key: str, by: Actor | None = None, **fields: object) -> str:
        """Somebody reports a missing manhole cover; the incident's id."""
        by = by or story.RESIDENT
        incident = ids.incident_id(by.subject, key)
        report = {"matter": story.MATTER.code, "location": story.PLACE, **fields}
        data = ReportIncident(
            incident_id=incident,
            received_at=self.clock(),
            reporter=by,
            report=Reported.model_validate(report),
        )
        asked = command(incident, data, self.clock())
        await self.services[RECEIPTS.name].settler.settle([asked])
        return incident

    async def act(self, incident: str, verb: Verb, actor: Actor, **more: object) -> None:
        """Somebody asks for an action."""
        action = ids.caused_id("test", "action", incident, self.actions)
        self.actions += 1
        data = RequestAction(
            incident_id=incident,
            action_id=action,
            received_at=self.clock(),
            actor=actor,
            request=ActionRequest.model_validate({"action": verb, **more}),
        )
        asked = command(incident, data, self.clock(), action)
        await self.services[RECEIPTS.name].settler.settle([asked])

    async def order(self, key: str, **fields: object) -> str:
        """The leader of the golden county issues an order to a unit; its id."""
        order = ids.order_id(LEADER.subject, key)
        body = {
            "title": "Look into every manhole",
            "deadline": self.clock() + timedelta(hours=1),
            "units": (story.UNIT.code,),
            **fields,
        }
        data = IssueOrder(
            order_id=order, at=self.clock(), actor=LEADER, body=OrderBody.model_validate(body)
        )
        await self._ordered(order, data, key)
        return order

    async def receipt(self, order: str, word: str, said: str = "") -> None:
        """The golden unit says that it has read an order, or done it."""
        body = ReceiptBody.model_validate({"receipt": word, "said": said})
        data = GiveReceipt(at=self.clock(), actor=story.MEMBER, body=body)
        await self._ordered(order, data, word)

    async def withdraw(self, order: str) -> None:
        """Its issuer withdraws an order."""
        body = WithdrawalBody(reason="no rain")
        data = WithdrawOrder(at=self.clock(), actor=LEADER, body=body)
        await self._ordered(order, data, "withdrawal")

    async def _ordered(self, order: str, data: EventData, cause: str) -> None:
        asked = command(order, data, self.clock(), cause)
        await self.services[ORDERS.name].settler.settle([asked])

    async def settle(self, *but: Owner) -> None:
        """Let all services handle what is there, and their timers answer, until nothing moves."""
        moved = True
        while moved:
            moved = False
            for service in self.services.values():
                if service.owner not in but:
                    moved = await self.step(service.owner) or moved
            if WATCHES not in but:
                moved = await self.tick() or moved

    async def look_again(self) -> int:
        """Let dispatch look for followers whose case is none any more; how many there were."""
        dispatch = self.services[DOSSIERS.name]
        return await SecondLook(dispatch.processor, FakeCases(dispatch.store)).round()

    async def tick(self) -> bool:
        """Let the marks that are due be answered; whether there were any."""
        ticker = Ticker(self.services[WATCHES.name].processor, Watching())
        return bool(await ticker.round())

    async def step(self, owner: Owner, count: int = 500) -> bool:
        """Let one service handle what is there for it; whether there was anything."""
        service = self.services[owner.name]
        records = await service.member.poll(count)
        return bool(records) and await service.processor.handle(records)

    async def close(self, incident: str) -> None:
        """Take a case through its whole life."""
        await self.act(incident, Verb.ACCEPT, story.MEMBER)
        self.clock.forward(60)
        await self.act(incident, Verb.HANDLED, story.MEMBER, reason="done")
        self.clock.forward(60)
        await self.act(incident, Verb.VERIFY, story.INSPECTOR, passed=True)
        await self.settle()

    def place(self, incident: str) -> int:
        """The partition of an incident."""
        return partition_of(incident, self.log.partitions)

    def records(self, topic: Topic, incident: str) -> list[Record]:
        """The records of an incident in a topic, to be changed: what the log holds."""
        held = self.log._records[topic.name, self.place(incident)]
        return [one for one in held if one.key == incident.encode()]

    def history(self, incident: str) -> list[Event[Any]]:
        """What dispatch published about an incident."""
        found = self.records(CASES, incident)
        return [decode(one.headers, one.value, Origin(one.topic, 0, 0)) for one in found]

    def append(self, topic: Topic, record: Record) -> None:
        """Append a record to the partition in which its model lies."""
        self.log.append(
            topic.name,
            record.partition,
            key=record.key,
            value=record.value,
            headers=record.headers,
        )

    def forge(self, topic: Topic, incident: str, data: EventData, sequence: int) -> Event[Any]:
        """Append an event that nobody's rules made."""
        event: Event[Any] = Event(
            id=ids.caused_id("forged", incident, sequence, data.TYPE),
            source=f"/wangge/{topic.owner}",
            subject=incident,
            time=self.clock(),
            data=data,
            correlation_id=incident,
            causation_id=incident,
            sequence=sequence,
        )
        headers, value = encode(event)
        pairs = [(name, text.encode()) for name, text in headers.items()]
        place = self.place(incident)
        self.append(topic, Record(topic.name, place, 0, 0, incident.encode(), value, pairs))
        return event

    def change(self, owner: Owner, incident: str, **fields: object) -> None:
        """Change fields of a stored document."""
        store = self.store(owner)
        store.put({**store.all()[incident], **fields})

    async def others(self) -> None:
        """What the services do while the audit waits for an answer."""
        if self.meanwhile is not None:
            await self.meanwhile()

    async def audit(self, patience_s: float = 0) -> Report:
        """The audit of this world."""
        auditor = Auditor(
            sources=Sources(AuditedLog(self), AuditedDocuments(self), self.clock),
            cases=KEYED_OWNERS,
            registry=ENTRIES,
            rollups=rollups(),
            watcher=Watcher(lambda _: None, lambda _: None, lambda _: None),
        )
        return await auditor.run(patience_s)


@dataclass
class AuditedLog:
    """The log as the audit sees it."""

    world: World

    async def ends(self, topics: Sequence[Topic], partition: int) -> dict[str, int]:
        return {topic.name: self.world.log.end((topic.name, partition)) for topic in topics}

    async def committed(self, group: str) -> Offsets:
        return dict(self.world.groups[group].committed)

    async def read(self, partition: int, ends: Mapping[str, int]) -> AsyncIterator[list[Record]]:
        for topic, end in ends.items():
            await self.world.others()
            yield self.world.log.fetch((topic, partition), 0, end)


@dataclass
class AuditedDocuments:
    """The documents as the audit sees them."""

    world: World

    async def read(self, owner: Owner, partition: int) -> AsyncIterator[list[bytes]]:
        await self.world.others()
        raws = self.world.store(owner).all().values()
        yield [bson.encode(raw) for raw in raws if raw["partition"] == partition]

    async def buckets(self) -> AsyncIterator[list[Bucket]]:
        await asyncio.sleep(0)
        yield [parse_bucket(deepcopy(raw)) for raw in self.world.buckets.raws.values()]

    async def sequences(self, owner: Owner, ids: Sequence[str]) -> dict[str, int]:
        raws = self.world.store(owner).all()
        return {one: raws[one]["sequence"] for one in ids if one in raws}

    async def unpublished(self, owner: Owner, before: datetime) -> int:
        raws = self.world.store(owner).all().values()
        return sum(any(entry["at"] < before for entry in raw["outbox"]) for raw in raws)

    async def overdue(self, owner: Owner, before: datetime) -> int:
        raws = self.world.store(owner).all().values()
        return sum(raw["next_due_at"] < before for raw in raws if raw.get("next_due_at"))

    async def changes_going_on(self, _since: datetime) -> frozenset[str]:
        return frozenset(self.world.going_on)
