"""``wangge case``: the table of what may be done, inboxes, and doing it on this machine."""

import asyncio
import json as jsons
import uuid
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from deploy.addresses import address
from deploy.cli import order_view, rearm
from deploy.cli.acting import acting
from deploy.cli.console import counted, err, note, out
from deploy.cli.instants import shown
from deploy.cli.kept_elsewhere import paper_ref, photo_ref
from deploy.cli.known import is_known
from deploy.cli.options import Analytics, CaseName, Json, Where
from deploy.client import Client
from deploy.local import paths
from deploy.local.errors import StackError
from deploy.tokens import mint_for
from services.dispatch.domain.printed import as_diagram, as_markdown, as_rows
from shared.platform.security import Role

command = typer.Typer(no_args_is_help=True)
PATIENCE_S = 15.0
ASKED_EVERY_S = 0.1


class Spelling(StrEnum):
    """How the table is printed."""

    MARKDOWN = "markdown"
    MERMAID = "mermaid"
    JSON = "json"


@command.command("table")
def show_table(
    spelling: Annotated[
        Spelling, typer.Option("--format", help="markdown, mermaid 状态图, json.")
    ] = Spelling.MARKDOWN,
) -> None:
    """Print what may be done with a case, by whom, in which state, and what follows.

    打印案卷操作表：谁、在何种状态下、可作何操作、结果如何。
    """
    if spelling is Spelling.MARKDOWN:
        typer.echo(as_markdown(), nl=False)
    elif spelling is Spelling.MERMAID:
        typer.echo(as_diagram(), nl=False)
    else:
        typer.echo(jsons.dumps(as_rows(), ensure_ascii=False, indent=1))


@command.command("inbox")
def inbox(
    *,
    desk: Annotated[bool, typer.Option("--desk", help="The acceptance desk's. 受理。")] = False,
    centre: Annotated[bool, typer.Option("--centre", help="The centre's. 派遣中心。")] = False,
    checks: Annotated[bool, typer.Option("--checks", help="The inspectors'. 核查。")] = False,
    unit: Annotated[str | None, typer.Option(help="A unit's, by its code. 某单位。")] = None,
    watcher: Annotated[
        str | None, typer.Option(help="What this area has supervised and watches. 督办关注。")
    ] = None,
    area: Annotated[str | None, typer.Option(help="Only of this area. 限某区划。")] = None,
    analytics: Analytics = None,
    intake: Where = None,
    json: Json = False,
) -> None:
    """What somebody has to do, the most urgent first; ``!``: late, or an order to sign for.

    待办列表：督办件在前，其余按到期时间排列；“!”表示已超时，或督办尚无人签收。
    With --watcher: the open cases that its centre watches, the newest first.
    """
    named = {"/v1/desk": desk, "/v1/centre": centre, "/v1/checks": checks}
    chosen = [path for path, wanted in named.items() if wanted]
    chosen += [f"/v1/units/{unit}/tasks"] if unit else []
    chosen += ["/v1/cases"] if watcher else []
    if len(chosen) != 1:
        raise StackError(
            "say whose inbox: one of --desk, --centre, --checks, --unit CODE, --watcher AREA",
            "请指明一个待办箱：--desk、--centre、--checks、--unit 单位代码或 --watcher 区划代码",
        )
    asked = {"area": area, **({"watcher": watcher, "state": "open"} if watcher else {})}
    query = {name: value for name, value in asked.items() if value is not None}
    told = asyncio.run(_inbox(address("analytics", analytics), chosen[0], query))
    if unit is not None and not any(told[name] for name in ("count", "orders_count")):
        known = asyncio.run(is_known(address("intake", intake), "unit", unit))
        if not known:
            raise StackError(f"there is no unit {unit}", f"没有单位 {unit}")
    if json:
        out.print(jsons.dumps(told, indent=2, ensure_ascii=False), markup=False)
        return
    out.print(_listed(told["items"]))
    if unit is None:
        count = told.get("count", len(told["items"]))
        if told.get("next"):
            note(f"the newest {count}; there are more", f"最新 {count} 件，还有更多")
        else:
            note(f"{count} in all", f"共 {count} 件")
        return
    if told["orders"]:
        out.print(order_view.tasks(told["orders"]))
    cases, orders = told["count"], told["orders_count"]
    note(
        f"{counted(cases, 'case')}, {counted(orders, 'order')}",
        f"案卷 {cases} 件，指令 {orders} 条",
    )


