"""``wangge notice``: which notices went out, whether a target gets them, and one to try it with."""

import asyncio
import json as jsons
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from deploy.addresses import address
from deploy.cli import notice_listen
from deploy.cli.acting import acting
from deploy.cli.console import note, out
from deploy.cli.instants import shown
from deploy.cli.options import Json
from deploy.local import paths
from deploy.local.errors import StackError
from shared.platform.security import Role

command = typer.Typer(no_args_is_help=True)
Escalation = Annotated[str | None, typer.Option(help="URL of escalation. 督办服务地址。")]
POLL_S = 0.3
COLOURS = {"sent": "green", "pending": "yellow", "expired": "red", "given_up": "red"}

OCCASIONS = {
    "approaching": "临期 approaching", "breached": "超时 breached",
    "mark_withdrawn": "撤销 withdrawn", "supervision_ordered": "督办 ordered",
    "supervision_lifted": "解除 lifted", "supervision_reminded": "催签 reminded",
    "supervision_conveyed": "转达 conveyed", "notice_conveyed": "提醒转达 notice conveyed",
    "notice_raised": "提醒 noticed", "notice_reminded": "再提醒 noticed again",
    "test": "测试 test",
}  # fmt: skip


class State(StrEnum):
    """What may have become of a notice."""

    PENDING = "pending"
    SENT = "sent"
    EXPIRED = "expired"
    GIVEN_UP = "given_up"


@command.command("list")
def show_list(
    *,
    target: Annotated[str | None, typer.Option(help="Only to this target. 某通知对象。")] = None,
    state: Annotated[State | None, typer.Option(help="Only in this state. 状态。")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many. 条数。")] = 50,
    escalation: Escalation = None,
    json: Json = False,
) -> None:
    """The newest notices: to whom, about what, and what became of them.

    最近的通知：发给谁、关于什么、是否送达。
    """
    asked = {"target": target, "state": state, "limit": limit}
    query = {name: one for name, one in asked.items() if one is not None}
    told = asyncio.run(_get(escalation, "/v1/notices", query))
    if json:
        out.print(jsons.dumps(told, indent=2, ensure_ascii=False), markup=False)
        return
    out.print(_table(told["items"]))


@command.command("test")
def try_target(
    target: Annotated[str, typer.Argument(help="The target's code. 通知对象代码。")],
    *,
    wait: Annotated[float, typer.Option(min=0, max=600, help="Seconds to wait. 等待秒数。")] = 15,
    escalation: Escalation = None,
    json: Json = False,
) -> None:
    """Send a test notice, and say whether it arrived; if not, why, and the exit status is 1.

    发送测试通知并报告是否送达；未送达时说明原因，退出码为 1。
    """
    told = asyncio.run(_try(escalation, target, wait))
    if json:
        out.print(jsons.dumps(told, indent=2, ensure_ascii=False), markup=False)
    if told["state"] != State.SENT:
        before = f"wangge notice list --target {target} --state pending"
        why = told["error"] or f"it was not tried yet; what waits before it: {before}"
        raise StackError(
            f"the notice to {target} is {told['state']} after {told['attempts']} attempts: {why}",
            f"发给 {target} 的通知尚未送达（{told['state']}，已尝试 {told['attempts']} 次）",
        )
    if not json:
        note(f"{target} took it", f"{target} 已收到")


@command.command("listen")
def listen(
    *,
    port: Annotated[int, typer.Option(help="On this machine. 本机端口。")] = 9010,
    secret: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="The target's secret. 签名密钥文件。"),
    ] = None,
    json: Json = False,
) -> None:
    """Receive webhooks on this machine, check their signatures and print them, until Ctrl-C.

    在本机接收通知、校验签名并显示，直到 Ctrl-C。
    """
    found = secret or paths.home().notice_secrets / "demo"
    if not found.exists():
        raise StackError(
            f"there is no {found}: start a stack, or name the secret's file with --secret",
            f"找不到 {found}：请先启动，或用 --secret 指定密钥文件",
        )
    note(f"listening on http://127.0.0.1:{port}/", "正在接收")
    notice_listen.listen(port, found.read_text("utf-8").strip(), json=json)


def _table(items: list[dict[str, Any]]) -> Table:
    table = Table()
    for title in (
        "at\n时间",
        "target\n对象",
        "state\n状态",
        "tries\n次数",
        "what\n事由",
        "case\n案卷",
        "error\n原因",
    ):
        table.add_column(title, overflow="fold")
    table.columns[0].no_wrap = True
    for one in items:
        state = f"[{COLOURS[one['state']]}]{one['state']}[/]"
        table.add_row(
            shown(one["at"]), one["target"], state, str(one["attempts"]),
            OCCASIONS.get(one["occasion"], one["occasion"]),
            one["case_no"] or one["incident_id"] or "", escape(one["error"] or ""),
        )  # fmt: skip
    return table


async def _get(escalation: str | None, path: str, query: dict[str, Any]) -> dict[str, Any]:
    async with acting(address("escalation", escalation), Role.LEADER) as client:
        told: dict[str, Any] = await client.get(path, query)
        return told


async def _try(escalation: str | None, target: str, wait: float) -> dict[str, Any]:
    base = address("escalation", escalation)
    async with acting(base, Role.REGISTRY_ADMINISTRATOR) as client:
        made = await client.post("/v1/notices", {"target": target})
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait
        while True:
            told: dict[str, Any] = await client.get(f"/v1/notices/{made['notice']}")
            if told["attempts"] or told["state"] != State.PENDING or loop.time() > deadline:
                return told  # what the first attempt said is what one wants to know
            await asyncio.sleep(POLL_S)
