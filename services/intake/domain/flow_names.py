"""Whether every matter's flow is there, and whoever flows give a case to.

A report on a matter whose flow is not there waits in review; in a state whose lead is not there
nobody has the case until its centre finds somebody.
"""

from collections.abc import Iterable, Mapping

from services.intake.domain.change import compared
from services.intake.domain.findings import Finding, FindingCode
from shared.contracts.flows import Flow
from shared.contracts.registry_v1 import Entry, Matter, Unit


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


def missing_leads(
    before: Iterable[Entry], changed: Iterable[Entry], ended: Iterable[str]
) -> list[Finding]:
    """The flows that a change leaves with a lead that is no unit in force, and that had none.

    ``before`` are the flows and units in force without it, ``ended`` the keys of those that it
    ends.
    """
    old, new = compared(before, changed, ended)
    return [_leaderless(*one) for one in sorted(_leading_nowhere(new) - _leading_nowhere(old))]


def _leading_nowhere(entries: Mapping[str, Entry]) -> set[tuple[str, str, str]]:
    """Flows, their states and the units that these name and that are not there."""
    units = {one.code for one in entries.values() if isinstance(one, Unit)}
    return {
        (flow.code, state.code, state.lead.unit)
        for flow in entries.values()
        if isinstance(flow, Flow)
        for state in flow.states
        if state.lead is not None and state.lead.unit is not None and state.lead.unit not in units
    }


def _leaderless(flow: str, state: str, unit: str) -> Finding:
    return Finding(
        FindingCode.UNKNOWN_NAME,
        (flow,),
        f"流程 {flow} 的环节 {state} 指定的单位 {unit} 尚未生效：到该环节的案卷无人承办，"
        "须由指挥中心另派；请核对编码，或先导入",
        f"state {state} of flow {flow} names the unit {unit}, which is not in force: a case that "
        "comes there is with nobody until its centre finds somebody; see that it is spelt as it is "
        "meant, or import it",
    )
