"""``wangge order``: orders without a case, issued, acknowledged and withdrawn on this machine."""

import asyncio
import json as jsons
import re
import uuid
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from deploy.addresses import address
from deploy.cli import order_view
from deploy.cli.acting import acting
from deploy.cli.console import note, out
from deploy.cli.instants import EXAMPLE, shown, typed
from deploy.cli.options import Analytics, Json, Where
from deploy.client import Client
from deploy.local import paths
from deploy.local.errors import StackError
from deploy.tokens import mint_for
from shared.platform.clock import system_clock
from shared.platform.security import Role

command = typer.Typer(no_args_is_help=True)
AREA = re.compile(r"\d{4}|\d{6}|\d{9}|\d{12}")
FROM_NOW = re.compile(r"\+(\d{1,5})([mhd])")
SPANS = {"m": "minutes", "h": "hours", "d": "days"}
Name = Annotated[str, typer.Argument(help="Order number or id. 指令号或编号。")]
Subject = Annotated[str | None, typer.Option(help="Who acts. 操作人代号。")]
Of = Annotated[str, typer.Option("--of", help="The unit that answers. 回执单位代码。")]
As = Annotated[Role, typer.Option("--as", help="The role to act in. 角色。")]
Area = Annotated[str | None, typer.Option(help="The area that the actor has. 操作人所辖区划。")]


@command.command("issue")
def issue(
    *,
    to: Annotated[
        list[str],
        typer.Option("--to", help="A unit's code, or an area's (4, 6, 9, 12 digits). 单位或区划。"),
    ],
    deadline: Annotated[
        str, typer.Option(help=f"{EXAMPLE} (with its zone), or +90m, +8h, +2d. 办理期限。")
    ],
    title: Annotated[str, typer.Option(help="What it is called. 标题。")],
    text: Annotated[str, typer.Option(help="What is to be done. 内容。")] = "",
    role: As = Role.LEADER,
    area: Area = None,
    subject: Subject = None,
    key: Annotated[str | None, typer.Option(help="Idempotency-Key. 幂等键。")] = None,
    intake: Where = None,
    json: Json = False,
) -> None:
    """Issue an order to units, and to every unit of areas; it needs no case.

    向单位或区划内全部单位下达指令，无需案卷；被拒时说明原因，退出码为 1。
    """
    areas = [one for one in to if AREA.fullmatch(one)]
    body = {
        "title": title,
        "text": text,
        "deadline": due(deadline, system_clock()),
        "areas": areas,
        "units": [one for one in to if one not in areas],
    }
    token = _token(role, subject, area=area)
    told = asyncio.run(_post(intake, "/v1/orders", body, token, key or str(uuid.uuid4())))
    _show(told, json=json)


