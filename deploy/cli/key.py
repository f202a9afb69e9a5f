"""``wangge key``: a bearer token for development."""

from typing import Annotated

import typer

from deploy.cli.console import out
from deploy.local import paths
from deploy.tokens import mint_for
from shared.platform.security import Role, Scope


def command(
    role: Annotated[Role, typer.Option(help="The role to act in. 角色。")],
    unit: Annotated[str | None, typer.Option(help="Code of a unit. 处置单位代码。")] = None,
    area: Annotated[str | None, typer.Option(help="Code of an area. 区划代码。")] = None,
    scope: Annotated[
        list[Scope] | None, typer.Option(help="A scope beside the role. 附加权限。")
    ] = None,
    subject: Annotated[
        str | None, typer.Option(help="The pseudonym of the holder. 持有人代号。")
    ] = None,
) -> None:
    """Print a bearer token that this stack's secret signs.

    打印由本机服务密钥签发的访问令牌。
    """
    name = subject or f"dev-{role}" + (f"-{unit}" if unit else "")
    out.print(
        mint_for(paths.home(), role, unit=unit, area=area, scopes=scope or (), subject=name),
        markup=False,
    )
