"""What each event type is called by people."""

from shared.contracts import cases_v1 as cases
from shared.contracts import escalations_v1 as escalations
from shared.contracts.base import Names
from shared.contracts.dead_letters_v1 import RecordDied, RecordReplayed
from shared.contracts.incidents_v1 import ActionRequested, IncidentReported
from shared.contracts.registry_v1 import EntrySet

TITLES: dict[str, Names] = {
    IncidentReported.TYPE: Names(zh="上报", en="Incident reported"),
    ActionRequested.TYPE: Names(zh="操作请求", en="Action requested"),
    cases.IncidentRejected.TYPE: Names(zh="不予立案", en="Incident rejected"),
    cases.IncidentHeld.TYPE: Names(zh="待受理审核", en="Incident held for review"),
    cases.IncidentLinked.TYPE: Names(zh="并入已有案卷", en="Linked to a case"),
    cases.IncidentSeparated.TYPE: Names(zh="解除并入", en="Separated from a case"),
    cases.LookOrdered.TYPE: Names(zh="立案前核实", en="Look on site ordered"),
    cases.IncidentLooked.TYPE: Names(zh="核实反馈", en="Looked on site"),
    cases.IncidentAnswered.TYPE: Names(zh="直接答复", en="Incident answered"),
    cases.IncidentTransferred.TYPE: Names(zh="转办", en="Incident transferred"),
    cases.CaseFiled.TYPE: Names(zh="立案", en="Case filed"),
    cases.CaseDispatched.TYPE: Names(zh="派遣", en="Case dispatched"),
    cases.CaseRegridded.TYPE: Names(zh="网格调整", en="Grid redrawn"),
    cases.MemberChanged.TYPE: Names(zh="更换处置员", en="Member changed"),
    cases.CaseAccepted.TYPE: Names(zh="接收", en="Case accepted"),
    cases.ReturnRequested.TYPE: Names(zh="申请退回", en="Return requested"),
    cases.ReturnGranted.TYPE: Names(zh="准予退回", en="Return granted"),
    cases.ReturnRefused.TYPE: Names(zh="驳回退回", en="Return refused"),
    cases.SuspensionRequested.TYPE: Names(zh="申请挂账", en="Suspension requested"),
    cases.CaseSuspended.TYPE: Names(zh="挂账", en="Case suspended"),
    cases.SuspensionRefused.TYPE: Names(zh="驳回挂账", en="Suspension refused"),
    cases.CaseResumed.TYPE: Names(zh="恢复计时", en="Case resumed"),
    cases.ExtensionRequested.TYPE: Names(zh="申请延期", en="Extension requested"),
    cases.CaseExtended.TYPE: Names(zh="延期", en="Limit extended"),
    cases.ExtensionRefused.TYPE: Names(zh="驳回延期", en="Extension refused"),
    cases.RequestLapsed.TYPE: Names(zh="申请逾期未批", en="Request lapsed"),
    cases.CaseUrged.TYPE: Names(zh="催办", en="Case urged"),
    cases.CaseCopied.TYPE: Names(zh="抄告", en="Another unit told"),
    cases.CaseHandedUp.TYPE: Names(zh="上报上级中心", en="Handed up"),
    cases.CaseHandedDown.TYPE: Names(zh="交办下级中心", en="Handed down"),
    cases.CaseHandled.TYPE: Names(zh="处置反馈", en="Case handled"),
    cases.ReworkOrdered.TYPE: Names(zh="返工", en="Rework ordered"),
    cases.CaseClosed.TYPE: Names(zh="核查结案", en="Case closed"),
    cases.CaseReopened.TYPE: Names(zh="重新打开", en="Case reopened"),
    cases.CaseVoided.TYPE: Names(zh="作废", en="Case voided"),
    cases.ActionRefused.TYPE: Names(zh="操作被拒", en="Action refused"),
    escalations.ClocksChanged.TYPE: Names(zh="计时变更", en="Clocks changed"),
    escalations.ClockApproaching.TYPE: Names(zh="临期", en="Limit approaching"),
    escalations.ClockBreached.TYPE: Names(zh="超时", en="Limit breached"),
    escalations.MarkWithdrawn.TYPE: Names(zh="撤销超时", en="Mark withdrawn"),
    escalations.SupervisionOrdered.TYPE: Names(zh="督办", en="Supervision ordered"),
    escalations.SupervisionLifted.TYPE: Names(zh="解除督办", en="Supervision lifted"),
    EntrySet.TYPE: Names(zh="基础数据变更", en="Registry entry set"),
    RecordDied.TYPE: Names(zh="死信", en="Record died"),
    RecordReplayed.TYPE: Names(zh="死信重新投递", en="Record replayed"),
}
