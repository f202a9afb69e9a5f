"""The ledger of a case's time after an event: what has passed goes to whom it waited for."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.casetime.standing import CLOSED, FILING, OF_UNITS, Standing, standing
from shared.contracts.base import EventData
from shared.contracts.case_v1 import Case, CaseEvent
from shared.contracts.cases_v1 import CaseFiled
from shared.contracts.requests_v1 import ReturnGranted
from shared.contracts.time_v1 import RETURNED, TimeShares
from shared.worktime.natural import MILLISECOND


def timed(before: Case | None, follows: Sequence[EventData]) -> list[EventData]:
    """What follows from one cause, each event of a case with the ledger of its time.

    ``before`` is the case until then. A case whose earlier events tell no time (an older version
    wrote them) gets none.
    """
    told: list[EventData] = []
    for data in follows:
        if isinstance(data, CaseEvent):
            before = data.case.model_copy(update=counted(before, data))
            told.append(data.model_copy(update={"case": before}))
        else:
            told.append(data)
    return told


def counted(before: Case | None, data: CaseEvent) -> Mapping[str, Any]:
    """What an event makes of the ledger: the fields of the case.

    An event that took effect before the one that it follows (instants of different machines) adds
    nothing: no time is counted twice, and none is negative.
    """
    shares: TimeShares
    if isinstance(data, CaseFiled):
        until, shares = data.case.times.counts_from, {}
    elif before is None or before.time is None or before.time_until is None:
        return {"time": None, "time_until": None}
    else:
        until, shares = before.time_until, before.time
    if data.at > until and (waited := _waited(before, data)) is not None:
        ms = (data.at - until) // MILLISECOND
        shares, until = {**shares, waited.share: shares.get(waited.share, 0) + ms}, data.at
    if isinstance(data, ReturnGranted):
        shares = given_back(shares, data.returned_by)
    return {"time": shares, "time_until": until}


def _waited(before: Case | None, data: CaseEvent) -> Standing | None:
    """What the case waited for until an event; None where it had ended, and has."""
    if before is None or isinstance(data, CaseFiled):
        return FILING
    return standing(before) or (CLOSED if standing(data.case) is not None else None)


def given_back(shares: TimeShares, unit: str) -> TimeShares:
    """The shares where a unit held the case that was never its own: its time is no unit's."""
    after = dict(shares)
    for stage in OF_UNITS:
        if ms := after.pop(f"{stage}/{unit}", 0):
            nobodys = f"{stage}/{RETURNED}"
            after[nobodys] = after.get(nobodys, 0) + ms
    return after
