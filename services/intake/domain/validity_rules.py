"""From when until when a version may hold: nothing ends or is cancelled unseen."""

from datetime import datetime

from services.intake.domain.change import Part
from services.intake.domain.entry_rules import Fault
from shared.contracts.base import instant_text
from shared.contracts.registry_v1 import EntrySet


def span_refused(part: Part, latest: EntrySet | None, at: datetime, now: datetime) -> Fault | None:
    """Why a part of an import may not hold as it says; None: it may.

    ``latest`` is the version before it; ``at``: from when it holds where it does not say so itself.
    """
    since, until = part.candidate.span
    begins = since or at
    if (scheduled := scheduled_refused(latest, begins, now)) is not None:
        return scheduled
    key = part.candidate.key
    if until is not None and until <= now:
        detail = f"{key} would end on {instant_text(until)}, which is past: an end is to come"
        return Fault("end_passed", detail)
    if until is not None and until <= begins:
        detail = f"{key} would end on {instant_text(until)}, before it begins: it must end later"
        return Fault("invalid_validity", detail)
    return None


def scheduled_refused(latest: EntrySet | None, begins: datetime, now: datetime) -> Fault | None:
    """Why a version that begins then may not come after the latest one; None: it may.

    The newest version that has begun rules for good: one that is to begin later never would, and
    what was scheduled together with it would hold without it.
    """
    if latest is None or latest.valid_from <= max(begins, now):
        return None
    since = instant_text(latest.valid_from)
    return Fault(
        "scheduled_change",
        f"{latest.key} has version {latest.n}, which begins on {since} and would be lost: import "
        f"what is to hold from then on with valid_from {since} or later, which takes its place, or "
        "wait until it has begun",
    )


def brings_end(part: Part, latest: EntrySet | None) -> bool:
    """Whether an entry that holds is to end, or to end earlier than it was to."""
    until = part.candidate.span.until
    if latest is None or until is None or part.what != "changed":
        return False
    return latest.valid_until is None or until < latest.valid_until
