"""Why a case is where it is, in words: which rule decided on what, and who else was considered."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from services.analytics.domain.timeline import NOTHING, Stored, Timeline
from services.analytics.domain.unit_names import unit_names
from services.analytics.domain.why_component import OWNERLESS, kept_by, ownerless, which
from services.analytics.domain.why_looks import sent
from services.analytics.domain.why_moves import (
    checked,
    found_by,
    handed_down,
    handed_up,
    on_site,
    passed_on,
    returned,
    voided,
)
from services.analytics.domain.why_words import FOUND, LEVELS, LOST, MEMBER_LOST, UNROUTED, word
from shared.contracts.base import Names, Texts
from shared.contracts.cases_v1 import (
    Adrift,
    CaseDispatched,
    CaseFiled,
    CaseHandedDown,
    CaseHandedUp,
    CaseRegridded,
    CaseVoided,
    HandledOnSite,
    MemberChanged,
    SpotCheckOrdered,
)
from shared.contracts.choice_v1 import MAX_LISTED
from shared.contracts.outcomes_v1 import (
    IncidentAnswered,
    IncidentHeld,
    IncidentLinked,
    IncidentLooked,
    IncidentRejected,
    IncidentSeparated,
    IncidentTransferred,
    LookOrdered,
    Outcome,
)
from shared.contracts.requests_v1 import ReturnGranted
from shared.contracts.steps_v1 import CasePassedOn
from shared.contracts.titles import VOID_RULE


@dataclass(frozen=True, slots=True)
class Reason:
    """One decision: when, which (a stable word), in words, and on what it stands."""

    at: datetime
    decision: str
    words: Texts
    facts: Mapping[str, Any] = field(default_factory=dict)
    candidates: tuple[tuple[str, Names], ...] = ()
    """Units that might have got it, and why they did not."""


PRIVATE = frozenset({"reason", "case_no"})
"""What the public is not told of a step: people's words, and of whose case it has become one."""


def why(timeline: Timeline, *, official: bool) -> Iterator[Reason]:
    """The decisions of dispatch on an incident, in their order.

    A step that an older version wrote says nothing of them until `wangge rebuild` made it anew.
    """
    for step in timeline.case.steps:
        tell = TELLING.get(step["type"])
        if tell is not None and NEEDED.get(step["type"], "type") in step:
            open_ = {name: value for name, value in step.items() if name not in PRIVATE}
            yield tell(timeline, step if official else open_)
        if "unrouted" in step:
            yield _unrouted(timeline, step)


def _filed(timeline: Timeline, step: Stored) -> Reason:
    case = timeline.case.filed
    matter = case["matter"]
    names, n = Names.model_validate(matter["names"]), step.get("matter_n")
    grid = _grid_then(timeline)
    words = Texts(
        zh=f"立案：事项“{names.zh}”（第 {n} 版）在准入清单中，位置在网格 {grid} 内",
        en=f"filed: the matter '{names.en}' (version {n}) is on the list, the place lies in "
        f"grid {grid}",
    )
    if "place" in step:
        words = _joined(words, _located(step["place"]))
    if component := case.get("component"):
        words = _joined(words, which(component))
    facts = _facts(step, "matter_n", "condition", "place", "component", "registry")
    return Reason(step["at"], "filed", words, facts)


def _located(place: Stored) -> Texts:
    names, score = Names.model_validate(place["names"]), place["score"]
    return Texts(
        zh=f"按地址定位于“{names.zh}”（符合度 {score:.0f}）",
        en=f"its address was located at '{names.en}' (fits {score:.0f} of 100)",
    )


def _unrouted(timeline: Timeline, step: Stored) -> Reason:
    """Why nobody was given the case when it was filed."""
    component = timeline.case.filed.get("component") or NOTHING
    if step["unrouted"] == OWNERLESS:
        words = ownerless(component)
    else:
        why = word(UNROUTED, step["unrouted"])
        words = Texts(zh=f"未派遣：{why.zh}", en=f"not dispatched: {why.en}")
    for one in _passed_over(step):
        words = _joined(words, one)
    return Reason(
        step["at"], "unrouted", words, _facts(step, "unrouted", "passed_over"), _lost(step)
    )


def _grid_then(timeline: Timeline) -> str:
    """The grid in which a case was filed, whatever has been redrawn since."""
    steps = timeline.case.steps
    left = (one["grid_before"] for one in steps if one["type"] == CaseRegridded.TYPE)
    return str(next(left, timeline.case.filed["grid"]))


def _regridded(_timeline: Timeline, step: Stored) -> Reason:
    grid, before, adrift = step["grid"], step["grid_before"], step.get("adrift")
    if adrift == Adrift.OUTSIDE:
        words = Texts(
            zh=f"网格调整：没有网格再覆盖该位置，案卷仍留在网格 {grid}",
            en=f"grids were redrawn: none holds the place any more, it stays with grid {grid}",
        )
    elif step["policy"] == "stay":
        words = Texts(
            zh=f"网格调整：按区划规则，在办案卷留在立案时的网格 {grid}",
            en=f"grids were redrawn: by the area's policy open cases stay with grid {grid}",
        )
    elif grid == before:
        words = Texts(
            zh=f"网格调整：位置仍在网格 {grid} 内",
            en=f"grids were redrawn: the place still lies in grid {grid}",
        )
    else:
        words = Texts(
            zh=f"网格调整：位置现在网格 {grid} 内（此前为 {before}），案卷随之移动",
            en=f"grids were redrawn: the place lies in grid {grid} now (before: {before}), "
            "the case moves with it",
        )
    facts = _facts(step, "grid", "grid_before", "policy", "adrift", "registry")
    return Reason(step["at"], "regridded", words, facts)


