"""Which member of a unit gets a case: on duty, under its cap, least loaded, nearest."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from services.dispatch.domain.duty import on_duty
from services.dispatch.domain.lookups import Loads
from services.dispatch.domain.subject import Subject, local_time
from shared.contracts.choice_v1 import MemberCandidate, MemberChoice
from shared.contracts.incidents_v1 import DistanceBand
from shared.contracts.registry_v1 import Officer, Unit
from shared.registry.snapshot import Snapshot

MAX_LOST = 10
BANDS = {DistanceBand.AT_THE_PLACE: 0, DistanceBand.NEAR_BY: 1}
FAR = 2


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
    fit: list[Officer] = []
    for one in officers:
        why = _unfit(one, unit, subject, local, loads)
        if why is None:
            fit.append(one)
        else:
            lost.append(_candidate(one, why, loads))
    fit.sort(key=lambda one: _rank(one, subject, loads))
    if not fit:
        return MemberChoice(lost=tuple(lost[:MAX_LOST]))
    chosen = fit[0]
    lost = [_candidate(one, _behind(one, chosen, subject, loads), loads) for one in fit[1:]] + lost
    return MemberChoice(
        subject=chosen.code,
        load=loads.members.get(chosen.code, 0),
        distance=_distance(chosen, subject),
        lost=tuple(lost[:MAX_LOST]),
    )


def _unfit(
    officer: Officer, unit: Unit, subject: Subject, local: datetime, loads: Loads
) -> str | None:
    today = local.date().isoformat()
    checks: Sequence[tuple[bool, str]] = (
        (officer.joined is not None and today < officer.joined, "not_yet_joined"),
        (officer.left is not None and today >= officer.left, "has_left"),
        (bool(officer.grids) and subject.grid not in officer.grids, "other_grids"),
        (not on_duty(officer.duty or unit.duty, local), "off_duty"),
        (
            officer.load_cap is not None and loads.members.get(officer.code, 0) >= officer.load_cap,
            "at_its_cap",
        ),
    )
    return next((why for fails, why in checks if fails), None)


def _rank(officer: Officer, subject: Subject, loads: Loads) -> tuple[int, int, str]:
    return (
        loads.members.get(officer.code, 0),
        BANDS.get(_distance(officer, subject) or DistanceBand.AWAY, FAR),
        hashlib.blake2b(f"{subject.incident} {officer.code}".encode(), digest_size=8).hexdigest(),
    )


def _behind(officer: Officer, chosen: Officer, subject: Subject, loads: Loads) -> str:
    mine, best = _rank(officer, subject, loads), _rank(chosen, subject, loads)
    if mine[0] > best[0]:
        return "more_loaded"
    return "less_near" if mine[1] > best[1] else "by_lot"


def _distance(officer: Officer, subject: Subject) -> DistanceBand | None:
    """Only who reported the case is known to be near; nobody else is followed."""
    return subject.reporter_distance if officer.code == subject.reporter else None


def _candidate(officer: Officer, lost: str, loads: Loads) -> MemberCandidate:
    return MemberCandidate(subject=officer.code, lost=lost, load=loads.members.get(officer.code, 0))
