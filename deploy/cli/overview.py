"""The stack as people and programs read it: a table, JSON, and the news between two states."""

import json
import os
from typing import Any

from rich import box
from rich.table import Table

from deploy.local import state
from deploy.local.paths import Home

COLOURS = {"running": "green", "external": "cyan", "starting": "yellow", "restarting": "yellow"}


def table(found: state.StackState) -> Table:
    """One row a process; logs are named from the home on, which is the title."""
    result = Table(
        title=f"wangge  {found.home}",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    for column in ("name\n名称", "pid", "address\n地址", "state\n状态", "restarts\n重启"):
        result.add_column(column, no_wrap=True)
    result.add_column("log\n日志", overflow="fold")
    for one in found.processes:
        colour = COLOURS.get(one.state, "red")
        result.add_row(
            one.name,
            str(one.pid or "-"),
            one.address,
            f"[{colour}]{one.state}[/]",
            str(one.restarts),
            one.log.removeprefix(f"{found.home}{os.sep}"),
        )
    return result


def as_json(home: Home, found: state.StackState | None) -> str:
    """The state for programs; ``found`` is None when nothing runs."""
    nothing: dict[str, Any] = {"phase": "stopped", "home": str(home.root), "processes": []}
    content = nothing if found is None else found.shown.model_dump(mode="json")
    return json.dumps({"running": found is not None, **content}, indent=2, ensure_ascii=False)


def news(before: state.StackState | None, after: state.StackState) -> list[str]:
    """What has happened between two states, a line each, in both languages."""
    known = {} if before is None else {one.name: one for one in before.processes}
    changes = (_change(known.get(one.name), one) for one in after.processes)
    return [line for line in changes if line is not None]


def _change(was: state.ProcessState | None, now: state.ProcessState) -> str | None:
    condition, restarts = (None, 0) if was is None else (was.state, was.restarts)
    if now.state == "restarting" and condition != "restarting":
        if now.last_exit is None:
            return (
                f"{now.name} was not ready in time, it is being started again  未能就绪，正在重启"
            )
        return (
            f"{now.name} ended by itself (status {now.last_exit}), it is being started again  "
            "已自行退出，正在重启"
        )
    if now.state != "running" or (condition == "running" and restarts == now.restarts):
        return None
    if now.restarts:
        return (
            f"{now.name} was started again (restart {now.restarts})  已重启（第 {now.restarts} 次）"
        )
    if now.ready_seconds is None:  # the supervisor itself
        return None
    return f"{now.name} is ready on {now.address} after {now.ready_seconds} s  就绪"
