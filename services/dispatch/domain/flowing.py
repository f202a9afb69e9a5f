"""How far the flow of a case is (流程): where it begins, what follows a turn, who has it then."""

from datetime import datetime
from typing import Any

from services.dispatch.domain.destinations import meant
from services.dispatch.domain.routes import Routing
from services.dispatch.domain.subject import Subject
from shared.contracts.base import Limits
from shared.contracts.case_refs_v1 import FlowRef, NamedCode
from shared.contracts.case_v1 import Case
from shared.contracts.flows import Flow, FlowActor, FlowState, FlowTurn
from shared.contracts.registry_v1 import Unit
from shared.contracts.routing_rules import Destination
from shared.registry.snapshot import ANY_MATTER


def begun(flow: Flow, n: int, limits: Limits, at: datetime) -> dict[str, Any]:
    """What a case looks like that is filed with a flow.

    The first state has the condition's limit of handling, where there is one: how grave it is says
    how soon somebody has to be there. The later ones have the flow's.
    """
    first = flow.state(flow.start)
    if first is None:
        raise ValueError(f"flow {flow.code} starts in no state")
    ref = FlowRef(
        code=flow.code,
        n=n,
        names=flow.names,
        state=named(first),
        since=at,
        turns=first.turns,
        lead=first.lead,
    )
    handle = limits.handle or first.limit
    return {"flow": _for_whom(ref), "limits": limits.model_copy(update={"handle": handle})}


def entered(ref: FlowRef, state: FlowState, limits: Limits, at: datetime) -> dict[str, Any]:
    """What a case looks like in its flow's next state: with the limit of that."""
    after = ref.model_copy(
        update={
            "state": named(state),
            "since": at,
            "turns": state.turns,
            "lead": state.lead,
        }
    )
    return {"flow": _for_whom(after), "limits": limits.model_copy(update={"handle": state.limit})}


def at_its_end(ref: FlowRef, end: FlowState) -> dict[str, Any]:
    """What it looks like at an end; the state that led there stays, should it go on."""
    return {"flow": ref.model_copy(update={"end": named(end), "missed": end.missed})}


def undone(case: Case) -> dict[str, Any]:
    """What a case looks like whose lead is not done after all: its flow goes on where it was."""
    flow = case.flow
    if flow is not None and flow.end is not None:
        flow = flow.model_copy(update={"end": None, "missed": False})
    return {"lead_done_at": None, "flow": flow}


def turn_of(case: Case, code: str | None) -> FlowTurn | None:
    """The turn of that code, out of the state in which the case is."""
    turns = case.flow.turns if case.flow else ()
    return next((one for one in turns if one.code == code), None)


def counted(ref: FlowRef, turn: FlowTurn) -> FlowRef:
    """How far it is with a turn counted that may be taken only so often."""
    if turn.at_most is None:
        return ref
    key = ref.key(turn)
    taken = {**ref.taken, key: ref.taken.get(key, 0) + 1}
    return _for_whom(ref.model_copy(update={"taken": taken}))


def _for_whom(ref: FlowRef) -> FlowRef:
    """How far it is, saying whether its unit may do anything there: it has a turn that is left."""
    others = all(one.by is not FlowActor.UNIT for one in ref.left)
    return ref.model_copy(update={"others": others})


def goes_on(case: Case) -> bool:
    """Whether it has a flow that has not come to an end."""
    return case.flow is not None and case.flow.end is None


def leads(wanted: Destination, subject: Subject, routing: Routing) -> list[Unit]:
    """Who may have a case in a state that names its lead, nearest first.

    A unit that is named, or those of a kind that handle the matter.
    """
    found = meant(wanted, subject.grid, routing)
    handling = {subject.matter.code, ANY_MATTER}
    return [one for one in found if wanted.unit is not None or handling.intersection(one.matters)]


def named(one: FlowState | FlowTurn) -> NamedCode:
    """A state or a turn as events name it."""
    return NamedCode(code=one.code, names=one.names)
