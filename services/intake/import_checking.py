"""What an import would bring, compared with what is in force without it."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from services.intake.domain.change import Candidate
from services.intake.domain.clockless import without_clock
from services.intake.domain.findings import Finding, Severity
from services.intake.domain.flow_names import missing_flows, missing_leads
from services.intake.domain.grid_checks import (
    Grids,
    brought,
    with_entries,
    without,
    without_officer,
)
from services.intake.domain.plan_names import places_of, plan_findings
from services.intake.domain.rule_names import missing_names
from services.intake.registry_writer import END_OF_TOPIC, ENTRY
from shared.contracts.base import instant_text
from shared.contracts.registry_v1 import Entry, Grid
from shared.ledger.ports import TransientError
from shared.registry.reader import RegistryView
from shared.registry.snapshot import Snapshot
from shared.registry.validity import with_turns

OF_PLANS = ("plan/", "matter/", "flow/", "grid/")
"""Plans, and what they name; of places there are too many to look at all."""
MAX_INSTANTS = 20
"""At so many instants the grids of one import are compared; each takes as long as the first."""


class FindingsError(Exception):
    """What an import brings is refused."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(f"{len(findings)} findings")
        self.findings = findings


class TooManyInstantsError(Exception):
    """Grids of an import begin and end at more instants than are compared."""


Check = Callable[[Snapshot, Sequence[Candidate], datetime], list[Finding]]


@dataclass(frozen=True, slots=True)
class ImportChecking:
    """Checks the entries of an import against the registry that is published."""

    registry: RegistryView
    own_zone: str
    """IANA zone of the city, as long as no policy names one."""

    async def findings(
        self, changing: Sequence[Candidate], at: datetime, now: datetime
    ) -> list[Finding]:
        """What the entries that change something bring; ``at``: from when they hold.

        To be called off all other changes. Raises TooManyInstantsError, and TransientError when
        what is published of grids cannot be known.
        """
        found: list[Finding] = []
        if any(one.key.startswith("grid/") for one in changing):
            check = partial(_of_grids, now=now)
            found += await self._checked(check, changing, at)
        return [*found, *await self.of_names(changing, at, now)]

    async def of_names(
        self, changing: Sequence[Candidate], at: datetime, now: datetime
    ) -> list[Finding]:
        """What they bring without the grids: names of nothing, and what nobody would be told of.

        Raises TransientError when it cannot be known of plans what is refused.
        """
        found: list[Finding] = []
        matters = [one for one in changing if one.key.startswith("matter/")]
        if matters:
            found += await asyncio.to_thread(lambda: without_clock(_apart(matters)[0]))
        if any(one.key.startswith(("matter/", "flow/", "unit/")) for one in changing):
            with suppress(TransientError):  # a warning is not worth the import
                found += await self._checked(_of_flows, changing, at)
        if any(one.key.startswith(("rules/", "matter/", "unit/")) for one in changing):
            with suppress(TransientError):
                found += await self._checked(_of_rules, changing, at)
        if any(one.key.startswith((*OF_PLANS, "place/")) for one in changing):
            check = partial(_of_plans, now=now, own_zone=self.own_zone)
            found += await self._checked(check, changing, at)
        return found

    def without_officer(self, grids: Sequence[Grid], at: datetime) -> list[Finding]:
        """Those of some grids, as they will be drawn, that no officer in force looks after."""
        said = _in_force(self.registry.current(), ("officer/", "unit/"), at)
        after = with_entries(Grids({}), [*said, *grids], at.date().isoformat())
        return list(without_officer(after, after.polygons))

    async def _checked(
        self, check: Check, changing: Sequence[Candidate], at: datetime
    ) -> list[Finding]:
        await self.registry.at_least(END_OF_TOPIC)
        return await asyncio.to_thread(check, self.registry.current(), changing, at)


def refuse(findings: Sequence[Finding]) -> None:
    """Raises FindingsError when something among them is refused."""
    if any(one.severity is Severity.REFUSED for one in findings):
        raise FindingsError(findings)


@dataclass(frozen=True, slots=True)
class _Dated:
    """A part of a change with the instants at which it begins and ends; no entry: it ends one."""

    key: str
    entry: Entry | None
    begins: datetime
    until: datetime | None


def _of_grids(
    snapshot: Snapshot, changing: Sequence[Candidate], at: datetime, now: datetime
) -> list[Finding]:
    """What the change brings at each instant, from now on, at which one of its grids turns."""
    parts = [_dated(one, at) for one in changing]
    instants = _instants(snapshot, parts, now)
    if len(instants) > MAX_INSTANTS:
        raise TooManyInstantsError(
            f"its grids begin and end at {len(instants)} instants, {MAX_INSTANTS} are compared at "
            "most: send what begins and ends together as an import of its own"
        )
    found: dict[tuple[str, tuple[str, ...], str], Finding] = {}
    for instant in instants:
        for one in _grids_then(snapshot, parts, instant):
            found.setdefault((one.code, one.codes, one.en), _later(one, instant, max(at, now)))
    return list(found.values())


