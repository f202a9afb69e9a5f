"""Pure: the ledger of time in a case's events is what its events say, and adds up to its life."""

from collections.abc import Sequence
from typing import Any

from deploy.audit.history import place
from deploy.audit.problems import Problem
from shared.casetime.spans import Tiling, moment
from shared.contracts.case_v1 import CaseEvent
from shared.contracts.cases_v1 import CaseFiled
from shared.contracts.envelope import Event
from shared.worktime.natural import MILLISECOND


def check(subject: str, cases: Sequence[Event[Any]]) -> list[Problem]:
    """The first event of a case whose ledger is wrong; of a history with a gap nothing is said.

    Cases that an older version filed tell no time.
    """
    events = sorted(cases, key=lambda event: event.sequence)
    if [event.sequence for event in events] != list(range(1, len(events) + 1)):
        return []
    tiling: Tiling | None = None
    for event in events:
        if not isinstance(event.data, CaseEvent):
            continue
        if isinstance(event.data, CaseFiled):
            times = event.data.case.times
            tiling = Tiling(times.counts_from) if event.data.case.time is not None else None
        if tiling is not None and (wrong := _wrong(tiling, event.data)):
            return [Problem("time_broken", subject, f"{event.type} at {place(event)}: {wrong}")]
    return []


def _wrong(tiling: Tiling, data: CaseEvent) -> str:
    """What is wrong with the ledger of the next event; nothing where it is right."""
    tiling.take(moment(data))
    time, until = data.case.time, data.case.time_until
    if time is None or until is None:
        return "it has no ledger of time"
    told, whole = sum(time.values()), (until - tiling.counts_from) // MILLISECOND
    if told != whole:
        return f"its shares are {told} ms, its life was {whole} ms"
    if until != tiling.since:
        return f"it is counted until {until}, the events go until {tiling.since}"
    were = tiling.shares()
    for share in sorted(were.keys() | time.keys()):
        if were.get(share, 0) != time.get(share, 0):
            return f"{share}: {time.get(share, 0)} ms are told, {were.get(share, 0)} ms were"
    return ""
