"""What an officer put right on the spot (自行处置): filed and closed at once; some is checked."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from services.dispatch.domain.finding import Fit
from services.dispatch.domain.looking import team_around
from services.dispatch.domain.routes import Routing, unit_ref
from shared.contracts.base import EventData
from shared.contracts.case_v1 import CaseState
from shared.contracts.cases_v1 import CaseFiled, HandledOnSite, SpotCheckOrdered
from shared.contracts.incidents_v1 import IncidentReported, OnSite
from shared.contracts.registry_v1 import Unit
from shared.contracts.work_places import works_at


def drawn(incident_id: str, received_at: datetime, percent: int) -> bool:
    """Whether it is drawn for a check: so many in a hundred, always the same ones.

    Whoever reports chooses the key that makes the id, and could look for one that is never drawn;
    the millisecond in which the receipt is written nobody can choose.
    """
    named = f"{incident_id}/{round(received_at.timestamp() * 1000)}"
    return int.from_bytes(sha256(named.encode()).digest()[:8]) % 100 < percent


def whose(reported: IncidentReported, fit: Fit, routing: Routing) -> Unit | None:
    """The unit that handled it: the reporter's, else the team of the grid."""
    if reported.report.handled_on_site is None:
        return None
    registry, own = routing.registry, reported.reporter.unit
    found = registry.unit(own, routing.at) if own else None
    return found or team_around(fit.grid.code, registry, routing.at)


def handled(
    reported: IncidentReported, filed: CaseFiled, fit: Fit, by: OnSite, unit: Unit
) -> Sequence[EventData]:
    """Closed; or handled, and to be verified by somebody else, where it is drawn for a check.

    What an officer put right where he does not work is always checked.
    """
    at, case, counted = filed.at, filed.case, unit_ref(unit)
    share = fit.policy.spot_check_percent
    checked = not works_at(reported.reporter, case.grid, counted) or drawn(
        reported.incident_id, reported.received_at, share
    )
    kind = SpotCheckOrdered if checked else HandledOnSite
    times = {"handled_at": at} if checked else {"handled_at": at, "closed_at": at}
    after = case.model_copy(
        update={
            "state": CaseState.HANDLED if checked else CaseState.CLOSED,
            "unit": counted,
            "on_site": True,
            "times": case.times.model_copy(update=times),
        }
    )
    return [
        kind(
            incident_id=reported.incident_id,
            at=at,
            actor=reported.reporter,
            reason=by.said,
            case=after,
            photos=(by.before, by.after),
        )
    ]
