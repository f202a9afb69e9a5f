"""What is done with a case that is handled by a flow: one of the turns out of its state, drawn."""

from hashlib import sha256
from random import Random
from typing import Any

from deploy.traffic.board import Tracked
from deploy.traffic.steps import HANDLED, Step
from shared.contracts.case_v1 import Case
from shared.contracts.flows import FlowActor, FlowTurn
from shared.contracts.incidents_v1 import Verb
from shared.platform.security import Role

BY = {
    FlowActor.UNIT: Role.UNIT_MEMBER,
    FlowActor.CHECKER: Role.INSPECTOR,
    FlowActor.CENTRE: Role.DISPATCHER,
}


def by_its_flow(step: Step, one: Tracked, random: Random) -> Step:
    """The step, or instead of handing back the next turn of a flow that goes on."""
    case = one.case
    flow = case.flow if case is not None else None
    if step is not HANDLED or case is None or flow is None or flow.end is not None:
        return step
    plan = one.draft.body.get("plan")
    turns = [turn for turn in flow.turns if flow.is_left(turn) and (plan or not turn.finds)]
    turn = random.choice(turns)
    more = _more(case, turn)
    if turn.finds and plan:
        item = random.choice(plan["checklist"])
        more["findings"] = [{"item": item["code"]}]
    return Step(Verb.STEP, BY[turn.by], f"{turn.names.zh} {turn.names.en}", more=more)


def _more(case: Case, turn: FlowTurn) -> dict[str, Any]:
    """The turn, and the papers that it asks for."""
    papers = [
        {
            "code": one.code,
            "ref": (ref := f"papers/{case.case_no}/{turn.code}-{one.code}.pdf"),
            "sha256": sha256(ref.encode()).hexdigest(),
        }
        for one in turn.papers
    ]
    return {"turn": turn.code, "papers": papers}
