"""What follows from an action: it is refused by a rule, or has its effect."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from services.dispatch.domain import (
    appeals,
    asking,
    centres,
    co_operating,
    emergencies,
    handling,
    rearming,
    returning,
    stepping,
    supervising,
)
from services.dispatch.domain.desk import AT_THE_DESK, Deciding
from services.dispatch.domain.doing import Doing
from services.dispatch.domain.dossier import Dossier
from services.dispatch.domain.following import separate
from services.dispatch.domain.lookups import Lookups
from services.dispatch.domain.permission import judged
from services.dispatch.domain.putting_right import corrected
from services.dispatch.domain.question import Question
from services.dispatch.domain.refusing import refused
from services.dispatch.domain.timing import resumed, reviewed
from services.dispatch.domain.transitions import Transition
from shared.contracts.base import EventData
from shared.contracts.case_v1 import CaseEvent, CaseState, RequestKind
from shared.contracts.cases_v1 import ActionRefused, LeadDone
from shared.contracts.incidents_v1 import ActionRequested, Verb
from shared.contracts.requests_v1 import CaseResumed
from shared.contracts.rule_v1 import Rule
from shared.contracts.steps_v1 import FlowEvent
from shared.registry.snapshot import Snapshot


def act(
    dossier: Dossier, asked: ActionRequested, registry: Snapshot, lookups: Lookups
) -> Sequence[EventData]:
    """What follows from an action: what it does, or its refusal with the rule named."""
    over = _over(dossier, asked)
    if over is not None:
        decided = dossier.decided.model_copy(update={"case": over.case})
        dossier = dossier.model_copy(update={"decided": decided})
    follows = _follows(dossier, asked, registry, lookups)
    # What is refused changes nothing: the suspension is ended by its timer then.
    return follows if over is None or isinstance(follows[0], ActionRefused) else [over, *follows]


def _over(dossier: Dossier, asked: ActionRequested) -> CaseResumed | None:
    case = dossier.decided.open_case
    return reviewed(asked.incident_id, case, asked.received_at) if case else None


def _follows(
    dossier: Dossier, asked: ActionRequested, registry: Snapshot, lookups: Lookups
) -> Sequence[EventData]:
    decided, reported = dossier.decided, corrected(dossier)
    question = Question(asked, dossier, registry)
    row = judged(question)
    if isinstance(row, Rule):
        return [refused(question, row)]
    if reported is None:
        return [refused(question, Rule.NOT_A_CASE)]
    if decided.follows is not None:
        return separate(dossier, asked, registry, lookups)
    if decided.case is None:
        deciding = Deciding(asked, reported, dossier, registry, lookups)
        return AT_THE_DESK[asked.request.action](deciding)
    return _done(row, Doing(asked, reported, decided.case, dossier, registry, lookups))


def _done(row: Transition, doing: Doing) -> Sequence[EventData]:
    """The effect; what changes the state or takes a turn of a flow ends a suspension first."""
    effect, case = EFFECTS[row.verb, row.request], doing.case
    follows = effect(doing)
    if case.suspension is None or not any(_ends(one, case.state) for one in follows):
        return follows
    first = resumed(doing.asked.incident_id, case, doing.at, Rule.STATE_CHANGES)
    return [first, *effect(replace(doing, case=first.case))]


def _ends(data: EventData, state: CaseState) -> bool:
    if isinstance(data, LeadDone | FlowEvent):
        return True
    return isinstance(data, CaseEvent) and data.case.state != state


EFFECTS: Mapping[tuple[Verb, RequestKind | None], Callable[[Doing], Sequence[EventData]]] = {
    (Verb.ACCEPT, None): handling.accept,
    (Verb.RETURN, None): returning.ask,
    (Verb.APPROVE, RequestKind.RETURN): returning.grant,
    (Verb.DENY, RequestKind.RETURN): returning.refuse,
    (Verb.SUSPEND, None): asking.ask_suspension,
    (Verb.APPROVE, RequestKind.SUSPENSION): asking.suspend,
    (Verb.DENY, RequestKind.SUSPENSION): asking.refuse_suspension,
    (Verb.RESUME, None): asking.resume,
    (Verb.EXTEND, None): asking.ask_extension,
    (Verb.APPROVE, RequestKind.EXTENSION): asking.extend,
    (Verb.DENY, RequestKind.EXTENSION): asking.refuse_extension,
    (Verb.APPEAL, None): appeals.appeal,
    (Verb.UPHOLD, None): appeals.uphold,
    (Verb.OVERRULE, None): appeals.overrule,
    (Verb.WHISTLE, None): co_operating.whistle,
    (Verb.CO_ACCEPT, None): co_operating.accept,
    (Verb.CO_DONE, None): co_operating.done,
    (Verb.CO_DECLINE, None): co_operating.decline,
    (Verb.CO_WITHDRAW, None): co_operating.withdraw,
    (Verb.TAKE_FIRST, None): emergencies.take_first,
    (Verb.MAKE_SAFE, None): emergencies.make_safe,
    (Verb.HANDLED, None): handling.hand_back,
    (Verb.STEP, None): stepping.step,
    (Verb.VERIFY, None): handling.verify,
    (Verb.REASSIGN, None): returning.reassign,
    (Verb.HAND_UP, None): centres.hand_up,
    (Verb.HAND_DOWN, None): centres.hand_down,
    (Verb.CC, None): centres.copy,
    (Verb.URGE, None): centres.urge,
    (Verb.SUPERVISE, None): supervising.supervise,
    (Verb.RELEASE, None): supervising.release,
    (Verb.ACKNOWLEDGE, None): supervising.acknowledge,
    (Verb.REARM, None): rearming.rearm,
    (Verb.REOPEN, None): handling.reopen,
    (Verb.VOID, None): handling.void,
}
"""By the verb, and the kind of the request that is decided."""
