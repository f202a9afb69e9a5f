"""``wangge.incidents.v1``: what was reported and which actions were asked for, as received."""

from enum import StrEnum
from typing import ClassVar

from shared.contracts.base import (
    Actor,
    AreaCode,
    Code,
    Contract,
    EventData,
    Id,
    Instant,
    LongText,
    Point,
    ShortText,
)


class Source(StrEnum):
    """The way by which a report came in (来源)."""

    RESIDENT = "resident"
    OFFICER = "officer"
    HOTLINE = "hotline"
    SENSOR = "sensor"
    SYSTEM = "system"
    IMPORT = "import"


class Report(Contract):
    """An incident as it was reported; equal reports under one key are one report."""

    matter: Code | None = None
    location: Point | None = None
    address: ShortText | None = None
    area: AreaCode | None = None
    description: LongText = ""
    source: Source = Source.RESIDENT
    occurred_at: Instant | None = None
    reported_at: Instant | None = None
    """From when the clocks count; given by imports of history only, else when it was received."""
    external_id: ShortText | None = None


class IncidentReported(EventData):
    """Somebody reported something (信息收集)."""

    TYPE: ClassVar[str] = "cn.wangge.incident.reported.v1"

    incident_id: Id
    receipt_no: str
    """受理号: what the reporter is told, with a check digit."""
    received_at: Instant
    zone: str
    """IANA zone of the city, for local days of what never gets a grid."""
    reporter: Actor
    report: Report

    @property
    def counts_from(self) -> Instant:
        """When the clocks start: the report's own instant for imported history, else the receipt."""
        return self.report.reported_at or self.received_at


class Verb(StrEnum):
    """What may be asked for a case."""

    ACCEPT = "accept"
    RETURN = "return"
    APPROVE = "approve"
    DENY = "deny"
    HANDLED = "handled"
    VERIFY = "verify"
    REASSIGN = "reassign"
    REOPEN = "reopen"
    VOID = "void"


class ActionRequest(Contract):
    """An action as it was asked for; equal requests under one key are one action."""

    action: Verb
    reason: ShortText = ""
    expected_sequence: int | None = None
    """The number of the case's last event that the actor had seen; guards a stale screen."""
    unit: Code | None = None
    """For ``reassign``: to whom; for ``approve`` of a return: who gets it next (else the rules)."""
    passed: bool | None = None
    """For ``verify``: whether the place is in order."""


class ActionRequested(EventData):
    """Somebody asked for an action on a case; dispatch decides whether it may be done."""

    TYPE: ClassVar[str] = "cn.wangge.action.requested.v1"

    incident_id: Id
    action_id: Id
    received_at: Instant
    actor: Actor
    request: ActionRequest


EVENTS: tuple[type[EventData], ...] = (IncidentReported, ActionRequested)
