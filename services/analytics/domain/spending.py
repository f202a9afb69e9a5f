"""Whose the time of a case was, told as spans and sums; and whether they add up."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any

from services.analytics.domain.timeline import NOTHING, Stored, Timeline
from services.analytics.domain.unit_names import unit_names
from services.analytics.domain.working_time import worked
from shared.casetime.spans import Moment, Span, Tiling
from shared.casetime.standing import Standing
from shared.contracts.base import Names, instant_text, to_instant
from shared.contracts.cases_v1 import CaseFiled
from shared.contracts.time_v1 import TimeStage
from shared.worktime.natural import MILLISECOND

NOTES: Mapping[str, Names] = {
    "centre": Names(
        zh="受理、派遣或核查的时间，不计入处置单位",
        en="a centre's own time (filing, dispatch, verification): charged to no unit",
    ),
    "others": Names(
        zh="流程等待复查人员或指挥中心，不计入处置单位",
        en="its flow waited for an inspector or the centre: charged to no unit",
    ),
    "returned": Names(
        zh="退回获准：误派单位持有案卷的时间，不计入任何单位",
        en="its return was granted: the time that a wrongly chosen unit held it is no unit's",
    ),
    "suspended": Names(zh="挂账：计时停止", en="suspended: the clocks stood"),
    "closed": Names(zh="已结案，其后重新打开", en="closed, and opened again later"),
    "joining": Names(
        zh="牵头单位已办结，等待配合单位", en="the lead was done, and waited for this unit"
    ),
}
"""Why time counts for no unit, or for one that does not lead."""


def spent(timeline: Timeline, now: datetime, *, official: bool) -> dict[str, Any] | None:
    """The ledger of a case's time up to now, or to its end.

    ``spans`` without a gap or an overlap, ``stages`` and ``units`` their sums, all in
    milliseconds; ``working`` is what of it was working time, of clocks that count in that;
    ``adds_up`` says whether the spans are its whole life, and dispatch's own ledger.
    None where there is no case, or an older version folded its steps. The public is not told of
    units, nor of words.
    """
    case = timeline.case.case
    if case is None or "time" not in case or not _is_known(timeline):
        return None
    begun = case["times"]["counts_from"]
    tiling = tiled(timeline.case.steps, begun)
    spans = tiling.at(to_instant(now))
    until = spans[-1].until if spans else tiling.since
    whole = (until - begun) // MILLISECOND
    told: dict[str, Any] = {
        "from": instant_text(begun),
        "until": instant_text(until),
        "running": tiling.waiting is not None,
        "ms": whole,
        "adds_up": sum(one.ms for one in spans) == whole and tiling.shares() == case["time"],
        "stages": _by_stage(spans),
        "spans": [_span(one, timeline, official=official) for one in spans],
    }
    if official:
        names = unit_names(timeline)
        told["units"] = _by_unit(spans, names)
        told["working"] = worked(timeline.escalation.steps, names)
    return told


def tiled(steps: Iterable[Stored], counts_from: datetime) -> Tiling:
    """The spans that the steps of a case tell, in the order of their numbers."""
    tiling = Tiling(counts_from)
    for step in sorted(steps, key=itemgetter("sequence")):
        if "waits" in step:
            tiling.take(Moment(step["at"], step["type"], _standing(step["waits"])))
    return tiling


def _is_known(timeline: Timeline) -> bool:
    """Whether its steps say what it waited for."""
    return any(one["type"] == CaseFiled.TYPE and "waits" in one for one in timeline.case.steps)


def _standing(waits: list[Any]) -> Standing | None:
    if not waits:
        return None
    stage, *more = waits
    return Standing(TimeStage(stage), *more)


def _by_stage(spans: Iterable[Span]) -> list[dict[str, Any]]:
    """How long each stage took in all, in the order of a case's life."""
    found: Counter[str] = Counter()
    for one in spans:
        found[one.standing.stage.value] += one.ms
    return [{"stage": one.value, "ms": found[one.value]} for one in TimeStage if one.value in found]


def _by_unit(spans: Iterable[Span], names: Mapping[str, Stored]) -> list[dict[str, Any]]:
    """How much is each unit's, in the order in which they had it; the rest is no unit's."""
    found: Counter[str | None] = Counter()
    for one in spans:
        found[one.unit] += one.ms
    return [
        {"unit": unit, "names": unit and names.get(unit), "ms": ms} for unit, ms in found.items()
    ]


def _span(span: Span, timeline: Timeline, *, official: bool) -> dict[str, Any]:
    note = _note(span)
    told: dict[str, Any] = {
        "stage": span.standing.stage.value,
        "from": instant_text(span.since),
        "until": instant_text(span.until),
        "ms": span.ms,
        "note": note and {"code": note, **NOTES[note].model_dump()},
    }
    if official:
        names, holder = unit_names(timeline), span.standing.holder
        told["unit"] = span.unit
        told["held_by"] = holder
        told["names"] = holder and names.get(holder)
        told["suspension"] = _suspension(span, timeline)
    return told


def _note(span: Span) -> str | None:
    """Why it is not simply the time of the unit that had the case."""
    stands = span.standing
    if stands.stage is TimeStage.CLOSED:
        return "closed"
    if stands.suspension is not None:
        return "suspended"
    if span.returned:
        return "returned"
    if stands.others:
        return "others"
    if stands.holder is None:
        return "centre"
    return "joining" if stands.joining else None


def _suspension(span: Span, timeline: Timeline) -> dict[str, Any] | None:
    """The suspension by its number: since when, until when at most, in whose words."""
    number = span.standing.suspension
    if number is None:
        return None
    granted = [one["suspension"] for one in timeline.case.steps if "suspension" in one]
    stands = granted[number - 1] if number <= len(granted) else NOTHING
    texts = {name: instant_text(stands[name]) for name in ("since", "until") if name in stands}
    return {"n": number, **texts, "reason": stands.get("reason", "")}
