"""Pure: everything that is checked of one incident, from its records and its documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.audit import (
    answers,
    letters,
    lives,
    marks,
    numbering,
    orders,
    outcomes,
    tasks,
    times,
    verifying,
)
from deploy.audit.case_events import whole
from deploy.audit.folding import Case, Proof, prove
from deploy.audit.history import History, gather, misplaced, place
from deploy.audit.letters import Letters
from deploy.audit.outcomes import Outcome
from deploy.audit.owner import Owner, Taken
from deploy.audit.problems import Problem
from shared.contracts.envelope import Event
from shared.contracts.incidents_v1 import IncidentReported
from shared.contracts.topics import BUSY_PARTITIONS, CASES, ESCALATIONS, INCIDENTS
from shared.ledger.ports import Record

TOPICS = (INCIDENTS, CASES, ESCALATIONS)
Documents = Mapping[str, Mapping[str, Any] | None]
"""An incident's documents by the name of their owner, as stored."""
ANSWER_WITHIN = timedelta(seconds=60)
"""A mark that was due so long ago, in a partition without waiting records, was missed."""
HANDLE_WITHIN = timedelta(seconds=60)
"""A report of such an age that nobody has read is not on its way: whoever decides has stopped."""


@dataclass(frozen=True, slots=True)
class Partition:
    """What is known of one partition number before its incidents are looked at.

    ``taken`` is by the owner's name; ``caught_up`` are the services that had handled all of it
    when the audit ``began``; ``read_at`` is when its documents were read.
    """

    owners: Sequence[Owner]
    taken: Mapping[str, Taken]
    caught_up: frozenset[str]
    letters: Letters
    began: datetime
    read_at: datetime

    @property
    def decides(self) -> Owner:
        """Who says what becomes of the incidents."""
        return next(owner for owner in self.owners if owner.emits is CASES)


@dataclass(slots=True)
class Verdict:
    """What came of one incident. ``proofs`` are by the owner's name."""

    history: History
    accepted: bool = False
    order: bool = False
    """Whether it is no incident, but an order."""
    outcome: Outcome = "none"
    first: str | None = None
    """The incident whose case it is linked to."""
    linked_at: datetime | None = None
    """When that was written to the log."""
    void_since: datetime | None = None
    """When it was written to the log that its case is none any more."""
    waiting: bool = False
    """Accepted, without an outcome, and merely on its way."""
    problems: list[Problem] = field(default_factory=list)
    proofs: dict[str, Proof] = field(default_factory=dict)


def judge(
    subject: str, records: Sequence[Record], documents: Documents, partition: Partition
) -> Verdict:
    """Check one incident; ``records`` topic by topic, in the order of their offsets."""
    history, problems = gather(subject, records)
    verdict = Verdict(history, problems=problems)
    # What is no event was put away by its readers, wherever it stood.
    poison = set(history.undecodable)
    sound = [one for one in records if (one.topic, one.partition, one.offset) not in poison]
    verdict.problems += misplaced(subject, sound, BUSY_PARTITIONS)
    for topic in TOPICS:
        verdict.problems += numbering.check(subject, history.of(topic.name))
    incidents, cases = history.of(INCIDENTS.name), history.of(CASES.name)
    verdict.problems += outcomes.check(subject, incidents, cases)
    verdict.problems += times.check(subject, cases)
    events = whole(cases)
    verdict.problems += lives.check(subject, events)
    verdict.problems += tasks.check(subject, events)
    verdict.problems += verifying.check(subject, incidents, events)
    verdict.problems += orders.check(subject, incidents, documents)
    verdict.order = bool(orders.of_order(incidents))
    verdict.problems += marks.check(subject, history.of(ESCALATIONS.name))
    for owner in partition.owners:
        taken = partition.taken[owner.name]
        case = Case(owner, history, documents.get(owner.name), taken, partition.read_at)
        verdict.proofs[owner.name] = prove(case)
    decides = partition.decides
    verdict.problems += answers.check(
        incidents, events, decides, partition.taken[decides.name], documents.get(decides.name)
    )
    _due(subject, documents, partition, verdict)
    _account(subject, records, documents, partition, verdict)
    return verdict


