"""What an import would bring, compared with what is in force without it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.intake.domain.change import Candidate
from services.intake.domain.findings import Finding, Severity
from services.intake.domain.grid_checks import Grids, brought, with_entries, without
from services.intake.registry_writer import END_OF_TOPIC, ENTRY
from shared.contracts.registry_v1 import Grid
from shared.registry.reader import RegistryView
from shared.registry.snapshot import Snapshot


class FindingsError(Exception):
    """What an import brings is refused."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(f"{len(findings)} findings")
        self.findings = findings


@dataclass(frozen=True, slots=True)
class GridChecking:
    """Checks the grids of an import against the registry that is published."""

    registry: RegistryView

    async def findings(self, changing: Sequence[Candidate], at: datetime) -> list[Finding]:
        """What the entries that change something bring; ``at``: from when they hold.

        An import without grids brings nothing. To be called off all other changes. Raises
        TransientError when what is published cannot be known.
        """
        if not any(one.key.startswith("grid/") for one in changing):
            return []
        await self.registry.at_least(END_OF_TOPIC)
        snapshot = self.registry.current()
        return await asyncio.to_thread(_findings, snapshot, changing, at)


def refuse(findings: Sequence[Finding]) -> None:
    """Raises FindingsError when something among them is refused."""
    if any(one.severity is Severity.REFUSED for one in findings):
        raise FindingsError(findings)


def _findings(snapshot: Snapshot, changing: Sequence[Candidate], at: datetime) -> list[Finding]:
    day = at.date().isoformat()
    said = [
        found.entry
        for key in snapshot.versions
        if key.startswith(("area/", "officer/", "unit/"))
        and (found := snapshot.ruling(key, at)) is not None
    ]
    before = with_entries(Grids(snapshot.grid_polygons(at)), said, day)
    entries = [ENTRY.validate_json(one.raw) for one in changing if not one.ends]
    ended = {one.key for one in changing if one.ends}
    after = with_entries(without(before, ended), entries, day)
    return brought(before, after, {one.code for one in entries if isinstance(one, Grid)})
