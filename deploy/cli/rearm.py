"""``wangge case rearm``: open cases of an area go by the policy now in force, through the door."""

import asyncio
import json as jsons
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

import typer
from rich.progress import Progress
from rich.table import Table

from deploy.addresses import address
from deploy.cli.acting import acting
from deploy.cli.console import err, note, out
from deploy.cli.options import Analytics, Json, Where
from deploy.client import Client, Params
from deploy.local.errors import StackError
from deploy.words import word
from shared.platform.security import Role

AT_ONCE = 16
PATIENCE_S = 30.0
ASKED_EVERY_S = 0.1
PAGE = 200
SHOWN = 50
REASON = "按新政策重设 armed anew by the policy in force"
TO_BE_ASKED = "to_be_asked"
"""What becomes of a case of a dry run."""
Told = dict[str, Any]
"""What became of one case."""


def rearm(
    *,
    area: Annotated[str, typer.Option(help="The area whose open cases. 区划。")],
    matter: Annotated[str | None, typer.Option(help="Only of this matter. 限某事项。")] = None,
    reason: Annotated[str, typer.Option(help="Why. 理由。")] = REASON,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list them. 只列出。")] = False,
    intake: Where = None,
    analytics: Analytics = None,
    json: Json = False,
) -> None:
    """Let all open cases of an area go by the policy that is now in force there.

    对某区划的全部在办案卷按现行政策重设督办阶梯、提醒、审批规则与重开期限；已发出的督办不变。
    """
    params: dict[str, Any] = {"area": area, "state": "open", "limit": PAGE}
    if matter is not None:
        params["matter"] = matter
    cases = asyncio.run(_open(address("analytics", analytics), params))
    if dry_run:
        told = [{**one, "state": TO_BE_ASKED} for one in cases]
    else:
        told = asyncio.run(_all(address("intake", intake), cases, reason))
    counts = Counter(one["rule"] or one["state"] for one in told)
    if json:
        out.print(jsons.dumps({"counts": counts, "cases": told}, indent=2, ensure_ascii=False),
                  markup=False)  # fmt: skip
    else:
        _show(told, counts)
    failed = [one for one in told if one["state"] not in {"done", TO_BE_ASKED}]
    if any(one["rule"] != "nothing_to_rearm" for one in failed):
        raise StackError("not every case could be armed anew, see above", "有案卷未能重设，见上表")


def _show(told: Sequence[Told], counts: Counter[str]) -> None:
    table = Table("case 案卷", "matter 事项", "state 状态", "outcome 结果")
    for one in told[:SHOWN]:
        table.add_row(one["case_no"], one["matter"], one["was"], _both(one["rule"] or one["state"]))
    if told:
        out.print(table)
    if len(told) > SHOWN:
        note(f"and {len(told) - SHOWN} more", f"另有 {len(told) - SHOWN} 件")
    en = ", ".join(f"{word(one, 'en')}: {count}" for one, count in sorted(counts.items()))
    zh = "，".join(f"{word(one, 'zh')} {count}" for one, count in sorted(counts.items()))
    note(f"{len(told)} open cases; {en or '-'}", f"在办 {len(told)} 件；{zh or '-'}")


def _both(code: str) -> str:
    return f"{word(code, 'zh')} {word(code, 'en')}"


async def _open(base: str, params: Params) -> list[Told]:
    async with acting(base, Role.LEADER) as client:
        return [
            {
                "incident_id": one["incident_id"], "case_no": one["case_no"], "rule": None,
                "matter": (one["matter"] or {}).get("code", "-"), "was": one["state"],
            }
            async for one in _pages(client, params)
        ]  # fmt: skip


async def _pages(client: Client, params: Params) -> AsyncIterator[Told]:
    cursor: dict[str, str] = {}
    while True:
        page = await client.get("/v1/cases", {**params, **cursor})
        for one in page["items"]:
            yield one
        if page["next"] is None:
            return
        cursor = {"cursor": page["next"]}


async def _all(base: str, cases: Sequence[Told], reason: str) -> list[Told]:
    """Ask for each, so many at once; what became of them, in their order."""
    free, run = asyncio.Semaphore(AT_ONCE), uuid.uuid4()
    async with acting(base, Role.SUPERVISOR) as client:
        with Progress(console=err, transient=True) as progress:
            bar = progress.add_task("arming anew 正在重设", total=len(cases))

            async def one(case: Told) -> Told:
                async with free:
                    found = await _one(client, case, reason, run)
                progress.advance(bar)
                return {**case, **found}

            return await asyncio.gather(*map(one, cases))


async def _one(client: Client, case: Told, reason: str, run: uuid.UUID) -> Told:
    where = f"/v1/cases/{case['incident_id']}/actions"
    body = {"action": "rearm", "reason": reason}
    asked = await client.post(where, body, str(uuid.uuid5(run, case["incident_id"])))
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                told = await client.get(f"{where}/{asked['action_id']}")
                if told["state"] != "pending":
                    return {"state": told["state"], "rule": told["rule"]}
                await asyncio.sleep(ASKED_EVERY_S)
    except TimeoutError:
        return {"state": "pending", "rule": None}
