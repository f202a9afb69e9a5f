"""``wangge traffic``: people at work on the demo city, as a live table."""

import asyncio
import json as jsons
import locale
import logging
import secrets
from contextlib import suppress
from typing import Annotated

import typer
from rich.live import Live

from deploy.addresses import address
from deploy.city import CITY
from deploy.cli.console import err, note, out
from deploy.cli.options import Json, Kafka, Where
from deploy.local import paths
from deploy.traffic import running, summary, view
from deploy.traffic.board import Board
from deploy.traffic.running import Plan
from deploy.traffic.world import World
from deploy.words import Language
from shared.contracts.base import Names

REDRAW_S = 0.25
LINE_S = 5.0
"""Off a terminal there is a line so often, instead of the table."""
TITLE = Names(zh="临江市实时演示", en="Linjiang, live")


def command(
    *,
    rate: Annotated[
        float, typer.Option(min=0.1, max=1000, help="Reports a second. 每秒上报数。")
    ] = 10,
    seconds: Annotated[
        float | None, typer.Option(min=1, help="Stop after so long. 运行时长（秒）。")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="The same seed, the same reports. 随机种子。")
    ] = None,
    intake: Where = None,
    kafka: Kafka = None,
    json: Json = False,
) -> None:
    """Report, accept, return, hand back, check, miss limits, until Ctrl-C; then sum up.

    模拟上报、接收、退回、处置、核查与超时，按 Ctrl-C 停止并汇总。
    """
    plan = Plan(
        intake=address("intake", intake),
        kafka=address("kafka", kafka),
        home=paths.home(),
        city=CITY,
        rate=rate,
        seconds=seconds,
        seed=secrets.randbits(32) if seed is None else seed,
    )
    board = asyncio.run(running.run(plan, _watch))
    if board.taken_down:
        note("the stack was taken down", "服务已停止")
    figures = {"seed": plan.seed, "rate": rate, **summary.figures(board)}
    if json:
        out.print(jsons.dumps(figures, ensure_ascii=False, indent=2), markup=False)
    else:
        out.print(view.figures(board, view.saying(out.width, _language())))
    if board.failures or board.undecided:
        raise typer.Exit(1)


async def _watch(board: Board, world: World, stop: asyncio.Event) -> None:
    """The live table on a terminal, else a line now and then."""
    names = {grid.code: grid.names for grid in world.grids}
    shown = view.View(board, names, _language(), TITLE)
    if not err.is_terminal:
        while not await _stopped(stop, LINE_S):
            note(summary.line(board, "en"), summary.line(board, "zh"))
        return
    # While Kafka is away the table says so: what its client logs would be written into it.
    logging.getLogger("aiokafka").addHandler(logging.NullHandler())
    with Live(shown, console=err, auto_refresh=False, transient=True) as live:
        while not await _stopped(stop, REDRAW_S):
            live.update(shown, refresh=True)


async def _stopped(stop: asyncio.Event, within: float) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), within)
    return stop.is_set()


def _language() -> Language:
    """What the names in the table are written in: the language of the user's locale."""
    code = locale.getlocale()[0] or ""
    return "zh" if code.lower().startswith(("zh", "chinese")) else "en"
