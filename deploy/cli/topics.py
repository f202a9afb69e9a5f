"""``wangge topics``: the topics as they are declared, and creating them."""

import asyncio
import json as jsonlib
from typing import Annotated, Any

import typer
from aiokafka.errors import KafkaError
from rich import box
from rich.table import Table

from deploy import backends
from deploy.cli.console import note, out
from deploy.cli.options import Json, Kafka
from deploy.local.errors import StackError
from shared.contracts.catalog import TOPIC_EVENTS
from shared.contracts.topics import DAY_MS, TOPICS, Topic
from shared.platform.admin import TopicMismatchError, ensure_topics

command = typer.Typer(no_args_is_help=True)


def _as_json(topic: Topic) -> dict[str, Any]:
    return {
        "name": topic.name,
        "key": topic.key,
        "partitions": topic.partitions,
        "retention_ms": topic.retention_ms,
        "owner": topic.owner,
        "consumers": list(topic.consumers),
        "purpose": {"zh": topic.purpose.zh, "en": topic.purpose.en},
        "types": [model.TYPE for model in TOPIC_EVENTS[topic]],
    }


def _kept(topic: Topic) -> str:
    return "ever 永久" if topic.retention_ms < 0 else f"{topic.retention_ms // DAY_MS} d 天"


@command.command("list")
def show(*, json: Json = False) -> None:
    """List every topic as it is declared; asks no Kafka.

    列出全部主题的声明。
    """
    if json:
        out.print(jsonlib.dumps([_as_json(topic) for topic in TOPICS], ensure_ascii=False))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("topic\n主题", no_wrap=True)
    table.add_column("key\n键", min_width=11)
    table.add_column("parts\n分区", justify="right")
    for title in ("kept\n保留", "owner\n写入", "consumers\n读取"):
        table.add_column(title, min_width=10)
    for topic in TOPICS:
        partitions, consumers = str(topic.partitions), "\n".join(topic.consumers)
        table.add_row(topic.name, topic.key, partitions, _kept(topic), topic.owner, consumers)
    out.print(table)


@command.command()
def create(
    *,
    kafka: Kafka = None,
    replication: Annotated[int, typer.Option(min=1, max=7, help="Copies of each. 副本数。")] = 1,
    json: Json = False,
) -> None:
    """Create the topics that are missing; changes none that are there.

    Exit status 1 when the cluster refuses, or has one of another shape than is declared.
    创建缺少的主题；集群拒绝或主题与声明不符时退出码为 1。
    """
    bootstrap = backends.kafka(kafka)
    try:
        created = asyncio.run(ensure_topics(bootstrap, replication))
    except (KafkaError, OSError, TopicMismatchError) as error:
        raise StackError(
            f"the topics of Kafka at {bootstrap} cannot be created: {error!r}",
            f"无法在 Kafka（{bootstrap}）创建主题：{error!r}",
        ) from error
    there = [topic.name for topic in TOPICS if topic.name not in created]
    if json:
        out.print(jsonlib.dumps({"kafka": bootstrap, "created": created, "existing": there}))
        return
    for name in created:
        note(f"created {name}", "已创建")
    for name in there:
        note(f"{name} was there", "已存在")
