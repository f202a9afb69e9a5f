"""The literal table of what may be done with a case, by whom, in which states, and why so.

The table is the rule and the documentation: the README's is made from it.
"""

from dataclasses import dataclass

from services.dispatch.domain.guards import WHO_URGE, Guard
from services.dispatch.domain.question import IN_REVIEW, LINKED, REJECTED
from shared.contracts.base import EventData
from shared.contracts.case_v1 import CaseState, RequestKind
from shared.contracts.cases_v1 import (
    CaseAccepted,
    CaseClosed,
    CaseCopied,
    CaseDispatched,
    CaseFiled,
    CaseHandedDown,
    CaseHandedUp,
    CaseHandled,
    CaseMadeSafe,
    CaseReopened,
    CaseUrged,
    CaseVoided,
    FirstTaken,
    HandledOnSite,
    LeadDone,
    ReworkOrdered,
    SpotCheckOrdered,
)
from shared.contracts.incidents_v1 import Verb
from shared.contracts.levels import Level
from shared.contracts.outcomes_v1 import (
    IncidentAnswered,
    IncidentHeld,
    IncidentLooked,
    IncidentRejected,
    IncidentSeparated,
    IncidentTransferred,
    LookOrdered,
)
from shared.contracts.requests_v1 import (
    AppealMade,
    AppealOverruled,
    AppealUpheld,
    CaseExtended,
    CaseResumed,
    CaseSuspended,
    ExtensionRefused,
    ExtensionRequested,
    ReturnGranted,
    ReturnRefused,
    ReturnRequested,
    SuspensionRefused,
    SuspensionRequested,
)
from shared.contracts.roles import CENTRE, CHECKERS, HANDLERS, OF_A_CENTRE, ON_SITE, Role
from shared.contracts.steps_v1 import CasePassedOn, CaseStepped, FlowEnded
from shared.contracts.supervising_v1 import (
    CaseAcknowledged,
    CaseRearmed,
    CaseReleased,
    CaseSupervised,
    IncidentAcknowledged,
)
from shared.contracts.tasks_v1 import (
    TaskAccepted,
    TaskAssigned,
    TaskDeclined,
    TaskDone,
    TaskWithdrawn,
)

