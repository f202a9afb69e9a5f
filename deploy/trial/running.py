"""Reading the log for a trial: the registry whole, the cases partition by partition."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from deploy.audit.log import KafkaLog
from deploy.trial.outcome import Outcome
from deploy.trial.past import BY_HAND, Past
from deploy.trial.registries import Archive
from shared.contracts.cases_v1 import CaseDispatched, CaseFiled, HandledOnSite
from shared.contracts.envelope import (
    Event,
    Origin,
    UndecodableError,
    UnknownTypeError,
    decode,
)
from shared.contracts.incidents_v1 import IncidentReported
from shared.contracts.registry_v1 import EntrySet
from shared.contracts.routing_rules import Rules
from shared.contracts.topics import BUSY_PARTITIONS, CASES, INCIDENTS, REGISTRY
from shared.ledger.ports import Record


@dataclass(slots=True)
class _Gathered:
    """What one partition says of an incident."""

    reported: IncidentReported | None = None
    filed: Event[CaseFiled] | None = None
    dispatched: CaseDispatched | None = None

    def take(self, event: Event[Any]) -> None:
        data = event.data
        if isinstance(data, IncidentReported):
            self.reported = data
        elif isinstance(data, CaseFiled):
            # A duplicate that is separated is filed again: the last decision counts.
            self.filed, self.dispatched = event, None
        elif isinstance(data, CaseDispatched) and self._at_once(data):
            self.dispatched = data
        elif isinstance(data, HandledOnSite):
            self.filed = None  # it was done: nobody had to be found

    def _at_once(self, data: CaseDispatched) -> bool:
        """Whether it was given away as it was filed.

        Later it is by hand, by a return, or because the registry has changed.
        """
        filed = self.filed
        return filed is not None and data.at == filed.data.at and data.rule is not BY_HAND

    def past(self) -> Past | None:
        """The case, where it is one."""
        if self.reported is None or self.filed is None:
            return None
        version = self.filed.registry_version
        return Past(self.reported, self.filed.data, self.dispatched, version)


@dataclass(slots=True)
class Trial:
    """Draft rules before the cases received in ``[begin, end)``; ``partition`` hears of each."""

    bootstrap: str
    draft: Mapping[str, Rules]
    begin: datetime
    end: datetime
    now: datetime
    """Today: the draft is compared with the rules that are in force then."""
    partition: Callable[[int], None]
    outcome: Outcome = field(default_factory=Outcome)

    async def run(self) -> Outcome:
        """Raises KafkaError or SilentLogError when the log cannot be read."""
        async with KafkaLog(self.bootstrap) as log:
            entries = [
                (event.origin.offset, event.data)
                async for event in _events(log, 0, await log.ends([REGISTRY], 0))
                if isinstance(event.data, EntrySet) and event.origin is not None
            ]
            archive = Archive(entries, self.draft, self.now)
            self.outcome.warnings = archive.unknown_names
            for number in range(BUSY_PARTITIONS):
                self.partition(number)
                for past in await self._cases(log, number):
                    self.outcome.take(past, archive.at(past.registry_version))
        return self.outcome

    async def _cases(self, log: KafkaLog, number: int) -> list[Past]:
        topics = (INCIDENTS, CASES)
        ends = await log.ends(topics, number)
        # A record is never older than the report that it is about.
        starts = await log.since(topics, number, self.begin)
        gathered: dict[str, _Gathered] = {}
        async for event in _events(log, number, ends, starts):
            # The topics are read side by side: a case may come before its report.
            if event.subject not in gathered and self._meant(event.data):
                gathered[event.subject] = _Gathered()
            if event.subject in gathered:
                gathered[event.subject].take(event)
        found = [past for one in gathered.values() if (past := one.past()) is not None]
        return sorted(found, key=lambda past: past.registry_version)

    def _meant(self, data: object) -> bool:
        """Whether an event tells of a report that was received in the period."""
        if isinstance(data, IncidentReported):
            received = data.received_at
        elif isinstance(data, CaseFiled | CaseDispatched):
            received = data.case.times.received_at
        else:
            return False
        return self.begin <= received < self.end


async def _events(
    log: KafkaLog,
    partition: int,
    ends: Mapping[str, int],
    starts: Mapping[str, int] | None = None,
) -> AsyncIterator[Event[Any]]:
    async for records in log.read(partition, ends, starts):
        for record in records:
            event = _decoded(record)
            if event is not None:
                yield event


def _decoded(record: Record) -> Event[Any] | None:
    try:
        origin = Origin(record.topic, record.partition, record.offset)
        return decode(record.headers, record.value, origin)
    except (UndecodableError, UnknownTypeError):
        return None