@command.command("list")
def show_list(
    *,
    unit: Annotated[str | None, typer.Option(help="Addressed to a unit. 某单位。")] = None,
    area: Annotated[str | None, typer.Option(help="To units of an area. 某区划。")] = None,
    state: Annotated[
        str | None, typer.Option(help="open, done, overdue, withdrawn. 状态。")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many. 条数。")] = 50,
    analytics: Analytics = None,
    json: Json = False,
) -> None:
    """The newest orders, and how many units have read and done each.

    指令列表：各有多少单位已阅、办结、逾期。
    """
    asked = {"unit": unit, "area": area, "state": state, "limit": str(limit)}
    query = {name: value for name, value in asked.items() if value is not None}
    told = asyncio.run(_get("/v1/orders", address("analytics", analytics), query))
    if json:
        out.print(jsons.dumps(told, indent=2, ensure_ascii=False), markup=False)
        return
    out.print(order_view.listed(told["items"]))
    if told["next"]:
        note("there are more: --limit", "还有更多：--limit")


@command.command("show")
def show(name: Name, *, intake: Where = None, json: Json = False) -> None:
    """One order and what each of its units has said.

    查看一条指令及各单位回执。
    """
    _show(asyncio.run(_get(f"/v1/orders/{name}", address("intake", intake), None)), json=json)


@command.command("read")
def read(
    name: Name,
    *,
    of: Of,
    role: As = Role.UNIT_MEMBER,
    subject: Subject = None,
    intake: Where = None,
    json: Json = False,
) -> None:
    """Say for a unit that it has read an order.

    代单位回执：已阅。
    """
    told = _receipt(name, {"receipt": "read"}, _token(role, subject, of=of), intake)
    _show(told, json=json)


@command.command("done")
def done(
    name: Name,
    *,
    of: Of,
    said: Annotated[str, typer.Option(help="What was done. 办理说明。")] = "",
    role: As = Role.UNIT_MEMBER,
    subject: Subject = None,
    intake: Where = None,
    json: Json = False,
) -> None:
    """Say for a unit that it has done what an order says; the first words stand.

    代单位回执：办结；以首次说明为准。
    """
    body = {"receipt": "done", "said": said}
    told = _receipt(name, body, _token(role, subject, of=of), intake)
    _show(told, json=json)
    for unit in told["units"]:
        if unit["unit"] == of and unit["said"] != said:
            note(
                f"{of} said so before, at {shown(unit['done_at'])}; nothing new was taken",
                f"{of} 此前已回执办结，本次说明未收录",
            )


@command.command("withdraw")
def withdraw(
    name: Name,
    *,
    reason: Annotated[str, typer.Option(help="Why. 理由。")],
    role: As = Role.LEADER,
    area: Area = None,
    subject: Subject = None,
    intake: Where = None,
    json: Json = False,
) -> None:
    """Withdraw an order: nobody has to do it any more; the first reason stands.

    撤回指令；以首次理由为准。
    """
    token = _token(role, subject, area=area)
    path = f"/v1/orders/{name}/withdrawal"
    told = asyncio.run(_post(intake, path, {"reason": reason}, token))
    _show(told, json=json)
    if told["withdrawn_because"] != reason:
        note(
            f"it was withdrawn before, at {shown(told['withdrawn_at'])}; nothing new was taken",
            "指令此前已撤回，本次理由未收录",
        )


def due(text: str, now: datetime) -> str:
    """A deadline as it was typed, as an instant.

    Raises StackError where it is none, or has no zone.
    """
    found = FROM_NOW.fullmatch(text)
    if found is not None:
        return (now + timedelta(**{SPANS[found[2]]: int(found[1])})).isoformat()
    try:
        return typed(text, "+8h").isoformat()
    except (ValueError, OverflowError) as error:
        raise StackError(
            f"{text} is no deadline: write {EXAMPLE}, +90m, +8h or +2d",
            f"{text} 不是期限：请写 {EXAMPLE}、+90m、+8h 或 +2d",
        ) from error


def _token(
    role: Role, subject: str | None, *, of: str | None = None, area: str | None = None
) -> str:
    who = subject or f"dev-{role}" + (f"-{of}" if of else "")
    return mint_for(paths.home(), role, subject=who, unit=of, area=area)


def _receipt(name: str, body: dict[str, str], token: str, intake: str | None) -> dict[str, Any]:
    return asyncio.run(_post(intake, f"/v1/orders/{name}/receipts", body, token))


async def _post(
    intake: str | None, path: str, body: dict[str, Any], token: str, key: str | None = None
) -> dict[str, Any]:
    async with Client(address("intake", intake), token) as client:
        told: dict[str, Any] = await client.post(path, body, key)
        return told


async def _get(path: str, base: str, query: dict[str, str] | None) -> dict[str, Any]:
    async with acting(base, Role.LEADER) as client:
        told: dict[str, Any] = await client.get(path, query)
        return told


def _show(told: dict[str, Any], *, json: bool) -> None:
    if json:
        out.print(jsons.dumps(told, indent=2, ensure_ascii=False), markup=False)
        return
    for part in order_view.one(told):
        out.print(part)