def _dispatched(timeline: Timeline, step: Stored) -> Reason:
    zh, en = _names_of(timeline, step["unit"])
    found = _found(timeline, step)
    words = Texts(zh=f"派遣给{zh}：{found.zh}", en=f"given to {en}: {found.en}")
    if step["rule"] != "named_by_dispatcher":
        level, centre = LEVELS[step["level"]], step["centre"]
        words = _joined(
            words,
            Texts(
                zh=f"由{level.zh}中心（{centre}）派遣",
                en=f"dispatched by the {level.en} centre {centre}",
            ),
        )
    for one in (*_passed_over(step), *_with_others(step), *_member(step)):
        words = _joined(words, one)
    facts = _facts(
        step, "rule", "chosen_by", "passed_over", "inputs", "unit", "unit_load", "co_units", "cc",
        "centre", "level", "registry",
    )  # fmt: skip
    return Reason(step["at"], "dispatched", words, facts, _lost(step))


def _found(timeline: Timeline, step: Stored) -> Texts:
    """How the unit was found."""
    rule = step.get("chosen_by")
    if step["rule"] == "component_maintainer":
        return kept_by(step["unit"], timeline.case.filed.get("component") or NOTHING)
    if rule is None:
        how = word(FOUND, found_by(step))
        return Texts(zh=how.zh, en=how.en)
    names, area, n, code = rule["names"], rule["area"], rule["n"], rule["code"]
    found = Texts(
        zh=f"按 {area} 的派遣规则“{names['zh']}”（{code}，第 {n} 版）",
        en=f"by the routing rule '{names['en']}' ({code}) of {area}, version {n}",
    )
    if step["rule"] == "town_overflow":
        return _joined(found, FOUND["town_overflow"])
    return found


def _passed_over(step: Stored) -> Iterator[Texts]:
    """The rules that held in vain; older events have them with the one that decided only."""
    codes = step.get("passed_over") or (step.get("chosen_by") or NOTHING).get("passed_over")
    if codes:
        listed = ", ".join(codes)
        yield Texts(
            zh=f"派遣规则 {listed} 虽适用，但其主办单位不可派，已跳过",
            en=f"passed over, though they hold, as their lead could not be had: {listed}",
        )


def _with_others(step: Stored) -> Iterator[Texts]:
    """Who else is to take part, and who is told."""
    if co_units := step.get("co_units"):
        listed = ", ".join(co_units)
        yield Texts(zh=f"配合单位：{listed}", en=f"co-operating: {listed}")
    if cc := step.get("cc"):
        listed = ", ".join(cc)
        yield Texts(zh=f"抄告：{listed}", en=f"told: {listed}")


def _member(step: Stored) -> Iterator[Texts]:
    """To which kind of member it went; members are not named (people's data)."""
    member = step.get("member")
    if member is None:
        return
    if member["chosen"]:
        load = member["load"]
        yield Texts(
            zh=f"分给在班、未达上限且在办最少的成员（在办 {load} 件）",
            en=f"for the member on duty, under its cap, with the fewest open cases ({load})",
        )
    else:
        yield Texts(zh="没有可分派的成员", en="no member could take it")
    cut = "counted" not in member and sum(member["lost"].values()) >= MAX_LISTED
    for lost, count in member["lost"].items():
        why = word(MEMBER_LOST, lost)
        zh, en = ("至少 ", "at least ") if cut else ("", "")
        yield Texts(zh=f"{zh}{count} 人{why.zh}", en=f"{en}{count} {why.en}")


def _member_changed(_timeline: Timeline, step: Stored) -> Reason:
    words = Texts(
        zh="原处置员已不在该单位：单位不变，更换处置员",
        en="its member is of the unit no more: the unit keeps it, another member has it",
    )
    for one in _member(step):
        words = _joined(words, one)
    return Reason(step["at"], "member_changed", words, _facts(step, "unit"))


def _joined(one: Texts, other: Texts | Names) -> Texts:
    return Texts(zh=f"{one.zh}；{other.zh}", en=f"{one.en}; {other.en}")


def _lost(step: Stored) -> tuple[tuple[str, Names], ...]:
    return tuple((one["unit"], word(LOST, one["lost"])) for one in step.get("candidates", ()))


def _handed_up(_timeline: Timeline, step: Stored) -> Reason:
    return Reason(step["at"], "handed_up", handed_up(step), _facts(step, *CENTRES))


def _handed_down(_timeline: Timeline, step: Stored) -> Reason:
    return Reason(step["at"], "handed_down", handed_down(step), _facts(step, *CENTRES))


