"""A report as whoever files it has put it right: its matter, its condition, its place."""

from typing import Any

from shared.contracts.incidents_v1 import ActionRequest, IncidentReported


def put_right(reported: IncidentReported, request: ActionRequest) -> IncidentReported:
    """The report with what the request names instead; the event in the log stays as it came."""
    named: dict[str, Any] = {
        name: value
        for name in ("matter", "condition", "location")
        if (value := getattr(request, name)) is not None
    }
    if "matter" in named:
        named.setdefault("condition", None)  # of another matter than the one it was named for
    if not named:
        return reported
    return reported.model_copy(update={"report": reported.report.model_copy(update=named)})
