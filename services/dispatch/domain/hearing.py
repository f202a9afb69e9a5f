"""Supervision is heard (督办): a case becomes more urgent, and whoever ordered it watches it."""

from collections.abc import Sequence

from services.dispatch.domain.dossier import Dossier
from shared.contracts.base import EventData
from shared.contracts.cases_v1 import CasePrioritised
from shared.contracts.escalations_v1 import (
    SupervisionLifted,
    SupervisionOrdered,
    SupervisionReleased,
    SupervisionSatisfied,
)

Supervised = SupervisionOrdered | SupervisionLifted | SupervisionReleased | SupervisionSatisfied


def heard(dossier: Dossier, data: Supervised) -> Sequence[EventData]:
    """What an order, or its end, makes of an open case; nothing where it changes nothing."""
    case = dossier.decided.open_case
    if case is None:
        return ()
    priority, watchers = 0, case.watchers
    if isinstance(data, SupervisionOrdered):
        priority = data.level.rank
        if data.issuer_area and data.issuer_area not in watchers:
            watchers = (*watchers, data.issuer_area)
    if (priority, watchers) == (case.priority, case.watchers):
        return ()
    after = case.model_copy(update={"priority": priority, "watchers": watchers})
    return [CasePrioritised(incident_id=data.incident_id, at=data.at, case=after)]
