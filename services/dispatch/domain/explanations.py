"""The rules in words, zh and en: what is wrong, and what can be done."""

from shared.contracts.base import Names
from shared.contracts.rule_v1 import Rule

_WORDS: dict[Rule, tuple[str, str]] = {
    Rule.UNKNOWN_MATTER: (
        "事项不在准入清单中；请从清单中选择事项",
        "the matter is not on the list of admitted matters; choose one of the list",
    ),
    Rule.UNKNOWN_CONDITION: (
        "该事项没有这一立案条件；请从事项的立案条件中选择",
        "the matter has no such filing condition; choose one of the matter's",
    ),
    Rule.NO_MATTER: ("没有写明事项；请写明事项", "no matter is named; name one"),
    Rule.NO_LOCATION: (
        "没有位置，无法确定网格；请附上坐标或地址",
        "without a location no grid can be found; send the coordinates or the address",
    ),
    Rule.OUTSIDE_EVERY_GRID: (
        "位置不在任何网格内；请核对坐标",
        "the location lies in no grid; check the coordinates",
    ),
    Rule.NO_POLICY: (
        "该区划没有政策；请登记管理员补充",
        "no policy holds for the area; the registry administrator has to set one",
    ),
    Rule.ROLE_NOT_ALLOWED: (
        "您的角色对此案卷不能进行此操作",
        "your role may not do this to this case",
    ),
    Rule.WRONG_STATE: (
        "案卷当前状态不允许此操作",
        "the case is not in a state in which this can be done",
    ),
    Rule.NOT_YOUR_UNIT: ("案卷不在您的单位", "the case is not with your unit"),
    Rule.NOT_YOUR_AREA: ("案卷不在您的辖区", "the case is not in your area"),
    Rule.STALE_SEQUENCE: (
        "案卷已有变化；请刷新后再试",
        "the case has changed since you looked; look again",
    ),
    Rule.HANDLER_NEVER_VERIFIES: (
        "参与处置者不得核查；请由他人核查",
        "whoever took part in the handling may not verify it; somebody else has to",
    ),
    Rule.ONE_LEVEL_UP: (
        "网格自己的队伍处置的，由街道（乡镇）中心及以上核查",
        "what the grid's own team handled is verified by the town's centre or above",
    ),
    Rule.NO_REQUEST_PENDING: ("没有待批的申请", "no request waits for a decision"),
    Rule.REQUEST_PENDING: ("已有申请待批", "a request waits for a decision already"),
    Rule.UNKNOWN_UNIT: (
        "没有写明处置单位，或没有这个单位；请写明现有单位的编码",
        "no unit is named, or there is no such unit; name one by its code",
    ),
    Rule.SAME_UNIT: (
        "该单位就是现在的单位，或曾获准退回",
        "that unit has the case now, or has had a return of it granted",
    ),
    Rule.RETURNED_TWICE: (
        "案卷已两次退回，现由值班长裁定的单位处置；如有异议请联系值班长，值班长可以改派",
        "it was returned twice and is with whom the duty head named, who alone may reassign it",
    ),
    Rule.DUTY_HEAD_RULES: (
        "自第二次同意退回起，由值班长指定处置单位；您可不指定单位予以同意，或请值班长裁定",
        "from the second return on the duty head names the unit: approve without one, or ask him",
    ),
    Rule.UNKNOWN_FLOW: (
        "该事项的办理流程未登记或已停用；请登记管理员补充",
        "the flow of its matter is not in force; the registry administrator has to set it",
    ),
    Rule.NO_FLOW: (
        "该案卷没有进行中的流程；处置完成请直接反馈",
        "it has no flow that goes on; say handled when it is done",
    ),
    Rule.FLOW_GOES_ON: (
        "该案卷按流程办理，流程尚未办结；请办理下一环节",
        "it is handled by a flow, which has not come to an end; take its next turn",
    ),
    Rule.UNKNOWN_TURN: (
        "当前环节没有这个去向；请查看流程",
        "the state in which it is has no such turn; look at the flow",
    ),
    Rule.NOT_YOUR_TURN: (
        "该环节由流程指定的人员办理，参与处置者不得复查",
        "the flow says who takes this turn, and whoever handled it never checks it",
    ),
    Rule.TURN_USED_UP: (
        "该去向已达流程规定的次数上限；请选择其他去向，或申请延期",
        "this turn was taken as often as the flow allows; take another, or ask for an extension",
    ),
    Rule.SUPERVISION_MISSING: (
        "没有写明督办级别；请写明普通督办、黄牌或红牌",
        "it does not say which order; name ordinary, yellow_card or red_card",
    ),
    Rule.SUPERVISED_ALREADY: (
        "该案卷已有同级或更高级别的督办",
        "there is an order as high, or higher, already",
    ),
    Rule.NOT_SUPERVISED: ("该案卷没有督办", "it is not supervised"),
    Rule.ACKNOWLEDGED_ALREADY: (
        "督办或提醒已有人签收",
        "somebody has acknowledged it already",
    ),
    Rule.NOTHING_TO_REARM: (
        "现行政策与该案卷所用的一致，无需重设",
        "the policy in force says what the case goes by; there is nothing to change",
    ),
    Rule.FINDING_MISSING: (
        "该去向须附检查计划中的问题；其他去向不得附问题",
        "this turn asks for findings of the plan's checklist, and the others for none",
    ),
    Rule.PAPER_MISSING: (
        "该环节要求的文书不齐，或附了其他文书，或同一文书附了两次；请按流程提交",
        "a paper of this turn is missing or comes twice, or another one was sent; look at the flow",
    ),
    Rule.NOT_A_CASE: ("该上报没有立案", "the incident was not filed, it is no case"),
    Rule.TOO_LATE_TO_REOPEN: (
        "已超过可重新打开的期限；请重新上报",
        "the time within which it could be reopened is over; report anew",
    ),
    Rule.REASON_MISSING: ("请写明理由", "give a reason"),
    Rule.OUTCOME_MISSING: (
        "请写明核查是否通过",
        "say whether the verification passed",
    ),
    Rule.DUPLICATE: (
        "此处的同一问题已经上报；您会得到相同的答复",
        "the same has been reported here before; you are told what that report is told",
    ),
    Rule.NOT_A_FOLLOWER: (
        "该上报没有并入其他案卷",
        "the incident is not linked to another case",
    ),
    Rule.SOURCE_FLOODS: (
        "该来源短时间内上报过多；由受理员审核，不会丢失",
        "the source has sent too many in a short time; the acceptance desk looks, nothing is lost",
    ),
    Rule.UNKNOWN_PLACE: (
        "没有坐标，地址也不在地名库中；请补充位置",
        "it has no coordinates, and the list of places does not have its address; say where it is",
    ),
    Rule.UNKNOWN_ACTION: ("没有这种操作", "there is no such action"),
    Rule.TO_BE_VERIFIED: (
        "此类事项立案前须现场核实；正在安排人员查看",
        "matters of this kind are looked at on site before they are filed; somebody is sent",
    ),
    Rule.NOT_AS_REPORTED: (
        "现场与上报不符；由受理员审核",
        "it was not found as reported; the acceptance desk looks",
    ),
    Rule.REJECTED_BY_DESK: (
        "受理员不予受理；理由见说明，可以申诉一次",
        "the acceptance desk has not taken it; its reason is given, and you may appeal once",
    ),
    Rule.ANSWERED_BY_DESK: ("受理员已直接答复", "the acceptance desk has answered"),
    Rule.TRANSFERRED_BY_DESK: (
        "不属本平台职责，已转有关平台办理",
        "it is for another platform, which has it now",
    ),
    Rule.APPEALED: (
        "上报人对不予立案提出申诉；由另一位受理员审核",
        "the reporter appealed against the rejection; somebody else at the desk looks",
    ),
    Rule.APPEALED_BEFORE: (
        "已申诉过一次，不能再次申诉",
        "there has been an appeal before; there is one only",
    ),
    Rule.REJECTER_NEVER_DECIDES_APPEAL: (
        "不予受理的人不得审理对其的申诉；请由他人处理",
        "whoever rejected it does not decide the appeal; somebody else has to",
    ),
    Rule.NO_LOOK_ORDERED: (
        "没有安排立案前核实",
        "no look on site is ordered",
    ),
    Rule.LOOK_ORDERED: (
        "已安排立案前核实：请等待反馈，或改派其他单位",
        "a look on site is ordered already; wait for it, or name another unit to go instead",
    ),
    Rule.NOT_IN_REVIEW: ("该上报不在受理审核中", "the incident does not wait in review"),
    Rule.NOT_REJECTED: ("该上报没有被驳回", "the incident was not rejected"),
    Rule.REPORTER_NEVER_VERIFIES: (
        "上报人不得核实自己的上报；请由他人核实",
        "whoever reported it does not verify it; somebody else has to",
    ),
    Rule.PLATFORM_MISSING: (
        "请写明转往的平台",
        "name the platform that it goes to",
    ),
    Rule.SUSPENDED: (
        "案卷已挂账；请先恢复计时，或等到复核日期",
        "the case is suspended; resume it first, or wait for its review date",
    ),
    Rule.NOT_SUSPENDED: ("案卷没有挂账", "the case is not suspended"),
    Rule.UNTIL_MISSING: (
        "请写明以后的复核日期",
        "say until when, an instant that is still to come",
    ),
    Rule.UNTIL_TOO_FAR: (
        "复核日期超出本区划允许的最长挂账期",
        "the review date lies farther ahead than the area allows",
    ),
    Rule.UNTIL_PASSED: (
        "申请的复核日期已过；请驳回并让其重新申请",
        "the review date that was asked for has passed; deny it, and let it be asked for anew",
    ),
    Rule.AMOUNT_MISSING: (
        "请写明延长多少（以处置时限的单位计）",
        "say by how much, in the unit of the limit to handle it",
    ),
    Rule.NO_LIMIT: ("该案卷没有处置时限", "the case has no limit to be handled in"),
    Rule.LONGER_THAN_THE_LIMIT: (
        "延长不得超过原处置时限",
        "an extension is no longer than the limit that the case was filed with",
    ),
    Rule.EXTENDED_TWICE: ("已延期两次", "it was extended twice, which is the most"),
    Rule.LIMIT_BREACHED: (
        "处置时限已超时，不能延期",
        "the limit is breached; what is breached is not extended",
    ),
    Rule.LEVEL_TOO_LOW: (
        "该事项须由上级决定",
        "this is decided at a higher level",
    ),
    Rule.ASKER_NEVER_DECIDES: (
        "申请人不得审批自己的申请",
        "nobody decides his own request; somebody else has to",
    ),
    Rule.URGED_JUST_NOW: (
        "刚刚有人催办过；请稍候",
        "somebody has urged just now; wait a while",
    ),
    Rule.COPIED_BEFORE: (
        "该单位已参与或已被抄告",
        "that unit has the case, co-operates or is told already",
    ),
    Rule.NOT_ABOVE: (
        "只能上报给管辖该网格的上级中心",
        "it can only be handed up to a centre above whose area holds its grid",
    ),
    Rule.NOT_BELOW: (
        "只能交办给管辖该网格的下级中心；请写明区划",
        "it can only be handed down to a centre below whose area holds its grid; name the area",
    ),
    Rule.WITH_HIGHER_CENTRE: (
        "案卷由上级中心掌握，由上级决定",
        "a centre above yours dispatched it or was handed it, and decides",
    ),
    Rule.REQUEST_LAPSED: ("申请逾期未批，视为驳回", "nobody decided in time, so it is denied"),
    Rule.REVIEW_DATE: ("挂账到期，恢复计时", "the review date has come; the clocks run on"),
    Rule.STATE_CHANGES: (
        "案卷状态变化，挂账随之结束",
        "the state of the case changes, by which a suspension ends",
    ),
    Rule.NO_EMERGENCY: ("该案卷不是紧急事件", "the case is no emergency"),
    Rule.SAFE_ALREADY: ("已完成先行处置", "the place was made safe before"),
    Rule.ANOTHER_WAS_FIRST: ("已有首接单位", "another unit was there first"),
    Rule.UNIT_MISSING: (
        "您不属于任何单位；请用单位的账号操作",
        "you belong to no unit; act with the credentials of one",
    ),
    Rule.NO_TASK: (
        "贵单位（或所指单位）没有此状态的配合任务",
        "the unit has no co-operating task of this case in such a state",
    ),
    Rule.CO_OPERATES_ALREADY: (
        "该单位已牵头或正在配合",
        "that unit leads or co-operates already",
    ),
    Rule.TOO_MANY_TASKS: (
        "配合任务已达上限",
        "no more units can be asked to co-operate in one case",
    ),
    Rule.LEAD_IS_DONE: (
        "牵头单位已办结，等待配合单位",
        "the lead is done already; the case waits for those who co-operate",
    ),
    Rule.NOT_BREACHED_BY_YOU: (
        "没有记在贵单位名下的该项超时，或已申诉过",
        "no such breach is charged to your unit, or it was appealed against before; name the clock",
    ),
    Rule.TOO_LATE_TO_APPEAL: (
        "已超过申诉期限",
        "the time within which it could be appealed against is over",
    ),
    Rule.ISSUER_NEVER_DECIDES_APPEAL: (
        "下达督办的人不得审理对超时的申诉；请由他人决定",
        "whoever ordered its supervision does not decide the appeal; somebody else has to",
    ),
    Rule.NO_APPEAL_PENDING: (
        "没有待决的申诉，或所指明的申诉不在其中：案卷列有待决的申诉",
        "no appeal waits for a decision, or none of that name: the case lists those that wait",
    ),
    Rule.APPEAL_PENDING: (
        "已有申诉待决",
        "an appeal waits for a decision already",
    ),
    Rule.REPORTED_TWICE: ("同一上报收到两次", "the same incident arrived twice"),
}
EXPLANATIONS: dict[Rule, Names] = {rule: Names(zh=zh, en=en) for rule, (zh, en) in _WORDS.items()}
LOOK_BY_THE_DESK = Names(
    zh="受理员安排现场核实；核实后再决定是否立案",
    en="the desk has somebody look on site before it is filed",
)
"""What `Rule.TO_BE_VERIFIED` means where the desk ordered the look, and not the list of matters."""
FOUND_AS_REPORTED = Names(zh="现场核实属实", en="found on site as reported")
"""What it means where somebody has looked, and what was reported is there."""
