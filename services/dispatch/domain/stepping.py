"""A turn of a flow is taken: the next state, with the same unit or another one, or an end."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from services.dispatch.domain.doing import Doing
from services.dispatch.domain.flowing import at_its_end, counted, entered, leads, named, turn_of
from services.dispatch.domain.handling import hand_back
from services.dispatch.domain.requests import NOTHING_ASKED
from services.dispatch.domain.returning import UNDONE, with_nobody
from services.dispatch.domain.routing import route
from shared.contracts.base import EventData
from shared.contracts.case_refs_v1 import FlowRef
from shared.contracts.flows import FlowState, FlowTurn
from shared.contracts.steps_v1 import CasePassedOn, CaseStepped, FlowEnded


def step(doing: Doing) -> Sequence[EventData]:
    """What follows a turn. A request that nobody had decided has lost its sense."""
    before, turn, state = _where_to(doing)
    ref = counted(before, turn)
    said: dict[str, Any] = {
        "turn": named(turn),
        "state_before": ref.state,
        "papers": doing.asked.request.papers,
        "found": doing.asked.request.found,
    }
    if state.is_end:
        ended = doing.event(FlowEnded, {**NOTHING_ASKED, **at_its_end(ref, state)}, **said)
        return [ended, *hand_back(replace(doing, case=ended.case), closes=state.closes)]
    change = {**NOTHING_ASKED, **entered(ref, state, doing.case.limits, doing.at)}
    if not _changes_hands(doing, state):
        return [doing.event(CaseStepped, change, **said)]
    # Not the duty head names who has it then: that unit may return it, the count starts anew.
    nobody = {**with_nobody(doing), "returns": 0}
    passed = doing.event(CasePassedOn, {**nobody, **change}, UNDONE, **said)
    after = replace(doing, case=passed.case)
    chosen = route(after.subject, after.routing(doing.decided.returned_by))
    return [passed] if chosen.unit is None else [passed, *after.given(passed.case, chosen)]


def _where_to(doing: Doing) -> tuple[FlowRef, FlowTurn, FlowState]:
    """Where it is, the turn, and the state that follows. Raises ValueError: guards asked before."""
    flow, ref = doing.decided.flow, doing.case.flow
    turn = turn_of(doing.case, doing.asked.request.turn)
    state = flow.state(turn.to) if flow and turn else None
    if ref is None or turn is None or state is None:
        raise ValueError("there is no such turn")
    return ref, turn, state


def _changes_hands(doing: Doing, state: FlowState) -> bool:
    """Whether somebody else has the case in that state."""
    if state.lead is None:
        return False
    unit = doing.case.unit
    may = leads(state.lead, doing.subject, doing.routing())
    return unit is None or unit.code not in {one.code for one in may}
