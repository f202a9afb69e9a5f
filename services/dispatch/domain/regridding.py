"""What redrawn grids mean for open cases: they move, or stay, as the area's policy says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.dispatch.domain.dispatching import given
from services.dispatch.domain.dossier import Decided, Dossier
from services.dispatch.domain.requests import own_limits
from services.dispatch.domain.routes import Routing
from services.dispatch.domain.routing import filed_under, route
from services.dispatch.domain.subject import subject_of
from shared.contracts.base import EventData
from shared.contracts.case_v1 import MAX_RETURNS, Case, CaseState
from shared.contracts.cases_v1 import Adrift, CaseRegridded
from shared.contracts.registry_v1 import EntrySet, Grid
from shared.ledger.walk import Group
from shared.registry.snapshot import Snapshot
from shared.registry.validity import in_force

NOT_ACCEPTED = frozenset({CaseState.FILED, CaseState.DISPATCHED})


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at the grids comes to: where the case lies now, by which change and policy."""

    change: str
    grid: str
    n: int
    policy: Literal["move", "stay"]
    adrift: Adrift | None = None


class Regridding:
    """The walk by which open cases follow redrawn grids."""

    name = "grids"
    columns = ("grid", "grid_n", "adrift")

    def concerns(self, group: Group, registry: Snapshot, at: datetime) -> bool:
        """Whether a look at the grids may come to anything for these cases."""
        return redrawn(group["grid"], group["grid_n"], group["adrift"], registry, at)

    def cause(self, state: Dossier, registry: Snapshot, at: datetime) -> tuple[object, ...] | None:
        """The change, and where the case lies by it."""
        found = look(state.decided, registry, at)
        return (found.change, found.grid, found.n, found.adrift or "") if found else None

    def follows(self, incident_id: str, dossier: Dossier, routing: Routing) -> Sequence[EventData]:
        """The case in its grid, and its dispatch anew where its unit does not act there."""
        decided = dossier.decided
        found = look(decided, routing.registry, routing.at)
        if found is None or decided.case is None:
            return []
        before = decided.case
        there = {"grid": found.grid, "grid_n": found.n, "centre": _in_hand(before, found.grid)}
        after = before.model_copy(update=there)
        regridded = CaseRegridded(
            incident_id=incident_id,
            at=routing.at,
            case=after,
            change=found.change,
            grid_before=before.grid,
            policy=found.policy,
            adrift=found.adrift,
        )
        again: Sequence[EventData] = ()
        if after.grid != before.grid and _to_be_routed(before, after):
            again = _routed(incident_id, dossier, after, routing)
        return [regridded, *again]


def redrawn(grid: str, n: int, adrift: str | None, registry: Snapshot, at: datetime) -> bool:
    """Whether the grid is no longer as it was when its cases were looked at under version ``n``.

    A version with the same boundary redraws nothing. Whoever is outside every grid is looked for.
    """
    newest = registry.begun(f"grid/{grid}", at)
    if newest is None:
        return False
    if adrift == Adrift.OUTSIDE:
        return True
    if not in_force(newest, at):
        return adrift != Adrift.STAYS
    if adrift == Adrift.STAYS:
        return True
    return n != newest.n and _boundary(registry, grid, n) != _boundary_of(newest)


def look(decided: Decided, registry: Snapshot, at: datetime) -> Found | None:
    """What the grids of this instant mean for an open case; None: it is where it was."""
    case, adrift = decided.case, decided.adrift
    if case is None or not redrawn(case.grid, case.grid_n, adrift, registry, at):
        return None
    newest = registry.begun(f"grid/{case.grid}", at)
    if newest is None:
        return None
    policy = registry.policy(case.grid, at)
    word = policy.on_redraw if policy else "move"
    if word == "stay" and adrift is not Adrift.OUTSIDE:
        stays = None if in_force(newest, at) else Adrift.STAYS
        return Found(newest.change.id, case.grid, newest.n, word, stays)
    here = registry.grid_at(*case.location.coordinates, at)
    drawn = registry.ruling(f"grid/{here.code}", at) if here else None
    if adrift is Adrift.OUTSIDE:
        # It was told that no grid holds it: only one that does is news, whatever the policy is now.
        return _in(drawn, drawn.change.id) if drawn else None
    if drawn is None:
        return Found(newest.change.id, case.grid, newest.n, "move", Adrift.OUTSIDE)
    return _in(drawn, newest.change.id)


def _in(drawn: EntrySet, change: str) -> Found:
    return Found(change, drawn.entry.code, drawn.n, "move")


def _boundary(registry: Snapshot, grid: str, n: int) -> object:
    found = registry.numbered(f"grid/{grid}", n)
    return _boundary_of(found) if found else None


def _boundary_of(version: EntrySet) -> object:
    return version.entry.geometry if isinstance(version.entry, Grid) else None


def _to_be_routed(before: Case, after: Case) -> bool:
    """Whether nobody has taken it, and whoever has it does not act in the new grid any more.

    A unit that a dispatcher named, although it never acted there, keeps it; so does whoever the
    duty head named after the last return.
    """
    if before.state not in NOT_ACCEPTED or before.returns >= MAX_RETURNS:
        return False
    unit = before.unit
    if unit is None:
        return after.centre is None  # a centre to which it was handed finds a unit itself
    return before.grid.startswith(unit.area) and not after.grid.startswith(unit.area)


def _in_hand(case: Case, grid: str) -> str | None:
    """The area to whose centre it was handed, where its grid lies in that."""
    return case.centre if case.centre is not None and grid.startswith(case.centre) else None


def _routed(
    incident_id: str, dossier: Dossier, case: Case, routing: Routing
) -> Sequence[EventData]:
    """Its dispatch by the rules of its new grid; where they find nobody it stays as it is."""
    if dossier.report is None:
        return ()
    matter = filed_under(routing.registry, case.matter)
    chosen = route(subject_of(dossier.report, case, matter), routing)
    if chosen.unit is None:
        return ()
    after = case.model_copy(update={"limits": own_limits(case, dossier.decided)})
    return given(incident_id, after, chosen, routing.at)
