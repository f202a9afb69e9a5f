"""What becomes of a follower: separated by hand, or because its case is none any more."""

from collections.abc import Sequence
from datetime import datetime

from services.dispatch.domain.by import By, whoever_asked
from services.dispatch.domain.dossier import Dossier
from services.dispatch.domain.filing import file
from services.dispatch.domain.lookups import Lookups
from shared.contracts.base import EventData
from shared.contracts.envelope import Origin
from shared.contracts.incidents_v1 import ActionRequested
from shared.contracts.outcomes_v1 import IncidentSeparated
from shared.contracts.topics import INCIDENTS
from shared.registry.snapshot import Snapshot

CASE_LOST = "所并入的案卷已作废 the case that it was linked to is none any more"


def separate(
    dossier: Dossier, asked: ActionRequested, registry: Snapshot, found: Lookups
) -> Sequence[EventData]:
    """Somebody who may says that it is another matter: filed as if it had come alone."""
    # Whatever is near it or came before it: a person has said that it is a case of its own.
    by = whoever_asked(asked)
    return _alone(dossier, asked.received_at, by, registry, Lookups(found.loads))


def lose_first(
    dossier: Dossier, registry: Snapshot, now: datetime, found: Lookups
) -> Sequence[EventData]:
    """The case of a follower is none any more: it is decided again, perhaps to follow another."""
    return _alone(dossier, now, By(reason=CASE_LOST), registry, found)


def _alone(
    dossier: Dossier, at: datetime, by: By, registry: Snapshot, found: Lookups
) -> Sequence[EventData]:
    report, record, follows = dossier.report, dossier.record, dossier.decided.follows
    if report is None or record is None or follows is None:
        raise ValueError("only a follower whose report is here can be separated")
    separated = IncidentSeparated(
        incident_id=report.incident_id,
        at=at,
        case_id=follows.case_id,
        actor=by.actor,
        action_id=by.action_id,
        reason=by.reason,
    )
    return [separated, *file(report, Origin(INCIDENTS.name, *record), registry, at, found)]
