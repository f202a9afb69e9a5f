"""Whether a flow is sound: every state reachable, every way ends, nobody stuck without a clock."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator

from shared.contracts.flows import Flow, FlowState


def mistakes(flow: Flow) -> Iterator[tuple[str, str]]:
    """What is wrong: a stable code, and what to do. What hangs on unknown states comes last."""
    named = {one.code for one in flow.states}
    unknown = [*_unknown(flow, named)]
    yield from _repeated(flow)
    yield from _clocks(flow)
    yield from unknown
    if not unknown:
        yield from _ways(flow)


def _repeated(flow: Flow) -> Iterator[tuple[str, str]]:
    for code in _twice(one.code for one in flow.states):
        yield "duplicate_state", f"flow {flow.code}: two states are called {code}"
    for state in flow.states:
        for code in _twice(one.code for one in state.turns):
            yield "duplicate_turn", f"{_where(flow, state)}: two turns are called {code}"
        for turn in state.turns:
            for code in _twice(one.code for one in turn.papers):
                where = f"{_where(flow, state)}, turn {turn.code}"
                yield "duplicate_paper", f"{where}: the paper {code} is asked for twice"


def _twice(codes: Iterable[str]) -> list[str]:
    return [code for code, count in Counter(codes).items() if count > 1]


def _clocks(flow: Flow) -> Iterator[tuple[str, str]]:
    for state in flow.states:
        if state.limit is None and not state.is_end:
            yield (
                "no_clock",
                f"{_where(flow, state)}: whoever has it could keep it for ever; give it a limit",
            )
        if state.is_end and (state.limit is not None or state.lead is not None):
            said = "it has no turns, so it is an end; leave limit and lead out, or say the turns"
            yield "end_with_work", f"{_where(flow, state)}: {said}"


def _unknown(flow: Flow, named: Collection[str]) -> Iterator[tuple[str, str]]:
    if flow.start not in named:
        yield "unknown_state", f"flow {flow.code}: it starts in {flow.start}, which is no state"
    for state in flow.states:
        for turn in state.turns:
            if turn.to not in named:
                where = f"{_where(flow, state)}, turn {turn.code}"
                yield "unknown_state", f"{where}: it goes to {turn.to}, which is no state"


def _ways(flow: Flow) -> Iterator[tuple[str, str]]:
    there = {one.code: {turn.to for turn in one.turns} for one in flow.states}
    reached = _spread({flow.start}, lambda code: there[code])
    ends = {one.code for one in flow.states if one.is_end}
    back = {code: {one for one in there if code in there[one]} for code in there}
    ending = _spread(ends, lambda code: back[code])
    if flow.start in ends:
        yield "start_is_end", f"flow {flow.code}: it begins at an end; leave the flow out instead"
    for state in flow.states:
        if state.code not in reached:
            yield "unreachable_state", f"{_where(flow, state)}: no way leads there from the start"
        elif state.code not in ending:
            yield "endless_state", f"{_where(flow, state)}: no way leads from there to an end"


def _spread(known: set[str], nearby: Callable[[str], set[str]]) -> set[str]:
    """All that can be come to from what is known."""
    known, edge = set(known), set(known)
    while edge:
        edge = {one for code in edge for one in nearby(code)} - known
        known |= edge
    return known


def _where(flow: Flow, state: FlowState) -> str:
    return f"flow {flow.code}, state {state.code}"
