"""``wangge registry split, merge, move``: grids are redrawn as one change, without a gap."""

import asyncio
import json as jsons
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from deploy import redraws
from deploy.addresses import address
from deploy.cli import registry_check
from deploy.cli.acting import acting
from deploy.cli.console import err, note, out
from deploy.cli.options import AcceptFindings, Json, Where
from deploy.cli.registry_view import WHAT
from shared.platform.security import Role

Grid = Annotated[str, typer.Argument(help="Code of the grid. 网格编码。")]
File = Annotated[
    Path,
    typer.Argument(
        exists=True, dir_okay=False, help="GeoJSON; properties code, zh, en. 网格边界文件。"
    ),
]
From = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="DAY|INSTANT",
        help="From when: a local day, or an instant; else now. 生效日期或时刻，默认立即。",
    ),
]
Note = Annotated[str, typer.Option("--note", help="Why, for the record. 变更说明。")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only say what would change. 只显示将有的变化。")
]


def split(
    grid: Grid,
    file: File,
    *,
    since: From = None,
    why: Note = "",
    dry_run: DryRun = False,
    accept_findings: AcceptFindings = False,
    intake: Where = None,
    json: Json = False,
) -> None:
    """Split a grid into the grids of a file, which cover it without a gap or an overlap.

    将一个网格拆分为文件中的各网格：须恰好铺满原网格。
    """
    body = {"kind": "split", "codes": [grid], "grids": redraws.drawn(file)}
    send = Sending(since, why, dry_run, accept_findings)
    _redraw(body, send, intake, json=json)


def merge(
    grids: Annotated[list[str], typer.Argument(help="Codes of the grids. 各网格编码。")],
    *,
    into: Annotated[str, typer.Option("--into", help="One of them, or a new code. 合并后的编码。")],
    zh: Annotated[str | None, typer.Option("--zh", help="Its name in Chinese. 中文名。")] = None,
    en: Annotated[str | None, typer.Option("--en", help="Its name in English. 英文名。")] = None,
    since: From = None,
    why: Note = "",
    dry_run: DryRun = False,
    accept_findings: AcceptFindings = False,
    intake: Where = None,
    json: Json = False,
) -> None:
    """Merge grids of one community into one.

    将同一社区的若干网格合并为一个。
    """
    names = {tongue: name for tongue, name in (("zh", zh), ("en", en)) if name}
    body: dict[str, Any] = {"kind": "merge", "codes": grids, "into": into}
    if names:
        body["names"] = names
    send = Sending(since, why, dry_run, accept_findings)
    _redraw(body, send, intake, json=json)


def move(
    file: File,
    *,
    since: From = None,
    why: Note = "",
    dry_run: DryRun = False,
    accept_findings: AcceptFindings = False,
    intake: Where = None,
    json: Json = False,
) -> None:
    """Move the borders between grids: a file with the new boundary of each that changes.

    调整相邻网格的边界：文件含各网格的新边界，合起来须与原来相同。
    """
    body = {"kind": "move", "grids": redraws.drawn(file)}
    send = Sending(since, why, dry_run, accept_findings)
    _redraw(body, send, intake, json=json)


@dataclass(frozen=True, slots=True)
class Sending:
    """From when a redrawing holds, why, and how it is asked for."""

    since: str | None
    why: str
    dry_run: bool
    accept_findings: bool


def _redraw(body: Mapping[str, Any], sending: Sending, intake: str | None, *, json: bool) -> None:
    whole = {**body, **redraws.since(sending.since), "note": sending.why}
    base = address("intake", intake)
    with err.status("redrawing 正在调整"):
        done = asyncio.run(_send(base, whole, sending))
    for warning in done.warnings:
        note(f"note: {warning}", "请核对")
    if json:
        told = {**asdict(done), "dry_run": sending.dry_run}
        out.print(jsons.dumps(told, indent=2), markup=False)
    else:
        _show(done, whole)


async def _send(base: str, body: Mapping[str, Any], sending: Sending) -> redraws.Redrawn:
    async with acting(base, Role.REGISTRY_ADMINISTRATOR) as client:
        return await redraws.redraw(
            client, body, dry_run=sending.dry_run, accept_findings=sending.accept_findings
        )


def _show(done: redraws.Redrawn, body: Mapping[str, Any]) -> None:
    registry_check.listed(done.findings)
    if done.effects:
        table = Table("网格 Grid", "将有的变化 Would be", "版本 Version")
        for one in done.effects:
            table.add_row(one["key"], WHAT.get(one["what"], one["what"]), str(one["n"]))
        out.print(table)
    if done.change is None:
        note(f"{done.count} grids would change", f"将变更 {done.count} 个网格")
        return
    note(
        f"{done.count} grids changed from {done.valid_from} on, as change {done.change}",
        f"已调整 {done.count} 个网格",
    )
    some = body.get("into") or body["grids"][0]["code"]
    note(
        "open cases move, or stay, as on_redraw of the area's policy says; what changed and what "
        f"moved: wangge registry history grid/{some}, GET /v1/cases?area={some} of analytics",
        "在办案卷按策略 on_redraw 迁移或保留，可用上述方式查看",
    )
