"""``wangge audit``: is everything accounted for, and are documents and figures the log's fold?"""

import asyncio
import json as jsonlib
from typing import Annotated

import typer
from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError
from rich.progress import BarColumn, Progress, TextColumn

from deploy import backends
from deploy.audit.documents import MongoDocuments
from deploy.audit.log import KafkaLog, SilentLogError
from deploy.audit.owners import ENTRIES, KEYED_OWNERS, parse_bucket, rollups
from deploy.audit.ports import Sources
from deploy.audit.report import Report
from deploy.audit.run import Auditor, Watcher
from deploy.cli.audit_view import show
from deploy.cli.console import err, out
from deploy.cli.options import Json, Kafka, Mongo
from deploy.cli.verdict import or_not_found_out
from deploy.local.errors import StackError
from deploy.local.plan import without_password
from shared.platform.clock import system_clock
from shared.platform.mongo import connect

NOT_CLEAN = 1


def command(
    *,
    wait: Annotated[
        float,
        typer.Option(
            min=0, max=600, help="Seconds for the services to catch up. 等待服务处理完毕的秒数。"
        ),
    ] = 30.0,
    kafka: Kafka = None,
    mongo: Mongo = None,
    json: Json = False,
) -> None:
    """Audit the whole log, the owners' documents and the figures.

    It may run beside traffic: what is merely on its way is counted as such and is no problem.
    Exit status: 0 clean, 1 not, 2 not found out.
    审计全部日志、文档与统计。退出码：0 无问题，1 有问题，2 无法审计。可在有流量时运行。
    """
    with or_not_found_out():
        report = _report(kafka, mongo, wait)
    if json:
        out.print(jsonlib.dumps(report.as_json(), ensure_ascii=False), markup=False)
    else:
        show(report, out)
    if not report.clean:
        raise typer.Exit(NOT_CLEAN)


def _report(kafka: str | None, mongo: str | None, wait: float) -> Report:
    bootstrap, uri = backends.kafka(kafka), backends.mongo(mongo)
    try:
        return asyncio.run(_audit(bootstrap, uri, wait))
    except (KafkaError, PyMongoError, SilentLogError, OSError) as error:
        shown = without_password(uri)
        raise StackError(
            f"the audit could not read Kafka at {bootstrap} and MongoDB at {shown}: {error!r}. "
            "Nothing was found out; see that both run, then start it again.",
            f"审计无法读取 Kafka（{bootstrap}）与 MongoDB（{shown}）：{error!r}。"
            "请确认两者均在运行后重试。",
        ) from error


async def _audit(bootstrap: str, uri: str, wait: float) -> Report:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}"))
    client = connect(uri, "audit")
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("audit 审计", total=None)
        watcher = Watcher(
            phase=lambda text: progress.update(task, description=text),
            total=lambda total: progress.update(task, total=total),
            advance=lambda count: progress.advance(task, count),
        )
        try:
            async with KafkaLog(bootstrap) as log:
                documents = MongoDocuments(client, parse_bucket)
                sources = Sources(log, documents, system_clock)
                return await Auditor(sources, KEYED_OWNERS, ENTRIES, rollups(), watcher).run(wait)
        finally:
            client.close()
