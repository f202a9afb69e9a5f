"""Actions on a case all of whose guards hold; a test spoils one thing."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from services.dispatch.domain.actions import act
from services.dispatch.domain.dossier import Breach, Decided, Dossier, Raised
from services.dispatch.domain.guards import Guard
from services.dispatch.domain.lookups import NOTHING
from services.dispatch.domain.transitions import TABLE, Transition
from shared.contracts.base import Actor, EventData, Limit, Limits, LimitUnit, Stage
from shared.contracts.case_refs_v1 import FlowRef, NamedCode, UnitRef
from shared.contracts.case_v1 import (
    Appeal,
    Case,
    CaseState,
    Request,
    RequestKind,
    Suspension,
    Task,
    TaskState,
)
from shared.contracts.cases_v1 import ActionRefused
from shared.contracts.incidents_v1 import ActionRequest, ActionRequested, Verb
from shared.contracts.roles import CENTRE as CENTRE_
from shared.contracts.roles import CHECKERS, OF_A_CENTRE, Role
from shared.contracts.routing_rules import UnitKind
from shared.contracts.rule_v1 import Rule
from tests.fakes.clock import START
from tests.unit.dispatch.city import (
    CENTRE,
    CITY,
    CITY_REGISTRY,
    COUNTY,
    GRID,
    HANDLE,
    TEAM,
    named,
)
from tests.unit.dispatch.desk import INCIDENT, REPORTER, actor, dispatched_desk
from tests.unit.dispatch.flows import HAZARD, PAPER

Key = tuple[Verb, RequestKind | None]
"""A verb, and the kind of the request that it decides, if it decides one."""
HANDLERS = "unit_member officer department_system"
CENTRES = "dispatcher duty_head"
DECIDERS = "supervisor duty_head"
RETURN, SUSPENSION, EXTENSION = RequestKind.RETURN, RequestKind.SUSPENSION, RequestKind.EXTENSION
OPEN = "filed dispatched handled accepted"
EXPECTED: Mapping[Key, tuple[str, str]] = {
    (Verb.ACCEPT, None): ("dispatched", HANDLERS),
    (Verb.RETURN, None): ("dispatched accepted", HANDLERS),
    (Verb.APPROVE, RETURN): ("dispatched accepted", CENTRES),
    (Verb.DENY, RETURN): ("dispatched accepted", CENTRES),
    (Verb.SUSPEND, None): ("accepted", HANDLERS),
    (Verb.APPROVE, SUSPENSION): ("accepted", DECIDERS),
    (Verb.DENY, SUSPENSION): ("accepted", DECIDERS),
    (Verb.RESUME, None): ("accepted", f"{HANDLERS} {CENTRES} supervisor"),
    (Verb.EXTEND, None): ("accepted", HANDLERS),
    (Verb.APPROVE, EXTENSION): ("accepted", DECIDERS),
    (Verb.DENY, EXTENSION): ("accepted", DECIDERS),
    (Verb.APPEAL, None): (f"{OPEN} closed", HANDLERS),
    (Verb.UPHOLD, None): (f"{OPEN} closed", DECIDERS),
    (Verb.OVERRULE, None): (f"{OPEN} closed", DECIDERS),
    (Verb.WHISTLE, None): ("dispatched accepted", f"{HANDLERS} {CENTRES}"),
    (Verb.CO_ACCEPT, None): ("dispatched accepted", HANDLERS),
    (Verb.CO_DONE, None): ("dispatched accepted", HANDLERS),
    (Verb.CO_DECLINE, None): ("dispatched accepted", HANDLERS),
    (Verb.CO_WITHDRAW, None): ("dispatched accepted", f"{HANDLERS} {CENTRES}"),
    (Verb.TAKE_FIRST, None): ("filed dispatched accepted", HANDLERS),
    (Verb.MAKE_SAFE, None): ("filed dispatched accepted", HANDLERS),
    (Verb.HANDLED, None): ("accepted", HANDLERS),
    (Verb.STEP, None): ("accepted", f"{HANDLERS} inspector supervisor {CENTRES}"),
    (Verb.VERIFY, None): ("handled", "inspector supervisor"),
    (Verb.REASSIGN, None): ("filed dispatched accepted", CENTRES),
    (Verb.HAND_UP, None): ("filed dispatched accepted", CENTRES),
    (Verb.HAND_DOWN, None): ("filed dispatched accepted", CENTRES),
    (Verb.CC, None): (OPEN, f"{CENTRES} supervisor leader"),
    (Verb.URGE, None): (
        OPEN,
        f"{CENTRES} supervisor leader acceptance_desk reporter officer inspector",
    ),
    (Verb.SUPERVISE, None): (OPEN, "supervisor leader"),
    (Verb.RELEASE, None): (OPEN, "supervisor leader"),
    (Verb.ACKNOWLEDGE, None): (OPEN, f"{HANDLERS} {CENTRES} supervisor leader"),
    (Verb.REARM, None): (OPEN, "supervisor"),
    (Verb.REOPEN, None): ("closed", "supervisor dispatcher duty_head reporter"),
    (Verb.VOID, None): ("filed dispatched accepted handled closed", "supervisor"),
}
"""Row by row: in which states, by which roles; written again, against slips in the table."""
KEYS = tuple(EXPECTED)
ROW_OF: Mapping[Key, Transition] = {
    (row.verb, row.request): row for row in TABLE if row.states[0] in set(CaseState)
}
"""The rows that are about cases; others are another story."""
NOW = START + timedelta(hours=1)
HOUR = Limit(amount=1, unit=LimitUnit.URGENT_HOUR)
OWN = frozenset(
    {
        *(Verb.ACCEPT, Verb.RETURN, Verb.HANDLED, Verb.SUSPEND, Verb.EXTEND, Verb.RESUME),
        *(Verb.WHISTLE, Verb.CO_WITHDRAW, Verb.APPEAL, Verb.STEP, Verb.ACKNOWLEDGE),
    }
)
"""What the unit does that has the case."""
OF_TASKS = frozenset({Verb.CO_ACCEPT, Verb.CO_DONE, Verb.CO_DECLINE})
"""What a unit does that co-operates."""
HANDS = frozenset({Guard.IN_HAND, Guard.UNIT_OR_IN_HAND, Guard.REPORTER_OR_IN_HAND})
"""By these a centre decides nothing of what one above it has in hand."""
OF_ANY_UNIT = frozenset({Verb.TAKE_FIRST, Verb.MAKE_SAFE})
BY_REPORTERS = frozenset({Role.REPORTER, Role.OFFICER, Role.INSPECTOR})
MORE: Mapping[Verb, Mapping[str, Any]] = {
    Verb.REASSIGN: {"unit": COUNTY},
    Verb.CC: {"unit": COUNTY},
    Verb.APPEAL: {"clock": "handle"},
    Verb.WHISTLE: {"unit": COUNTY},
    Verb.CO_WITHDRAW: {"unit": CITY},
    Verb.VERIFY: {"passed": True},
    Verb.SUSPEND: {"until": NOW + timedelta(days=3)},
    Verb.EXTEND: {"amount": 1.5},
    Verb.HAND_DOWN: {"area": GRID[:9]},
    Verb.SUPERVISE: {"level": "yellow_card"},
}
"""What a request says beside its reason."""
TURNS: Mapping[Role, Mapping[str, Any]] = defaultdict(
    lambda: {"turn": "order", "papers": (PAPER,)},
    {role: {"turn": "look"} for role in CHECKERS} | {role: {"turn": "rule"} for role in CENTRE_},
)
"""Which turn of a flow somebody takes."""
IN_FLOW = FlowRef(
    code=HAZARD.code,
    n=1,
    names=HAZARD.names,
    state=NamedCode(code="found", names=named("found")),
    since=START,
    turns=HAZARD.states[0].turns,
)


BREACH = Breach(
    task="lead", clock=Stage.HANDLE, run=1, unit=TEAM, due_at=NOW - timedelta(minutes=5)
)
"""Of the team, as it handled a case."""
APPEAL = Appeal(
    task="lead",
    clock=Stage.HANDLE,
    run=1,
    unit=TEAM,
    subject="asker",
    reason="the road was closed",
    asked_at=NOW - timedelta(minutes=1),
    level="county",
)


@dataclass(frozen=True)
class Scene:
    """An action on a case."""

    decided: Decided
    asked: ActionRequested
    breaches: tuple[Breach, ...] = ()
    supervision: str | None = None
    supervised_by: str | None = None
    order: int = 0
    notices: tuple[Raised, ...] = ()
    issuers: tuple[str, ...] = ()

    @property
    def verb(self) -> Verb:
        """What is asked for."""
        return self.asked.request.action

    def results(self) -> list[EventData]:
        """What follows."""
        report = dispatched_desk().inputs[0].data
        dossier = Dossier(
            report=report,
            decided=self.decided,
            breaches=self.breaches,
            supervision=self.supervision,
            supervised_by=self.supervised_by,
            order=self.order,
            notices=self.notices,
            issuers=self.issuers,
        )
        return list(act(dossier, self.asked, CITY_REGISTRY, NOTHING))

    def rule(self) -> Rule | None:
        """The rule by which it is refused."""
        found = self.results()
        assert found, "no action stays without an answer"
        return found[0].rule if isinstance(found[0], ActionRefused) else None

    @property
    def case(self) -> Case:
        """The case as it is before."""
        assert self.decided.case is not None
        return self.decided.case

    def with_case(self, **change: Any) -> "Scene":  # noqa: ANN401
        return self.with_decided(case=self.case.model_copy(update=change))

    def with_decided(self, **change: Any) -> "Scene":  # noqa: ANN401
        return replace(self, decided=self.decided.model_copy(update=change))

    def with_actor(self, **change: Any) -> "Scene":  # noqa: ANN401
        who = self.asked.actor.model_copy(update=change)
        return replace(self, asked=self.asked.model_copy(update={"actor": who}))

    def with_request(self, **change: Any) -> "Scene":  # noqa: ANN401
        request = self.asked.request.model_copy(update=change)
        return replace(self, asked=self.asked.model_copy(update={"request": request}))

    def pending(self, kind: RequestKind | None, **change: Any) -> "Scene":  # noqa: ANN401
        """With another request that waits, or none."""
        return self.with_case(request=kind and waiting(kind).model_copy(update=change))


def waiting(kind: RequestKind) -> Request:
    """A request that somebody of the team made half an hour ago."""
    return Request(
        kind=kind,
        asked_at=NOW - timedelta(minutes=30),
        unit=TEAM,
        subject="asker",
        level="county",
        limit=HOUR,
        lapses_at=None if kind is RETURN else NOW + timedelta(minutes=30),
        until=NOW + timedelta(days=3) if kind is SUSPENSION else None,
        extend_by=HOUR if kind is EXTENSION else None,
    )


def share(verb: Verb) -> Task:
    """The city's task, as far as an action finds it."""
    accepted = verb in {Verb.CO_DONE, Verb.CO_WITHDRAW}
    return Task(
        code="co-1",
        unit=UnitRef(code=CITY, names=named(CITY), kind=UnitKind.DEPARTMENT, area="9901"),
        state=TaskState.ACCEPTED if accepted else TaskState.ASSIGNED,
        assigned_at=START,
    )


