"""Pure: whether a live document is what the log gives.

Compared are timelines and orders without their ids seen, versions and outboxes, and buckets
without their marks. While traffic runs on, a live document may have taken more than the rebuilt
one: it says so itself, a timeline or order by the ids it has seen, a bucket by its marks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Literal

import orjson

from deploy.audit.folding import first_difference
from services.analytics.rollups import place

Raw = Mapping[str, Any]
BOOKKEEPING = frozenset({"seen", "version", "decided_on", "outbox", "parked"})
"""What two documents of the same content may have unlike."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``same``, ``moved_on`` (more has come since) or ``differs``, and where.

    ``beyond`` are ids of events that the live document has taken and the rebuilt one has not:
    it has moved on if they stand in the log after the offsets that were rebuilt, and what was
    rebuilt must not take its place.
    """

    what: Literal["same", "moved_on", "differs"]
    detail: str = ""
    beyond: frozenset[str] = field(default_factory=frozenset)


SAME = Verdict("same")


def digest(content: Raw) -> bytes:
    """A hash of a document's content, whatever the order of its fields."""
    return blake2b(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def document_content(raw: Raw) -> dict[str, Any]:
    """What is compared of a timeline or an order."""
    return {name: value for name, value in raw.items() if name not in BOOKKEEPING}


def bucket_content(raw: Raw) -> dict[str, Any]:
    """What is compared of a bucket: its figures but those that are zero again."""
    figures = {name: count for name, count in raw.get("n", {}).items() if count}
    return {"_id": raw["_id"], "n": figures}


def judge_document(live: Raw | None, rebuilt: Raw | None) -> Verdict:
    """Whether a live timeline or order is as rebuilt."""
    seen_live = frozenset(live["seen"]) if live else frozenset()
    seen_rebuilt = frozenset(rebuilt["seen"]) if rebuilt else frozenset()
    if lost := seen_rebuilt - seen_live:
        what = "it is missing" if live is None else f"it has not taken {min(lost)}"
        return Verdict("differs", f"{what} ({len(lost)} events)", seen_live - seen_rebuilt)
    if beyond := seen_live - seen_rebuilt:
        return Verdict("moved_on", beyond=beyond)
    if live is None or rebuilt is None:
        return Verdict("differs", "it has taken nothing")
    return _compared(document_content(live), document_content(rebuilt))


def judge_bucket(live: Raw | None, rebuilt: Raw | None, until: Mapping[str, int]) -> Verdict:
    """Whether a live bucket is as rebuilt; ``until`` are the end offsets by place."""
    marks = live["at"] if live else {}
    if any(mark >= until.get(where, 0) for where, mark in marks.items()):
        return Verdict("moved_on")
    if live is None:
        return Verdict("differs", "it is missing")
    if rebuilt is None:
        return Verdict("differs", "nothing in the log counts into it")
    return _compared(bucket_content(live), bucket_content(rebuilt))


def by_place(until: Mapping[tuple[str, int], int]) -> dict[str, int]:
    """End offsets as buckets name the places."""
    return {place(topic, number): end for (topic, number), end in until.items()}


def _compared(live: dict[str, Any], rebuilt: dict[str, Any]) -> Verdict:
    if digest(live) == digest(rebuilt):
        return SAME
    found = first_difference(rebuilt, live, "")
    return Verdict("differs", (found or "its fields have other types").lstrip("."))
