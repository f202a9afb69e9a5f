"""``wangge dispatch``: try routing rules on what has been reported, before they are in force."""

import asyncio
import json as jsons
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from aiokafka.errors import KafkaError
from rich import box
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from deploy import backends
from deploy.audit.log import SilentLogError
from deploy.cli.console import err, note, out
from deploy.cli.instants import typed
from deploy.cli.options import Json, Kafka
from deploy.feeds import faults, reading
from deploy.feeds.content import Content, refused
from deploy.feeds.reading import Kind
from deploy.local.errors import StackError
from deploy.trial.outcome import NOBODY, Outcome
from deploy.trial.past import Given
from deploy.trial.running import Trial
from services.intake.domain.rule_lists import mistakes
from shared.contracts.routing_rules import Rules
from shared.contracts.topics import BUSY_PARTITIONS
from shared.platform.problem_words import explained

SHOWN = 20
NOT_THE_SAME = 1
NOTHING_TRIED = ("nothing was tried", "未作试算")
command = typer.Typer(no_args_is_help=True, help="Try routing rules. 试算派遣规则。")


@command.callback()
def group() -> None:
    """Try routing rules.

    试算派遣规则。
    """


@command.command("try")
def attempt(
    *,
    rules: Annotated[
        Path,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="Draft rules, as registry export --kind rules --format yaml prints them. "
            "规则草案。",
        ),
    ],
    begin: Annotated[
        str | None,
        typer.Option("--from", help="First day, or an instant; else 30 days ago. 起始日或时刻。"),
    ] = None,
    end: Annotated[
        str | None,
        typer.Option("--to", help="Last day, or an instant; else now. 截止日（含）或时刻。"),
    ] = None,
    zone: Annotated[
        str, typer.Option(help="IANA zone of the days. 日期所属时区。")
    ] = "Asia/Shanghai",
    kafka: Kafka = None,
    json: Json = False,
) -> None:
    """Put past reports of the log before draft rules, and say which cases would go elsewhere.

    Nothing is changed. The draft replaces the rules of the areas that it names. Each decision of
    the log is made again as well; exit status 1 when one of them is not the same as then.
    用规则草案重算过去的上报，列出去向会改变的案卷；不改动任何数据。
    """
    content = reading.read(rules, Kind.RULES, reading.ENTRIES)
    _refuse_mistakes(rules, content)
    draft = {one.code: one for one in content.entries if isinstance(one, Rules)}
    since, until = _period(begin, end, zone)
    outcome = _run(backends.kafka(kafka), draft, since, until)
    if json:
        out.print(jsons.dumps(outcome.as_json(), ensure_ascii=False), markup=False)
    else:
        _show(outcome)
    if outcome.unlike:
        raise typer.Exit(NOT_THE_SAME)


def _refuse_mistakes(path: Path, content: Content) -> None:
    """What an import would refuse is not tried either. Raises FeedError."""
    found = [
        explained({"index": number, "code": code, "detail": detail})
        for number, one in enumerate(content.entries)
        if isinstance(one, Rules)
        for code, detail in mistakes(one)
    ]
    faults.refuse(str(path), *refused(content, found), NOTHING_TRIED)


def _run(bootstrap: str, draft: dict[str, Rules], since: datetime, until: datetime) -> Outcome:
    columns = (TextColumn("{task.description}"), BarColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("trying 试算", total=BUSY_PARTITIONS)
        trial = Trial(
            bootstrap=bootstrap,
            draft=draft,
            begin=since,
            end=until,
            now=datetime.now(UTC),
            partition=lambda number: progress.update(task, completed=number),
        )
        try:
            return asyncio.run(trial.run())
        except (KafkaError, SilentLogError, OSError) as error:
            raise StackError(
                f"Kafka at {bootstrap} could not be read: {error!r}; see that it runs",
                f"无法读取 Kafka（{bootstrap}）：{error!r}；请确认其在运行",
            ) from error


def _period(begin: str | None, end: str | None, zone: str) -> tuple[datetime, datetime]:
    """The period as instants; a last day is whole. Raises StackError."""
    now = datetime.now(UTC)
    since = _instant(begin, zone, whole_day=False) if begin else now - timedelta(days=30)
    until = _instant(end, zone, whole_day=True) if end else now
    if since >= until:
        raise StackError(
            f"the period {since} to {until} is empty: --from lies before --to",
            "时间段为空：--from 应早于 --to",
        )
    return since, until


def _instant(text: str, zone: str, *, whole_day: bool) -> datetime:
    try:
        local = ZoneInfo(zone)
        try:
            day = date.fromisoformat(text) + timedelta(days=whole_day)
        except ValueError:
            return typed(text, "2027-06-01")
        return datetime.combine(day, time(), local)
    except (ValueError, OverflowError, ZoneInfoNotFoundError) as error:
        raise StackError(
            f"{text} ({zone}): write a day as 2026-03-01 or an instant as 2026-03-01T08:00+08:00, "
            "and the zone as Asia/Shanghai",
            f"{text}（{zone}）：日期写作 2026-03-01，时刻写作 2026-03-01T08:00+08:00",
        ) from error


def _show(outcome: Outcome) -> None:
    same = outcome.cases - len(outcome.unlike)
    note(
        f"{same} of {outcome.cases} decisions of the log, made again, are the same",
        f"日志中 {outcome.cases} 件派遣重算，{same} 件一致",
    )
    for case_no in outcome.unlike[:SHOWN]:
        note(f"  not the same: {case_no}", "不一致")
    for one in outcome.warnings[:SHOWN]:
        note(f"warning: {one.en}", one.zh)
    if not outcome.changed:
        out.print("no change 无变化")
        return
    out.print(f"{len(outcome.changed)} cases would change 件案卷去向改变")
    _table(
        ("from 原单位", "to 新单位", "cases 件数"),
        [(here, there, str(count)) for (here, there), count in outcome.by_unit().items()],
    )
    _table(
        ("matter 事项", "cases 件数"),
        [(matter, str(count)) for matter, count in outcome.by_matter().items()],
    )
    _table(
        ("case 案卷", "today 现行", "draft 草案"),
        [
            (
                one.case_no,
                f"{_told(one.today)} ({one.today.rule})",
                f"{_told(one.draft)} ({one.draft.rule})",
            )
            for one in outcome.changed[:SHOWN]
        ],
    )
    if len(outcome.changed) > SHOWN:
        note(
            f"and {len(outcome.changed) - SHOWN} more: --json lists all",
            "其余见 --json",
        )


def _told(given: Given) -> str:
    """The unit, and in brackets who else."""
    others = [*(f"+{one}" for one in given.co_units), *(f"cc {one}" for one in given.cc)]
    return " ".join([given.unit or NOBODY, *others])


def _table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    if not rows:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0))
    first, *others = columns
    # A case number is to be copied: it stands whole, and the others fold.
    table.add_column(first, no_wrap=True)
    for one in others:
        table.add_column(one, overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    out.print(table)
