"""Whether plans name what is there: else nothing is inspected, or what is found is lost."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from services.intake.domain.change import compared
from services.intake.domain.findings import Finding, FindingCode
from services.intake.domain.planning import days_of
from shared.contracts.base import Day
from shared.contracts.flows import Flow
from shared.contracts.plans import Plan
from shared.contracts.registry_v1 import Entry, Grid, Matter, Place

WORDS: Mapping[str, str] = {"place": "地点", "grid": "网格", "area": "区划"}
"""What a plan says is to be inspected, in both languages."""
SHOWN = 20
"""So many names are told of a plan."""


class _Fault(NamedTuple):
    """What is wrong with a plan: the kind of finding, and of what (kind, code)."""

    code: FindingCode
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class _There:
    """What is in force that plans may name."""

    places: frozenset[str]
    grids: frozenset[str]
    matters: Mapping[str, Matter]
    flows: Mapping[str, Flow]


def plan_findings(
    before: Iterable[Entry], changed: Iterable[Entry], ended: Iterable[str], today: Day
) -> list[Finding]:
    """What plans would be left with by a change: names of nothing, no inspections, no days.

    ``before`` are the plans, matters, flows, grids and places in force without it, ``ended`` the
    keys of those that it ends, ``today`` the day in the city. Of plans that it does not bring only
    what was not so before.
    """
    changed = list(changed)
    old, new = compared(before, changed, ended)
    known = _faults_by_plan(old)
    brought = {one.code for one in changed if isinstance(one, Plan)}
    found: list[Finding] = []
    for code, faults in sorted(_faults_by_plan(new).items()):
        fresh = faults if code in brought else faults - known.get(code, set())
        found += _told(code, fresh)
    plans = (one for key, one in sorted(new.items()) if key.startswith("plan/"))
    found += [
        _over(one) for one in plans
        if isinstance(one, Plan) and one.code in brought and _is_over(one, today)
    ]  # fmt: skip
    return found


def places_of(entry: Entry) -> set[str]:
    """The keys of the places that a plan names."""
    return {f"place/{code}" for code in entry.places} if isinstance(entry, Plan) else set()


def _faults_by_plan(entries: Mapping[str, Entry]) -> dict[str, set[_Fault]]:
    values = entries.values()
    there = _There(
        frozenset(one.code for one in values if isinstance(one, Place)),
        frozenset(one.code for one in values if isinstance(one, Grid)),
        {one.code: one for one in values if isinstance(one, Matter)},
        {one.code: one for one in values if isinstance(one, Flow)},
    )
    return {one.code: {*_faults(one, there)} for one in values if isinstance(one, Plan)}


def _faults(plan: Plan, there: _There) -> Iterator[_Fault]:
    missing = [*_missing(plan, there)]
    count = len(plan.places) + len(plan.grids) + len(plan.areas)
    code = FindingCode.NO_TARGET if len(missing) == count else FindingCode.UNKNOWN_NAME
    yield from (_Fault(code, *one) for one in missing)
    if plan.matter not in there.matters:
        yield _Fault(FindingCode.UNKNOWN_MATTER, "matter", plan.matter)
    elif not _inspects(there.matters[plan.matter], there.flows):
        yield _Fault(FindingCode.NO_INSPECTION, "matter", plan.matter)
    for item in plan.checklist:
        if item.finding not in there.matters:
            yield _Fault(FindingCode.UNKNOWN_MATTER, f"item {item.code}", item.finding)


def _missing(plan: Plan, there: _There) -> Iterator[tuple[str, str]]:
    yield from (("place", one) for one in plan.places if one not in there.places)
    yield from (("grid", one) for one in plan.grids if one not in there.grids)
    for area in plan.areas:
        if not any(grid.startswith(area) for grid in there.grids):
            yield "area", area


def _inspects(matter: Matter, flows: Mapping[str, Flow]) -> bool:
    """Whether its cases end by what was found."""
    flow = flows.get(matter.flow) if matter.flow is not None else None
    return flow is not None and any(turn.finds for one in flow.states for turn in one.turns)


def _told(plan: str, faults: Iterable[_Fault]) -> Iterator[Finding]:
    """One finding of each kind."""
    grouped: dict[FindingCode, list[_Fault]] = {}
    for one in sorted(faults):
        grouped.setdefault(one.code, []).append(one)
    for code, some in grouped.items():
        yield _SAID[code](plan, some[:SHOWN])


def _no_target(plan: str, faults: Iterable[_Fault]) -> Finding:
    zh, en = _listed(faults)
    return Finding(
        FindingCode.NO_TARGET,
        (plan,),
        f"检查计划 {plan} 所指地点均未生效：{zh}；不会产生任何检查，请核对编码，或先导入",
        f"nothing that plan {plan} names is in force: {en}; no inspection would ever be made; see "
        "that it is spelt as it is meant, or import it first",
    )


def _unknown_name(plan: str, faults: Iterable[_Fault]) -> Finding:
    zh, en = _listed(faults)
    return Finding(
        FindingCode.UNKNOWN_NAME,
        (plan,),
        f"检查计划 {plan} 所指尚未生效：{zh}；该处不会检查，请核对编码，或先导入",
        f"plan {plan} names what is not in force: {en}; nothing is inspected there; see that it is "
        "spelt as it is meant, or import it",
    )


def _listed(faults: Iterable[_Fault]) -> tuple[str, str]:
    named = [(one.kind, one.name) for one in faults]
    zh = "、".join(f"{WORDS[kind]} {code}" for kind, code in named)
    return zh, ", ".join(f"{kind} {code}" for kind, code in named)


def _unknown_matter(plan: str, faults: Iterable[_Fault]) -> Finding:
    named = [(one.kind, one.name) for one in faults]
    zh = "、".join(
        f"{'检查事项' if kind == 'matter' else kind.replace('item', '检查项')} {code}"
        for kind, code in named
    )
    en = ", ".join(f"{code} ({kind})" for kind, code in named)
    return Finding(
        FindingCode.UNKNOWN_MATTER,
        (plan,),
        f"检查计划 {plan} 所指事项不存在：{zh}；检查或发现的问题将无法立案，"
        "请核对编码，或先导入事项",
        f"plan {plan} names matters that are not in force: {en}; its inspections, or what they "
        "find, could not be filed; see that they are spelt as they are meant, or import them first",
    )


def _no_inspection(plan: str, faults: Iterable[_Fault]) -> Finding:
    matter = next(iter(faults)).name
    return Finding(
        FindingCode.NO_INSPECTION,
        (plan,),
        f"检查计划 {plan} 的事项 {matter} 没有检查流程：会被当作真实上报的事件处置；"
        "请指定其流程含“发现问题”去向（finds）的事项",
        f"matter {matter} of plan {plan} has no flow of an inspection: its cases would be handled "
        "as if somebody had reported them; name a matter whose flow has a turn with finds: true",
    )


def _is_over(plan: Plan, today: Day) -> bool:
    days = days_of(plan)
    return bool(days) and days[-1] < today


def _over(plan: Plan) -> Finding:
    last = days_of(plan)[-1]
    return Finding(
        FindingCode.PLAN_OVER,
        (plan.code,),
        f"检查计划 {plan.code} 的日期均已过去（最后一日 {last}）：不会再产生检查，请补充日期",
        f"all days of plan {plan.code} are over, the last is {last}: no inspection is made any "
        "more; give it days to come",
    )


_SAID = {
    FindingCode.NO_TARGET: _no_target,
    FindingCode.UNKNOWN_NAME: _unknown_name,
    FindingCode.UNKNOWN_MATTER: _unknown_matter,
    FindingCode.NO_INSPECTION: _no_inspection,
}
