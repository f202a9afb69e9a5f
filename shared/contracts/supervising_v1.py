"""Supervision by hand (人工督办) in ``wangge.cases.v1``: somebody above orders, or lifts it."""

from typing import ClassVar

from shared.contracts.base import EventData
from shared.contracts.case_v1 import CaseEvent
from shared.contracts.levels import IssuerLevel, SupervisionLevel


class CaseSupervised(CaseEvent):
    """Somebody above wants it supervised; escalation gives the order, unless one is as high."""

    TYPE: ClassVar[str] = "cn.wangge.case.supervised.v1"

    level: SupervisionLevel
    """The order that is wanted."""
    issuer: IssuerLevel
    """The level of the centre that wants it."""
    issuer_area: str
    """The area of that centre."""


class CaseReleased(CaseEvent):
    """Somebody above lifts the order that is in force, with a reason."""

    TYPE: ClassVar[str] = "cn.wangge.case.released.v1"


EVENTS: tuple[type[EventData], ...] = (CaseSupervised, CaseReleased)
