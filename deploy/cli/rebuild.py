"""``wangge rebuild``: are timelines and figures what the topics give, read from the start?"""

import asyncio
import json as jsonlib
from typing import Annotated

import typer
from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError
from rich import box
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from deploy import backends
from deploy.audit.log import KafkaLog, SilentLogError
from deploy.cli.console import err, out
from deploy.cli.options import Json, Kafka, Mongo
from deploy.cli.verdict import or_not_found_out
from deploy.local.errors import StackError
from deploy.local.plan import without_password
from deploy.rebuild.running import NotCaughtUpError, Report, Wanted, Watcher, rebuild
from services.analytics.domain.projecting import SERVICE
from services.analytics.settings import Settings
from shared.ledger.ports import TransientError
from shared.platform.mongo import connect

DIFFERENT = 1
ROWS = (("same", "same 一致"), ("differs", "differ 不一致"), ("replaced", "replaced 已替换"))


def command(
    *,
    swap: Annotated[
        bool,
        typer.Option("--swap", help="Replace what differs by what was rebuilt. 替换不一致的内容。"),
    ] = False,
    wait: Annotated[
        float,
        typer.Option(min=0, max=3600, help="Seconds for analytics to catch up. 等待分析服务秒数。"),
    ] = 60.0,
    kafka: Kafka = None,
    mongo: Mongo = None,
    json: Json = False,
) -> None:
    """Read the topics from the start into a side database, and compare with what analytics has.

    It may run beside traffic: what changes meanwhile is counted as moved on, and is compared by a
    run at a quieter time. Exit status: 0 the same (or replaced), 1 different, 2 not found out.
    从头读取主题重建时间线与统计并比对。退出码：0 一致，1 不一致，2 无法比对。
    """
    wanted = Wanted(Settings().database or f"wangge_{SERVICE}", swap, wait)
    with or_not_found_out():
        report = _report(kafka, mongo, wanted)
    if json:
        out.print(jsonlib.dumps(report.as_json(), ensure_ascii=False), markup=False)
    else:
        _show(report)
    if not report.same:
        raise typer.Exit(DIFFERENT)


def _report(kafka: str | None, mongo: str | None, wanted: Wanted) -> Report:
    bootstrap, uri = backends.kafka(kafka), backends.mongo(mongo)
    try:
        return asyncio.run(_rebuild(bootstrap, uri, wanted))
    except (KafkaError, PyMongoError, SilentLogError, TransientError, OSError) as error:
        shown = without_password(uri)
        raise StackError(
            f"the rebuild could not use Kafka at {bootstrap} and MongoDB at {shown}: {error!r}. "
            "Nothing was compared; see that both run, then start it again.",
            f"重建时无法使用 Kafka（{bootstrap}）或 MongoDB（{shown}）：{error!r}。请确认后重试。",
        ) from error
    except NotCaughtUpError as error:
        raise StackError(
            f"analytics is behind: {error}. See wangge status, or wait longer: --wait",
            f"分析服务尚未跟上：{error}。请查看 wangge status，或用 --wait 延长等待",
        ) from error


async def _rebuild(bootstrap: str, uri: str, wanted: Wanted) -> Report:
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
    )  # fmt: skip
    client = connect(uri, "rebuild")
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("rebuild 重建", total=None)
        watcher = Watcher(
            phase=lambda text, total: progress.reset(task, description=text, total=total),
            advance=lambda count: progress.advance(task, count),
        )
        try:
            async with KafkaLog(bootstrap) as log:
                return await rebuild(log, client, wanted, watcher)
        finally:
            client.close()


def _show(report: Report) -> None:
    found = report.compared
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    table.add_column("timelines 时间线", justify="right")
    table.add_column("rollups 统计", justify="right")
    table.add_column("orders 指令", justify="right")
    for what, title in (*ROWS, ("moved_on", "moved on meanwhile 比对期间有变化")):
        table.add_row(title, *(str(counts[what]) for counts in found.counts.values()))
    out.print(table)
    read = f"{report.built.records} records 条记录, {report.seconds:.1f} s"
    out.print(f"{read}, hash {found.live:032x} / {found.rebuilt:032x}", markup=False)
    for place in report.built.dead[:10]:
        out.print(f"not taken 未能处理: {place}", style="yellow", markup=False)
    for one in found.differences:
        text = Text(f"{one.collection} {one.id}: {one.detail}")
        out.print(text, style="yellow" if one.replaced else "red")
    if report.same:
        out.print("the same as the log gives  与日志一致", style="bold green")
    else:
        out.print("different; --swap replaces what differs  不一致", style="bold red")
