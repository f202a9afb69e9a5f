"""``wangge registry``: bring a city's grids, matters, units, ... in, and take them out."""

import asyncio
import json as jsons
from collections.abc import Callable
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy import backends, registry
from deploy.addresses import address
from deploy.cli import redrawing, registry_check, registry_view, withdrawing
from deploy.cli.acting import acting
from deploy.cli.console import err, note, out
from deploy.cli.options import AcceptFindings, Json, Kafka, Where
from deploy.client import Client, RefusedError
from deploy.feeds import (
    component_files,
    entry_list,
    faults,
    formats,
    matter_table,
    places,
    reading,
)
from deploy.feeds.content import Content, refused
from deploy.feeds.reading import ENTRY_KINDS, Kind
from deploy.history import Version, history
from deploy.local.errors import StackError
from shared.contracts.registry_v1 import Component, Matter, Place, entry_key
from shared.platform.security import Role
from shared.registry.spans import Validity

FAULTS_SHOWN = 10
LATER_SHOWN = 5
FORMATS = f"{reading.ENTRIES}, {', '.join(formats.names())}"


class Spelling(StrEnum):
    """How entries are written."""

    JSON = "json"
    YAML = "yaml"
    CSV = "csv"
    GEOJSON = "geojson"


TABLES: dict[tuple[Spelling, Kind], Callable[[Content], str]] = {
    (Spelling.CSV, Kind.MATTERS): lambda found: matter_table.write(
        (one for one in found.entries if isinstance(one, Matter)), found.validities
    ),
    (Spelling.CSV, Kind.PLACES): lambda found: places.write(
        (one for one in found.entries if isinstance(one, Place)), found.validities
    ),
    (Spelling.CSV, Kind.COMPONENTS): lambda found: component_files.write_table(
        (one for one in found.entries if isinstance(one, Component)), found.validities
    ),
    (Spelling.GEOJSON, Kind.COMPONENTS): lambda found: component_files.write_features(
        (one for one in found.entries if isinstance(one, Component)), found.validities
    ),
}
"""The spellings that only some kinds have."""
command = typer.Typer(no_args_is_help=True)
command.command("check")(registry_check.check)
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
    accept_findings: AcceptFindings = False,
    intake: Where = None,
    json: Json = False,
) -> None:
    """Import a file as one change: all of it, or nothing. A very large one becomes several.

    将文件作为一次变更导入，要么全部生效，要么全不生效；特大文件分为数次变更。
    """
    content = reading.read(file, kind, format_, mapping)
    for fault in content.faults[:FAULTS_SHOWN]:
        note(f"row {fault.number} is left out: {fault.reason}", f"第 {fault.number} 行被略过")
    base = address("intake", intake)
    try:
        done = _bring_in(base, content, file.name, dry_run=dry_run, accept_findings=accept_findings)
    except RefusedError as error:
        faults.refuse(str(file), *refused(content, error.errors), faults.REFUSED)
        raise
    if json:
        told = {**asdict(done), "dry_run": dry_run, "left_out": len(content.faults)}
        out.print(jsons.dumps(told, indent=2), markup=False)
    else:
        registry_view.imported(done, content.entries, dry_run=dry_run)


def _bring_in(
    base: str, content: Content, note_: str, *, dry_run: bool, accept_findings: bool
) -> registry.Imported:
    """With a bar where it takes several changes, which is then said."""
    entries = content.entries
    count = sum(1 for _ in registry.changes(entries))
    if count > 1:
        note(
            f"{len(entries)} entries are sent as {count} changes, each whole or not at all; "
            "should one fail, run the command again: what is there already is left out",
            f"共 {len(entries)} 条，分 {count} 次变更提交，每次整体生效；中断后可重新运行",
        )
    columns = (
        TextColumn("正在导入 importing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("import", total=len(entries))
        return asyncio.run(
            _import(
                base, content, note_, dry_run=dry_run, accept_findings=accept_findings,
                progress=lambda done: bar.update(task, completed=done),
            )
        )  # fmt: skip


@command.command("export")
def take_out(
    *,
    kind: What,
    format_: Annotated[
        Spelling,
        typer.Option(
            "--format",
            help="csv is for matters, components and places, geojson for components. "
            "csv 用于事项清单、部件和地名，geojson 用于部件。",
        ),
    ] = Spelling.JSON,
    intake: Where = None,
) -> None:
    """Print the entries in force, as `import` takes them from a file of that name's ending.

    Versions that begin later are left out, which is said.

    输出现行条目；按所选格式的扩展名存为文件即可再导入。尚未生效的版本不输出，并予提示。
    """
    if (format_, kind) not in TABLES and format_ in {Spelling.CSV, Spelling.GEOJSON}:
        raise StackError(
            f"{kind} cannot be written as {format_}: use --format yaml or json",
            f"{kind} 不能导出为 {format_}；请改用 yaml 或 json",
        )
    content, scheduled = asyncio.run(_export(address("intake", intake), kind))
    if scheduled:
        some = ", ".join(f"{key} from {since}" for key, since in [*scheduled.items()][:LATER_SHOWN])
        note(
            f"{len(scheduled)} versions that begin later are left out: {some}",
            f"{len(scheduled)} 个尚未生效的版本未输出",
        )
    found, until = content.entries, content.validities
    if (format_, kind) in TABLES:
        typer.echo(TABLES[format_, kind](content), nl=False)
    elif format_ is Spelling.YAML:
        typer.echo(entry_list.write(found, until), nl=False)
    else:
        raw = [
            one.model_dump(mode="json", exclude_none=True)
            | until.get(entry_key(one), Validity()).raw()
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
        registry_view.history(found)
    else:
        note(f"there is no {key}: write for example matter/street-lamp", f"没有 {key}")
    if not found:
        raise typer.Exit(1)


command.command("split")(redrawing.split)
command.command("merge")(redrawing.merge)
command.command("move")(redrawing.move)
command.command("withdraw")(withdrawing.withdraw)


async def _history(bootstrap: str, base: str, key: str) -> list[Version]:
    async with Client(base) as client:
        return await history(bootstrap, client, key)


async def _import(
    base: str,
    content: Content,
    note: str,
    *,
    dry_run: bool,
    accept_findings: bool,
    progress: Callable[[int], None],
) -> registry.Imported:
    async with acting(base, Role.REGISTRY_ADMINISTRATOR) as client:
        return await registry.bring_in(
            client,
            content.entries,
            note,
            dry_run=dry_run,
            accept_findings=accept_findings,
            validities=content.validities,
            progress=progress,
        )


async def _export(base: str, kind: Kind) -> tuple[Content, dict[str, str]]:
    """What is in force, and when versions begin that are not yet."""
    validities: dict[str, Validity] = {}
    scheduled: dict[str, str] = {}
    async with Client(base) as client:
        found = [
            entry
            for own_kind in sorted(ENTRY_KINDS[kind])
            for entry in await registry.entries(client, own_kind, validities, scheduled)
        ]
    return Content(tuple(found), validities=validities), scheduled
