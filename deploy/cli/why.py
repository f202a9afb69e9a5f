"""``wangge why``: why a case went where it went, in words."""

import asyncio
import json as jsons
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from deploy.addresses import address
from deploy.cli.acting import acting
from deploy.cli.console import out
from deploy.cli.options import Analytics, CaseName, Json
from shared.platform.security import Role


def command(
    case: CaseName,
    *,
    analytics: Analytics = None,
    json: Json = False,
) -> None:
    """Say which rules decided on a case, on what, and which units might have had it.

    说明案卷由哪条规则、依据什么决定，以及其他候选单位为何落选。
    """
    told = asyncio.run(_ask(address("analytics", analytics), case))
    if json:
        out.print(jsons.dumps(told, indent=2, ensure_ascii=False), markup=False)
        return
    out.print(f"{told['case_no'] or told['incident_id']}  {told['state']}", markup=False)
    for reason in told["reasons"]:
        _show(reason)


async def _ask(base: str, case: str) -> dict[str, Any]:
    # A leader sees every case; others none of the matters that are not public.
    async with acting(base, Role.LEADER) as client:
        told: dict[str, Any] = await client.get(f"/v1/cases/{case}/why")
        return told


def _plain(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """A fact on one line; a list or an object without the signs of programs."""
    if isinstance(value, dict):
        # Names stand in the words above.
        shown = {name: one for name, one in value.items() if one != [] and name != "names"}
        return " ".join(f"{name}={_plain(one)}" for name, one in shown.items())
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return str(value)


def _show(reason: dict[str, Any]) -> None:
    facts = ", ".join(f"{name} {_plain(value)}" for name, value in reason["facts"].items())
    out.print()
    out.print(f"[bold]{reason['at']}[/]  {escape(reason['words']['zh'])}")
    out.print(f"  {escape(reason['words']['en'])}")
    if facts:
        out.print(f"  [dim]{escape(facts)}[/]")
    if reason["candidates"]:
        table = Table(
            "not chosen 落选单位", "why 原因", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2)
        )
        for one in reason["candidates"]:
            lost = one["lost"]
            table.add_row(escape(one["unit"]), escape(f"{lost['zh']}\n{lost['en']}"))
        out.print(table)
