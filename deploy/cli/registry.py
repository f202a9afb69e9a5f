"""``wangge registry``: bring grids, matters, units, policies and places in, and take them out."""

import asyncio
import json as jsons
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from deploy import backends, registry
from deploy.addresses import address
from deploy.cli.console import err, note, out
from deploy.cli.options import Json, Kafka
from deploy.client import Client
from deploy.feeds import entry_list, formats, matter_table, places, reading
from deploy.feeds.differences import Difference
from deploy.feeds.reading import ENTRY_KINDS, Content, Kind
from deploy.history import Version, history
from deploy.local import paths
from deploy.local.errors import StackError
from deploy.tokens import mint_for
from shared.contracts.base import instant_text
from shared.contracts.registry_v1 import Entry, Matter, Place
from shared.platform.security import Role
from shared.registry.validity import Validity

FAULTS_SHOWN = 10
FORMATS = f"{reading.ENTRIES}, {', '.join(formats.names())}"

WHAT = {
    "new": "新增 new",
    "changed": "变更 changed",
    "revived": "恢复 again in force",
}
EFFECTS_SHOWN = 40


class Spelling(StrEnum):
    """How entries are written."""

    JSON = "json"
    YAML = "yaml"
    CSV = "csv"


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
        done = asyncio.run(_import(base, content, file.name, dry_run=dry_run))
    if json:
        told = {**asdict(done), "dry_run": dry_run, "left_out": len(content.faults)}
        out.print(jsons.dumps(told, indent=2), markup=False)
    else:
        _show(done, content.entries, dry_run=dry_run)


@command.command("export")
def take_out(
    *,
    kind: What,
    format_: Annotated[
        Spelling, typer.Option("--format", help="csv: matters, places. csv 仅用于事项、地名。")
    ] = Spelling.JSON,
    intake: Where = None,
) -> None:
    """Print the entries in force, as `import` takes them from a file of that name's ending.

    输出现行条目；按所选格式的扩展名存为文件即可再导入。
    """
    if format_ is Spelling.CSV and kind not in {Kind.MATTERS, Kind.PLACES}:
        raise StackError(
            "only matters and places are tables: use --format yaml or json",
            "只有事项清单和地名可用 csv；请改用 yaml 或 json",
        )
    content = asyncio.run(_export(address("intake", intake), kind))
    found, until = content.entries, content.validities
    if format_ is Spelling.CSV and kind is Kind.PLACES:
        typer.echo(places.write(one for one in found if isinstance(one, Place)), nl=False)
    elif format_ is Spelling.CSV:
        typer.echo(
            matter_table.write((one for one in found if isinstance(one, Matter)), until), nl=False
        )
    elif format_ is Spelling.YAML:
        typer.echo(entry_list.write(found, until), nl=False)
    else:
        raw = [
            one.model_dump(mode="json", exclude_none=True)
            | until.get(entry_list.key_of(one), Validity()).raw()
            for one in found
        ]
        typer.echo(jsons.dumps(raw, ensure_ascii=False, indent=1))


@command.command("history")
def tell(
    key: Annotated[str, typer.Argument(help="kind/code, 如 matter/street-lamp. 类别/编码。")],
    *,
    intake: Where = None,
    kafka: Kafka = None,
    json: Json = False,
) -> None:
    """Every version of an entry, and what it changed. Exit status 1 when there is none.

    某条目的全部版本及每次变更的内容。
    """
    base, bootstrap = address("intake", intake), backends.kafka(kafka)
    with err.status("reading the log 正在读取"):
        found = asyncio.run(_history(bootstrap, base, key))
    if json:
        told = [
            {
                **one.entry.model_dump(mode="json", exclude_none=True),
                "note": one.note,
                "differences": [asdict(field) for field in one.differences],
            }
            for one in found
        ]
        out.print(jsons.dumps({"versions": told}, indent=2, ensure_ascii=False), markup=False)
    elif found:
        _show_history(found)
    else:
        note(f"there is no {key}: write for example matter/street-lamp", f"没有 {key}")
    if not found:
        raise typer.Exit(1)


async def _history(bootstrap: str, base: str, key: str) -> list[Version]:
    async with Client(base) as client:
        return await history(bootstrap, client, key)


async def _import(base: str, content: Content, note: str, *, dry_run: bool) -> registry.Imported:
    role = Role.REGISTRY_ADMINISTRATOR
    token = mint_for(paths.home(), role, subject=f"dev-{role}")
    async with Client(base, token) as client:
        return await registry.bring_in(
            client, content.entries, note, dry_run=dry_run, validities=content.validities
        )


async def _export(base: str, kind: Kind) -> Content:
    validities: dict[str, Validity] = {}
    async with Client(base) as client:
        found = [
            entry
            for own_kind in sorted(ENTRY_KINDS[kind])
            for entry in await registry.entries(client, own_kind, validities)
        ]
    return Content(tuple(found), validities=validities)


def _show(done: registry.Imported, entries: Sequence[Entry], *, dry_run: bool) -> None:
    table = Table("条目 Entries", "数量 Number")
    for name, count in sorted(Counter(one.kind for one in entries).items()):
        table.add_row(name, str(count))
    changed = "将变更 would change" if dry_run else "已变更 changed"
    table.add_row(changed, str(done.count), style="bold")
    table.add_row("未变 unchanged", str(done.unchanged))
    out.print(table)
    if done.effects:
        _show_effects(done.effects)
    if done.change is not None:
        note(f"published as change {done.change}", "已发布")


def _show_effects(effects: Sequence[registry.Effect]) -> None:
    """What would be different, entry by entry and field by field."""
    table = _differing("now 现在", "then 将来")
    for effect in effects[:EFFECTS_SHOWN]:
        what = f"{WHAT.get(effect.what, effect.what)} -> {effect.n}"
        table.add_row(escape(effect.key), what, style="bold")
        _add_fields(table, effect.differences)
    out.print(table)
    if len(effects) > EFFECTS_SHOWN:
        note(f"and {len(effects) - EFFECTS_SHOWN} more: see --json", "其余见 --json")


def _show_history(versions: Sequence[Version]) -> None:
    table = _differing("before 原值", "after 新值")
    for one in versions:
        entry = one.entry
        until = f" - {instant_text(entry.valid_until)}" if entry.valid_until else ""
        since = f"{instant_text(entry.valid_from)}{until}"
        table.add_row(f"{entry.n}  {since}", escape(one.note or ""), style="bold")
        _add_fields(table, one.differences)
    out.print(table)


def _differing(before: str, after: str) -> Table:
    table = Table("", before, after, box=box.SIMPLE_HEAD, pad_edge=False)
    for column in table.columns:
        column.overflow = "fold"
    return table


def _add_fields(table: Table, found: Sequence[Difference]) -> None:
    for one in found:
        table.add_row(*(escape(text) for text in (f"  {one.field}", one.before, one.after)))
