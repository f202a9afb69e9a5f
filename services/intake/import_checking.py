"""What an import would bring, compared with what is in force without it."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from services.intake.domain.change import Candidate
from services.intake.domain.findings import Finding, Severity
from services.intake.domain.flow_names import missing_flows
from services.intake.domain.grid_checks import Grids, brought, with_entries, without
from services.intake.domain.rule_names import missing_names
from services.intake.registry_writer import END_OF_TOPIC, ENTRY
from shared.contracts.registry_v1 import Entry, Grid
from shared.ledger.ports import TransientError
from shared.registry.reader import RegistryView
from shared.registry.snapshot import Snapshot


class FindingsError(Exception):
    """What an import brings is refused."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(f"{len(findings)} findings")
        self.findings = findings


Check = Callable[[Snapshot, Sequence[Candidate], datetime], list[Finding]]


@dataclass(frozen=True, slots=True)
class ImportChecking:
    """Checks the entries of an import against the registry that is published."""

    registry: RegistryView

    async def findings(self, changing: Sequence[Candidate], at: datetime) -> list[Finding]:
        """What the entries that change something bring; ``at``: from when they hold.

        To be called off all other changes. Raises TransientError when what is published of grids
        cannot be known.
        """
        found: list[Finding] = []
        if any(one.key.startswith("grid/") for one in changing):
            found += await self._checked(_of_grids, changing, at)
        if any(one.key.startswith(("matter/", "flow/")) for one in changing):
            with suppress(TransientError):  # a warning is not worth the import
                found += await self._checked(_of_flows, changing, at)
        if any(one.key.startswith(("rules/", "matter/", "unit/")) for one in changing):
            with suppress(TransientError):
                found += await self._checked(_of_rules, changing, at)
        return found

    async def _checked(
        self, check: Check, changing: Sequence[Candidate], at: datetime
    ) -> list[Finding]:
        await self.registry.at_least(END_OF_TOPIC)
        return await asyncio.to_thread(check, self.registry.current(), changing, at)


def refuse(findings: Sequence[Finding]) -> None:
    """Raises FindingsError when something among them is refused."""
    if any(one.severity is Severity.REFUSED for one in findings):
        raise FindingsError(findings)


def _of_grids(snapshot: Snapshot, changing: Sequence[Candidate], at: datetime) -> list[Finding]:
    day = at.date().isoformat()
    said = _in_force(snapshot, ("area/", "officer/", "unit/"), at)
    before = with_entries(Grids(snapshot.grid_polygons(at)), said, day)
    entries, ended = _apart(changing)
    after = with_entries(without(before, ended), entries, day)
    return brought(before, after, {one.code for one in entries if isinstance(one, Grid)})


def _of_flows(snapshot: Snapshot, changing: Sequence[Candidate], at: datetime) -> list[Finding]:
    return missing_flows(_in_force(snapshot, ("matter/", "flow/"), at), *_apart(changing))


def _of_rules(snapshot: Snapshot, changing: Sequence[Candidate], at: datetime) -> list[Finding]:
    named = ("rules/", "matter/", "area/", "unit/")
    return missing_names(_in_force(snapshot, named, at), *_apart(changing))


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
