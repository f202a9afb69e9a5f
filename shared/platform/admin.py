"""Creating the topics as they are declared, before any service starts."""

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from shared.contracts.topics import TOPICS, Topic

TIMEOUT_MS = 15_000


class TopicMismatchError(Exception):
    """A topic exists with another number of partitions than is declared."""


def _new(topic: Topic, replication: int) -> NewTopic:
    return NewTopic(
        name=topic.name,
        num_partitions=topic.partitions,
        replication_factor=replication,
        topic_configs=topic.config(),
    )


async def ensure_topics(bootstrap: str, replication: int = 1) -> list[str]:
    """Create what is missing; returns the names of the topics that were created.

    Raises TopicMismatchError where a topic has another number of partitions, KafkaError when the
    cluster refuses one. aiokafka's admin does not raise by itself, its answer is read.
    """
    admin = AIOKafkaAdminClient(
        bootstrap_servers=bootstrap.split(","), request_timeout_ms=TIMEOUT_MS
    )
    await admin.start()
    try:
        response = await admin.create_topics([_new(topic, replication) for topic in TOPICS])
        created = []
        for found in response.to_object()["topic_errors"]:
            error: type[KafkaError] = for_code(found["error_code"])
            if not found["error_code"]:
                created.append(found["topic"])
            elif error is not TopicAlreadyExistsError:
                message = f"{found['topic']}: {found.get('error_message')}"
                raise error(message)
        await _check(admin, [topic for topic in TOPICS if topic.name not in created])
    finally:
        await admin.close()
    return created


async def _check(admin: AIOKafkaAdminClient, topics: list[Topic]) -> None:
    if not topics:
        return
    described = await admin.describe_topics([topic.name for topic in topics])
    sizes = {one["topic"]: len(one["partitions"]) for one in described}
    for topic in topics:
        if sizes[topic.name] != topic.partitions:
            message = (
                f"topic {topic.name} has {sizes[topic.name]} partitions, {topic.partitions} are "
                "declared; within v1 the number never changes: use another cluster or empty it"
            )
            raise TopicMismatchError(message)
