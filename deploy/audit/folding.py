"""Pure: a document is the fold of the log.

A document says itself what it took (``seen``, in order) and up to which number it published
(``sequence``). Where it was read before the log, all of that is on the log or in its outbox, so
the comparison is exact, however much traffic there is.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import bson
from bson.codec_options import CodecOptions

from deploy.audit.history import History, place
from deploy.audit.owner import Owner, Taken
from deploy.audit.problems import Kind, Problem
from shared.contracts.envelope import Event, Origin, UndecodableError, UnknownTypeError, decode
from shared.ledger.document import Entry

AS_READ: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)
YOUNG = timedelta(seconds=30)
"""An outbox entry younger than this is on its way; the sweeper sends it after a few seconds."""
SHOWN = 300


@dataclass(slots=True)
class Proof:
    """What came of comparing one document: its problems, and what was merely on its way.

    ``ahead`` is the highest number on the log above the document's own: a problem if the document
    has not got there by now, because a document is written before its events are published.
    """

    problems: list[Problem] = field(default_factory=list)
    ahead: int = 0
    untaken: int = 0
    unpublished: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """One document to prove: its owner, what the log says of it, itself as stored, and when."""

    owner: Owner
    history: History
    raw: Mapping[str, Any] | None
    taken: Taken
    read_at: datetime


def prove(case: Case) -> Proof:
    """Compare one document with the log."""
    proof = Proof()
    seen: Sequence[str] = case.raw["seen"] if case.raw else ()
    _untaken(case, frozenset(seen), proof)
    own = _own(case, proof)
    if case.raw is not None:
        state, complete = _fold(case, seen, own, proof)
        if complete:
            _compare(case, state, proof)
        if case.raw.get("parked"):
            detail = f"{case.owner.name}: {case.raw['parked']}"
            proof.problems.append(Problem("parked", case.history.subject, detail))
    return proof


def _untaken(case: Case, seen: frozenset[str], proof: Proof) -> None:
    """Events that the consumers are past and the document never took; the rest is on its way."""
    lost: list[Event[Any]] = []
    for topic in case.owner.reads:
        for event in case.history.of(topic.name):
            if event.id in seen or event.origin is None or case.owner.spares(event):
                continue
            if case.taken.must(topic.name, event.origin.partition, event.origin.offset):
                lost.append(event)
            else:
                proof.untaken += 1
    if lost:
        kind: Kind = "not_taken" if case.raw else "document_missing"
        first = f"{case.owner.name}: {len(lost)} events, first {lost[0].type} at {place(lost[0])}"
        proof.problems.append(Problem(kind, case.history.subject, first))


def _own(case: Case, proof: Proof) -> dict[int, Event[Any]]:
    """What the document published or is about to publish, by number, up to its own number."""
    owner, subject = case.owner, case.history.subject
    if owner.emits is None:
        return {}
    known = case.raw["sequence"] if case.raw else 0
    events = case.history.of(owner.emits.name)
    published = [one for one in events if not isinstance(one.data, owner.foreign)]
    # The rules saw what they emitted before it stood anywhere.
    found = {e.sequence: replace(e, origin=None) for e in published if e.sequence <= known}
    proof.ahead = max((e.sequence for e in published if e.sequence > known), default=0)
    for entry in map(Entry.from_raw, case.raw["outbox"] if case.raw else ()):
        if (event := _unpublished(case, entry, found, proof)) is not None:
            found.setdefault(event.sequence, event)
    if lost := [number for number in range(1, known + 1) if number not in found]:
        detail = f"{owner.name}: number {lost[0]} of {known} ({len(lost)} in all)"
        proof.problems.append(Problem("event_lost", subject, detail))
    return found


def _unpublished(
    case: Case, entry: Entry, published: Mapping[int, Event[Any]], proof: Proof
) -> Event[Any] | None:
    subject = case.history.subject
    headers = [(name, text.encode()) for name, text in entry.headers.items()]
    try:
        event = replace(decode(headers, entry.value, Origin(entry.topic, -1, -1)), origin=None)
    except (UndecodableError, UnknownTypeError) as error:
        detail = f"{case.owner.name}: outbox entry {entry.id} is no event: {error}"
        proof.problems.append(Problem("event_lost", subject, detail[:SHOWN]))
        return None
    age = case.read_at - entry.at
    where = f"{case.owner.name}: {event.type} {event.id}"
    there = published.get(event.sequence)
    if there is None:
        proof.unpublished += 1
    elif there.id != event.id or there.data != event.data:
        proof.problems.append(
            Problem("two_contents", subject, f"{where} and number {there.sequence} on the log")
        )
    if age > YOUNG:
        detail = f"{where} has waited for {age.total_seconds():.0f} s"
        proof.problems.append(Problem("outbox_stuck", subject, detail))
    return event


def _fold(
    case: Case, seen: Sequence[str], own: Mapping[int, Event[Any]], proof: Proof
) -> tuple[Any, bool]:
    """The state after what the document took, in the order in which it took it."""
    read = {e.id: e for topic in case.owner.reads for e in case.history.of(topic.name)}
    caused: dict[str, list[Event[Any]]] = defaultdict(list)
    for number in sorted(own):
        caused[own[number].causation_id].append(own[number])
    state = None
    for event_id in seen:
        taken = [read[event_id]] if event_id in read else []
        for event in [*taken, *caused.pop(event_id, ())]:
            state = case.owner.decider.evolve(state, event)
    if caused:
        event = next(iter(caused.values()))[0]
        detail = f"{case.owner.name}: {event.type} {event.id} by {event.causation_id}"
        proof.problems.append(Problem("cause_missing", case.history.subject, detail))
    return state, not caused


def _compare(case: Case, state: Any, proof: Proof) -> None:  # noqa: ANN401 - any service's state
    decider, raw = case.owner.decider, case.raw or {}
    if raw["fold"] != decider.fold_version:
        detail = f"{case.owner.name} was written by fold {raw['fold']}, not {decider.fold_version}"
        proof.problems.append(Problem("not_audited", case.history.subject, detail))
        return
    expected = None if state is None else _as_stored(decider.dump(state))
    if difference := first_difference(expected, raw["state"], "state"):
        problem = Problem("state_differs", case.history.subject, f"{case.owner.name}: {difference}")
        proof.problems.append(problem)
        return
    columns = {} if state is None else _as_stored(decider.columns(state))
    if raw.get("parked"):
        columns.pop("next_due_at", None)
    for name, value in columns.items():
        if difference := first_difference(value, raw.get(name), name):
            detail = f"{case.owner.name}: {difference}"
            proof.problems.append(Problem("columns_differ", case.history.subject, detail))


def _as_stored(value: dict[str, Any]) -> Any:  # noqa: ANN401 - what BSON gives back
    return bson.decode(bson.encode(value), AS_READ)


def first_difference(expected: Any, found: Any, path: str) -> str | None:  # noqa: ANN401 - BSON values
    """Where two stored values differ first, as ``path: folded ..., stored ...``; None: nowhere."""
    if expected == found:
        return None
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in sorted(expected.keys() | found.keys()):
            inner = first_difference(expected.get(name), found.get(name), f"{path}.{name}")
            if inner:
                return inner
        return None
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = enumerate(zip(expected, found, strict=True))
        inners = (first_difference(a, b, f"{path}[{n}]") for n, (a, b) in pairs)
        return next((inner for inner in inners if inner), None)
    return f"{path}: folded {expected!r}, stored {found!r}"[:SHOWN]
