"""Pure: every action that dispatch is past has an answer that names it."""

from collections.abc import Mapping, Sequence
from typing import Any

from deploy.audit.history import place
from deploy.audit.owner import Owner, Taken
from deploy.audit.problems import Problem
from shared.contracts.envelope import Event
from shared.contracts.incidents_v1 import ActionRequested


def check(
    incidents: Sequence[Event[Any]],
    events: Sequence[Event[Any]],
    decides: Owner,
    taken: Taken,
    raw: Mapping[str, Any] | None,
) -> list[Problem]:
    """Actions without an answer; ``events`` are whole, ``raw`` is the document of who ``decides``.

    Where it has published more than is on the log, nothing is said: that is on its way, or lost.
    """
    if raw is None or raw["sequence"] > len(events):
        return []
    answered = {getattr(event.data, "action_id", None) for event in events}
    problems: list[Problem] = []
    for event in incidents:
        data, origin = event.data, event.origin
        if not isinstance(data, ActionRequested) or data.action_id in answered or origin is None:
            continue
        if taken.must(origin.topic, origin.partition, origin.offset):
            detail = f"{decides.service} is past {data.request.action} at {place(event)}"
            problems.append(Problem("action_unanswered", event.subject, detail))
    return problems
