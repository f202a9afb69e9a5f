"""An in-memory log: topics with partitions and real offsets, groups with commits and rebalances."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.ledger.ports import Record, TransientError

Place = tuple[str, int]
"""A topic and a partition of it."""


class FakeLog:
    """Records by topic and partition; every partition of a topic is there from the start."""

    def __init__(self, partitions: int = 12) -> None:
        self.partitions = partitions
        self._records: dict[Place, list[Record]] = defaultdict(list)

    def append(  # noqa: PLR0913 - a record has as many parts
        self,
        topic: str,
        partition: int,
        *,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes | None]] = (),
        timestamp: int = 0,
    ) -> int:
        """Append a record; its offset."""
        records = self._records[topic, partition]
        offset = len(records)
        records.append(Record(topic, partition, offset, timestamp, key, value, tuple(headers)))
        return offset

    def end(self, place: Place) -> int:
        """The offset that the next record will have."""
        return len(self._records[place])

    def read(self, topic: str) -> list[Record]:
        """All records of a topic, partition by partition."""
        places = sorted(place for place in self._records if place[0] == topic)
        return [record for place in places for record in self._records[place]]

    def fetch(self, place: Place, offset: int, limit: int) -> list[Record]:
        """At most ``limit`` records from an offset on."""
        return self._records[place][offset : offset + limit]


@dataclass(eq=False)
class FakeGroup:
    """A consumer group: committed offsets, and members that share out the partition numbers."""

    log: FakeLog
    topics: Sequence[str]
    committed: dict[Place, int] = field(default_factory=dict)
    members: list["FakeMember"] = field(default_factory=list)

    def join(self) -> "FakeMember":
        """A new member; everything is shared out anew."""
        member = FakeMember(self)
        self.members.append(member)
        self.share_out()
        return member

    def leave(self, member: "FakeMember") -> None:
        """A member goes, or is found to be dead; it owns nothing any more."""
        self.members.remove(member)
        member.positions.clear()
        self.share_out()

    def share_out(self) -> None:
        """As the Range assignor: each gets a run of numbers, of every topic the same ones."""
        count = len(self.members)
        for index, member in enumerate(self.members):
            low = index * self.log.partitions // count
            high = (index + 1) * self.log.partitions // count
            places = [(topic, number) for topic in self.topics for number in range(low, high)]
            member.positions = {place: self.committed.get(place, 0) for place in places}


@dataclass(eq=False)
class FakeMember:
    """A member of a group: the ledger's consumer, with a poll of its own; equal to itself only."""

    group: FakeGroup
    positions: dict[Place, int] = field(default_factory=dict)
    silent: bool = False
    """The broker does not answer: neither commits nor end offsets."""

    async def poll(self, count: int = 500) -> list[Record]:
        """The next records of all partitions, at most ``count``; moves the positions."""
        found: list[Record] = []
        for place, position in self.positions.items():
            records = self.group.log.fetch(place, position, count - len(found))
            self.positions[place] = position + len(records)
            found += records
        return found

    async def leave(self) -> None:
        """Leave the group."""
        self.group.leave(self)

    def owned(self) -> frozenset[int]:
        """The partition numbers of this member."""
        return frozenset(number for _, number in self.positions)

    async def commit(self, offsets: Mapping[Place, int]) -> bool:
        """Commit all of them, or none when one is someone else's."""
        self._answer()
        if not self.positions.keys() >= offsets.keys():
            return False
        self.group.committed.update(offsets)
        return True

    def seek(self, offsets: Mapping[Place, int]) -> None:
        """Go back, in what is still this member's."""
        self.positions.update({p: o for p, o in offsets.items() if p in self.positions})

    async def at_end(self) -> frozenset[int]:
        """The numbers in which no record waits."""
        self._answer()
        behind = {
            place[1]
            for place, position in self.positions.items()
            if position < self.group.log.end(place)
        }
        return self.owned() - behind

    def _answer(self) -> None:
        if self.silent:
            raise TransientError("the broker does not answer")
