"""``wangge replay``: a real export through the front door, and what became of every row."""

import asyncio
import json as jsons
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich import progress

from deploy.addresses import address
from deploy.cli.console import err, note, out
from deploy.cli.options import Analytics, Json, Where
from deploy.feeds import formats, rows
from deploy.feeds.errors import FeedError
from deploy.local import paths
from deploy.replay import running, schedule, view
from deploy.replay.report import Account
from deploy.tokens import mint_for
from shared.contracts.base import instant_text, to_instant
from shared.platform.security import Role, Scope

FAULTS_SHOWN = 10
IMPORTER = "importer"
"""Who reports: one subject, so that a second replay meets the incidents of the first."""


def _speed(text: str) -> float | None:
    """How many times as fast as the rows came; None for as fast as possible."""
    if text == "max":
        return None
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        message = "a number above 0, or max 大于 0 的数字，或 max"
        raise typer.BadParameter(message, param_hint="--speed")
    return value


def _ends_at(text: str) -> datetime | None:
    """When the last row is said to have been reported; None for the rows' own instants."""
    if text == "original":
        return None
    if text == "now":
        return to_instant(datetime.now(UTC))
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = datetime.min  # noqa: DTZ901 - without a zone, so it is refused
    if found.tzinfo is None:
        message = "original, now, or an instant with its zone 原时刻、现在，或带时区的时刻"
        raise typer.BadParameter(message, param_hint="--at")
    return to_instant(found)


File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The export. 文件。")]
Format = Annotated[
    str, typer.Option("--format", help=f"One of 格式: {', '.join(formats.names())}.")
]
Mapping = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="A mapping of your own. 自备映射文件。"),
]
Speed = Annotated[str, typer.Option(help="Times real time, or max. 倍速，或 max。")]
At = Annotated[
    str,
    typer.Option(
        help="The rows' own instants (original), or moved so that they end now, or at an instant. "
        "各行原时刻，或整体平移至现在或某时刻结束。"
    ),
]
Limit = Annotated[
    int | None, typer.Option(min=1, help="Only the first so many rows. 只取前若干行。")
]
Wait = Annotated[
    float, typer.Option(min=0, help="Seconds without news to give up after. 无进展时放弃的秒数。")
]


def command(
    file: File,
    *,
    format_: Format,
    mapping: Mapping = None,
    speed: Speed = "max",
    at: At = "original",
    limit: Limit = None,
    wait: Wait = 30,
    intake: Where = None,
    analytics: Analytics = None,
    json: Json = False,
) -> None:
    """Report every row of an export, in time order. Exit status 1: a row is not accounted for.

    按时间顺序上报文件中的每一行；有去向不明的行时退出码为 1。
    """
    times, ends_at = _speed(speed), _ends_at(at)
    table = rows.read(file, formats.find(format_, mapping))
    for fault in table.faults[:FAULTS_SHOWN]:
        note(f"row {fault.number} cannot be read: {fault.reason}", f"第 {fault.number} 行无法读取")
    items = schedule.items(table.rows[:limit], format_, ends_at)
    if not items:
        raise FeedError(f"{file} has no row that can be read", f"{file} 没有可读取的行")
    if ends_at is not None:
        note(f"the same again: --at {instant_text(ends_at)}", "用该时刻可重复同一次重放")
    places = running.Places(
        intake=address("intake", intake),
        analytics=address("analytics", analytics),
        token=mint_for(paths.home(), Role.REPORTER, subject=IMPORTER, scopes=(Scope.IMPORT,)),
        reader=mint_for(paths.home(), Role.LEADER, subject=IMPORTER),
    )
    plan = running.Plan(items, table.faults, times, wait)
    found = asyncio.run(_replay(places, plan))
    if json:
        out.print(jsons.dumps(asdict(found), indent=2), markup=False)
    else:
        out.print(view.table(found))
    if not found.whole:
        raise typer.Exit(1)


async def _replay(places: running.Places, plan: running.Plan) -> Account:
    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeElapsedColumn(),
    )
    with progress.Progress(*columns, console=err) as bar:
        posted = bar.add_task("已上报 posted", total=len(plan.items))
        known = bar.add_task("已有结果 decided", total=len(plan.items))
        told = running.Progress(
            lambda more: bar.advance(posted, more), lambda more: bar.advance(known, more)
        )
        return await running.replay(places, plan, told)
