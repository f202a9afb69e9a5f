"""Which member of a unit gets a case: on duty, under its cap, least loaded, nearest."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from services.dispatch.domain.duty import on_duty
from services.dispatch.domain.lookups import Loads
from services.dispatch.domain.subject import Subject, local_time
from shared.contracts.choice_v1 import MAX_LISTED, MemberCandidate, MemberChoice
from shared.contracts.incidents_v1 import DistanceBand
from shared.contracts.registry_v1 import Officer, Unit
from shared.registry.snapshot import Snapshot

BANDS = {DistanceBand.AT_THE_PLACE: 0, DistanceBand.NEAR_BY: 1}
FAR = 2
Rank = tuple[int, int, bytes]
"""Load, distance band, lot; the smallest gets the case."""


def member_for(
    registry: Snapshot, unit: Unit, subject: Subject, at: datetime, loads: Loads
) -> MemberChoice | None:
    """Who of a unit gets the case and why others do not; None where its members are not known.

    Least loaded first, then nearest by distance band (known of who reported it), and among equals
    by lot: the same case draws the same member again.
    """
    officers = registry.officers(unit.code, at)
    if not officers:
        return None
    local = local_time(subject.zone, at)
    lost: list[MemberCandidate] = []
    fit: list[tuple[Rank, Officer]] = []
    for one in officers:
        why = _unfit(one, unit, subject, local, loads)
        if why is None:
            fit.append((_rank(one, subject, loads), one))
        else:
            lost.append(_candidate(one, why, loads))
    fit.sort(key=_by_rank)
    if not fit:
        return MemberChoice(lost=tuple(lost[:MAX_LISTED]), counts=_counts(lost))
    best, chosen = fit[0]
    lost = [_candidate(one, _behind(rank, best), loads) for rank, one in fit[1:]] + lost
    return MemberChoice(
        subject=chosen.code,
        load=loads.members.get(chosen.code, 0),
        distance=_distance(chosen, subject),
        lost=tuple(lost[:MAX_LISTED]),
        counts=_counts(lost),
    )


def _counts(lost: Sequence[MemberCandidate]) -> dict[str, int]:
    return dict(Counter(one.lost for one in lost))


def _unfit(
    officer: Officer, unit: Unit, subject: Subject, local: datetime, loads: Loads
) -> str | None:
    """The first of these that speaks against somebody."""
    if officer.joined is not None and _day(local) < officer.joined:
        return "not_yet_joined"
    if officer.left is not None and _day(local) >= officer.left:
        return "has_left"
    if officer.grids and subject.grid not in officer.grids:
        return "other_grids"
    if not on_duty(officer.duty or unit.duty, local):
        return "off_duty"
    cap = officer.load_cap
    return "at_its_cap" if cap is not None and loads.members.get(officer.code, 0) >= cap else None


def _day(local: datetime) -> str:
    return local.date().isoformat()


def _rank(officer: Officer, subject: Subject, loads: Loads) -> Rank:
    return (
        loads.members.get(officer.code, 0),
        BANDS.get(_distance(officer, subject) or DistanceBand.AWAY, FAR),
        hashlib.blake2b(f"{subject.incident} {officer.code}".encode(), digest_size=8).digest(),
    )


def _by_rank(one: tuple[Rank, Officer]) -> Rank:
    return one[0]


def _behind(mine: Rank, best: Rank) -> str:
    if mine[0] > best[0]:
        return "more_loaded"
    return "less_near" if mine[1] > best[1] else "by_lot"


def _distance(officer: Officer, subject: Subject) -> DistanceBand | None:
    """Only who reported the case is known to be near; nobody else is followed."""
    return subject.reporter_distance if officer.code == subject.reporter else None


def _candidate(officer: Officer, lost: str, loads: Loads) -> MemberCandidate:
    return _same(officer.code, lost, loads.members.get(officer.code, 0))


@lru_cache(maxsize=4096)
def _same(officer: str, lost: str, load: int) -> MemberCandidate:
    """Loads are counted once a second: who loses, loses alike for a while."""
    return MemberCandidate(subject=officer, lost=lost, load=load)
