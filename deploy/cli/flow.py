"""``wangge flow``: flows as data, shown and checked before they are imported."""

import json as jsons
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from deploy.city.building import flows as demo_flows
from deploy.cli.console import counted, note, out
from deploy.cli.options import Json
from deploy.feeds.reading import ENTRIES, Kind, read
from deploy.flows import as_diagram, as_markdown
from deploy.local.errors import StackError
from services.intake.domain.entry_rules import examine
from shared.contracts.flows import Flow
from shared.platform.problem_words import explained

command = typer.Typer(no_args_is_help=True)
NO_CALENDAR = "no_calendar"
"""The fault that hangs on what is in force, not on the flow."""
Where = Annotated[
    Path | None, typer.Argument(help="A file of flows; else the demo city's. 流程文件。")
]


class Spelling(StrEnum):
    """How a flow is printed."""

    MARKDOWN = "markdown"
    MERMAID = "mermaid"


@command.command("show")
def show(
    file: Where = None,
    *,
    code: Annotated[str | None, typer.Option(help="Only this flow. 只显示某流程。")] = None,
    spelling: Annotated[
        Spelling, typer.Option("--format", help="markdown, mermaid 状态图.")
    ] = Spelling.MARKDOWN,
) -> None:
    """Print flows: their states, limits and turns, by whom, and which papers they ask for.

    打印办理流程：环节、时限、去向、由谁办理、须附文书。
    """
    found = [one for one in _flows(file) if code in {None, one.code}]
    if not found:
        raise StackError(f"there is no flow {code}", f"没有流程 {code}")
    spelled = as_markdown if spelling is Spelling.MARKDOWN else as_diagram
    typer.echo("\n".join(spelled(one) for one in found), nl=False)


@command.command("check")
def check(file: Where = None, *, json: Json = False) -> None:
    """Say whether flows are sound: every state reachable, every way ends, none without a clock.

    Whether there is a work calendar for limits in working time, only registry import can say.

    检查流程是否健全：环节均可到达、均能办结、均有时限。有问题时退出码为 1。
    按工作时间计的时限须有工作日历，是否已有由 registry import 核对。
    """
    flows = _flows(file)
    found = [(one.code, fault) for one in flows for fault in examine(one, None).faults]
    faults = [
        explained({"flow": flow, "code": fault.code, "detail": fault.detail})
        for flow, fault in found
        if fault.code != NO_CALENDAR
    ]
    working = sorted({flow for flow, fault in found if fault.code == NO_CALENDAR})
    if json:
        told = {
            "clean": not faults, "flows": [one.code for one in flows], "faults": faults,
            "need_calendar": working,
        }  # fmt: skip
        out.print(jsons.dumps(told, indent=2, ensure_ascii=False), markup=False)
    elif working:
        note(
            f"{', '.join(working)}: limits in working time need a work calendar wherever cases "
            "are filed; registry import --dry-run says whether there is one",
            "时限按工作时间计，立案区域须有工作日历；可用 registry import --dry-run 核对",
        )
    for fault in () if json else faults:
        words = fault["explanation"]["zh"]
        out.print(f"{fault['code']}: {fault['detail']}\n  {words}", markup=False)
    if faults:
        raise typer.Exit(1)
    if not json:
        note(f"{counted(len(flows), 'flow')}, all sound", f"{len(flows)} 个流程，均健全")


def _flows(file: Path | None) -> list[Flow]:
    if file is None:
        return list(demo_flows())
    return [one for one in read(file, Kind.FLOWS, ENTRIES).entries if isinstance(one, Flow)]
