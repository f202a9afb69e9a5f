"""What the units of a case are called: those that have it, had it, or were sent to look."""

from services.analytics.domain.timeline import NOTHING, Stored, Timeline


def unit_names(timeline: Timeline) -> dict[str, Stored]:
    """Their names by code, as they were when it was given to them last.

    A step that an older version wrote may have none.
    """
    case = timeline.case.case or NOTHING
    shown = [case.get("unit"), *(one["unit"] for one in case.get("tasks", ()))]
    found = {one["code"]: one["names"] for one in shown if one}
    return found | {
        one["unit"]: one["unit_names"] for one in timeline.case.steps if "unit_names" in one
    }
