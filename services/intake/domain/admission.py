"""What a report must keep to before it is accepted: its instants, and who may set them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.contracts.incidents_v1 import Report

TOLERANCE = timedelta(minutes=5)
"""How far ahead of ours a reporter's clock may be."""
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""No incident is older; local days of still earlier instants are not to be relied on."""


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a report is not accepted: the HTTP status, a stable code, and what to do."""

    status: int
    code: str
    detail: str


def objection(
    report: Report, now: datetime, *, may_import: bool, may_handle: bool = False
) -> Objection | None:
    """What stands against a report that is well-formed; None when nothing does."""
    if report.reported_at is not None and not may_import:
        return Objection(
            403,
            "scope_missing",
            "reported_at needs the scope import: leave it out, the clocks then count from now",
        )
    if report.handled_on_site is not None and not may_handle:
        return Objection(
            403,
            "role_not_allowed",
            "handled_on_site is for officers and inspectors: leave it out, or send credentials "
            "with such a role",
        )
    for name, instant in (("occurred_at", report.occurred_at), ("reported_at", report.reported_at)):
        if instant is None:
            continue
        if instant > now + TOLERANCE:
            return Objection(
                422,
                "in_the_future",
                f"{name} lies more than 5 minutes ahead; set the sender's clock",
            )
        if instant < EARLIEST:
            return Objection(422, "too_long_ago", f"{name} lies before 1970; leave it out")
    return None
