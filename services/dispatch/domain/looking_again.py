"""The second look: what two processes filed at once, and followers whose case is none any more.

A case that a unit has accepted is left alone: somebody is on the way, and two cases are the
smaller evil.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from services.dispatch.domain.dossier import Dossier
from services.dispatch.domain.following import lose_first
from services.dispatch.domain.handling import voided
from services.dispatch.domain.linking import linked
from services.dispatch.domain.lookups import Lookups
from services.dispatch.domain.nearness import Twin
from shared.contracts.base import EventData, Id
from shared.contracts.case_v1 import Case, CaseState
from shared.contracts.cases_v1 import CaseVoided
from shared.contracts.envelope import SOURCE_BASE, Event
from shared.contracts.incidents_v1 import IncidentReported
from shared.platform.ids import caused_id
from shared.registry.snapshot import Snapshot

STILL_TO_BE_LINKED = frozenset({CaseState.FILED, CaseState.DISPATCHED})


class LookAgain(EventData):
    """A document is to be decided again; never on a topic, an input of the rules only."""

    TYPE: ClassVar[str] = "cn.wangge.look_again"

    reported: IncidentReported
    """The report of the document."""
    first: Id
    """The case that it seems to double, or that it follows and that is none any more."""


def look_again(
    service: str, subject: str, dossier: Dossier, first: str, at: datetime
) -> Event[Any] | None:
    """The input for a document; None while its report is not here.

    Its id follows from the document as it stands and the first: whoever sees the same sends the
    same.
    """
    if dossier.report is None:
        return None
    input_id = caused_id("second-look", subject, first, dossier.decided.sequence)
    return Event(
        id=input_id,
        source=SOURCE_BASE + service,
        subject=subject,
        time=at,
        data=LookAgain(reported=dossier.report, first=first),
        correlation_id=subject,
        causation_id=input_id,
        sequence=0,
    )


def looked_again(
    dossier: Dossier, asked: LookAgain, registry: Snapshot, now: datetime, found: Lookups
) -> Sequence[EventData]:
    """What follows from a second look; nothing where it stands as it should."""
    decided = dossier.decided
    if decided.follows is not None:
        if decided.follows.case_id != asked.first:
            return ()
        return lose_first(dossier, registry, now, found)
    twin, case = found.first.get(asked.reported.incident_id), decided.open_case
    if twin is None or case is None or not may_be_linked(dossier):
        return ()
    policy = registry.policy(case.grid, now)
    if policy is None or policy.duplicates != "link":
        return ()
    follower = linked(
        asked.reported, twin, case.location, case.grid, case.zone, by_second_look=True
    )
    return [_voided(asked.reported.incident_id, case, twin, now), follower]


def may_be_linked(dossier: Dossier) -> bool:
    """Whether a case may still become a follower: no unit has accepted it, nobody separated it."""
    case = dossier.decided.open_case
    return case is not None and case.state in STILL_TO_BE_LINKED and not dossier.decided.alone


def _voided(incident_id: str, case: Case, twin: Twin, now: datetime) -> CaseVoided:
    return CaseVoided(
        incident_id=incident_id,
        at=now,
        reason=f"重复上报，并入 duplicate of {twin.case_no}",
        case=case.model_copy(update=voided(case, now)),
        state_before=case.state,
    )
