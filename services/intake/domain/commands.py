"""What intake is asked to do: inputs of the rules that are never on a topic themselves."""

from datetime import datetime
from typing import Any, ClassVar

from services.intake.domain.order_bodies import OrderBody, ReceiptBody, WithdrawalBody
from shared.contracts.base import Actor, Code, EventData, Id, Instant
from shared.contracts.envelope import SOURCE_BASE, Event
from shared.contracts.incidents_v1 import ActionRequest, Report
from shared.contracts.registry_v1 import Change, Entry
from shared.platform.ids import caused_id

SERVICE = "intake"


class ReportIncident(EventData):
    """Somebody reports something."""

    TYPE: ClassVar[str] = "cn.wangge.command.report_incident"

    incident_id: Id
    """The id that follows from the caller and its key."""
    received_at: Instant
    """When the request came in."""
    reporter: Actor
    """Who reports."""
    report: Report
    """What is reported."""


class RequestAction(EventData):
    """Somebody asks for an action on a case."""

    TYPE: ClassVar[str] = "cn.wangge.command.request_action"

    incident_id: Id
    """The incident whose case it is about."""
    action_id: Id
    """The id that follows from the caller, the incident and the key."""
    received_at: Instant
    """When the request came in."""
    actor: Actor
    """Who asks."""
    request: ActionRequest
    """What is asked for."""
    follower: Id | None = None
    """The follower of the case whose reporter asks."""


class UrgeByReport(RequestAction):
    """A case is urged, as its reporter has reported it again; of no use where it is over."""

    TYPE: ClassVar[str] = "cn.wangge.command.urge_by_report"


class IssueOrder(EventData):
    """Somebody issues an order."""

    TYPE: ClassVar[str] = "cn.wangge.command.issue_order"

    order_id: Id
    """The id that follows from the caller and its key."""
    at: Instant
    """When the request came in."""
    actor: Actor
    """Who issues it."""
    body: OrderBody
    """What is ordered, and of whom."""


class GiveReceipt(EventData):
    """A unit says that it has read an order, or done it."""

    TYPE: ClassVar[str] = "cn.wangge.command.give_receipt"

    at: Instant
    """When the request came in."""
    actor: Actor
    """Who says so, for its unit."""
    body: ReceiptBody
    """What it says."""


class WithdrawOrder(EventData):
    """Somebody withdraws an order."""

    TYPE: ClassVar[str] = "cn.wangge.command.withdraw_order"

    at: Instant
    """When the request came in."""
    actor: Actor
    """Who withdraws it."""
    body: WithdrawalBody
    """Why."""


class SetEntry(EventData):
    """An entry of the registry is to have a new version."""

    TYPE: ClassVar[str] = "cn.wangge.command.set_entry"

    change: Change
    """The change that it is part of."""
    entry: Entry
    """The entry as it is to be."""
    decided_at: Instant
    """When the change was decided."""
    valid_from: Instant
    """From when the version holds."""
    valid_until: Instant | None = None
    """The first instant at which it holds no more; none: until further notice."""
    expected_n: int | None = None
    """The version that must be the latest (0: none may exist), or nothing happens."""


class EndEntry(EventData):
    """An entry of the registry is to hold no more."""

    TYPE: ClassVar[str] = "cn.wangge.command.end_entry"

    change: Change
    """The change that it is part of."""
    decided_at: Instant
    """When the change was decided."""
    valid_until: Instant
    """The first instant at which it holds no more."""
    successor: Code | None = None
    """The entry of its kind that takes over its open cases."""
    expected_n: int | None = None
    """The version that must be the latest, or nothing happens."""


def command(subject: str, data: EventData, at: datetime, cause: str = "") -> Event[Any]:
    """The event that brings a command to a document; the same cause is the same command."""
    command_id = caused_id(SERVICE, data.TYPE, subject, cause)
    return Event(
        id=command_id,
        source=SOURCE_BASE + SERVICE,
        subject=subject,
        time=at,
        data=data,
        correlation_id=subject,
        causation_id=command_id,
        sequence=0,
    )
