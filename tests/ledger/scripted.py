"""A tiny decider whose inputs say in their description what is to follow from them.

``emit:2`` two events; ``explode`` the rules fail; ``huge`` an event that fits into no topic;
``overflow`` a state that is no BSON; ``undumpable`` a state that cannot be stored at all;
``wide:N`` a state of N bytes; ``key:K`` the column ``unique_key``; ``due:S`` the column
``next_due_at``, S seconds after the event; ``tick-explode`` a timer that fails; ``place:P`` an
open document that stands under version 1 of the grid of serial P (``001``), and follows its later
ones; ``walk-explode`` rules that fail as it does; ``ended`` it is open no more; words are separated
by blanks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from shared.contracts.base import Actor, Names
from shared.contracts.envelope import Event
from shared.contracts.incidents_v1 import IncidentReported, Report
from shared.contracts.outcomes_v1 import IncidentRejected
from shared.contracts.routing_rules import Source
from shared.contracts.rule_v1 import Rule
from shared.ledger.decider import Context, Draft
from shared.ledger.timer import Tick
from shared.ledger.walk import Group, Walked
from shared.registry.snapshot import Snapshot
from tests.fakes.clock import START
from tests.registry.entries import COMMUNITY, alone, grid, square, version

WHY = Names(zh="按脚本", en="as scripted")


@dataclass(frozen=True)
class Told:
    """What a document has read and what it has emitted, each in order."""

    read: tuple[str, ...] = ()
    emitted: tuple[str, ...] = ()
    due: tuple[datetime, ...] = ()
    answered: tuple[datetime, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    place: str | None = None
    n: int = 1


def script(event: Event[Any]) -> dict[str, str]:
    """The words of an input's description, and what stands behind their colon."""
    if not isinstance(event.data, IncidentReported):
        return {}
    words = (word.partition(":") for word in event.data.report.description.split())
    return {word: rest for word, _, rest in words}


class Scripted:
    """The decider."""

    fold_version = 3

    def evolve(self, state: Told | None, event: Event[Any]) -> Told:
        """Note the event; a tick leaves the state as it is."""
        before = state or Told()
        if isinstance(event.data, Tick | Walked):
            return before
        if isinstance(event.data, IncidentRejected):
            emitted = (*before.emitted, event.id)
            if event.data.rule is Rule.UNKNOWN_PLACE:  # it follows, to the version that is named
                return replace(before, emitted=emitted, n=int(event.data.matter or 0))
            if event.data.rule is Rule.STALE_SEQUENCE:  # the answer to a mark, at its due instant
                answered = (*before.answered, event.data.counts_from)
                return replace(before, emitted=emitted, answered=answered)
            return replace(before, emitted=emitted)
        words = script(event)
        due = before.due
        if "due" in words:
            due = tuple(sorted((*due, event.time + timedelta(seconds=float(words["due"])))))
        place = None if "ended" in words else words.get("place", before.place)
        read = (*before.read, event.id)
        return replace(before, read=read, words=words, due=due, place=place)

    def decide(self, state: Told | None, event: Event[Any], context: Context) -> Sequence[Draft]:
        """What the script says; a tick answers every mark that is due."""
        if state is None:
            return []
        if isinstance(event.data, Tick):
            if "tick-explode" in state.words:
                raise ValueError("the timer explodes")
            until = event.data.until
            open_ones = [due for due in state.due if due not in state.answered and due <= until]
            return [Draft(said(event.subject, Rule.STALE_SEQUENCE, due), due) for due in open_ones]
        if isinstance(event.data, Walked):
            if "walk-explode" in state.words:
                raise ValueError("the walk explodes")
            n = newest(state.place, context.registry)
            moved = said(event.subject, Rule.UNKNOWN_PLACE, START).model_copy(
                update={"matter": str(n)}
            )
            return [Draft(moved, context.now)] if n > state.n else []
        words = script(event)
        if "explode" in words:
            raise ValueError("the rules explode")
        count = 1 if "huge" in words else int(words.get("emit", "0"))
        zone = "x" * 5_000_000 if "huge" in words else "Asia/Shanghai"
        data = said(event.subject, Rule.NO_MATTER, START, zone)
        return [Draft(data, context.now)] * count

    def dump(self, state: Told) -> dict[str, Any]:
        """As it is stored."""
        raw: dict[str, Any] = {
            "read": list(state.read),
            "emitted": list(state.emitted),
            "due": list(state.due),
            "answered": list(state.answered),
            "words": dict(state.words),
            "place": state.place,
            "n": state.n,
        }
        if "undumpable" in state.words:
            raise ValueError("the state cannot be stored")
        if "overflow" in state.words:
            raw["number"] = 2**70
        if "wide" in state.words:
            raw["wide"] = "x" * int(state.words["wide"])
        return raw

    def load(self, raw: Mapping[str, Any]) -> Told:
        """As it was stored."""
        return Told(
            tuple(raw["read"]),
            tuple(raw["emitted"]),
            tuple(raw["due"]),
            tuple(raw["answered"]),
            raw["words"],
            raw["place"],
            raw["n"],
        )

    def columns(self, state: Told) -> dict[str, Any]:
        """What is indexed."""
        left = [due for due in state.due if due not in state.answered]
        found: dict[str, Any] = {
            "next_due_at": min(left, default=None),
            "open": state.place is not None,
            "place": state.place,
            "n": state.n,
        }
        if key := state.words.get("key"):
            found["unique_key"] = key
        return found

    def due_mark(self, state: Told) -> tuple[object, ...] | None:
        """The first mark that is open, by its due instant."""
        left = [due for due in state.due if due not in state.answered]
        return ("mark", min(left)) if left else None


