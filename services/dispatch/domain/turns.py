"""Which reports of a batch must wait for others of it, because they may be linked to them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from services.dispatch.domain.linking import sighting
from services.dispatch.domain.looking_again import LookAgain
from services.dispatch.domain.nearness import Sighting, near, square, squares_around
from shared.contracts.envelope import Event
from shared.contracts.incidents_v1 import IncidentReported
from shared.contracts.registry_v1 import Near
from shared.registry.snapshot import Snapshot

MAX_TURNS = 3
"""Of reports that are near one another; what the last turn misses, the second look finds."""

Seen = tuple[Sighting, Near]


def seen(events: Sequence[Event[Any]], registry: Snapshot, at: datetime) -> Iterator[Seen]:
    """The sightings of a batch, each document's once, with what counts as the same.

    None where every report is filed, whatever is near it.
    """
    if not links_anywhere(registry, at):
        return
    known: set[str] = set()
    rules: dict[str, Near | None] = {}
    for event in events:
        data = report_in(event)
        if data is None or event.subject in known:
            continue
        known.add(event.subject)
        found = sighting(data, registry, at)
        if found is None:
            continue
        if found.matter not in rules:
            matter = registry.matter(found.matter, at)
            rules[found.matter] = matter[0].near if matter else None
        if (rule := rules[found.matter]) is not None:
            yield found, rule


def report_in(event: Event[Any]) -> IncidentReported | None:
    """The report that is decided, for the first time or again."""
    data = event.data.reported if isinstance(event.data, LookAgain) else event.data
    return data if isinstance(data, IncidentReported) else None


def links_anywhere(registry: Snapshot, at: datetime) -> bool:
    """Whether any policy in force links duplicates."""
    policies = (registry.policy(code, at) for code in registry.policy_codes)
    return any(policy is not None and policy.duplicates == "link" for policy in policies)


def in_turn(
    events: Sequence[Event[Any]], registry: Snapshot, at: datetime
) -> Sequence[Sequence[Event[Any]]]:
    """The batch in parts: no report is near an earlier one of its own part, but in the last.

    What is near nothing is in the first part, and mostly that is all.
    """
    waiting = sorted(seen(events, registry, at), key=lambda one: one[0].order)
    turn_of: dict[str, int] = {}
    for turn in range(1, MAX_TURNS):
        waiting = _later(waiting)
        if not waiting:
            break
        turn_of |= dict.fromkeys((one.id for one, _ in waiting), turn)
    parts: list[list[Event[Any]]] = [[] for _ in range(MAX_TURNS)]
    for event in events:
        parts[turn_of.get(event.subject, 0)].append(event)
    return [part for part in parts if part] or [events]


def _later(ordered: Sequence[Seen]) -> list[Seen]:
    """Those near an earlier one that itself is near no earlier one."""
    firsts: dict[tuple[str, tuple[int, int]], list[Sighting]] = {}
    later: list[Seen] = []
    for one, rule in ordered:
        around = [(one.matter, found) for found in squares_around(one.location, rule.metres)]
        if any(near(one, first, rule) for key in around for first in firsts.get(key, ())):
            later.append((one, rule))
        else:
            key = one.matter, square(one.location, rule.metres)
            firsts.setdefault(key, []).append(one)
    return later
