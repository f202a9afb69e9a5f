"""What the live table counts beside the states: every turn that a case can take, and orders."""

from dataclasses import dataclass

from shared.contracts import (
    cases_v1,
    escalations_v1,
    orders_v1,
    outcomes_v1,
    reminders_v1,
    requests_v1,
    steps_v1,
    supervising_v1,
    tasks_v1,
)
from shared.contracts.base import EventData


@dataclass(frozen=True, slots=True)
class Happening:
    """One line: what it is called in Chinese and English, the event, and the word it carries.

    Short names: at 80 columns there is room for six characters, or thirteen letters.
    """

    title: tuple[str, str]
    model: type[EventData]
    word: str = ""


HAPPENINGS: tuple[Happening, ...] = (
    Happening(("自行处置", "on the spot"), cases_v1.HandledOnSite),
    Happening(("抽查", "spot check"), cases_v1.SpotCheckOrdered),
    Happening(("立案前核实", "look ordered"), outcomes_v1.LookOrdered),
    Happening(("核实反馈", "looked"), outcomes_v1.IncidentLooked),
    Happening(("不立案申诉", "filing appeal"), outcomes_v1.IncidentHeld, "appealed"),
    Happening(("解除并入", "separated"), outcomes_v1.IncidentSeparated),
    Happening(("派养护单位", "to its keeper"), cases_v1.CaseDispatched, "component_maintainer"),
    Happening(("无主部件", "ownerless"), cases_v1.CaseFiled, "ownerless_component"),
    Happening(("中心指派", "unit named"), cases_v1.CaseDispatched, "named_by_dispatcher"),
    Happening(("准予退回", "returned"), requests_v1.ReturnGranted),
    Happening(("驳回退回", "not returned"), requests_v1.ReturnRefused),
    Happening(("上报上级", "handed up"), cases_v1.CaseHandedUp),
    Happening(("交办下级", "handed down"), cases_v1.CaseHandedDown),
    Happening(("移交", "passed on"), steps_v1.CasePassedOn),
    Happening(("抄告", "told (cc)"), cases_v1.CaseCopied),
    Happening(("首接", "first there"), cases_v1.FirstTaken),
    Happening(("先行处置", "made safe"), cases_v1.CaseMadeSafe),
    Happening(("操作被拒", "refused"), cases_v1.ActionRefused),
    Happening(("吹哨", "help called"), tasks_v1.TaskAssigned),
    Happening(("报到", "help came"), tasks_v1.TaskAccepted),
    Happening(("配合办结", "help done"), tasks_v1.TaskDone),
    Happening(("拒绝配合", "help declined"), tasks_v1.TaskDeclined),
    Happening(("撤回配合", "not needed"), tasks_v1.TaskWithdrawn),
    Happening(("牵头办结", "lead done"), cases_v1.LeadDone),
    Happening(("流程环节", "flow step"), steps_v1.CaseStepped),
    Happening(("流程办结", "flow ended"), steps_v1.FlowEnded),
    Happening(("挂账", "suspended"), requests_v1.CaseSuspended),
    Happening(("驳回挂账", "not suspended"), requests_v1.SuspensionRefused),
    Happening(("恢复计时", "resumed"), requests_v1.CaseResumed),
    Happening(("延期", "extended"), requests_v1.CaseExtended),
    Happening(("驳回延期", "not extended"), requests_v1.ExtensionRefused),
    Happening(("返工", "rework"), cases_v1.ReworkOrdered),
    Happening(("重新打开", "reopened"), cases_v1.CaseReopened),
    Happening(("作废", "voided"), cases_v1.CaseVoided),
    Happening(("催办", "urged"), cases_v1.CaseUrged),
    Happening(("超时申诉", "appeal"), requests_v1.AppealMade),
    Happening(("申诉成立", "upheld"), requests_v1.AppealUpheld),
    Happening(("申诉不成立", "overruled"), requests_v1.AppealOverruled),
    Happening(("临期", "nearly late"), escalations_v1.ClockApproaching),
    Happening(("接收超时", "accept late"), escalations_v1.ClockBreached, "accept"),
    Happening(("处置超时", "handle late"), escalations_v1.ClockBreached, "handle"),
    Happening(("分级提醒", "notice"), reminders_v1.NoticeRaised),
    Happening(("普通督办", "supervision"), escalations_v1.SupervisionOrdered, "ordinary"),
    Happening(("黄牌", "yellow card"), escalations_v1.SupervisionOrdered, "yellow_card"),
    Happening(("红牌", "red card"), escalations_v1.SupervisionOrdered, "red_card"),
    Happening(("人工督办", "by hand"), supervising_v1.CaseSupervised),
    Happening(("人工解除", "released"), supervising_v1.CaseReleased),
    Happening(("督办催签", "told again"), reminders_v1.SupervisionReminded),
    Happening(("督办签收", "acknowledged"), supervising_v1.CaseAcknowledged),
    Happening(("下达指令", "order issued"), orders_v1.OrderIssued),
    Happening(("指令已阅", "order read"), orders_v1.OrderRead),
    Happening(("指令办结", "order done"), orders_v1.OrderDone),
    Happening(("指令逾期办结", "done late"), orders_v1.OrderDone, "late"),
    Happening(("撤回指令", "order undone"), orders_v1.OrderWithdrawn),
)
"""In the order in which they are read, down three columns."""