def _dated(one: Candidate, at: datetime) -> _Dated:
    entry = None if one.ends else ENTRY.validate_json(one.raw)
    return _Dated(one.key, entry, one.span.since or at, one.span.until)


def _instants(snapshot: Snapshot, parts: Sequence[_Dated], now: datetime) -> list[datetime]:
    """When its grids begin and end, and when what was to become of them without it would begin.

    What is past is as it is now: nobody is sent by it any more.
    """
    found: set[datetime] = set()
    for one in parts:
        if one.key.startswith("grid/"):
            turns = with_turns((), snapshot.versions.get(one.key, ()))
            found |= {one.begins, *(turn for turn in turns if turn > one.begins)}
            found |= {one.until} if one.until is not None else set()
    return sorted({max(turn, now) for turn in found})


def _grids_then(snapshot: Snapshot, parts: Sequence[_Dated], at: datetime) -> list[Finding]:
    day = at.date().isoformat()
    said = _in_force(snapshot, ("area/", "officer/", "unit/"), at)
    before = with_entries(Grids(snapshot.grid_polygons(at)), said, day)
    begun = [one for one in parts if one.begins <= at]
    gone = {one.key for one in begun if one.entry is None or (one.until and one.until <= at)}
    entries = [one.entry for one in begun if one.entry is not None and one.key not in gone]
    after = with_entries(without(before, gone), entries, day)
    return brought(before, after, {one.code for one in entries if isinstance(one, Grid)})


def _later(one: Finding, instant: datetime, at: datetime) -> Finding:
    """A finding that is none from the beginning says from when on it is one."""
    if instant <= at:
        return one
    since = instant_text(instant)
    return replace(one, zh=f"自 {since} 起：{one.zh}", en=f"from {since} on: {one.en}")


def _of_flows(snapshot: Snapshot, changing: Sequence[Candidate], at: datetime) -> list[Finding]:
    there = _in_force(snapshot, ("matter/", "flow/", "unit/"), at)
    entries, ended = _apart(changing)
    return [*missing_flows(there, entries, ended), *missing_leads(there, entries, ended)]


def _of_rules(snapshot: Snapshot, changing: Sequence[Candidate], at: datetime) -> list[Finding]:
    named = ("rules/", "matter/", "area/", "unit/")
    return missing_names(_in_force(snapshot, named, at), *_apart(changing))


def _of_plans(
    snapshot: Snapshot, changing: Sequence[Candidate], at: datetime, now: datetime, own_zone: str
) -> list[Finding]:
    """What plans are left with when the last of those that the change brings has begun."""
    brought = [one for one in changing if one.key.startswith("plan/")]
    at = max([at, now, *(one.span.since for one in brought if one.span.since is not None)])
    plans = [one for one, _ in snapshot.plans(at)]
    if not plans and not brought:
        return []
    wanted = {key for plan in [*plans, *_apart(brought)[0]] for key in places_of(plan)}
    entries, ended = _apart([
        one for one in changing if one.key.startswith(OF_PLANS) or one.key in wanted
    ])  # fmt: skip
    places = [found.entry for key in wanted if (found := snapshot.ruling(key, at)) is not None]
    kinds: tuple[str, ...] = OF_PLANS
    if not any(one.key.startswith(("plan/", "grid/")) for one in changing):
        # Where plans go stays as it is: a city's grids are not read for a changed matter.
        kinds = tuple(kind for kind in OF_PLANS if kind != "grid/")
    there = [*_in_force(snapshot, kinds, at), *places]
    today = at.astimezone(ZoneInfo(zone_of(snapshot, at, own_zone))).date()
    return plan_findings(there, entries, ended, today.isoformat())


def zone_of(snapshot: Snapshot, at: datetime, own: str) -> str:
    """The zone of the policy highest up that is in force, else the city's own."""
    policy = snapshot.policy(None, at)
    return policy.zone if policy is not None else own


def _in_force(snapshot: Snapshot, kinds: tuple[str, ...], at: datetime) -> list[Entry]:
    return [
        found.entry
        for key in snapshot.versions
        if key.startswith(kinds) and (found := snapshot.ruling(key, at)) is not None
    ]


def _apart(changing: Sequence[Candidate]) -> tuple[list[Entry], set[str]]:
    """The entries of a change, and the keys of those that it ends."""
    entries = [ENTRY.validate_json(one.raw) for one in changing if not one.ends]
    return entries, {one.key for one in changing if one.ends}
