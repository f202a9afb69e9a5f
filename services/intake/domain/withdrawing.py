"""Whether an entry of the registry may be withdrawn: no open case is to be left with nobody."""

from dataclasses import dataclass
from datetime import datetime

from services.intake.domain.entry_rules import Fault, within
from services.intake.domain.receipt import share_of
from shared.contracts.registry_v1 import Entry, EntrySet, Grid, Matter, Officer, Unit, entry_key

REDRAW = "split it or merge it with a neighbour (POST /v1/registry/redraw), which leaves no gap"


@dataclass(frozen=True, slots=True)
class OpenCases:
    """The open cases of an entry, as far as intake has heard of them."""

    count: int
    examples: tuple[str, ...]
    """The case numbers of a few."""
    unknown: int
    """Open cases of which is not known with whom they are: folded before that was kept."""


def withdrawal_refused(entry: Entry, held: OpenCases) -> Fault | None:
    """Why an entry may not be withdrawn without a successor; None: it may."""
    if not isinstance(entry, Grid | Matter | Unit | Officer) or not (held.count or held.unknown):
        return None
    if isinstance(entry, Grid):
        do = REDRAW
    elif isinstance(entry, Matter):
        do = (
            "name the matter that is reported instead with move_to: they stay under this one; or "
            "wait until they are closed"
        )
    else:
        do = f"name the {entry.kind} that takes over with move_to, or wait until they are closed"
    return _refused(entry, held, do)


def shares_refused(unit: Unit, held: OpenCases) -> Fault | None:
    """Why a unit that co-operates in open cases may not be withdrawn, whoever takes over the rest.

    A successor takes over the cases that a unit leads; a task is not moved.
    """
    if not held.count:
        return None
    some = ", ".join(held.examples)
    return Fault(
        "has_open_cases",
        f"unit {unit.code} co-operates in {held.count} open cases ({some}), which wait for it; a "
        "successor does not take its tasks over: have them done, declined or taken back "
        "(co_withdraw), and another unit called (whistle)",
    )


def holders_of(entry: Entry) -> tuple[str, ...]:
    """What holders an entry is of open cases."""
    key = entry_key(entry)
    return (key, share_of(entry.code)) if isinstance(entry, Unit) else (key,)


def end_refused(entry: Entry, held: OpenCases) -> Fault | None:
    """Why an import may not give an entry an end: it names no successor; None: it may.

    ``held`` are the open cases that it has now, of a unit those, too, in which it co-operates.
    """
    if not isinstance(entry, Grid | Matter | Unit | Officer) or not (held.count or held.unknown):
        return None
    if isinstance(entry, Grid):
        return _refused(entry, held, REDRAW)
    do = (
        "import it without the end, and when that comes withdraw it with move_to "
        "(DELETE /v1/registry/...), or wait until they are closed"
    )
    return _refused(entry, held, do)


def _refused(entry: Entry, held: OpenCases, do: str) -> Fault:
    name = f"{entry.kind} {entry.code}"
    if held.count:
        some = ", ".join(held.examples)
        return Fault("has_open_cases", f"{name} has {held.count} open cases ({some}); {do}")
    return Fault(
        "has_open_cases",
        f"of {held.unknown} open cases, filed before an update, it is not known yet whether they "
        f"are of {name}; {do}",
    )


def successor_refused(
    entry: Entry, move_to: str, successor: EntrySet | None, area: str | None, now: datetime
) -> Fault | None:
    """Why another entry may not take over; None: it may.

    ``successor`` is the latest version of the entry named, ``area`` the one within which whoever
    asks may change entries (None: everywhere).
    """
    if not isinstance(entry, Matter | Unit | Officer):
        detail = (
            f"a {entry.kind} has no successor: leave move_to out; the open cases of a grid move "
            "with a split or a merge (POST /v1/registry/redraw)"
        )
        return Fault("no_successor_of_kind", detail)
    name = f"{entry.kind} {move_to}"
    if move_to == entry.code:
        return Fault("invalid_successor", f"{name} cannot take over from itself")
    if successor is None or successor.valid_until is not None or successor.valid_from > now:
        return Fault("invalid_successor", f"there is no {name} in force that could take over")
    other = successor.entry
    if not within(other, area):
        return Fault("not_your_area", f"{name} does not lie within your area {area}")
    if isinstance(entry, Officer) and isinstance(other, Officer) and other.unit != entry.unit:
        detail = f"{name} is of unit {other.unit}, {entry.code} of {entry.unit}: cases stay there"
        return Fault("invalid_successor", detail)
    return None
