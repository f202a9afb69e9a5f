"""What people ask for: the action, who takes it, and what is said with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from shared.contracts.incidents_v1 import Verb
from shared.platform.security import Role


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody will ask for next: the role, and for a verification its result."""

    verb: Verb
    role: Role
    reason: str = ""
    passed: bool | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    """What else the request says."""
    until_s: float | None = None
    """So many seconds from then: the review date of a suspension."""
    of_task: bool = False
    """Whether the unit takes it that co-operates in the task of the event."""
    by_reporter: bool = False
    """Whether only whoever reported it may ask."""


ACCEPT = Step(Verb.ACCEPT, Role.UNIT_MEMBER)
HANDLED = Step(Verb.HANDLED, Role.UNIT_MEMBER, "已处置 dealt with")
RETURN = Step(Verb.RETURN, Role.UNIT_MEMBER, "非本单位职责 not our duty")
GRANT = Step(Verb.APPROVE, Role.DISPATCHER, "同意退回 granted")
REFUSE = Step(Verb.DENY, Role.DISPATCHER, "属你单位职责 it is your duty")
RULE = Step(Verb.REASSIGN, Role.DISPATCHER, "无主，由中心裁定 nobody's: the centre rules")
EXTEND = Step(Verb.EXTEND, Role.UNIT_MEMBER, "需等配件 parts have to come", more={"amount": 0.005})
SUSPEND = Step(Verb.SUSPEND, Role.UNIT_MEMBER, "待产权单位确认 the owner has to agree", until_s=40)
SUSPEND_LONG = replace(SUSPEND, until_s=600)
ALLOW = Step(Verb.APPROVE, Role.SUPERVISOR, "情况属实，同意 granted")
HAND_UP = Step(Verb.HAND_UP, Role.DISPATCHER, "超出本级权限 beyond this level")
PASS_ON = Step(Verb.REASSIGN, Role.DUTY_HEAD, "由上级中心指派 named by the centre above")
URGE = Step(Verb.URGE, Role.SUPERVISOR, "请尽快处置 please hurry")
TELL = Step(Verb.CC, Role.LEADER, "抄告属地 for the town to know")
ACKNOWLEDGE = Step(Verb.ACKNOWLEDGE, Role.UNIT_MEMBER, "收到，立即办理 seen, on our way")
PASS = Step(Verb.VERIFY, Role.INSPECTOR, "现场已恢复 in order", passed=True)
FAIL = Step(Verb.VERIFY, Role.INSPECTOR, "现场未清理 not in order", passed=False)
CLERK = Role.ACCEPTANCE_DESK
FILE = Step(Verb.FILE, CLERK, "补正后立案 put right and filed")
REJECT = Step(Verb.REJECT, CLERK, "属物业内部事务 on private ground")
ANSWER = Step(Verb.ANSWER, CLERK, "每周一清运 collected every Monday")
TRANSFER = Step(Verb.TRANSFER, CLERK, "不属本平台 another platform's", more={"to": "12345"})
NOTHING_THERE = Step(Verb.REJECT, CLERK, "现场核实无此情况 nothing was found on site")
LOOKED = Step(Verb.VERIFY, Role.INSPECTOR, "现场属实 as reported", passed=True)
NOT_FOUND = Step(Verb.VERIFY, Role.INSPECTOR, "现场未发现 nothing found", passed=False)
APPEAL = Step(Verb.APPEAL, Role.OFFICER, "确在辖区内，请复核 it is ours", by_reporter=True)
WHISTLE = Step(Verb.WHISTLE, Role.UNIT_MEMBER, "需配合处置 another unit is needed")
COME = Step(Verb.CO_ACCEPT, Role.UNIT_MEMBER, "已报到 on our way", of_task=True)
SHARE_DONE = Step(Verb.CO_DONE, Role.UNIT_MEMBER, "配合完成 our share is done", of_task=True)
STAY_AWAY = Step(Verb.CO_DECLINE, Role.UNIT_MEMBER, "抽不出人手 nobody to spare", of_task=True)
CALL_OFF = Step(Verb.CO_WITHDRAW, Role.UNIT_MEMBER, "已无需配合 not needed after all")
RESUME = Step(Verb.RESUME, Role.UNIT_MEMBER, "条件已具备 it can go on")
NOT_NOW = Step(Verb.DENY, Role.SUPERVISOR, "理由不充分，不予同意 no reason for it")
HAND_DOWN = Step(Verb.HAND_DOWN, Role.DUTY_HEAD, "由属地处置 for the town to handle")
HURRY = Step(
    Verb.SUPERVISE, Role.SUPERVISOR, "群众反映强烈 many ask for it", more={"level": "yellow_card"}
)
RELEASE = Step(Verb.RELEASE, Role.SUPERVISOR, "已督促到位 they are on their way")
REOPEN = Step(Verb.REOPEN, Role.DISPATCHER, "复发，须重新处置 it is back")
VOID = Step(Verb.VOID, Role.SUPERVISOR, "误立案 it should not be a case")
SEPARATE = Step(Verb.SEPARATE, Role.DISPATCHER, "另一处问题 another one after all")
ASK_AFTER = Step(Verb.URGE, Role.OFFICER, "何时处置？ when will it be done?", by_reporter=True)
LOOK = Step(Verb.LOOK, CLERK, "派人现场核实 somebody is to look")
TAKE_FIRST = Step(Verb.TAKE_FIRST, Role.UNIT_MEMBER, "已到场看护 on the spot, keeping it safe")
DISPUTE = Step(
    Verb.APPEAL,
    Role.UNIT_MEMBER,
    "道路封闭，无法到场 the road was closed",
    more={"clock": "handle"},
)
UPHOLD = Step(Verb.UPHOLD, Role.SUPERVISOR, "情况属实 it was so")
OVERRULE = Step(Verb.OVERRULE, Role.SUPERVISOR, "理由不成立 that is no reason")
MAKE_SAFE = Step(Verb.MAKE_SAFE, Role.UNIT_MEMBER, "险情已排除 the danger is over")
