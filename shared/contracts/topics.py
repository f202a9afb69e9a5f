"""Every topic of wangge, declared once.

Creation, Kubernetes resources and AsyncAPI are made from this table. The number of partitions of
the three busy topics is one and the same, so that a case lies in the same partition of each; it
never changes within v1.
"""

from dataclasses import dataclass

from shared.contracts.base import Names

BUSY_PARTITIONS = 12
DAY_MS = 86_400_000
MAX_MESSAGE_BYTES = 4 * 1024 * 1024
"""One record at most: a grid's polygon of a hundred thousand corners still fits."""
MAX_LETTER_BYTES = 2 * MAX_MESSAGE_BYTES
"""One dead letter at most: the largest record in base64, with the reason."""


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
    purpose: Names
    max_message_bytes: int = MAX_MESSAGE_BYTES

    def config(self) -> dict[str, str]:
        """The topic's settings as Kafka spells them; nothing is left to a broker's default."""
        return {
            "cleanup.policy": "delete",
            "retention.ms": str(self.retention_ms),
            "retention.bytes": "-1",
            "max.message.bytes": str(self.max_message_bytes),
            "message.timestamp.type": "CreateTime",
        }


INCIDENTS = Topic(
    name="wangge.incidents.v1",
    key="incident id, or order id",
    partitions=BUSY_PARTITIONS,
    retention_ms=-1,
    owner="intake",
    consumers=("dispatch", "analytics"),
    purpose=Names(
        zh="上报、操作请求与指令，按收到时的原样", en="Reports, actions and orders as received"
    ),
)
CASES = Topic(
    name="wangge.cases.v1",
    key="incident id",
    partitions=BUSY_PARTITIONS,
    retention_ms=-1,
    owner="dispatch",
    consumers=("intake", "escalation", "analytics"),
    purpose=Names(zh="上报的结果与案卷的每一步", en="What became of the incidents"),
)
ESCALATIONS = Topic(
    name="wangge.escalations.v1",
    key="incident id",
    partitions=BUSY_PARTITIONS,
    retention_ms=-1,
    owner="escalation",
    consumers=("intake", "dispatch", "analytics", "escalation-notifier"),
    purpose=Names(zh="计时与督办", en="Clocks and supervision"),
)
REGISTRY = Topic(
    name="wangge.registry.v1",
    key="kind/code/n",
    partitions=1,
    retention_ms=-1,
    owner="intake",
    consumers=("intake", "dispatch", "escalation"),
    purpose=Names(
        zh="区划、网格、事项、单位、规则与工作日历；位移即整体版本",
        en="Areas, grids, matters, units, policies, calendars; its offset is the whole's version",
    ),
)
DEAD_LETTERS = Topic(
    name="wangge.dead-letters.v1",
    key="the record's coordinates",
    partitions=1,
    retention_ms=90 * DAY_MS,
    owner="all",
    consumers=("wangge dead-letters", "wangge audit"),
    purpose=Names(
        zh="无法处理的记录原件及原因",
        en="Records that could not be handled, whole, with the reason",
    ),
    max_message_bytes=MAX_LETTER_BYTES,
)

TOPICS: tuple[Topic, ...] = (INCIDENTS, CASES, ESCALATIONS, REGISTRY, DEAD_LETTERS)
BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}


def reads(service: str) -> tuple[Topic, ...]:
    """The keyed topics that a service subscribes to; the registry is read without a group."""
    return tuple(t for t in TOPICS if service in t.consumers and t is not REGISTRY)
