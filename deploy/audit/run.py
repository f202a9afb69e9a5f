"""The shell of the audit: reads Kafka and MongoDB, and lets the pure checks judge.

The order is what makes it exact under traffic: first what the consumers have committed, then the
dead letters and a partition's documents, then that partition's log up to its end. So whatever was
committed must be in the documents, and whatever a document took or published must be on the log.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deploy.audit.folding import Case, Proof, prove
from deploy.audit.followers import Followers
from deploy.audit.history import History
from deploy.audit.ids import Ids
from deploy.audit.incident import TOPICS, Partition, Verdict, judge
from deploy.audit.letters import Letters, letter
from deploy.audit.log import subject_of
from deploy.audit.owner import Owner, Taken
from deploy.audit.ports import Sources
from deploy.audit.problems import Findings, Problem
from deploy.audit.registry import Changes
from deploy.audit.report import Report, report
from deploy.audit.rollups import Rollups
from deploy.audit.settling import Standing, ends, settle
from deploy.audit.spill import Spill
from shared.contracts.dead_letters_v1 import RecordDied
from shared.contracts.envelope import Origin, UndecodableError, UnknownTypeError, decode
from shared.contracts.topics import BUSY_PARTITIONS, CASES, DEAD_LETTERS, REGISTRY, Topic


@dataclass(slots=True)
class Watcher:
    """Who is told how far the audit is: the phase in words, and records read of how many."""

    phase: Callable[[str], None]
    total: Callable[[int], None]
    advance: Callable[[int], None]


@dataclass(slots=True)
class Auditor:
    """One audit. ``cases`` own an incident's and an order's documents, ``registry`` the entries."""

    sources: Sources
    cases: Sequence[Owner]
    registry: Owner
    rollups: Rollups
    watcher: Watcher
    findings: Findings = field(default_factory=Findings)
    letters: Letters = field(default_factory=Letters)
    _ahead: dict[str, dict[str, int]] = field(default_factory=dict)

    async def run(self, patience_s: float) -> Report:
        """Audit everything; raises KafkaError, SilentLogError or PyMongoError when it cannot."""
        owners = [*self.cases, self.registry]
        self.watcher.phase("waiting 等待处理完毕")
        standing = await settle(self.sources, owners, patience_s, self.watcher.phase)
        self.watcher.total(sum((await ends(self.sources.log, self.cases)).values()))
        await self._dead_letters()
        async for batch in self.sources.documents.buckets():
            for bucket in batch:
                self.rollups.put(bucket)
        with Ids() as ids, Followers() as followers:
            await self._registry(ids)
            for number in range(BUSY_PARTITIONS):
                self.watcher.phase(f"partition 分区 {number + 1}/{BUSY_PARTITIONS}")
                await self._partition(number, standing, ids, followers)
            await self._moved_on()
            await self._firsts(followers)
            self.findings.add(followers.left_behind(standing.began))
        self.findings.add(self.rollups.compare())
        self.findings.counts["rollup buckets"] = len(self.rollups.buckets)
        self.findings.in_flight["contributions not counted yet"] = self.rollups.in_flight
        return report(self.findings, standing.waiting, self.letters.listed)

    async def _dead_letters(self) -> None:
        until = await self.sources.log.ends((DEAD_LETTERS,), 0)
        async for records in self.sources.log.read(0, until):
            for record in records:
                origin = Origin(record.topic, record.partition, record.offset)
                try:
                    event = decode(record.headers, record.value, origin)
                except (UndecodableError, UnknownTypeError):
                    self.findings.counts["undecodable"] += 1
                    continue
                if isinstance(event.data, RecordDied):
                    self.letters.put(letter(event.data))
        self.findings.counts["dead_letters"] = len(self.letters.listed) + self.letters.beyond
        if self.letters.beyond:
            detail = f"{self.letters.beyond} dead letters more than can be looked at"
            self.findings.add([Problem("not_audited", DEAD_LETTERS.name, detail)])

    async def _registry(self, ids: Ids) -> None:
        owner, changes = self.registry, Changes()
        read_at = self.sources.clock()
        with Spill() as spill:
            await self._spill(spill, (owner,), (REGISTRY,), 0)
            for key, records, raws in spill.subjects([REGISTRY.name]):
                history, problems = changes.entry(key, records)
                self.findings.add([*problems, *ids.put(history)])
                self.findings.counts["registry_versions"] += len(history.of(REGISTRY.name))
                raw = raws.get(owner.name)
                proof = prove(Case(owner, history, raw, Taken({}), read_at))
                self._note(owner, history, proof, raw)
        going_on = await self.sources.documents.changes_going_on(read_at)
        problems, waiting = changes.incomplete(going_on)
        self.findings.add(problems)
        self.findings.counts["registry_changes"] = len(changes.found)
        self.findings.in_flight["registry changes"] += waiting

    async def _partition(
        self, number: int, standing: Standing, ids: Ids, followers: Followers
    ) -> None:
        partition = Partition(
            owners=self.cases,
            taken={owner.name: self._taken(owner, number, standing) for owner in self.cases},
            caught_up=frozenset(
                owner.service for owner in self.cases if standing.caught_up(owner, number)
            ),
            began=standing.began,
            letters=self.letters,
            read_at=self.sources.clock(),
        )
        names = [topic.name for topic in TOPICS]
        with Spill() as spill:
            await self._spill(spill, self.cases, TOPICS, number)
            for subject, records, raws in spill.subjects(names):
                verdict = judge(subject, records, raws, partition)
                self._incident(verdict, raws, partition)
                self.findings.add(ids.put(verdict.history))
                if verdict.first is not None and verdict.linked_at is not None:
                    followers.follow(verdict.first, subject, verdict.linked_at)
                if verdict.void_since is not None:
                    followers.void(subject, verdict.void_since)

    def _incident(self, verdict: Verdict, raws: Mapping[str, Any], partition: Partition) -> None:
        """Count what came of one incident."""
        self.findings.add(verdict.problems)
        counts = self.findings.counts
        counts["undecodable"] += len(verdict.history.undecodable)
        counts["unknown_types"] += verdict.history.unknown
        counts["repeats"] += verdict.history.repeats
        for topic, events in verdict.history.events.items():
            counts[f"events {topic}"] += len(events)
        counts["orders"] += verdict.order
        if verdict.accepted:
            counts["accepted"] += 1
            counts[verdict.outcome] += verdict.outcome != "none"
            self.findings.in_flight["without an outcome yet"] += verdict.waiting
        for owner in partition.owners:
            self._note(owner, verdict.history, verdict.proofs[owner.name], raws.get(owner.name))
        self.rollups.take(verdict.history, partition.taken[self.rollups.owner.name])

    def _note(
        self, owner: Owner, history: History, proof: Proof, raw: Mapping[str, Any] | None
    ) -> None:
        self.findings.add(proof.problems)
        self.findings.counts[f"documents {owner.name}"] += raw is not None
        self.findings.in_flight[f"events not taken by {owner.name}"] += proof.untaken
        self.findings.in_flight[f"events unpublished by {owner.name}"] += proof.unpublished
        if proof.ahead:
            self._ahead.setdefault(owner.name, {})[history.subject] = proof.ahead

    def _taken(self, owner: Owner, number: int, standing: Standing) -> Taken:
        committed = standing.committed[owner.group]
        here = {topic.name: committed.get((topic.name, number), 0) for topic in owner.reads}
        return Taken(here, self.letters.of(owner.service))

    async def _spill(
        self, spill: Spill, owners: Sequence[Owner], topics: Sequence[Topic], number: int
    ) -> None:
        """The documents first, then the log: all that they took and published is on it."""
        for owner in owners:
            async for batch in self.sources.documents.read(owner, number):
                spill.put_documents(owner.name, batch)
        until = await self.sources.log.ends(topics, number)
        async for records in self.sources.log.read(number, until):
            named = [(subject_of(record), record) for record in records]
            spill.put_records(pair for pair in named if pair[0])
            self.findings.counts["undecodable"] += sum(not subject for subject, _ in named)
            self.watcher.advance(len(records))

    async def _moved_on(self) -> None:
        """Documents that lacked what they had published: those that still do are wrong."""
        for owner in [*self.cases, self.registry]:
            ahead = self._ahead.get(owner.name, {})
            now = await self.sources.documents.sequences(owner, list(ahead))
            for subject, number in ahead.items():
                if now.get(subject, 0) < number:
                    detail = f"{owner.name} is at number {now.get(subject, 0)}, the log at {number}"
                    self.findings.add([Problem("document_behind", subject, detail)])

    async def _firsts(self, followers: Followers) -> None:
        """The cases that followers are linked to: each was decided before, so it is there."""
        decides = next(owner for owner in self.cases if owner.emits is CASES)
        for batch in followers.batches():
            there = await self.sources.documents.sequences(decides, list(batch))
            missing = [first for first in batch if not there.get(first)]
            self.findings.add(
                Problem("first_missing", batch[first], f"it follows {first}") for first in missing
            )