class Following:
    """The walk by which open documents follow the newest version of their place."""

    name = "places"
    columns = ("place", "n")

    def concerns(self, group: Group, registry: Snapshot, at: datetime) -> bool:  # noqa: ARG002
        """Whether there is a later version."""
        return newest(group["place"], registry) > int(group["n"])

    def cause(self, state: Told, registry: Snapshot, at: datetime) -> tuple[object, ...] | None:  # noqa: ARG002
        """The version."""
        n = newest(state.place, registry)
        return (state.place, n) if n > state.n else None


def newest(place: str | None, registry: Snapshot) -> int:
    """The number of the newest version of a place."""
    found = registry.versions.get(f"grid/{COMMUNITY}{place}", ())
    return max((one.n for one in found), default=0)


def redrawn(at: int, *counts: int) -> Snapshot:
    """A registry in which the places 000, 001, ... have so many versions."""
    entries = [
        version(grid(serial, square(serial, 0)), alone(f"{serial}/{n}"), n)
        for serial, count in enumerate(counts)
        for n in range(1, count + 1)
    ]
    return Snapshot().with_changes(entries, at)


def said(subject: str, rule: Rule, at: datetime, zone: str = "Asia/Shanghai") -> IncidentRejected:
    """The one kind of event that is emitted."""
    return IncidentRejected(
        incident_id=subject,
        rule=rule,
        explanation=WHY,
        counts_from=at,
        received_at=START,
        zone=zone,
        source=Source.RESIDENT,
    )


def reported(
    subject: str, words: str = "", *, event_id: str = "", time: datetime = START
) -> Event[Any]:
    """An input about one document; ids of inputs are given or made of subject and words."""
    return Event(
        id=event_id or f"in:{subject}:{words}"[:200],
        source="/wangge/intake",
        subject=subject,
        time=time,
        data=IncidentReported(
            incident_id=subject,
            receipt_no="0000-0000-0000-0",
            received_at=time,
            zone="Asia/Shanghai",
            reporter=Actor(subject="anonymous"),
            report=Report(description=words),
        ),
        correlation_id=subject,
        causation_id=subject,
        sequence=1,
    )
