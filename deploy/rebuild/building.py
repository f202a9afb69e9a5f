"""Reading the topics from the start into a side database, by the code of the service itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from deploy.audit.log import KafkaLog
from services.analytics import handlers
from services.analytics.domain.projecting import SERVICE
from services.analytics.rollups import Rollups
from services.analytics.store import TimelineReader
from shared.contracts.topics import BUSY_PARTITIONS, reads
from shared.ledger.decoding import decode_all
from shared.ledger.document import Entry
from shared.platform.clock import system_clock
from shared.platform.mongo import Database

Place = tuple[str, int]
Offsets = Mapping[Place, int]
TOPICS = reads(SERVICE)
GROUP = f"wangge-{SERVICE}"


class Silent:
    """A publisher for what publishes nothing: the rules of analytics emit no events."""

    async def send(self, entries: Sequence[Entry]) -> list[bool]:
        """Nothing is ever sent; what would be is refused."""
        return [False] * len(entries)


@dataclass(slots=True)
class Built:
    """What was read: records, of which some are no events, and some could not be taken."""

    records: int = 0
    undecodable: int = 0
    dead: list[str] = field(default_factory=list)
    """Where the rules failed, as ``topic/partition/offset: error``."""


async def ends(log: KafkaLog) -> dict[Place, int]:
    """The end offsets of the topics, now."""
    found: dict[Place, int] = {}
    for number in range(BUSY_PARTITIONS):
        for name, end in (await log.ends(TOPICS, number)).items():
            found[name, number] = end
    return found


def of_partition(offsets: Offsets, number: int) -> dict[str, int]:
    """The offsets of one partition number, by topic."""
    return {name: offset for (name, partition), offset in offsets.items() if partition == number}


async def build(
    log: KafkaLog, side: Database, until: Offsets, advance: Callable[[int], None]
) -> Built:
    """Fill an empty side database with what the topics hold up to these offsets.

    ``advance`` is told how many more records were read. Raises KafkaError, SilentLogError,
    PyMongoError or TransientError when a server is away.
    """
    built = Built()
    await TimelineReader(side).prepare()
    rollups = Rollups(side)
    await rollups.prepare()
    settler = handlers.settler(handlers.Stores(side), Silent(), system_clock, rollups)
    for number in range(BUSY_PARTITIONS):
        async for records in log.read(number, of_partition(until, number)):
            decoded = decode_all(records)
            settled = await settler.settle(decoded.events)
            built.records += len(records)
            built.undecodable += len(decoded.letters)
            for dead in settled.dead:
                origin = dead.event.origin
                place = "" if origin is None else f"{origin.topic}/{number}/{origin.offset}"
                built.dead.append(f"{place}: {dead.error}")
            advance(len(records))
    return built
