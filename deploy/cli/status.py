"""``wangge status``: what runs, and where."""

import typer

from deploy.cli.console import note, out
from deploy.cli.options import Json
from deploy.cli.overview import as_json, table
from deploy.local import paths, state

SOMETHING_DOWN = 1
NOT_RUNNING = 3


def command(*, json: Json = False) -> None:
    """Show every process. Exit status: 0 all run, 1 something is down, 3 nothing runs.

    显示全部进程。退出码：0 全部运行，1 有进程未运行，3 未启动。
    """
    home = paths.home()
    found = state.read(home) if state.running(home) else None
    if json:
        out.print(as_json(home, found), markup=False)
    elif found is not None:
        out.print(table(found))
    else:
        note(f"nothing runs in {home.root}; start it: wangge up", "未启动；请运行 wangge up")
    if found is None:
        raise typer.Exit(NOT_RUNNING)
    if not found.sound:
        raise typer.Exit(SOMETHING_DOWN)
