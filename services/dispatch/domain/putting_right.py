"""A report as whoever files it has put it right: its matter, its condition, its place."""

from typing import Any

from services.dispatch.domain.dossier import Dossier
from shared.contracts.incidents_v1 import ActionRequest, IncidentReported
from shared.contracts.outcomes_v1 import PutRight


def corrected(dossier: Dossier) -> IncidentReported | None:
    """The report as the desk has put it right when it ordered a look; else as it came."""
    reported, before = dossier.report, dossier.decided.put_right
    return put_right(reported, before) if reported and before else reported


def put_right(reported: IncidentReported, request: ActionRequest | PutRight) -> IncidentReported:
    """The report with what the request names instead; the event in the log stays as it came."""
    named = _named(request)
    if "matter" in named:
        named.setdefault("condition", None)  # of another matter than the one it was named for
    if not named:
        return reported
    return reported.model_copy(update={"report": reported.report.model_copy(update=named)})


def named_by(request: ActionRequest, before: PutRight | None) -> PutRight | None:
    """What is named instead of what was reported, now and ``before``; None: nothing."""
    named = (_named(before) if before else {}) | _named(request)
    if request.matter is not None and request.condition is None:
        named.pop("condition", None)  # of another matter than the one it was named for
    return PutRight(**named) if named else None


def _named(request: ActionRequest | PutRight) -> dict[str, Any]:
    values = ((name, getattr(request, name)) for name in PutRight.model_fields)
    return {name: value for name, value in values if value is not None}