def _case(key: Key, state: CaseState) -> Case:
    verb, kind = key
    case = dispatched_desk().case
    times = case.times.model_copy(
        update={"closed_at": NOW - timedelta(minutes=1) if state is CaseState.CLOSED else None}
    )
    suspension = Suspension(since=START, until=NOW + timedelta(days=3))
    return case.model_copy(
        update={
            "state": state,
            # What an order is about may have been filed again under the unit that acknowledges it.
            "unit": None
            if state is CaseState.FILED and verb is not Verb.ACKNOWLEDGE
            else case.unit,
            "times": times,
            "limits": Limits(handle=HANDLE, total=HOUR),
            "request": waiting(kind) if kind else None,
            "return_pending": kind is RETURN,
            "tasks": (share(verb),) if verb in {*OF_TASKS, Verb.CO_WITHDRAW} else (),
            "appeals": (APPEAL,) if verb in {Verb.UPHOLD, Verb.OVERRULE} else (),
            "suspension": suspension if verb is Verb.RESUME else None,
            "emergency": verb in OF_ANY_UNIT,
            "centre": "9901" if verb is Verb.HAND_DOWN else None,
            "flow": IN_FLOW if verb is Verb.STEP else None,
        }
    )


def scene(key: Key, state: CaseState, role: Role) -> Scene:
    """Somebody with one role asks; if state and role are right, nothing is in the way."""
    verb = key[0]
    who = actor(role, subject=REPORTER if role in BY_REPORTERS else "somebody")
    if verb in {*OWN, *OF_ANY_UNIT}:
        who = who.model_copy(update={"unit": TEAM})
    if verb in OF_TASKS:
        who = who.model_copy(update={"unit": CITY})
    more = TURNS[role] if verb is Verb.STEP else MORE.get(verb, {})
    request = ActionRequest(action=verb, reason="because", **more)
    if verb is Verb.STEP and role in CHECKERS:
        who = who.model_copy(update={"unit": None})
    decided = Decided(
        case=_case(key, state),
        sequence=5,
        changed=4,
        reopen_within_days=7,
        participants=("member",),
        handlers=(CENTRE,),
        flow=HAZARD if verb is Verb.STEP else None,
    )
    breaches = (BREACH,) if verb is Verb.APPEAL else ()
    if verb in {Verb.RELEASE, Verb.ACKNOWLEDGE}:
        return Scene(decided, _asked(who, request), breaches, "yellow_card", order=12)
    return Scene(decided, _asked(who, request), breaches)


def _asked(who: Actor, request: ActionRequest) -> ActionRequested:
    return ActionRequested(
        incident_id=INCIDENT, action_id="a-1", received_at=NOW, actor=who, request=request
    )


def good(verb: Verb, kind: RequestKind | None = None) -> Scene:
    """An action that is done; of a decision without a kind, on a return."""
    if kind is None and verb in {Verb.APPROVE, Verb.DENY}:
        kind = RETURN
    states, roles = EXPECTED[verb, kind]
    return scene((verb, kind), CaseState(states.split()[-1]), Role(roles.split()[0]))


def decided_by_a_town(verb: Verb, kind: RequestKind | None = None) -> Scene:
    """The same by somebody of a centre and of no unit, where a town may decide."""
    states, roles = EXPECTED[verb, kind]
    role = next(one for one in roles.split() if Role(one) in OF_A_CENTRE)
    one = scene((verb, kind), CaseState(states.split()[-1]), Role(role)).with_actor(unit=None)
    return one.pending(kind, level="town") if kind else one
