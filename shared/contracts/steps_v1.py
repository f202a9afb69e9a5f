"""The turns of flows (流程) in ``wangge.cases.v1``."""

from typing import ClassVar

from shared.contracts.base import EventData
from shared.contracts.case_refs_v1 import NamedCode
from shared.contracts.case_v1 import CaseEvent
from shared.contracts.incidents_v1 import PaperRef
from shared.contracts.plans import Finding


class FlowEvent(CaseEvent):
    """What all turns of a flow say; the case tells in which state it is now."""

    turn: NamedCode
    """The turn that was taken."""
    state_before: NamedCode
    """The state in which it was taken."""
    papers: tuple[PaperRef, ...] = ()
    """What came with it."""
    found: tuple[Finding, ...] = ()
    """What an inspection found, each an incident of its own."""


class CaseStepped(FlowEvent):
    """The next state (办理环节): the same unit goes on, with that state's limit."""

    TYPE: ClassVar[str] = "cn.wangge.case.stepped.v1"


class CasePassedOn(FlowEvent):
    """The next state is for somebody else (移交): the case is filed again, to be dispatched."""

    TYPE: ClassVar[str] = "cn.wangge.case.passed_on.v1"


class FlowEnded(FlowEvent):
    """The flow has come to an end (流程办结): the lead is done."""

    TYPE: ClassVar[str] = "cn.wangge.case.flow_ended.v1"


EVENTS: tuple[type[EventData], ...] = (CaseStepped, CasePassedOn, FlowEnded)
