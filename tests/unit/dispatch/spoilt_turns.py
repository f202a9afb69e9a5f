"""Scenes as in ``spoilt``, of flows and of supervision by hand."""

from dataclasses import replace

from services.dispatch.domain.dossier import Raised
from services.dispatch.domain.guards import Guard
from shared.contracts.base import Stage
from shared.contracts.case_v1 import CaseState, TaskState
from shared.contracts.golden.story import FINDING
from shared.contracts.incidents_v1 import Verb
from shared.contracts.policies import PolicyRef, RequestRules
from shared.contracts.roles import Role
from shared.contracts.rule_v1 import Rule
from tests.unit.dispatch.city import CENTRE, CITY, GRID, NO_POLICY
from tests.unit.dispatch.flows import PAPER
from tests.unit.dispatch.scenes import (
    IN_FLOW,
    Scene,
    good,
    scene,
    share,
)

NOTICE = Raised(n=15, task="lead", clock=Stage.HANDLE, run=1, percent=50)
LOOKING = scene((Verb.STEP, None), CaseState.ACCEPTED, Role.INSPECTOR)
RULING = scene((Verb.STEP, None), CaseState.ACCEPTED, Role.DISPATCHER)
OF_FLOWS_AND_SUPERVISION: list[tuple[Guard, Scene, Rule]] = [
    *(
        (Guard.HAS_FLOW, good(Verb.STEP).with_case(flow=ref), Rule.NO_FLOW)
        for ref in (None, IN_FLOW.model_copy(update={"end": IN_FLOW.state}))
    ),
    *(
        (Guard.TURN_KNOWN, one, Rule.UNKNOWN_TURN)
        for one in (
            good(Verb.STEP).with_request(turn=None),
            good(Verb.STEP).with_request(turn="in_order"),
        )
    ),
    *(
        (Guard.TURN_IS_THEIRS, one, Rule.NOT_YOUR_TURN)
        for one in (
            good(Verb.STEP).with_actor(unit=None),
            good(Verb.STEP).with_actor(unit=CENTRE),
            good(Verb.STEP).with_request(turn="look"),
            good(Verb.STEP).with_request(turn="rule"),
            LOOKING.with_request(turn="order"),
            LOOKING.with_actor(subject="member"),
            LOOKING.with_actor(unit=CENTRE),
            RULING.with_case(centre=GRID[:6]).with_actor(area=GRID[:9]),
        )
    ),
    (
        Guard.TURN_LEFT,
        good(Verb.STEP).with_case(
            flow=IN_FLOW.model_copy(
                update={
                    "turns": (IN_FLOW.turns[0].model_copy(update={"at_most": 2}),),
                    "taken": {f"{IN_FLOW.state.code}/{IN_FLOW.turns[0].code}": 2},
                }
            )
        ),
        Rule.TURN_USED_UP,
    ),
    (Guard.TURN_REASON, good(Verb.STEP).with_request(reason=" "), Rule.REASON_MISSING),
    *(
        (Guard.PAPERS_BROUGHT, good(Verb.STEP).with_request(papers=papers), Rule.PAPER_MISSING)
        for papers in (
            (),
            (PAPER.model_copy(update={"code": "another"}),),
            (PAPER, PAPER.model_copy(update={"code": "another"})),
            (PAPER, PAPER),
            (PAPER, PAPER.model_copy(update={"ref": "elsewhere"})),
        )
    ),
    (
        Guard.FINDINGS_BROUGHT,
        good(Verb.STEP).with_request(found=(FINDING,)),
        Rule.FINDING_MISSING,
    ),
    (
        Guard.LEVEL_GIVEN,
        good(Verb.SUPERVISE).with_request(level=None),
        Rule.SUPERVISION_MISSING,
    ),
    *(
        (
            Guard.RISES,
            replace(good(Verb.SUPERVISE), supervision=level, supervised_by="9901"),
            Rule.SUPERVISED_ALREADY,
        )
        for level in ("yellow_card", "red_card")
    ),
    (Guard.IS_SUPERVISED, replace(good(Verb.RELEASE), supervision=None), Rule.NOT_SUPERVISED),
    (
        Guard.AS_HIGH_AS_THE_ISSUER,
        replace(good(Verb.RELEASE), supervised_by=GRID[:6]).with_actor(area=GRID[:9]),
        Rule.LEVEL_TOO_LOW,
    ),
    *(
        (Guard.TOLD_OR_ABOVE, good(Verb.ACKNOWLEDGE).with_actor(unit=unit), Rule.NOT_YOUR_UNIT)
        for unit in (None, CENTRE)
    ),
    (
        Guard.TOLD_OR_ABOVE,  # one that has done its share has nothing to hurry for
        good(Verb.ACKNOWLEDGE)
        .with_case(tasks=(share(Verb.CO_DONE).model_copy(update={"state": TaskState.DONE}),))
        .with_actor(unit=CITY),
        Rule.NOT_YOUR_UNIT,
    ),
    (Guard.TOLD_OF, replace(good(Verb.ACKNOWLEDGE), supervision=None), Rule.NOT_SUPERVISED),
    *(
        (
            Guard.NOT_SEEN_YET,
            replace(good(Verb.ACKNOWLEDGE), notices=notices).with_decided(acknowledged=seen),
            Rule.ACKNOWLEDGED_ALREADY,
        )
        for notices, seen in (((), (12,)), ((), (3, 12)), ((NOTICE,), (12, 15)))
    ),
    (
        Guard.POLICY_THERE,
        good(Verb.REARM).with_case(grid=NO_POLICY).with_actor(area=None),
        Rule.NO_POLICY,
    ),
    (
        Guard.ARMED_OTHERWISE,
        good(Verb.REARM).with_decided(
            requests=RequestRules(), reopen_within_days=7, policy=PolicyRef(code="9901", n=1)
        ),
        Rule.NOTHING_TO_REARM,
    ),
    (Guard.FLOW_AT_ITS_END, good(Verb.HANDLED).with_case(flow=IN_FLOW), Rule.FLOW_GOES_ON),
]
