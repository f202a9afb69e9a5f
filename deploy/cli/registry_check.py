"""``wangge registry check``: what is wrong with grids, before anybody is sent to the wrong one."""

import asyncio
import json as jsons
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from deploy.addresses import address
from deploy.cli.console import err, note, out
from deploy.cli.options import Json, Where
from deploy.client import Client
from deploy.feeds import formats, reading
from deploy.feeds.reading import Kind
from deploy.grid_check import findings
from services.intake.domain.findings import Finding, Severity, collection, counted
from shared.contracts.registry_v1 import Entry

SHOWN = 40
REFUSED, WARNING = Severity.REFUSED.value, Severity.WARNING.value
SEVERITIES = {REFUSED: "拒绝 refused", WARNING: "提醒 warning"}


def check(
    file: Annotated[
        Path | None,
        typer.Argument(
            exists=True, dir_okay=False, help="None: what is in force. 缺省为现行网格。"
        ),
    ] = None,
    *,
    format_: Annotated[
        str, typer.Option("--format", help=f"{reading.ENTRIES}, {', '.join(formats.names())}.")
    ] = reading.ENTRIES,
    mapping: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A mapping of your own. 自备映射文件。"),
    ] = None,
    written: Annotated[
        Path | None,
        typer.Option("--findings", dir_okay=False, help="Write them as GeoJSON. 输出 GeoJSON。"),
    ] = None,
    intake: Where = None,
    json: Json = False,
) -> None:
    """Check the grids of a file together with those in force, or only those. Status 1: refused.

    检查文件中的网格（连同现行网格），或仅检查现行网格；有会被拒绝的问题时退出码为 1。
    """
    content = None if file is None else reading.read(file, Kind.GRIDS, format_, mapping)
    wanted = None if content is None else content.entries
    if content is not None and content.validities:
        note(
            "valid_from and valid_until of the file are not looked at here, all is checked as if "
            "it held now: registry import --dry-run checks each at its time",
            "此处不看文件中的生效、失效日期；按日期检查请用 import --dry-run",
        )
    with err.status("checking 正在检查"):
        found = asyncio.run(_findings(address("intake", intake), wanted))
    whole = collection(found)
    if written is not None:
        written.write_text(jsons.dumps(whole, ensure_ascii=False), encoding="utf-8")
    if json:
        told = {"found": counted(found), "findings": whole}
        out.print(jsons.dumps(told, ensure_ascii=False), markup=False, soft_wrap=True)
    else:
        show(counted(found), whole["features"])
    if any(one.severity is Severity.REFUSED for one in found):
        raise typer.Exit(1)


async def _findings(base: str, wanted: Sequence[Entry] | None) -> list[Finding]:
    async with Client(base) as client:
        return await findings(client, wanted)


def listed(features: Sequence[Mapping[str, Any]]) -> None:
    """The first findings as a table; nothing where there are none."""
    table = Table("问题 Finding", "程度 Severity", "说明 What")
    for feature in features[:SHOWN]:
        told = feature["properties"]
        what = escape(f"{told['zh']}\n{told['en']}")
        table.add_row(told["code"], SEVERITIES[told["severity"]], what)
    if features:
        out.print(table)


def show(found: dict[str, int], features: Sequence[dict[str, Any]]) -> None:
    """The findings as a table: the first of them, then how many of each code."""
    listed(features)
    for code, count in found.items():
        note(f"{code}: {count}", f"{count} 项")
    if not found:
        note("nothing is wrong with the grids", "网格没有问题")
