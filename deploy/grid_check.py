"""Checking grids before they are imported: those of a file, or those in force."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from deploy.client import Client
from deploy.registry import entries
from services.intake.domain.findings import Finding, in_order
from services.intake.domain.geometry import GeometryError, repaired
from services.intake.domain.grid_checks import Grids, brought, check, invalid, repair, with_entries
from shared.contracts.registry_v1 import Entry, Grid

KINDS = ("area", "unit", "officer", "grid")
"""What a check of grids has to know."""


async def findings(client: Client, wanted: Sequence[Entry] | None) -> list[Finding]:
    """What entries would bring beside what is in force; for None, all that is wrong with that.

    Raises RefusedError, AwayError.
    """
    there = [one for kind in KINDS for one in await entries(client, kind)]
    return await asyncio.to_thread(_check, there, wanted)


def _check(there: Sequence[Entry], wanted: Sequence[Entry] | None) -> list[Finding]:
    day = datetime.now(UTC).date().isoformat()
    kept, found = _drawn(there)
    before = with_entries(Grids({}), kept, day)
    if wanted is None:
        return in_order([*found, *check(before)])
    ours, repairs = _drawn(wanted)
    after = with_entries(before, ours, day)
    changed = {
        one.code
        for one in ours
        if isinstance(one, Grid)
        and (
            one.code not in before.polygons or before.polygons[one.code] != after.polygons[one.code]
        )
    }
    return in_order([*repairs, *brought(before, after, changed)])


def _drawn(entries: Iterable[Entry]) -> tuple[list[Entry], list[Finding]]:
    """The entries with the geometries that intake keeps, and what is wrong with them."""
    kept: list[Entry] = []
    found: list[Finding] = []
    for one in entries:
        if not isinstance(one, Grid):
            kept.append(one)
            continue
        try:
            drawn = repaired(one.geometry)
        except GeometryError as error:
            found.append(invalid(one, str(error)))
            continue
        kept.append(one.model_copy(update={"geometry": drawn.geometry}))
        if drawn.repairs:
            found.append(repair(one, drawn.repairs))
    return kept, found
