"""Words of the domain as tables show them, in Chinese and English."""

from typing import Literal

from shared.contracts import cases_v1, escalations_v1
from shared.contracts.base import EventData, Names

Language = Literal["zh", "en"]

STATES = {
    "sent": ("已发送", "sent"),
    "reported": ("已上报", "reported"),
    "in_review": ("待受理", "in review"),
    "rejected": ("不予立案", "rejected"),
    "linked": ("重复上报", "duplicate"),
    "answered": ("直接答复", "answered"),
    "transferred": ("已转办", "transferred"),
    "filed": ("已立案", "filed"),
    "dispatched": ("已派遣", "dispatched"),
    "accepted": ("已接收", "accepted"),
    "handled": ("已处置", "handled"),
    "closed": ("已结案", "closed"),
    "voided": ("已作废", "voided"),
}
"""The states of an incident, in the order of the loop."""

_EVENTS: dict[type[EventData], tuple[str, str]] = {
    cases_v1.IncidentRejected: ("不予立案", "rejected"),
    cases_v1.IncidentLinked: ("重复上报", "a duplicate, linked"),
    cases_v1.IncidentSeparated: ("拆分", "separated"),
    cases_v1.IncidentHeld: ("转待受理", "held for review"),
    cases_v1.LookOrdered: ("立案前核实", "a look on site ordered"),
    cases_v1.IncidentLooked: ("核实反馈", "looked on site"),
    cases_v1.IncidentAnswered: ("直接答复", "answered"),
    cases_v1.IncidentTransferred: ("转办", "transferred"),
    cases_v1.CaseFiled: ("立案", "filed"),
    cases_v1.CaseDispatched: ("派遣", "dispatched"),
    cases_v1.CaseRegridded: ("网格调整", "grid redrawn"),
    cases_v1.MemberChanged: ("更换处置员", "another member"),
    cases_v1.CaseAccepted: ("接收", "accepted"),
    cases_v1.ReturnRequested: ("申请退回", "return asked for"),
    cases_v1.ReturnGranted: ("同意退回", "return granted"),
    cases_v1.ReturnRefused: ("驳回退回", "return refused"),
    cases_v1.SuspensionRequested: ("申请挂账", "suspension asked for"),
    cases_v1.CaseSuspended: ("挂账", "suspended"),
    cases_v1.SuspensionRefused: ("驳回挂账", "suspension refused"),
    cases_v1.CaseResumed: ("恢复计时", "resumed"),
    cases_v1.ExtensionRequested: ("申请延期", "extension asked for"),
    cases_v1.CaseExtended: ("延期", "extended"),
    cases_v1.ExtensionRefused: ("驳回延期", "extension refused"),
    cases_v1.RequestLapsed: ("申请逾期未批", "request lapsed"),
    cases_v1.CaseUrged: ("催办", "urged"),
    cases_v1.CaseCopied: ("抄告", "another unit told"),
    cases_v1.CaseHandedUp: ("上报上级", "handed up"),
    cases_v1.CaseHandedDown: ("交办下级", "handed down"),
    cases_v1.CasePrioritised: ("督办级别", "priority changed"),
    cases_v1.AppealMade: ("超时申诉", "appeal made"),
    cases_v1.AppealUpheld: ("申诉成立", "appeal upheld"),
    cases_v1.AppealOverruled: ("申诉不成立", "appeal overruled"),
    cases_v1.TaskAssigned: ("吹哨配合", "co-operation asked for"),
    cases_v1.TaskAccepted: ("配合单位报到", "co-operation begun"),
    cases_v1.TaskDone: ("配合任务办结", "co-operation done"),
    cases_v1.TaskDeclined: ("配合单位拒绝", "co-operation declined"),
    cases_v1.TaskWithdrawn: ("撤回配合任务", "co-operation withdrawn"),
    cases_v1.LeadDone: ("牵头单位办结", "lead done, waits for others"),
    cases_v1.FirstTaken: ("首接", "first there"),
    cases_v1.CaseMadeSafe: ("先行处置", "made safe"),
    cases_v1.HandledOnSite: ("自行处置", "handled on site"),
    cases_v1.SpotCheckOrdered: ("自行处置，抽查", "handled on site, to be checked"),
    cases_v1.CaseHandled: ("处置反馈", "handed back"),
    cases_v1.ReworkOrdered: ("核查不合格，返工", "check failed, rework"),
    cases_v1.CaseClosed: ("核查结案", "verified and closed"),
    cases_v1.CaseReopened: ("重新打开", "reopened"),
    cases_v1.CaseVoided: ("作废", "voided"),
    cases_v1.ActionRefused: ("操作被拒", "action refused"),
    escalations_v1.ClockBreached: ("超时", "limit missed"),
    escalations_v1.MarkWithdrawn: ("超时撤销", "mark withdrawn"),
    escalations_v1.SupervisionOrdered: ("督办", "supervision"),
    escalations_v1.SupervisionLifted: ("督办解除", "supervision lifted"),
}
EVENTS = {model.TYPE: names for model, names in _EVENTS.items()}
"""Events by type."""

WORDS = {
    "ordinary": ("普通", "ordinary"),
    "yellow_card": ("黄牌", "yellow card"),
    "red_card": ("红牌", "red card"),
    "filing": ("立案", "filing"),
    "dispatch": ("派遣", "dispatch"),
    "accept": ("接收", "accept"),
    "handle": ("处置", "handle"),
    "verify": ("核查", "verify"),
    "total": ("全程", "total"),
    "unknown_matter": ("事项不在清单", "unknown matter"),
    "no_matter": ("未说明事项", "no matter named"),
    "no_location": ("没有位置", "no location"),
    "outside_every_grid": ("不在任何网格内", "outside every grid"),
    "no_policy": ("没有适用规则", "no policy"),
    "duplicate": ("同一问题已上报", "reported before"),
    "source_floods": ("来源上报过多", "source floods"),
    "unknown_place": ("地址不在地名库", "unknown place"),
    "to_be_verified": ("立案前须核实", "to be looked at first"),
    "not_as_reported": ("现场与上报不符", "not as reported"),
    "rejected_by_desk": ("受理员不予受理", "rejected by the desk"),
    "answered_by_desk": ("受理员直接答复", "answered by the desk"),
    "transferred_by_desk": ("受理员转办", "transferred by the desk"),
    "appealed": ("上报人申诉", "the reporter appealed"),
    "review_date": ("到期复核", "review date"),
    "state_changes": ("状态变化", "its state changes"),
    "reported_twice": ("同一上报收到两次", "arrived twice"),
    "routing_rule": ("派遣规则", "routing rule"),
    "town_overflow": ("单位已满，转镇街", "town, unit is full"),
    "successor": ("承接单位", "successor"),
    "no_unit": ("无单位可派", "no unit"),
    "nearest_unit_of_matter": ("就近受理单位", "nearest unit"),
    "component_maintainer": ("部件养护单位", "component's keeper"),
    "named_by_dispatcher": ("派遣员指定", "named by the centre"),
    "ownerless_component": ("无主部件", "ownerless component"),
}
"""Levels, clocks and rules; others are shown as they are."""


def pick(pair: tuple[str, str], language: Language) -> str:
    """One language of a pair."""
    return pair[0] if language == "zh" else pair[1]


def word(code: str, language: Language) -> str:
    """A level, clock or rule in words."""
    return pick(WORDS.get(code, (code, code)), language)


def name(names: Names | None, language: Language) -> str:
    """One language of a name; a dash for none."""
    return "-" if names is None else getattr(names, language)