S, R, G = CaseState, Role, Guard
DESK = frozenset({R.ACCEPTANCE_DESK})
DECIDERS = frozenset({R.SUPERVISOR, R.DUTY_HEAD})
OPEN = (S.FILED, S.DISPATCHED, S.ACCEPTED, S.HANDLED)


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: a verb, from where, by whom, under which guards (in order), what follows, why."""

    verb: Verb
    states: tuple[str, ...]
    """States of a case, or what became of an incident without one; not both in a row."""
    roles: frozenset[Role]
    guards: tuple[Guard, ...]
    events: tuple[type[EventData], ...]
    """The events that may follow."""
    to: tuple[str, ...]
    """The state after it, one of these; none: the state stays as it is."""
    why: str
    request: RequestKind | None = None
    """The kind of the request that it decides; none: it decides none."""
    may_stay: bool = False
    """Whether the state may also stay as it is."""
    lowest: Level | None = None
    """The lowest level whose people may; none: those of every level."""


TABLE: tuple[Transition, ...] = (
    Transition(
        Verb.ACCEPT, (S.DISPATCHED,), HANDLERS, (G.OWN_UNIT,),
        (CaseAccepted,), (S.ACCEPTED,),
        "the unit takes the case; its handling clock starts",
    ),
    Transition(
        Verb.RETURN, (S.DISPATCHED, S.ACCEPTED), HANDLERS,
        (G.OWN_UNIT, G.REASON_GIVEN, G.LEAD_AT_WORK, G.NOTHING_PENDING, G.RETURNS_LEFT),
        (ReturnRequested,), (),
        "a return is a request, and asking stops no clock; whom the duty head has named keeps it",
    ),
    Transition(
        Verb.APPROVE, (S.DISPATCHED, S.ACCEPTED), CENTRE,
        (G.REQUEST_PENDING, G.NOT_THE_ASKER, G.IN_HAND, G.UNIT_KNOWN, G.OTHER_UNIT, G.HEAD_RULES,
         G.RULED_FROM_TOWN),
        (CaseResumed, ReturnGranted, CaseDispatched, TaskAssigned), (S.DISPATCHED, S.FILED),
        "granted: dispatched anew, to the unit named or by the rules to one that has not returned "
        "it; it stays filed where there is none, and after the second return, for a ruling",
        RequestKind.RETURN,
    ),
    Transition(
        Verb.DENY, (S.DISPATCHED, S.ACCEPTED), CENTRE,
        (G.REQUEST_PENDING, G.NOT_THE_ASKER, G.IN_HAND, G.REASON_GIVEN),
        (ReturnRefused,), (),
        "refused: the case stays, and counts as buck-passing",
        RequestKind.RETURN,
    ),
    Transition(
        Verb.SUSPEND, (S.ACCEPTED,), HANDLERS,
        (G.OWN_UNIT, G.REASON_GIVEN, G.LEAD_AT_WORK, G.NOTHING_PENDING, G.NOT_SUSPENDED,
         G.UNTIL_GIVEN, G.UNTIL_ALLOWED),
        (SuspensionRequested,), (),
        "a suspension is a request with a review date, and asking stops no clock",
    ),
    Transition(
        Verb.APPROVE, (S.ACCEPTED,), DECIDERS,
        (G.REQUEST_PENDING, G.NOT_THE_ASKER, G.HIGH_ENOUGH, G.IN_HAND, G.STILL_TO_COME),
        (CaseSuspended,), (),
        "granted: the clocks stand until the review date, and run on by themselves then",
        RequestKind.SUSPENSION,
    ),
    Transition(
        Verb.DENY, (S.ACCEPTED,), DECIDERS,
        (G.REQUEST_PENDING, G.NOT_THE_ASKER, G.HIGH_ENOUGH, G.IN_HAND, G.REASON_GIVEN),
        (SuspensionRefused,), (),
        "refused, as it is by itself when nobody decides in time",
        RequestKind.SUSPENSION,
    ),
    Transition(
        Verb.RESUME, (S.ACCEPTED,), HANDLERS | CENTRE | {R.SUPERVISOR},
        (G.SUSPENDED, G.UNIT_OR_CENTRE, G.UNIT_OR_IN_HAND),
        (CaseResumed,), (),
        "the suspension ends before its review date; a change of state ends it too",
    ),
    Transition(
        Verb.EXTEND, (S.ACCEPTED,), HANDLERS,
        (G.OWN_UNIT, G.REASON_GIVEN, G.LEAD_AT_WORK, G.NOTHING_PENDING, G.HAS_A_LIMIT,
         G.AMOUNT_GIVEN, G.NOT_LONGER, G.EXTENSIONS_LEFT, G.NOT_BREACHED),
        (ExtensionRequested,), (),
        "more time is a request, and asking stops no clock; twice at most, never once breached",
    ),
    Transition(
        Verb.APPROVE, (S.ACCEPTED,), DECIDERS,
        (G.REQUEST_PENDING, G.NOT_THE_ASKER, G.HIGH_ENOUGH, G.IN_HAND, G.NOT_BREACHED),
        (CaseExtended,), (),
        "granted: the limit to handle it, and the total one, are longer by it",
        RequestKind.EXTENSION,
    ),
    Transition(
        Verb.DENY, (S.ACCEPTED,), DECIDERS,
        (G.REQUEST_PENDING, G.NOT_THE_ASKER, G.HIGH_ENOUGH, G.IN_HAND, G.REASON_GIVEN),
        (ExtensionRefused,), (),
        "refused, as it is by itself when nobody decides in time",
        RequestKind.EXTENSION,
    ),
    Transition(
        Verb.APPEAL, (*OPEN, S.CLOSED), HANDLERS,
        (G.REASON_GIVEN, G.BREACH_IS_OURS, G.APPEAL_IN_TIME),
        (AppealMade,), (),
        "a unit does not agree that it is to blame for a breach",
    ),
    Transition(
        Verb.UPHOLD, (*OPEN, S.CLOSED), DECIDERS,
        (G.APPEAL_PENDING, G.NOT_THE_APPELLANT, G.NOT_THE_ISSUER, G.ABOVE_THE_UNIT),
        (AppealUpheld,), (),
        "it was right: exempt in the figures; the fact is kept",
    ),
    Transition(
        Verb.OVERRULE, (*OPEN, S.CLOSED), DECIDERS,
        (G.APPEAL_PENDING, G.NOT_THE_APPELLANT, G.NOT_THE_ISSUER, G.ABOVE_THE_UNIT, G.REASON_GIVEN),
        (AppealOverruled,), (),
        "it was not: the breach counts",
    ),
    Transition(
        Verb.WHISTLE, (S.DISPATCHED, S.ACCEPTED), HANDLERS | CENTRE,
        (G.UNIT_OR_CENTRE, G.UNIT_OR_IN_HAND, G.REASON_GIVEN, G.NOT_SUSPENDED, G.STILL_TO_DO,
         G.UNIT_NAMED, G.UNIT_KNOWN, G.NOT_CO_OPERATING, G.TASKS_LEFT),
        (TaskAssigned,), (),
        "the lead blows the whistle: another unit has a task of its own, with its own clocks",
    ),
    Transition(
        Verb.CO_ACCEPT, (S.DISPATCHED, S.ACCEPTED), HANDLERS, (G.TASK_ASSIGNED, G.NOT_SUSPENDED),
        (TaskAccepted,), (),
        "the unit that was called reports (报到) and takes its share",
    ),
    Transition(
        Verb.CO_DONE, (S.DISPATCHED, S.ACCEPTED), HANDLERS, (G.TASK_ACCEPTED,),
        (CaseResumed, TaskDone, CaseHandled), (S.HANDLED,),
        "its share is done; the case is handled when the lead is done and it waits for nobody",
        may_stay=True,
    ),
    Transition(
        Verb.CO_DECLINE, (S.DISPATCHED, S.ACCEPTED), HANDLERS, (G.TASK_OPEN, G.REASON_GIVEN),
        (CaseResumed, TaskDeclined, CaseHandled), (S.HANDLED,),
        "one that will not blocks nobody: the case waits for the others",
        may_stay=True,
    ),
    Transition(
        Verb.CO_WITHDRAW, (S.DISPATCHED, S.ACCEPTED), HANDLERS | CENTRE,
        (G.UNIT_OR_CENTRE, G.UNIT_OR_IN_HAND, G.REASON_GIVEN, G.HAS_TASK),
        (CaseResumed, TaskWithdrawn, CaseHandled), (S.HANDLED,),
        "it is not needed after all",
        may_stay=True,
    ),
    Transition(
        Verb.TAKE_FIRST, (S.FILED, S.DISPATCHED, S.ACCEPTED), HANDLERS,
        (G.EMERGENCY, G.OF_A_UNIT, G.NOBODY_FIRST, G.NOT_SAFE_YET),
        (FirstTaken,), (),
        "whoever is first at an emergency keeps the place safe until it is ruled whose it is",
    ),
    Transition(
        Verb.MAKE_SAFE, (S.FILED, S.DISPATCHED, S.ACCEPTED), HANDLERS,
        (G.EMERGENCY, G.OF_A_UNIT, G.NOT_SAFE_YET),
        (CaseMadeSafe,), (),
        "the danger is over; its clock stops, and that of the repair runs on",
    ),
    Transition(
        Verb.STEP, (S.ACCEPTED,), HANDLERS | CHECKERS | CENTRE,
        (G.HAS_FLOW, G.TURN_KNOWN, G.TURN_IS_THEIRS, G.TURN_LEFT, G.TURN_REASON, G.PAPERS_BROUGHT,
         G.FINDINGS_BROUGHT),
        (CaseResumed, CaseStepped, CasePassedOn, CaseDispatched, TaskAssigned, FlowEnded, LeadDone,
         CaseHandled, CaseClosed),
        (S.DISPATCHED, S.FILED, S.HANDLED, S.CLOSED),
        "a turn of its flow: the next state with a limit of its own, with the same unit or whom "
        "that state names; at an end the case is handed back, or closed where nothing is to verify",
        may_stay=True,
    ),
    Transition(
        Verb.HANDLED, (S.ACCEPTED,), HANDLERS, (G.OWN_UNIT, G.LEAD_AT_WORK, G.FLOW_AT_ITS_END),
        (CaseResumed, LeadDone, CaseHandled), (S.HANDLED,),
        "the unit hands back; its clock stops here, not at the verification; where the case waits "
        "for others, it is handled when they are done",
        may_stay=True,
    ),
    Transition(
        Verb.VERIFY, (S.HANDLED,), CHECKERS,
        (G.OUTCOME_GIVEN, G.FAILURE_EXPLAINED, G.NOT_A_HANDLER, G.ONE_LEVEL_UP),
        (CaseClosed, ReworkOrdered), (S.CLOSED, S.ACCEPTED),
        "passed: closed; failed: back to accepted at the same unit, as rework",
    ),
    Transition(
        Verb.REASSIGN, (S.FILED, S.DISPATCHED, S.ACCEPTED), CENTRE,
        (G.REASON_GIVEN, G.NOT_THE_ASKER, G.IN_HAND, G.UNIT_NAMED, G.UNIT_KNOWN, G.OTHER_UNIT,
         G.HEAD_RULES, G.RULED_FROM_TOWN),
        (CaseResumed, CaseDispatched, TaskWithdrawn, TaskAssigned), (S.DISPATCHED,),
        "the centre names the unit; also for a case that no rule could dispatch",
    ),
    Transition(
        Verb.HAND_UP, (S.FILED, S.DISPATCHED, S.ACCEPTED), CENTRE,
        (G.REASON_GIVEN, G.NOT_THE_ASKER, G.IN_HAND, G.ABOVE),
        (CaseResumed, CaseHandedUp), (S.FILED,),
        "the centre above has it in hand and finds a unit; the one below decides nothing of it",
    ),
    Transition(
        Verb.HAND_DOWN, (S.FILED, S.DISPATCHED, S.ACCEPTED), CENTRE,
        (G.REASON_GIVEN, G.NOT_THE_ASKER, G.IN_HAND, G.BELOW),
        (CaseResumed, CaseHandedDown), (S.FILED,),
        "the centre below has it in hand and finds a unit; those above still may",
    ),
    Transition(
        Verb.CC, OPEN, CENTRE | {R.SUPERVISOR, R.LEADER},
        (G.UNIT_NAMED, G.UNIT_KNOWN, G.NOT_TOLD_YET),
        (CaseCopied,), (),
        "a unit is told, and owes nothing",
    ),
    Transition(
        Verb.URGE, OPEN, WHO_URGE | ON_SITE | {R.REPORTER},
        (G.MAY_URGE, G.NOT_JUST_URGED),
        (CaseUrged,), (),
        "a repeated call about an open case is an urging, not an incident",
    ),
    Transition(
        Verb.SUPERVISE, OPEN, frozenset({R.SUPERVISOR, R.LEADER}),
        (G.REASON_GIVEN, G.LEVEL_GIVEN, G.RISES),
        (CaseSupervised,), (),
        "somebody above orders to hurry: escalation gives the order, which only rises",
        lowest="town",
    ),
    Transition(
        Verb.RELEASE, OPEN, frozenset({R.SUPERVISOR, R.LEADER}),
        (G.REASON_GIVEN, G.IS_SUPERVISED, G.AS_HIGH_AS_THE_ISSUER),
        (CaseReleased,), (),
        "the order is lifted, by the same or a higher level",
    ),
    Transition(
        Verb.ACKNOWLEDGE, OPEN, HANDLERS | OF_A_CENTRE | {R.LEADER},
        (G.TOLD_OR_ABOVE, G.TOLD_OF, G.NOT_SEEN_YET),
        (CaseAcknowledged,), (),
        "the order, and the notices, were seen: they are told no more, and stay in force",
    ),
    Transition(
        Verb.REARM, OPEN, frozenset({R.SUPERVISOR}),
        (G.REASON_GIVEN, G.POLICY_THERE, G.ARMED_OTHERWISE),
        (CaseRearmed,), (),
        "it goes by the policy now in force: ladders, who decides requests, days for reopening",
    ),
    Transition(
        Verb.REOPEN, (S.CLOSED,), OF_A_CENTRE | {R.REPORTER},
        (G.REASON_GIVEN, G.OWN_REPORT, G.REPORTER_OR_IN_HAND, G.IN_TIME_TO_REOPEN),
        (CaseReopened,), (S.DISPATCHED,),
        "it was not done after all; the reporter may say so of its own",
    ),
    Transition(
        Verb.VOID, (S.FILED, S.DISPATCHED, S.ACCEPTED, S.HANDLED, S.CLOSED),
        frozenset({R.SUPERVISOR}), (G.REASON_GIVEN, G.IN_HAND),
        (CaseResumed, CaseVoided), (S.VOIDED,),
        "it should never have been a case; what it counted is taken back",
        lowest="town",
    ),
    Transition(
        Verb.SEPARATE, (LINKED,),
        OF_A_CENTRE | DESK,
        (G.REASON_GIVEN,),
        (IncidentSeparated, CaseFiled, CaseDispatched, TaskAssigned), (S.FILED, S.DISPATCHED),
        "it is another matter after all; filed as if it had come alone, never linked again",
    ),
    Transition(
        Verb.FILE, (IN_REVIEW,), DESK,
        (G.NOT_THE_REJECTER, G.NOT_WHO_APPEALED, G.FILEABLE, G.CONDITION_KNOWN),
        (CaseFiled, CaseDispatched, TaskAssigned, HandledOnSite, SpotCheckOrdered),
        (S.FILED, S.DISPATCHED, S.HANDLED, S.CLOSED),
        "the desk files what the rules could not, and puts right what was wrong with the report",
    ),
    Transition(
        Verb.REJECT, (IN_REVIEW,), DESK,
        (G.NOT_THE_REJECTER, G.NOT_WHO_APPEALED, G.REASON_GIVEN),
        (IncidentRejected,), (REJECTED,),
        "it is no matter of the city's; the reporter is told why, and may appeal once",
    ),
    Transition(
        Verb.ANSWER, (IN_REVIEW,), DESK,
        (G.NOT_THE_REJECTER, G.NOT_WHO_APPEALED, G.REASON_GIVEN),
        (IncidentAnswered,), ("answered",),
        "the desk knows the answer; the reason is what the reporter is told",
    ),
    Transition(
        Verb.TRANSFER, (IN_REVIEW,), DESK,
        (G.NOT_THE_REJECTER, G.NOT_WHO_APPEALED, G.REASON_GIVEN, G.PLATFORM_NAMED),
        (IncidentTransferred,), ("transferred",),
        "it is for a platform outside, which is named",
    ),
    Transition(
        Verb.LOOK, (IN_REVIEW,), DESK,
        (G.NOT_THE_REJECTER, G.NOT_WHO_APPEALED, G.LOCATED, G.CONDITION_KNOWN, G.NO_LOOK_YET,
         G.UNIT_KNOWN),
        (LookOrdered,), (),
        "somebody is to look on site first, or another unit instead; the filing clock runs on",
    ),
    Transition(
        Verb.VERIFY, (IN_REVIEW,), ON_SITE | HANDLERS,
        (G.LOOK_ORDERED, G.OUTCOME_GIVEN, G.FAILURE_EXPLAINED, G.NOT_THE_REPORTER,
         G.LOOK_IS_THEIRS, G.CONDITION_KNOWN),
        (IncidentLooked, CaseFiled, CaseDispatched, TaskAssigned),
        (S.FILED, S.DISPATCHED, IN_REVIEW),
        "as reported: filed, where nothing else stands in the way; if not, the desk decides",
    ),
    Transition(
        Verb.ACKNOWLEDGE, (IN_REVIEW,), DESK | OF_A_CENTRE | {R.LEADER},
        (G.TOLD_OF, G.NOT_SEEN_YET),
        (IncidentAcknowledged,), (),
        "the order for the desk to hurry, and the notices, were seen; the filing clock runs on",
    ),
    Transition(
        Verb.APPEAL, (REJECTED,), ON_SITE | {R.REPORTER},
        (G.REPORTED_IT, G.REASON_GIVEN, G.FIRST_APPEAL),
        (IncidentHeld,), (IN_REVIEW,),
        "the reporter does not agree: the desk looks, and never whoever rejected it",
    ),
)  # fmt: skip
ROWS: dict[Verb, tuple[Transition, ...]] = {
    verb: tuple(row for row in TABLE if row.verb is verb) for verb in Verb
}
"""What may be asked, by the verb."""
