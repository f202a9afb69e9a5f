"""Why a case is where it is, in words: which rule decided on what, and who else was considered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.analytics.domain.columns import NOTHING
from services.analytics.domain.timeline import Stored, Timeline
from shared.contracts.base import Names
from shared.contracts.cases_v1 import (
    CaseDispatched,
    CaseFiled,
    IncidentLinked,
    IncidentSeparated,
    ReturnGranted,
)

LOST: Mapping[str, Names] = {
    "larger_area": Names(zh="辖区更大，不是最近的单位", en="its area is larger, it is less near"),
    "later_code": Names(
        zh="辖区相同，按编码排在其后", en="its area is as near, its code comes later"
    ),
    "other_kind": Names(
        zh="单位类型不是该事项的主办类型", en="it is not of the kind that leads the matter"
    ),
    "returned_before": Names(
        zh="此前退回已获同意", en="its request to return the case was granted before"
    ),
}
"""The words of dispatch for why a unit did not get a case."""
LEVELS: Mapping[str, Names] = {
    "city": Names(zh="市级", en="city"),
    "county": Names(zh="县级", en="county"),
    "town": Names(zh="镇街", en="town"),
    "community": Names(zh="村社", en="community"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One decision: when, which (a stable word), in words, and on what it stands."""

    at: datetime
    decision: str
    words: Names
    facts: Mapping[str, Any] = field(default_factory=dict)
    candidates: tuple[tuple[str, Names], ...] = ()
    """Units that might have got it, and why they did not."""


def why(timeline: Timeline) -> Iterator[Reason]:
    """The decisions of dispatch on an incident, in their order.

    A step that an older version wrote says nothing of them until `wangge rebuild` made it anew.
    """
    for step in timeline.case.steps:
        match step["type"]:
            case CaseFiled.TYPE if "matter_n" in step:
                yield _filed(timeline, step)
            case CaseDispatched.TYPE if "rule" in step:
                yield _dispatched(timeline, step)
            case ReturnGranted.TYPE:
                yield _returned(step)
            case IncidentLinked.TYPE:
                yield _linked(step)
            case IncidentSeparated.TYPE:
                yield _separated(step)
            case _ if "explanation" in step:
                yield _unfiled(step)


def _filed(timeline: Timeline, step: Stored) -> Reason:
    case = timeline.case.case or NOTHING
    matter = case["matter"]
    names, n, grid = Names.model_validate(matter["names"]), step.get("matter_n"), case["grid"]
    words = Names(
        zh=f"立案：事项“{names.zh}”（第 {n} 版）在准入清单中，位置在网格 {grid} 内",
        en=f"filed: the matter '{names.en}' (version {n}) is on the list, the place lies in "
        f"grid {grid}",
    )
    return Reason(step["at"], "filed", words, _facts(step, "matter_n", "condition", "registry"))


def _dispatched(timeline: Timeline, step: Stored) -> Reason:
    unit, level = step["unit"], LEVELS[step["level"]]
    zh, en = _names_of(timeline, unit)
    if step["rule"] == "named_by_dispatcher":
        words = Names(zh=f"派遣给{zh}：由派遣员指定", en=f"given to {en}: a dispatcher named it")
    else:
        centre = step["centre"]
        words = Names(
            zh=f"派遣给{zh}：受理该事项且辖区最近；由{level.zh}中心（{centre}）派遣",
            en=f"given to {en}: of the units that handle the matter its area is the nearest; "
            f"dispatched by the {level.en} centre {centre}",
        )
    lost = tuple((one["unit"], _lost(one["lost"])) for one in step.get("candidates", ()))
    facts = _facts(step, "rule", "unit", "centre", "level", "registry")
    return Reason(step["at"], "dispatched", words, facts, lost)


def _returned(step: Stored) -> Reason:
    words = Names(
        zh="同意退回：重新派遣，不再派给同一单位",
        en="the return was granted: it is dispatched anew, never to the same unit again",
    )
    return Reason(step["at"], "return_granted", words)


def _unfiled(step: Stored) -> Reason:
    facts = _facts(step, "rule", "registry")
    return Reason(step["at"], step["ending"], Names.model_validate(step["explanation"]), facts)


def _linked(step: Stored) -> Reason:
    number, metres, minutes = step["case_no"], step["metres"], step["minutes"]
    words = Names(
        zh=f"重复上报：与案卷 {number} 为同一问题，相距 {metres:g} 米，晚 {minutes:g} 分钟；"
        "并入该案卷，不另行立案",
        en=f"a duplicate of {number}: the same matter, {metres:g} m away, {minutes:g} minutes "
        "later; linked to that case and not filed as another",
    )
    return Reason(step["at"], "linked", words, _facts(step, "rule", "metres", "minutes"))


def _separated(step: Stored) -> Reason:
    by_hand = Names(zh="人工拆分：不是同一问题", en="separated: somebody found it another matter")
    by_rule = Names(
        zh="所并入的案卷已作废：重新判定", en="the case that it was linked to is void: decided anew"
    )
    return Reason(step["at"], "separated", by_hand if step.get("roles") else by_rule)


def _facts(step: Stored, *names: str) -> dict[str, Any]:
    return {name: step[name] for name in names if name in step}


def _lost(word: str) -> Names:
    """A word that this version does not know is told as it stands."""
    return LOST.get(word) or Names(zh=word, en=word)


def _names_of(timeline: Timeline, code: str) -> tuple[str, str]:
    """The unit's names while it has the case; its code where another has it by now."""
    unit = (timeline.case.case or NOTHING).get("unit") or NOTHING
    if unit.get("code") != code:
        return code, code
    names = Names.model_validate(unit["names"])
    return f"{names.zh}（{code}）", f"{names.en} ({code})"
