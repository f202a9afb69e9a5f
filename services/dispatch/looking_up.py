"""What dispatch looks up in its other documents before it decides a batch."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.dispatch.domain.finding import find, grids_of
from services.dispatch.domain.flooding import source_of, window_of
from services.dispatch.domain.linking import who_urges
from services.dispatch.domain.lookups import NOTHING, Grids, Loads, Lookups
from services.dispatch.domain.nearness import Sighting, Twin, cell, cells_around, first_of
from services.dispatch.domain.turns import report_in, seen
from services.dispatch.store import CaseReader, LoadCounter
from shared.contracts.envelope import Event
from shared.contracts.incidents_v1 import IncidentReported
from shared.registry.snapshot import Snapshot

Reports = Mapping[str, IncidentReported]
"""By document."""


@dataclass(slots=True)
class LookUps:
    """Asks once a batch: for duplicates and who has reported them, for floods, for loads.

    A query each, of floods one for each length of their windows.
    """

    cases: CaseReader
    loads: LoadCounter | None = None
    _sources_prepared: bool = False

    async def __call__(
        self, events: Sequence[Event[Any]], registry: Snapshot, now: datetime
    ) -> Lookups:
        """Raises TransientError."""
        first, loads = await asyncio.gather(
            self._first(events, registry, now), self._loads(events, registry, now)
        )
        unlinked = [one for one in events if one.subject not in first]
        grids = grids_of(_reports(events).values(), registry, now)
        sent = await self._sent(_reports(unlinked), registry, now, grids)
        return Lookups(loads=loads, first=first, sent=sent, grids=grids)

    async def _loads(
        self, events: Sequence[Event[Any]], registry: Snapshot, now: datetime
    ) -> Loads:
        if self.loads is None or not events:
            return NOTHING.loads
        return await self.loads.current(registry, now)

    async def _first(
        self, events: Sequence[Event[Any]], registry: Snapshot, now: datetime
    ) -> dict[str, Twin]:
        reports = [
            (one, rule, cells_around(one.matter, one.location, rule.metres))
            for one, rule in seen(events, registry, now)
        ]
        found = await self.cases.open_in({key for *_, keys in reports for key in keys})
        radius = {one.matter: rule.metres for one, rule, _ in reports}
        by_cell: defaultdict[str, list[Sighting]] = defaultdict(list)
        for case in found:
            by_cell[cell(case.matter, case.location, radius[case.matter])].append(case)
        firsts: dict[str, Twin] = {}
        for one, rule, keys in reports:
            around = [case for key in keys for case in by_cell.get(key, ())]
            if around and (twin := first_of(one, around, rule)) is not None:
                firsts[one.id] = twin
        return await self._with_who_reported(firsts, events)

    async def _with_who_reported(
        self, firsts: Mapping[str, Twin], events: Sequence[Event[Any]]
    ) -> dict[str, Twin]:
        """The same, each with whether its reporter has reported that case before."""
        reports = filter(None, map(report_in, events))
        by = {one.incident_id: who_urges(one) for one in reports if one.incident_id in firsts}
        subjects = {subject for subject in by.values() if subject is not None}
        known = await self.cases.reporters({one.case_id for one in firsts.values()}, subjects)
        return {
            incident: replace(twin, again=(twin.case_id, by[incident]) in known)
            for incident, twin in firsts.items()
        }

    async def _sent(
        self, reports: Reports, registry: Snapshot, now: datetime, grids: Grids
    ) -> dict[str, int]:
        limited = _limited(reports, registry, now, grids)
        if limited and not self._sources_prepared:
            await self.cases.prepare_sources()
            self._sources_prepared = True
        sent: dict[str, int] = {}
        for minutes, windows in limited.items():
            ids = [one.incident_id for one, _ in windows]
            sources = {source_of(one) for one, _ in windows}
            since = min(window for _, window in windows)
            counts = Counter(await self.cases.sent(sources, since, minutes, ids))
            for one, window in windows:
                sent[one.incident_id] = counts[source_of(one), window]
                counts[source_of(one), window] += 1
        return sent


def _reports(events: Iterable[Event[Any]]) -> Reports:
    """The reports among events, each document's once."""
    return {one.subject: one.data for one in events if isinstance(one.data, IncidentReported)}


def _limited(
    reports: Reports, registry: Snapshot, now: datetime, grids: Grids
) -> dict[int, list[tuple[IncidentReported, datetime]]]:
    """Reports where a policy limits them, by its minutes, with their windows, in their order."""
    policies = (registry.policy(code, now) for code in registry.policy_codes)
    if not any(policy is not None and policy.flood is not None for policy in policies):
        return {}
    limited: dict[int, list[tuple[IncidentReported, datetime]]] = {}
    for one in sorted(reports.values(), key=lambda one: (one.received_at, one.incident_id)):
        policy = find(one, registry, now, grids).policy
        if policy is not None and (flood := policy.flood) is not None:
            window = window_of(one.received_at, flood)
            limited.setdefault(flood.minutes, []).append((one, window))
    return limited