def _due(subject: str, documents: Documents, partition: Partition, verdict: Verdict) -> None:
    for owner in partition.owners:
        raw = documents.get(owner.name)
        due = None if raw is None else raw.get("next_due_at")
        if due is None or owner.service not in partition.caught_up:
            continue
        late = partition.began - due
        if late > ANSWER_WITHIN:
            detail = f"{owner.name}: due at {due.isoformat()}, {late.total_seconds():.0f} s ago"
            verdict.problems.append(Problem("mark_unanswered", subject, detail))


def _account(
    subject: str,
    records: Sequence[Record],
    documents: Documents,
    partition: Partition,
    verdict: Verdict,
) -> None:
    """Whether the incident was accepted, and what became of it."""
    incidents = verdict.history.of(INCIDENTS.name)
    report = next((event for event in incidents if isinstance(event.data, IncidentReported)), None)
    promised = any(  # accepted, and still in the outbox
        entry["headers"].get("ce_type") == IncidentReported.TYPE
        for raw in documents.values()
        for entry in (raw or {}).get("outbox", ())
    )
    verdict.accepted = report is not None or promised
    if verdict.order or verdict.accepted:
        _letters(subject, documents, partition, verdict)
    if not verdict.accepted:
        return
    cases = verdict.history.of(CASES.name)
    verdict.outcome = outcomes.outcome(cases)
    if (link := outcomes.link_of(cases)) is not None:
        verdict.first, verdict.linked_at = link.data.case_id, _written(records, link)
    if (void := outcomes.void_of(cases)) is not None:
        verdict.void_since = _written(records, void)
    if verdict.outcome == "none":
        _without(report, records, documents, partition, verdict)


def _without(
    report: Event[Any] | None,
    records: Sequence[Record],
    documents: Documents,
    partition: Partition,
    verdict: Verdict,
) -> None:
    """Why an accepted incident has no outcome: it is on its way, or something is wrong."""
    subject = verdict.history.subject
    decides = partition.decides
    if (separated := outcomes.separation_of(verdict.history.of(CASES.name))) is not None:
        _separated(separated, documents.get(decides.name), verdict)
        return
    if report is None or (origin := report.origin) is None:
        verdict.waiting = True
        return
    if partition.taken[decides.name].must(origin.topic, origin.partition, origin.offset):
        detail = f"{decides.service} is past {place(report)}"
        verdict.problems.append(Problem("no_outcome", subject, detail))
        return
    verdict.waiting = True
    if (age := partition.began - _written(records, report)) > HANDLE_WITHIN:
        detail = f"{decides.service} has not read {place(report)} for {age.total_seconds():.0f} s"
        verdict.problems.append(Problem("not_handled", subject, detail))


def _separated(separated: Event[Any], raw: Mapping[str, Any] | None, verdict: Verdict) -> None:
    """A separated follower is decided again by the same write: what is not there never comes.

    Where the document has published more or less than is on the log, it is merely on its way.
    """
    last = max(event.sequence for event in verdict.history.of(CASES.name))
    if raw is None or raw["sequence"] != last:
        verdict.waiting = True
        return
    detail = f"nothing became of it since {separated.type} at {place(separated)}"
    verdict.problems.append(Problem("no_outcome", verdict.history.subject, detail))


def _written(records: Sequence[Record], event: Event[Any]) -> datetime:
    """When an event was written to the log; what it tells of may be older by far."""
    origin = event.origin
    if origin is None:
        raise ValueError("an event that is on no log was never written to it")
    there = origin.topic, origin.partition, origin.offset
    written = next(
        one.timestamp for one in records if (one.topic, one.partition, one.offset) == there
    )
    return datetime.fromtimestamp(written / 1000, UTC)


def _letters(subject: str, documents: Documents, partition: Partition, verdict: Verdict) -> None:
    """Dead letters whose event was not taken after all, by the documents that the subject has."""
    by_service = {
        owner.service: documents.get(owner.name)
        for owner in partition.owners
        if (owner.name in orders.OF_AN_INCIDENT) != verdict.order
    }
    found = partition.letters.by_document.get(subject, ())
    verdict.problems += letters.unresolved(subject, found, by_service)