def _listed(rows: Sequence[Mapping[str, Any]]) -> Table:
    """What is to be done, each with its matter below its number: 80 columns are enough."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("case 案卷\nmatter 事项", overflow="fold", max_width=28)
    table.add_column("to do\n待办", overflow="fold")
    table.add_column("due\n到期", no_wrap=True)
    table.add_column("supervision\n督办", overflow="fold", max_width=11)
    for row in rows:
        names = (row["matter"] or {}).get("names") or {}
        number = row["case_no"] or row["receipt_no"] or row["incident_id"]
        due = shown(row["due_at"]) + (" !" if row["overdue"] else "")
        order = (row["supervision"] or "-") + (" !" if row.get("unacknowledged") else "")
        matter = f"{names.get('zh', '-')} {names.get('en', '')}"
        table.add_row(f"{number}\n{matter}", _to_do(row), due, order)
    return table


def _to_do(row: Mapping[str, Any]) -> str:
    """The actions, why it waits, what the rules tried, and in which state its flow is.

    Of a case that is only watched, its state.
    """
    if "actions" not in row:
        return str(row["state"])
    said = " ".join(row["actions"])
    if row["reason"]:
        said += f" ({row['reason']})"
    for one in row["tried"]:
        words = one["explanation"]
        said += f"\n{one['rule']}: {words['zh']} {words['en']}"
    if row["flow"] and "end" not in row["flow"]:
        names = row["flow"]["state"]["names"]
        said += f": {names['zh']} {names['en']}"
    return said


async def _inbox(base: str, path: str, query: Mapping[str, str]) -> dict[str, Any]:
    async with acting(base, Role.LEADER) as client:
        told: dict[str, Any] = await client.get(path, query)
        return told


@command.command("act")
def act(
    case: CaseName,
    action: Annotated[str, typer.Argument(help="accept, return, handled, ... 操作，见 table。")],
    *,
    role: Annotated[Role, typer.Option("--as", help="The role to act in. 角色。")],
    of: Annotated[str | None, typer.Option("--of", help="The actor's unit. 操作人单位。")] = None,
    subject: Annotated[str | None, typer.Option(help="Who acts. 操作人代号。")] = None,
    reason: Annotated[str, typer.Option(help="Why. 理由。")] = "",
    unit: Annotated[str | None, typer.Option(help="The unit named. 指定单位。")] = None,
    area: Annotated[str | None, typer.Option(help="hand_up, hand_down: to. 区划。")] = None,
    matter: Annotated[str | None, typer.Option(help="file: what it is. 事项。")] = None,
    condition: Annotated[str | None, typer.Option(help="file: which. 立案条件。")] = None,
    to: Annotated[str | None, typer.Option(help="transfer: to which. 转往平台。")] = None,
    until: Annotated[str | None, typer.Option(help="suspend: review date. 复核日期。")] = None,
    clock: Annotated[str | None, typer.Option(help="appeal: which. 申诉的计时。")] = None,
    appeal: Annotated[
        str | None, typer.Option(help="uphold, overrule: which, lead/handle/1. 哪项申诉。")
    ] = None,
    amount: Annotated[float | None, typer.Option(help="extend: by how much. 延长量。")] = None,
    level: Annotated[str | None, typer.Option(help="supervise: which order. 督办级别。")] = None,
    turn: Annotated[str | None, typer.Option(help="step: the turn. 流程去向。")] = None,
    paper: Annotated[
        list[str] | None, typer.Option(help="step: CODE=FILE, a paper of the turn. 文书。")
    ] = None,
    photo: Annotated[
        list[str] | None,
        typer.Option(help="after=FILE or after=REF=SHA256; before too. 处置前后照片。"),
    ] = None,
    finding: Annotated[
        list[str] | None,
        typer.Option(help="step: ITEM or ITEM=WORDS, found by an inspection. 检查发现。"),
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="file, look, verify: LON,LAT, where it is. 位置。")
    ] = None,
    needed: Annotated[
        bool | None, typer.Option("--needed/--optional", help="whistle: wait for it. 是否必须。")
    ] = None,
    seen: Annotated[
        int | None, typer.Option(help="The last event seen of it, by its number. 已见事件序号。")
    ] = None,
    passed: Annotated[
        bool | None, typer.Option("--passed/--failed", help="verify: the result. 核查结果。")
    ] = None,
    intake: Where = None,
    json: Json = False,
) -> None:
    """Ask for an action with a development key, and say what became of it.

    Findings are reported as incidents of their own; their receipt numbers are printed.

    用开发令牌发起一次操作并等待结果；被拒时说明规则，退出码为 1。检查发现逐条另行上报，列出受理号。
    """
    who = subject or f"dev-{role}" + (f"-{of}" if of else "")
    token = mint_for(paths.home(), role, subject=who, unit=of)
    said = {
        "action": action, "reason": reason, "unit": unit, "area": area, "matter": matter, "to": to,
        "until": until, "amount": amount, "passed": passed, "clock": clock, "appeal": appeal,
        "level": level, "turn": turn, "papers": [paper_ref(one) for one in paper or ()] or None,
        "findings": [_finding(one) for one in finding or ()] or None,
        "location": _point(at) if at is not None else None, "needed": needed,
        "expected_sequence": seen, "condition": condition,
        "photos": [photo_ref(one) for one in photo or ()] or None,
    }  # fmt: skip
    body = {name: value for name, value in said.items() if value is not None}
    with err.status("asking 正在办理"):
        told = asyncio.run(_act(address("intake", intake), case, body, token))
    _became(told, json=json)


def _became(told: Mapping[str, Any], *, json: bool) -> None:
    """Say what became of an action, and of its findings. Raises StackError unless it is done.

    The findings are reported also where the action is refused.
    """
    for one in () if json else told["findings"]:
        out.print(f"finding 检查发现 {one['item']}: {one['receipt_no']}", markup=False)
    if json:
        out.print(jsons.dumps(told, indent=2, ensure_ascii=False), markup=False)
    elif told["state"] == "done":
        note("done", "已办理")
    if told["state"] != "done":
        words = told["explanation"] or {"zh": "尚无结果", "en": "nothing was heard of it yet"}
        raise StackError(f"{told['state']}: {told['rule']}: {words['en']}", words["zh"])


command.command("rearm")(rearm.rearm)


def _finding(said: str) -> dict[str, str]:
    """A finding: the item of the checklist, and in words what is wrong."""
    item, _, words = said.partition("=")
    return {"item": item, "description": words}


def _point(said: str) -> dict[str, Any]:
    """A place in WGS 84. Raises StackError."""
    try:
        longitude, latitude = (float(one) for one in said.split(","))
    except ValueError as error:
        raise StackError(
            f"--at {said}: write LON,LAT in degrees", f"--at {said}：请写 经度,纬度"
        ) from error
    return {"type": "Point", "coordinates": [longitude, latitude]}


async def _act(base: str, case: str, body: Mapping[str, Any], token: str) -> dict[str, Any]:
    async with Client(base, token) as client:
        key = str(uuid.uuid4())
        asked = await client.post(f"/v1/cases/{case}/actions", body, key)
        where = f"/v1/cases/{case}/actions/{asked['action_id']}"
        reported = {"findings": asked["findings"]}
        told = {"state": "pending", "rule": None, "explanation": None, **reported}
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    told = {**await client.get(where), **reported}
                    if told["state"] != "pending":
                        return told
                    await asyncio.sleep(ASKED_EVERY_S)
        except TimeoutError:
            return told
