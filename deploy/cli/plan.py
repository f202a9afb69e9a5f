"""``wangge plan``: inspections planned and done."""

import asyncio
import json as jsons
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from deploy.addresses import address
from deploy.cli.acting import acting
from deploy.cli.console import note, out
from deploy.cli.options import Analytics, Json
from shared.platform.security import Role

command = typer.Typer(no_args_is_help=True)


@command.command("list")
def list_plans(
    *,
    plan: Annotated[str | None, typer.Option(help="Only this plan. 只看某计划。")] = None,
    first: Annotated[str | None, typer.Option("--from", help="First day. 起始日。")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day. 截止日。")] = None,
    analytics: Analytics = None,
    json: Json = False,
) -> None:
    """Of each plan: inspections ordered so far, done, open, overdue, and what was found.

    各检查计划的进度：已下达、已完成、未完成、超时、发现问题数。
    """
    query = {"plan": plan, "from": first, "to": last}
    told = asyncio.run(_plans(address("analytics", analytics), query))
    if json:
        out.print(jsons.dumps(told, indent=2, ensure_ascii=False), markup=False)
        return
    table = Table(
        "plan 计划", "days 日期", "planned 计划", "done 完成", "open 未完", "overdue 超时",
        "findings 发现", "ends 结果", box=box.SIMPLE_HEAD, pad_edge=False,
    )  # fmt: skip
    for row in told["items"]:
        table.add_row(
            f"{row['names']['zh']} {row['names']['en']} ({row['code']})",
            f"{row['first_day']} - {row['last_day']}",
            *(str(row[name]) for name in ("planned", "done", "open", "overdue", "findings")),
            ", ".join(f"{end} {count}" for end, count in sorted(row["ends"].items())),
        )
    out.print(table)
    note(f"{len(told['items'])} plans", f"共 {len(told['items'])} 个计划")


async def _plans(base: str, query: dict[str, str | None]) -> dict[str, Any]:
    async with acting(base, Role.LEADER) as client:
        asked = {name: value for name, value in query.items() if value is not None}
        told: dict[str, Any] = await client.get("/v1/plans", asked)
        return told
