"""Drives the rules of intake as the ledger does, without any server."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bson import decode, encode
from bson.codec_options import CodecOptions

from services.intake.domain.acceptance import Acceptance
from services.intake.domain.commands import ReportIncident, RequestAction, command
from services.intake.domain.receipt import Receipt
from shared.contracts.base import Actor
from shared.contracts.envelope import Event
from shared.contracts.golden import cases, escalations, incidents
from shared.contracts.golden.story import INCIDENT
from shared.contracts.incidents_v1 import ActionRequest, Report
from shared.contracts.topics import INCIDENTS
from shared.ledger.decider import Context
from shared.ledger.document import Document
from shared.ledger.folding import Folder
from shared.platform.partitioning import partition_of
from shared.registry.snapshot import Snapshot

NOW = datetime(2026, 3, 2, 2, 0, 0, tzinfo=UTC)
ZONE = "Asia/Shanghai"
CODECS: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, tzinfo=UTC)
RULES = Acceptance(ZONE)
FOLDER = Folder("intake", RULES, partition_of, INCIDENTS)
RESIDENT = Actor(subject="r-1")


def report(
    incident: str = INCIDENT, at: datetime = NOW, reporter: Actor = RESIDENT, **fields: object
) -> Event[Any]:
    """The command that reports something."""
    data = ReportIncident(
        incident_id=incident,
        received_at=at,
        reporter=reporter,
        report=Report.model_validate(fields),
    )
    return command(incident, data, at)


def action(action_id: str, verb: str, incident: str = INCIDENT) -> Event[Any]:
    """The command that asks for an action."""
    data = RequestAction(
        incident_id=incident,
        action_id=action_id,
        received_at=NOW,
        actor=RESIDENT,
        request=ActionRequest.model_validate({"action": verb}),
    )
    return command(incident, data, NOW, action_id)


def take(
    events: Sequence[Event[Any]],
    document: Document[Receipt] | None = None,
    registry: Snapshot | None = None,
) -> Document[Receipt]:
    """The document after these events."""
    document = document or FOLDER.open(INCIDENT, None)
    for event in events:
        FOLDER.take(document, event, Context(now=NOW, registry=registry or Snapshot()))
    return document


def state(document: Document[Receipt]) -> Receipt:
    """Its state, which must be there."""
    assert document.state is not None
    return document.state


def through_bson(raw: dict[str, Any]) -> dict[str, Any]:
    """What MongoDB gives back of what was stored."""
    return decode(encode(raw), codec_options=CODECS)


def of_topic(module: Any) -> list[Event[Any]]:  # noqa: ANN401 - one of the golden modules
    """The golden events of a topic about one incident, in their order."""
    events = [one.event for one in module.examples() if one.name == "full"]
    return sorted(events, key=lambda event: event.sequence)


def golden() -> dict[str, list[Event[Any]]]:
    """The golden events by topic."""
    return {
        "incidents": of_topic(incidents),
        "cases": of_topic(cases),
        "escalations": of_topic(escalations),
    }
