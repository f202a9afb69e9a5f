"""``wangge registry withdraw``: an entry holds no more, and nobody's open case is lost."""

import asyncio
import json as jsons
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from deploy import redraws
from deploy.addresses import address
from deploy.cli import registry_check
from deploy.cli.acting import acting
from deploy.cli.console import note, out
from deploy.cli.options import AcceptFindings, Json, Where
from shared.platform.security import Role


def withdraw(
    key: Annotated[str, typer.Argument(help="kind/code, 如 unit/u-1. 类别/编码。")],
    *,
    move_to: Annotated[
        str | None,
        typer.Option(
            "--move-to",
            help="Who takes over: of a unit or officer its open cases, of a matter what is "
            "reported from now on. "
            "接手者的编码：单位、网格员移交在办案卷，事项则为今后改报的事项。",
        ),
    ] = None,
    accept_findings: AcceptFindings = False,
    intake: Where = None,
    json: Json = False,
) -> None:
    """Withdraw an entry from now on; one that has open cases only with --move-to.

    撤销一个条目；有在办案卷的，须用 --move-to 指定接手者。
    """
    base = address("intake", intake)
    told = asyncio.run(_send(base, key, move_to, accept_findings=accept_findings))
    if json:
        out.print(jsons.dumps(told, indent=2, ensure_ascii=False), markup=False)
        return
    registry_check.listed(redraws.features(told))
    note(f"{key} holds no more from {told['valid_until']} on", f"{key} 已撤销")
    if told.get("successor"):
        _tell_successor(key, told["successor"])


def _tell_successor(key: str, successor: str) -> None:
    if key.startswith("matter/"):
        note(
            f"its open cases stay under it; {successor} is to be reported instead",
            "在办案卷仍按原事项办理，今后改报接手事项",
        )
    else:
        note(f"its open cases go to {successor}", "在办案卷由其接手")


async def _send(
    base: str, key: str, move_to: str | None, *, accept_findings: bool
) -> Mapping[str, Any]:
    async with acting(base, Role.REGISTRY_ADMINISTRATOR) as client:
        return await redraws.withdraw(client, key, move_to, accept_findings=accept_findings)
