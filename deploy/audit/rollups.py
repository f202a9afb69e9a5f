"""Pure: the rollups equal what the events of the log contribute.

A bucket says itself up to which offset of each partition it has counted. It was read before the
log, so exactly the contributions up to there make its figures; one beyond, that the consumer is
past, was left out.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from deploy.audit.bucket import Bucket
from deploy.audit.history import History
from deploy.audit.owner import Owner, Taken
from deploy.audit.problems import Problem
from shared.contracts.envelope import Event

Contribution = tuple[str, str, int]
"""Which bucket, which field of it, how much."""
Contributions = Callable[[Any, Any, Event[Any]], Iterable[Contribution]]
"""The contributions of an event that took a document from one state to another."""
SHOWN = 5


@dataclass(slots=True)
class Rollups:
    """Counts the log again; ``owner`` has the documents by whose states events contribute.

    All buckets are kept in memory: some 100,000 for a year of a city with 200 areas.
    """

    owner: Owner
    contributions: Contributions
    buckets: dict[str, Bucket] = field(default_factory=dict)
    _counted: dict[str, Counter[str]] = field(default_factory=dict)
    _left_out: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0

    def put(self, bucket: Bucket) -> None:
        """Note a bucket as it is stored."""
        self.buckets[bucket.id] = bucket

    def take(self, history: History, taken: Taken) -> None:
        """Count what the events of one incident contribute."""
        for topic in self.owner.reads:
            state: Any = None
            for event in history.of(topic.name):
                if event.origin is None:
                    continue
                place = event.origin.partition, event.origin.offset
                if (topic.name, *place) in taken.letters:
                    continue
                before, state = state, self.owner.decider.evolve(state, event)
                for contribution in self.contributions(before, state, event):
                    self._count(contribution, event, taken)

    def _count(self, contribution: Contribution, event: Event[Any], taken: Taken) -> None:
        bucket_id, name, amount = contribution
        origin = event.origin
        if origin is None:
            return
        bucket = self.buckets.get(bucket_id)
        counted = -1 if bucket is None else bucket.marks.get((origin.topic, origin.partition), -1)
        if origin.offset <= counted:
            self._counted.setdefault(bucket_id, Counter())[name] += amount
        elif taken.must(origin.topic, origin.partition, origin.offset):
            self._left_out[bucket_id] += 1
        else:
            self.in_flight += 1

    def compare(self) -> list[Problem]:
        """Buckets whose figures are not what the log gives, and events that were left out."""
        problems: list[Problem] = []
        for bucket_id in sorted(self.buckets.keys() | self._left_out.keys()):
            bucket = self.buckets.get(bucket_id)
            counted = self._counted.get(bucket_id, Counter())
            stored = bucket.values if bucket else {}
            wrong = [
                f"{name} is {stored.get(name, 0)}, the log gives {counted[name]}"
                for name in sorted(stored.keys() | counted.keys())
                if stored.get(name, 0) != counted[name]
            ]
            if self._left_out[bucket_id]:
                wrong.append(f"{self._left_out[bucket_id]} events were left out")
            if wrong:
                problems.append(Problem("rollup_differs", bucket_id, "; ".join(wrong[:SHOWN])))
        return problems
