"""The answer to an action that may not be done: the rule, and in words how it stands."""

from collections.abc import Mapping

from services.dispatch.domain.explanations import EXPLANATIONS
from services.dispatch.domain.permission import rows_for
from services.dispatch.domain.question import IN_REVIEW, LINKED, REJECTED, Question
from services.dispatch.domain.transitions import TABLE
from shared.contracts.base import Names
from shared.contracts.case_v1 import CaseState
from shared.contracts.cases_v1 import ActionRefused
from shared.contracts.incidents_v1 import Verb
from shared.contracts.rule_v1 import Rule


def refused(question: Question, rule: Rule) -> ActionRefused:
    """The answer to an action that may not be done."""
    asked = question.asked
    return ActionRefused(
        incident_id=asked.incident_id,
        action_id=asked.action_id,
        action=asked.request.action,
        actor=asked.actor,
        rule=rule,
        explanation=_words(question, rule),
    )


def _words(question: Question, rule: Rule) -> Names:
    if rule is Rule.WRONG_STATE:
        return _wrong_state(question)
    if rule is Rule.NOT_A_CASE and question.state in NO_CASE:
        return _no_case(question.state)
    return EXPLANATIONS[rule]


def _wrong_state(question: Question) -> Names:
    """In which state the case is, and in which ones the actor may do it."""
    roles = question.asked.actor.roles
    rows = [one for one in rows_for(question) if one.roles.intersection(roles)]
    allowed = [one for one in CaseState if any(one in row.states for row in rows)]
    listed = "、".join(f"“{STATES[one]}”" for one in allowed)
    return Names(
        zh=f"案卷现为“{STATES[CaseState(question.state)]}”；此操作只能在{listed}时进行",
        en=f"the case is {question.state}; this can be done while it is {', '.join(allowed)}",
    )


def _no_case(state: str) -> Names:
    """What an incident is that is no case, and what may be asked about it."""
    found = NO_CASE[state]
    zh, en = f"该上报没有案卷：{found.zh}", f"the incident is no case: it {found.en}"
    if verbs := [row.verb for row in TABLE if state in row.states]:
        zh += "；可以：" + "、".join(VERBS[one] for one in verbs)
        en += "; what may be done: " + ", ".join(verbs)
    return Names(zh=zh, en=en)


STATES: Mapping[CaseState, str] = {
    CaseState.FILED: "已立案",
    CaseState.DISPATCHED: "已派遣",
    CaseState.ACCEPTED: "已接收",
    CaseState.HANDLED: "已处置",
    CaseState.CLOSED: "已结案",
    CaseState.VOIDED: "已作废",
}
NO_CASE: Mapping[str, Names] = {
    "reported": Names(zh="尚未决定，请稍候再试", en="is not decided yet, try again in a moment"),
    IN_REVIEW: Names(zh="正在受理审核", en="waits in review"),
    REJECTED: Names(zh="不予立案", en="was rejected"),
    LINKED: Names(
        zh="重复上报，请对所并入的案卷操作",
        en="is linked to another case, which is the one to act on",
    ),
    "answered": Names(zh="受理员已直接答复，就此办结", en="was answered by the desk, and is over"),
    "transferred": Names(zh="已转其他平台办理", en="was transferred to another platform"),
}
"""What has become of an incident without a case."""
VERBS: Mapping[Verb, str] = {
    Verb.SEPARATE: "解除并入",
    Verb.FILE: "立案",
    Verb.REJECT: "不予立案",
    Verb.ANSWER: "直接答复",
    Verb.TRANSFER: "转办",
    Verb.LOOK: "安排现场核实",
    Verb.VERIFY: "核实",
    Verb.ACKNOWLEDGE: "签收督办",
    Verb.APPEAL: "申诉",
}
"""What may be asked about such an incident."""
