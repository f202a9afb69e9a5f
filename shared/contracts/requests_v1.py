"""What a unit asks for and somebody decides, in ``wangge.cases.v1``: requests and appeals."""

from typing import ClassVar

from shared.contracts.base import (
    Code,
    EventData,
    Limit,
)
from shared.contracts.case_v1 import Appeal, CaseEvent, RequestKind
from shared.contracts.rule_v1 import Rule


class ReturnRequested(CaseEvent):
    """The unit says that it is not its case (申请退回); no clock stops."""

    TYPE: ClassVar[str] = "cn.wangge.case.return_requested.v1"


class ReturnGranted(CaseEvent):
    """The return was granted: the case is filed again, to be dispatched to another unit."""

    TYPE: ClassVar[str] = "cn.wangge.case.return_granted.v1"

    returned_by: Code
    """The unit that had it."""


class ReturnRefused(CaseEvent):
    """The return was refused (驳回): the case stays, and counts as buck-passing."""

    TYPE: ClassVar[str] = "cn.wangge.case.return_refused.v1"


class SuspensionRequested(CaseEvent):
    """The unit asks that the clocks stand until a date (申请挂账); none does yet."""

    TYPE: ClassVar[str] = "cn.wangge.case.suspension_requested.v1"


class CaseSuspended(CaseEvent):
    """The suspension was granted (挂账): the clocks stand until its review date."""

    TYPE: ClassVar[str] = "cn.wangge.case.suspended.v1"


class SuspensionRefused(CaseEvent):
    """The suspension was refused."""

    TYPE: ClassVar[str] = "cn.wangge.case.suspension_refused.v1"


class CaseResumed(CaseEvent):
    """The suspension has ended (恢复): what was left of the limits runs on."""

    TYPE: ClassVar[str] = "cn.wangge.case.resumed.v1"

    rule: Rule | None = None
    """Why it ended by itself: its review date, or a change of state; none: somebody ended it."""


class ExtensionRequested(CaseEvent):
    """The unit asks for more time (申请延期)."""

    TYPE: ClassVar[str] = "cn.wangge.case.extension_requested.v1"


class CaseExtended(CaseEvent):
    """More time was granted (延期): the limits are longer by it."""

    TYPE: ClassVar[str] = "cn.wangge.case.extended.v1"

    extended_by: Limit
    """By how much."""


class ExtensionRefused(CaseEvent):
    """More time was refused."""

    TYPE: ClassVar[str] = "cn.wangge.case.extension_refused.v1"


class RequestLapsed(CaseEvent):
    """Nobody decided a request in time: it is denied (逾期未批)."""

    TYPE: ClassVar[str] = "cn.wangge.case.request_lapsed.v1"

    kind: RequestKind
    """What had been asked for."""


class AppealEvent(CaseEvent):
    """What all events of an appeal say."""

    appeal: Appeal
    """The appeal after the event."""


class AppealMade(AppealEvent):
    """A unit appeals against a breach that it is charged with (申诉)."""

    TYPE: ClassVar[str] = "cn.wangge.appeal.made.v1"


class AppealUpheld(AppealEvent):
    """It was right: the breach is exempt in the figures, and the fact is kept."""

    TYPE: ClassVar[str] = "cn.wangge.appeal.upheld.v1"


class AppealOverruled(AppealEvent):
    """It was not: the breach counts."""

    TYPE: ClassVar[str] = "cn.wangge.appeal.overruled.v1"


EVENTS: tuple[type[EventData], ...] = (
    ReturnRequested,
    ReturnGranted,
    ReturnRefused,
    SuspensionRequested,
    CaseSuspended,
    SuspensionRefused,
    CaseResumed,
    ExtensionRequested,
    CaseExtended,
    ExtensionRefused,
    RequestLapsed,
    AppealMade,
    AppealUpheld,
    AppealOverruled,
)
