"""Whether a flow is sound: every state reachable, every way ends, nobody stuck without a clock."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from shared.contracts.flows import Flow, FlowActor, FlowState, FlowTurn


def mistakes(flow: Flow) -> Iterator[tuple[str, str]]:
    """What is wrong: a stable code, and what to do. What hangs on unknown states comes last."""
    named = {one.code for one in flow.states}
    unknown = [*_unknown(flow, named)]
    yield from _repeated(flow)
    yield from _clocks(flow)
    yield from unknown
    if not unknown:
        yield from [*_ways(flow)] or _renewals(flow)


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
        if not state.is_end and (state.closes or state.missed):
            word = "closes" if state.closes else "missed"
            said = f"{word} is said of ends, and it has turns; leave one of them out"
            yield "work_with_end", f"{_where(flow, state)}: {said}"


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
    reached = _spread({flow.start}, there)
    ending = _ending(flow, there)
    without = _ending(
        flow, {one.code: {turn.to for turn in one.turns if not turn.finds} for one in flow.states}
    )
    freely = _ending(
        flow,
        {
            one.code: {turn.to for turn in one.turns if turn.at_most is None and not turn.finds}
            for one in flow.states
        },
    )
    if not there[flow.start]:
        yield "start_is_end", f"flow {flow.code}: it begins at an end; leave the flow out instead"
    for state in flow.states:
        if state.code not in reached:
            yield "unreachable_state", f"{_where(flow, state)}: no way leads there from the start"
        elif state.code not in ending:
            yield "endless_state", f"{_where(flow, state)}: no way leads from there to an end"
        elif state.code not in without:
            said = "only turns with finds lead from there to an end; say what else may come of it"
            yield "ends_by_finding_only", f"{_where(flow, state)}: {said}"
        elif state.code not in freely:
            said = "once its turns with at_most are used up no way without finds leads to an end"
            yield "used_up_state", f"{_where(flow, state)}: {said}; leave at_most out of one"


def _ending(flow: Flow, there: Mapping[str, Collection[str]]) -> set[str]:
    """All states from which those ways lead to an end."""
    ends = {one.code for one in flow.states if one.is_end}
    return _spread(ends, {code: {one for one in there if code in there[one]} for code in there})


def _renewals(flow: Flow) -> Iterator[tuple[str, str]]:
    """Turns by which a unit comes to where it was, by itself and for ever: each is a new limit."""
    free = {one.code: [turn for turn in one.turns if _is_free(turn)] for one in flow.states}
    ways = {code: {turn.to for turn in turns} for code, turns in free.items()}
    for state in flow.states:
        for turn in free[state.code]:
            if state.code in _spread({turn.to}, ways):
                said = (
                    "by it the unit comes back as often as it likes, each time with a new limit; "
                    "say at_most, or leave a turn of that round to a checker or the centre"
                )
                yield "renews_its_clock", f"{_where(flow, state)}, turn {turn.code}: {said}"


def _is_free(turn: FlowTurn) -> bool:
    """Whether the unit takes it by itself, as often as it likes."""
    return turn.by is FlowActor.UNIT and turn.at_most is None


def _spread(known: set[str], nearby: Mapping[str, Collection[str]]) -> set[str]:
    """All that can be come to from what is known."""
    known, edge = set(known), set(known)
    while edge:
        edge = {one for code in edge for one in nearby[code]} - known
        known |= edge
    return known


def _where(flow: Flow, state: FlowState) -> str:
    return f"flow {flow.code}, state {state.code}"
