"""Whether every matter's flow is there: a report on one whose flow is not waits in review."""

from collections.abc import Iterable, Mapping

from services.intake.domain.change import compared
from services.intake.domain.findings import Finding, FindingCode
from shared.contracts.flows import Flow
from shared.contracts.registry_v1 import Entry, Matter


def missing_flows(
    before: Iterable[Entry], changed: Iterable[Entry], ended: Iterable[str]
) -> list[Finding]:
    """The matters that a change leaves without the flow that they name, and that had it before.

    ``before`` are the matters and flows in force without it, ``ended`` the keys of those that it
    ends.
    """
    old, new = compared(before, changed, ended)
    return [_finding(*one) for one in sorted(_without(new) - _without(old))]


def _without(entries: Mapping[str, Entry]) -> set[tuple[str, str]]:
    """The matters that name a flow that is not there, with its code."""
    flows = {one.code for one in entries.values() if isinstance(one, Flow)}
    named = {
        (one.code, one.flow)
        for one in entries.values()
        if isinstance(one, Matter) and one.flow is not None
    }
    return {(matter, flow) for matter, flow in named if flow not in flows}


def _finding(matter: str, flow: str) -> Finding:
    return Finding(
        FindingCode.UNKNOWN_FLOW,
        (matter,),
        f"事项 {matter} 的流程 {flow} 尚未生效：其上报将待受理，请先导入该流程",
        f"matter {matter} names the flow {flow}, which is not in force: its reports will wait in "
        "review; import the flow, or take it out of the matter",
    )
