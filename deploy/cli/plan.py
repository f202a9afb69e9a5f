"""``wangge plan``: inspections planned and done."""

import asyncio
import json as jsons
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from deploy.addresses import address
from deploy.cli.acting import acting
from deploy.cli.console import counted, note, out
from deploy.cli.known import is_known
from deploy.cli.options import Analytics, Json, Where
from deploy.local.errors import StackError
from deploy.plans import with_waiting
from deploy.registry import entries
from deploy.words import STATES
from shared.contracts.plans import Plan
from shared.platform.security import Role

command = typer.Typer(no_args_is_help=True)
NUMBERS = {
    "planned\n计划": "planned",
    "done\n完成": "done",
    "missed\n未检查": "missed",
    "open\n未完": "open",
    "overdue\n超时": "overdue",
}
"""Of each column: its title, and what it shows."""


@command.command("list")
def list_plans(
    *,
    plan: Annotated[str | None, typer.Option(help="Only this plan. 只看某计划。")] = None,
    first: Annotated[str | None, typer.Option("--from", help="First day. 起始日。")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day. 截止日。")] = None,
    analytics: Analytics = None,
    intake: Where = None,
    json: Json = False,
) -> None:
    """Of each plan: inspections ordered so far, done, missed, open, overdue, and what was found.

    Plans in force that have made none yet are listed too. Exit status 1: no such plan.

    各检查计划的进度：已下达、已完成、未能检查、未完成、超时、发现问题数；尚未下达检查的计划也列出。
    没有该计划时退出码为 1。
    """
    query = {"plan": plan, "from": first, "to": last}
    # Whoever names one service only is told what that knows.
    base = address("intake", intake) if intake or not analytics else None
    told = asyncio.run(_plans(address("analytics", analytics), base, query))
    if plan is not None and base is not None and not told["items"]:
        known = asyncio.run(is_known(base, "plan", plan))
        if not known:
            raise StackError(f"there is no plan {plan}", f"没有检查计划 {plan}")
    if json:
        out.print(jsons.dumps(told, indent=2, ensure_ascii=False), markup=False)
        return
    out.print(listed(told["items"]))
    count = len(told["items"])
    note(counted(count, "plan"), f"共 {count} 个计划")


def listed(rows: Sequence[Mapping[str, Any]]) -> Table:
    """The plans, each with what was found and its ends below its name: 80 columns are enough."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("plan 计划\nfindings 发现, ends 结果", overflow="fold")
    table.add_column("days\n日期", no_wrap=True)
    for title in NUMBERS:
        table.add_column(title, justify="right", no_wrap=True)
    for row in rows:
        ends = ", ".join(f"{end} {count}" for end, count in sorted(row["ends"].items()))
        table.add_row(
            f"{row['names']['zh']} {row['names']['en']} ({row['code']})\n"
            f"{findings_of(row)}\n{ends or '-'}",
            f"{row['first_day']}\n{row['last_day']}",
            *(str(row[name]) for name in NUMBERS.values()),
        )
    return table


def findings_of(row: Mapping[str, Any]) -> str:
    """How many findings there were, and what became of them: one that is linked is none more."""
    became = ", ".join(
        f"{' '.join(STATES[state])} {count}" for state, count in row["findings_became"].items()
    )
    return f"{row['findings']}: {became}" if became else str(row["findings"])


async def _plans(base: str, intake: str | None, query: dict[str, str | None]) -> dict[str, Any]:
    async with acting(base, Role.LEADER) as client:
        asked = {name: value for name, value in query.items() if value is not None}
        told: dict[str, Any] = await client.get("/v1/plans", asked)
    if intake is None:
        return told
    async with acting(intake, Role.LEADER) as client:
        found = [one for one in await entries(client, "plan") if isinstance(one, Plan)]
    wanted = [one for one in found if query["plan"] in {None, one.code}]
    return told | {"items": with_waiting(told["items"], wanted, query["from"], query["to"])}
