"""What of a case's time was working time, as its clocks have counted it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any

from services.analytics.domain.timeline import Stored
from shared.contracts.base import Stage
from shared.contracts.escalations_v1 import Clock, ClocksChanged, ClockState
from shared.contracts.requests_v1 import ReturnGranted
from shared.worktime.limits import WORKING

OF_A_CASE = frozenset({"case", "lead"})


def runs(data: ClocksChanged) -> list[list[Any]] | None:
    """Of the clocks of stages that count in working time, what a step keeps.

    Stage and run, unit (nobody's where a return was granted), unit of the limit, state, and
    milliseconds used; None where no clock counts so.
    """
    returned = data.cause == ReturnGranted.TYPE
    return [_run(one, returned=returned) for one in data.clocks if _counts(one)] or None


def _counts(clock: Clock) -> bool:
    of_stage = clock.task in OF_A_CASE and clock.clock is not Stage.TOTAL
    return of_stage and clock.limit.unit in WORKING


def _run(clock: Clock, *, returned: bool) -> list[Any]:
    unit = None if returned and clock.state is ClockState.CANCELLED else clock.unit
    state, limit_unit = clock.state.value, clock.limit.unit.value
    return [clock.clock.value, clock.run, unit, limit_unit, state, clock.used_ms]


def worked(steps: Iterable[Stored], names: Mapping[str, Stored]) -> list[dict[str, Any]]:
    """How much working time each stage and unit had until its clocks were last stopped.

    A run that goes on with what the last one had left says what is used of both: of it only what
    is new counts.
    """
    begun: dict[tuple[str, int], int] = {}
    latest: dict[tuple[str, int], list[Any]] = {}
    for step in sorted(steps, key=itemgetter("sequence")):
        for run in step.get("runs", ()):
            stage, number, _, _, state, used = run
            begun.setdefault((stage, number), used if state == ClockState.RUNNING else 0)
            latest[stage, number] = run
    found: Counter[tuple[str, str | None, str]] = Counter()
    for key, (stage, _, unit, limit_unit, _, used) in latest.items():
        found[stage, unit, limit_unit] += used - begun[key]
    return [
        {
            "stage": stage,
            "unit": unit,
            "names": unit and names.get(unit),
            "limit_unit": limit_unit,
            "ms": ms,
        }
        for (stage, unit, limit_unit), ms in found.items()
    ]
