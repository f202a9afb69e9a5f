"""``wangge registry``: bring a city's grids, matters, units and policies in, and take them out."""

import asyncio
import json as jsons
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from deploy import registry
from deploy.addresses import address
from deploy.cli.console import err, note, out
from deploy.cli.options import Json
from deploy.client import Client
from deploy.feeds import formats, reading
from deploy.feeds.reading import ENTRY_KINDS, Kind
from deploy.local import paths
from deploy.tokens import mint_for
from shared.contracts.registry_v1 import Entry
from shared.platform.security import Role

FAULTS_SHOWN = 10
FORMATS = f"{reading.ENTRIES}, {', '.join(formats.names())}"

command = typer.Typer(no_args_is_help=True)

Where = Annotated[str | None, typer.Option("--intake", help="URL of intake. 受理服务地址。")]
What = Annotated[Kind, typer.Option(help="What is meant. 类别。")]


@command.command("import")
def bring_in(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file. 文件。")],
    *,
    kind: What,
    format_: Annotated[
        str, typer.Option("--format", help=f"One of 格式: {FORMATS}.")
    ] = reading.ENTRIES,
    mapping: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A mapping of your own. 自备映射文件。"),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would change. 只显示将有的变化。")
    ] = False,
    intake: Where = None,
    json: Json = False,
) -> None:
    """Import a file as one change: all of it, or nothing.

    将文件作为一次变更导入，要么全部生效，要么全不生效。
    """
    content = reading.read(file, kind, format_, mapping)
    for fault in content.faults[:FAULTS_SHOWN]:
        note(f"row {fault.number} is left out: {fault.reason}", f"第 {fault.number} 行被略过")
    base = address("intake", intake)
    with err.status("importing 正在导入"):
        done = asyncio.run(_import(base, content.entries, file.name, dry_run=dry_run))
    if json:
        told = {**asdict(done), "dry_run": dry_run, "left_out": len(content.faults)}
        out.print(jsons.dumps(told, indent=2), markup=False)
    else:
        _show(done, content.entries, dry_run=dry_run)


@command.command("export")
def take_out(*, kind: What, intake: Where = None) -> None:
    """Print the entries in force as JSON, as `import` takes them from a .json file.

    以 JSON 输出现行条目，存为 .json 文件即可导入。
    """
    found = asyncio.run(_export(address("intake", intake), kind))
    raw = [one.model_dump(mode="json", exclude_none=True) for one in found]
    typer.echo(jsons.dumps(raw, ensure_ascii=False, indent=1))


async def _import(
    base: str, entries: Sequence[Entry], note: str, *, dry_run: bool
) -> registry.Imported:
    role = Role.REGISTRY_ADMINISTRATOR
    token = mint_for(paths.home(), role, subject=f"dev-{role}")
    async with Client(base, token) as client:
        return await registry.bring_in(client, entries, note, dry_run=dry_run)


async def _export(base: str, kind: Kind) -> list[Entry]:
    async with Client(base) as client:
        return [
            entry
            for own_kind in sorted(ENTRY_KINDS[kind])
            for entry in await registry.entries(client, own_kind)
        ]


def _show(done: registry.Imported, entries: Sequence[Entry], *, dry_run: bool) -> None:
    table = Table("条目 Entries", "数量 Number")
    for name, count in sorted(Counter(one.kind for one in entries).items()):
        table.add_row(name, str(count))
    changed = "将变更 would change" if dry_run else "已变更 changed"
    table.add_row(changed, str(done.count), style="bold")
    table.add_row("未变 unchanged", str(done.unchanged))
    out.print(table)
    if done.change is not None:
        note(f"published as change {done.change}", "已发布")
