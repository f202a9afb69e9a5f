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
from deploy.letters import Choice, Found
from deploy.local.errors import StackError
from shared.contracts.topics import DEAD_LETTERS

command = typer.Typer(no_args_is_help=True)
Topic = Annotated[str | None, typer.Option(help="Of this topic only. 只限此主题。")]
Service = Annotated[str | None, typer.Option(help="Of this service only. 只限此服务。")]
Id = Annotated[str | None, typer.Option("--id", help="This letter only. 只限此条。")]
Again = Annotated[bool, typer.Option("--again", help="Also what was replayed. 含已重投的。")]
Limit = Annotated[
    int,
    typer.Option(
        min=1,
        help="So many at most: a service stops when 20 of its last records die. 最多条数。",
    ),
]


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
        told = {
            "letters": [letter.as_json() for letter in found.letters],
            "unreadable": found.unreadable,
        }
        out.print_json(jsonlib.dumps(told, ensure_ascii=False))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    titles = (
        "service\n服务",
        "record\n记录",
        "code\n类别",
        "error\n错误",
        "replayed\n已重投",
        "id",
    )
    for title in titles:
        table.add_column(title, overflow="fold")
    for letter in found.letters:
        died = letter.died
        where = f"{died.topic}/{died.partition}/{died.offset}"
        again = "" if letter.replayed_as is None else str(letter.replayed_as)
        table.add_row(died.service, where, died.code, died.error[:120], again, letter.id)
    out.print(table)
    note(f"{len(found.letters)} dead letters", f"共 {len(found.letters)} 条")
    if found.unreadable:
        note(
            f"{found.unreadable} records of {DEAD_LETTERS.name} are no letters: "
            "somebody else writes there",
            f"{DEAD_LETTERS.name} 中有 {found.unreadable} 条不是死信：有外部程序写入该主题",
        )


@command.command()
def replay(
    *,
    topic: Topic = None,
    service: Service = None,
    letter_id: Id = None,
    again: Again = False,
    limit: Limit = 15,
    kafka: Kafka = None,
    json: Json = False,
) -> None:
    """Send them again as they were; whoever had handled one before passes it over.

    Exit status 1 when a record cannot be sent as it was, or nobody has the --id.
    按原样重新投递；已处理过的服务会略过。无法按原样投递或编号不存在时退出码为 1。
    """
    bootstrap = backends.kafka(kafka)
    found = _read(bootstrap, Choice(topic, service, letter_id)).letters
    wanted = [one for one in found if again or one.replayed_as is None]
    try:
        done = asyncio.run(letters.replay(bootstrap, wanted[:limit]))
    except (KafkaError, OSError) as error:
        raise _away(bootstrap, error) from error
    remaining = len(wanted[limit:])
    if json:
        told = {
            "letters": len(found),
            "sent": done.sent,
            "left": [one.id for one in done.left],
            "remaining": remaining,
        }
        out.print_json(jsonlib.dumps(told))
    else:
        note(f"sent {done.sent} records again", f"已重新投递 {done.sent} 条记录")
        if remaining:
            note(f"{remaining} are left for the next call", f"其余 {remaining} 条留待下次")
        for one in done.left:
            note(f"{one.id} cannot be sent as it was", "无法按原样投递")
    if done.left:
        raise typer.Exit(1)


def _read(bootstrap: str, choice: Choice) -> Found:
    try:
        found = asyncio.run(letters.read(bootstrap, choice))
    except (KafkaError, OSError) as error:
        raise _away(bootstrap, error) from error
    if choice.id is not None and not found.letters:
        raise StackError(
            f"there is no dead letter {choice.id} among these; see: wangge dead-letters list",
            f"所选范围内没有编号为 {choice.id} 的死信；请查看 wangge dead-letters list",
        )
    return found


def _away(bootstrap: str, error: Exception) -> StackError:
    return StackError(
        f"Kafka at {bootstrap} does not answer: {error!r}",
        f"Kafka（{bootstrap}）没有应答：{error!r}",
    )
