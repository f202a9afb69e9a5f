"""Tasks of units that co-operate (配合), in ``wangge.cases.v1``."""

from typing import ClassVar

from shared.contracts.base import (
    EventData,
)
from shared.contracts.case_v1 import CaseEvent, Task


class TaskEvent(CaseEvent):
    """What all events of a co-operating task say."""

    task: Task
    """The task after the event."""


class TaskAssigned(TaskEvent):
    """A unit is to co-operate (配合): by the rules, or because somebody blew the whistle (吹哨)."""

    TYPE: ClassVar[str] = "cn.wangge.task.assigned.v1"


class TaskAccepted(TaskEvent):
    """The unit takes its share (报到)."""

    TYPE: ClassVar[str] = "cn.wangge.task.accepted.v1"


class TaskDone(TaskEvent):
    """The unit has done its share."""

    TYPE: ClassVar[str] = "cn.wangge.task.done.v1"


class TaskDeclined(TaskEvent):
    """The unit will not co-operate; the others go on."""

    TYPE: ClassVar[str] = "cn.wangge.task.declined.v1"


class TaskWithdrawn(TaskEvent):
    """The unit need not co-operate any more."""

    TYPE: ClassVar[str] = "cn.wangge.task.withdrawn.v1"


EVENTS: tuple[type[EventData], ...] = (
    TaskAssigned,
    TaskAccepted,
    TaskDone,
    TaskDeclined,
    TaskWithdrawn,
)
