"""``wangge dead-letters``: what could not be handled, and once more."""

import asyncio
import json as jsonlib
from typing import Annotated

import typer
from aiokafka.errors import KafkaError
from rich import box
from rich.table import Table

from deploy import backends, letters
from deploy.cli.console import note, out
from deploy.cli.options import Json, Kafka
from deploy.letters import Choice, Letter
from deploy.local.errors import StackError

command = typer.Typer(no_args_is_help=True)
Topic = Annotated[str | None, typer.Option(help="Of this topic only. 只限此主题。")]
Service = Annotated[str | None, typer.Option(help="Of this service only. 只限此服务。")]
Id = Annotated[str | None, typer.Option("--id", help="This letter only. 只限此条。")]


@command.command("list")
def show(
    *,
    topic: Topic = None,
    service: Service = None,
    letter_id: Id = None,
    kafka: Kafka = None,
    json: Json = False,
) -> None:
    """List the records that could not be handled, and why.

    列出无法处理的记录及原因。
    """
    found = _read(backends.kafka(kafka), Choice(topic, service, letter_id))
    if json:
        told = {"letters": [letter.as_json() for letter in found]}
        out.print_json(jsonlib.dumps(told, ensure_ascii=False))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("service\n服务", "record\n记录", "code\n类别", "error\n错误", "id"):
        table.add_column(title, overflow="fold")
    for letter in found:
        died = letter.died
        where = f"{died.topic}/{died.partition}/{died.offset}"
        table.add_row(died.service, where, died.code, died.error[:120], letter.id)
    out.print(table)
    note(f"{len(found)} dead letters", f"共 {len(found)} 条")


@command.command()
def replay(
    *,
    topic: Topic = None,
    service: Service = None,
    letter_id: Id = None,
    kafka: Kafka = None,
    json: Json = False,
) -> None:
    """Send them again as they were; whoever had handled one before passes it over.

    按原样重新投递；已处理过的服务会略过。
    """
    bootstrap = backends.kafka(kafka)
    found = _read(bootstrap, Choice(topic, service, letter_id))
    try:
        sent = asyncio.run(letters.replay(bootstrap, found))
    except (KafkaError, OSError) as error:
        raise _away(bootstrap, error) from error
    if json:
        out.print_json(jsonlib.dumps({"letters": len(found), "sent": sent}))
        return
    note(f"sent {sent} records again", f"已重新投递 {sent} 条记录")


def _read(bootstrap: str, choice: Choice) -> list[Letter]:
    try:
        return asyncio.run(letters.read(bootstrap, choice))
    except (KafkaError, OSError) as error:
        raise _away(bootstrap, error) from error


def _away(bootstrap: str, error: Exception) -> StackError:
    return StackError(
        f"Kafka at {bootstrap} does not answer: {error!r}",
        f"Kafka（{bootstrap}）没有应答：{error!r}",
    )
