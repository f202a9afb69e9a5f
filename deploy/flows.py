"""A flow as people read it: a table in Markdown, and a diagram of its states (Mermaid)."""

from collections.abc import Iterator

from deploy.feeds import spelling
from shared.contracts.flows import Flow, FlowState, FlowTurn
from shared.contracts.routing_rules import Destination


def as_markdown(flow: Flow) -> str:
    """Every turn out of every state, and what it asks for."""
    lines = [
        f"### {flow.names.zh} {flow.names.en} (`{flow.code}`)",
        "",
        "| state 环节 | limit 时限 | turn 去向 | by 由 | to 至 | brings 须附 |",
        "|---|---|---|---|---|---|",
        *(line for state in flow.states for line in _lines(flow, state)),
    ]
    return "\n".join(lines) + "\n"


def _lines(flow: Flow, state: FlowState) -> Iterator[str]:
    name = _named(state)
    if state.is_end:
        yield f"| {name} | | {_end(state)} | | | |"
    for number, turn in enumerate(state.turns):
        first = number == 0
        cells = (
            name + _lead(state.lead) if first else "",
            spelling.spelled(state.limit) if first and state.limit else "",
            _named(turn),
            turn.by,
            _to(flow, turn),
            ", ".join(_asked(turn)),
        )
        yield f"| {' | '.join(cells)} |"


def _end(state: FlowState) -> str:
    said = "end 办结"
    if state.closes:
        said += ", closes 直接结案"
    return said + (", missed 未完成" if state.missed else "")


def _named(one: FlowState | FlowTurn) -> str:
    return f"{one.names.zh} {one.names.en} (`{one.code}`)"


def _lead(lead: Destination | None) -> str:
    if lead is None:
        return ""
    return f", with 由 {lead.unit or ' '.join(filter(None, (lead.level, lead.unit_kind)))}"


def _to(flow: Flow, turn: FlowTurn) -> str:
    state = flow.state(turn.to)
    return f"{state.names.zh} {state.names.en}" if state else turn.to


def _asked(turn: FlowTurn) -> Iterator[str]:
    if turn.reason:
        yield "a reason 理由"
    if turn.finds:
        yield "what was found 检查发现"
    if turn.at_most is not None:
        yield f"at most {turn.at_most} times 最多 {turn.at_most} 次"
    for one in turn.papers:
        yield f"{one.names.zh} {one.names.en} (`{one.code}`)"


def as_diagram(flow: Flow) -> str:
    """The states and the turns between them."""
    lines = ["stateDiagram-v2", f"    [*] --> {_id(flow.start)}"]
    for state in flow.states:
        lines.append(f'    state "{state.names.zh} {_plain(state.names.en)}" as {_id(state.code)}')
        lines += [
            f"    {_id(state.code)} --> {_id(turn.to)}: {turn.names.zh} {_plain(turn.names.en)}"
            for turn in state.turns
        ]
        if state.is_end:
            lines.append(f"    {_id(state.code)} --> [*]")
    return "\n".join(lines) + "\n"


def _id(code: str) -> str:
    """A code as Mermaid takes it."""
    return "".join(sign if sign.isalnum() else "_" for sign in code)


def _plain(text: str) -> str:
    """Without what ends a label."""
    return text.replace(":", ",").replace('"', "'").replace(";", ",")