def _passed_on(_timeline: Timeline, step: Stored) -> Reason:
    facts = _facts(step, "turn", "state_before", "state_after")
    codes = {name: one["code"] for name, one in facts.items()}
    return Reason(step["at"], "passed_on", passed_on(step), codes)


def _on_site(timeline: Timeline, step: Stored) -> Reason:
    words, facts = on_site(*_names_of(timeline, step["unit"])), _facts(step, "unit")
    if step["type"] == SpotCheckOrdered.TYPE:
        return Reason(step["at"], "spot_check_ordered", _joined(words, checked(step)), facts)
    return Reason(step["at"], "handled_on_site", words, facts)


def _returned(_timeline: Timeline, step: Stored) -> Reason:
    return Reason(step["at"], "return_granted", returned(step), _facts(step, "returns"))


def _voided(_timeline: Timeline, step: Stored) -> Reason:
    words = voided(step)
    if said := step.get("reason"):
        words = _joined(words, Texts(zh=said, en=said))
    return Reason(step["at"], "voided", words, {"rule": VOID_RULE} if "roles" in step else {})


def _unfiled(timeline: Timeline, step: Stored) -> Reason:
    words = Texts.model_validate(step["explanation"])
    if step["type"] == LookOrdered.TYPE:
        who = sent(timeline.case.steps, step, partial(_names_of, timeline))
        words = words if who is None else _joined(words, who)
    for one in step.get("also", ()):
        other = one["explanation"]
        words = _joined(words, Texts(zh=f"并且：{other['zh']}", en=f"and: {other['en']}"))
    if said := ": ".join(filter(None, (step.get("to"), step.get("reason")))):
        words = _joined(words, Texts(zh=said, en=said))
    return Reason(step["at"], step["ending"], words, _facts(step, "rule", "unit", "registry"))


def _linked(_timeline: Timeline, step: Stored) -> Reason:
    number, metres, minutes = step.get("case_no"), step["metres"], step["minutes"]
    which_zh = f"案卷 {number} " if number else "另一案卷"
    words = Texts(
        zh=f"重复上报：与{which_zh}为同一问题，相距 {metres:g} 米，"
        f"晚 {minutes:g} 分钟；并入该案卷，不另行立案",
        en=f"a duplicate of {number or 'another case'}: the same matter, {metres:g} m away, "
        f"{minutes:g} minutes later; linked to that case and not filed as another",
    )
    return Reason(step["at"], "linked", words, _facts(step, "rule", "metres", "minutes"))


def _separated(_timeline: Timeline, step: Stored) -> Reason:
    by_hand = Texts(zh="人工拆分：不是同一问题", en="separated: somebody found it another matter")
    by_rule = Texts(
        zh="所并入的案卷已作废：重新判定", en="the case that it was linked to is void: decided anew"
    )
    return Reason(step["at"], "separated", by_hand if step.get("roles") else by_rule)


def _facts(step: Stored, *names: str) -> dict[str, Any]:
    return {name: step[name] for name in names if name in step}


def _names_of(timeline: Timeline, code: str) -> tuple[str, str]:
    """The unit's names with its code; the code alone where no step tells the names."""
    found = unit_names(timeline).get(code)
    if found is None:
        return code, code
    return f"{found['zh']}（{code}）", f"{found['en']} ({code})"


CENTRES = ("centre", "centre_before")
WITHOUT_A_CASE: tuple[type[Outcome], ...] = (
    IncidentHeld,
    IncidentRejected,
    LookOrdered,
    IncidentLooked,
    IncidentAnswered,
    IncidentTransferred,
)
TELLING: Mapping[str, Callable[[Timeline, Stored], Reason]] = {
    CaseFiled.TYPE: _filed,
    CaseDispatched.TYPE: _dispatched,
    CaseRegridded.TYPE: _regridded,
    MemberChanged.TYPE: _member_changed,
    ReturnGranted.TYPE: _returned,
    CaseHandedUp.TYPE: _handed_up,
    CaseHandedDown.TYPE: _handed_down,
    CasePassedOn.TYPE: _passed_on,
    HandledOnSite.TYPE: _on_site,
    SpotCheckOrdered.TYPE: _on_site,
    CaseVoided.TYPE: _voided,
    IncidentLinked.TYPE: _linked,
    IncidentSeparated.TYPE: _separated,
    **dict.fromkeys((one.TYPE for one in WITHOUT_A_CASE), _unfiled),
}
"""How each decision is told; other events decide nothing of where a case is."""
NEEDED: Mapping[str, str] = {
    CaseFiled.TYPE: "matter_n",
    CaseDispatched.TYPE: "rule",
    CaseHandedUp.TYPE: "centre",
    CaseHandedDown.TYPE: "centre",
    CasePassedOn.TYPE: "state_after",
    HandledOnSite.TYPE: "unit",
    SpotCheckOrdered.TYPE: "unit",
    IncidentLinked.TYPE: "case_no",
    **{one.TYPE: "explanation" for one in WITHOUT_A_CASE},
}
"""What a step must say to be told; one that an older version wrote may not."""
