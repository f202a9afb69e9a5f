"""Every topic of wangge, declared once.

Creation, Kubernetes resources and AsyncAPI are made from this table. The number of partitions of
the three busy topics is one and the same, so that a case lies in the same partition of each; it
never changes within v1.
"""

from dataclasses import dataclass

BUSY_PARTITIONS = 12
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: its key, its size and who writes and reads it.

    ``retention_ms`` is -1 for what is kept for ever: the log is the city's file.
    """

    name: str
    key: str
    partitions: int
    retention_ms: int
    owner: str
    consumers: tuple[str, ...]
    purpose: str

    def config(self) -> dict[str, str]:
        """The topic's settings as Kafka spells them; nothing is left to a broker's default."""
        return {
            "cleanup.policy": "delete",
            "retention.ms": str(self.retention_ms),
            "retention.bytes": "-1",
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
            "message.timestamp.type": "CreateTime",
        }


MAX_MESSAGE_BYTES = 4 * 1024 * 1024
"""One record at most: a grid's polygon of a hundred thousand corners still fits."""

INCIDENTS = Topic(
    name="wangge.incidents.v1",
    key="incident id",
    partitions=BUSY_PARTITIONS,
    retention_ms=-1,
    owner="intake",
    consumers=("dispatch", "analytics"),
    purpose="Reports and actions as received.",
)
CASES = Topic(
    name="wangge.cases.v1",
    key="incident id",
    partitions=BUSY_PARTITIONS,
    retention_ms=-1,
    owner="dispatch",
    consumers=("intake", "escalation", "analytics"),
    purpose="What became of the incidents.",
)
ESCALATIONS = Topic(
    name="wangge.escalations.v1",
    key="incident id",
    partitions=BUSY_PARTITIONS,
    retention_ms=-1,
    owner="escalation",
    consumers=("intake", "dispatch", "analytics"),
    purpose="Clocks and supervision.",
)
REGISTRY = Topic(
    name="wangge.registry.v1",
    key="kind/code/n",
    partitions=1,
    retention_ms=-1,
    owner="intake",
    consumers=("intake", "dispatch"),
    purpose="Grids, matters, units, policies and areas; its offset is the version of the whole.",
)
DEAD_LETTERS = Topic(
    name="wangge.dead-letters.v1",
    key="the record's coordinates",
    partitions=1,
    retention_ms=90 * DAY_MS,
    owner="all",
    consumers=("wangge dead-letters", "wangge audit"),
    purpose="Records that could not be handled, whole, with the reason.",
)

TOPICS: tuple[Topic, ...] = (INCIDENTS, CASES, ESCALATIONS, REGISTRY, DEAD_LETTERS)
BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}


def reads(service: str) -> tuple[Topic, ...]:
    """The keyed topics that a service subscribes to; the registry is read without a group."""
    return tuple(t for t in TOPICS if service in t.consumers and t is not REGISTRY)
