"""Bearer tokens for development, signed with the secret of a home."""

from collections.abc import Iterable

from deploy.local.errors import StackError
from deploy.local.paths import Home
from shared.platform.security import Principal, Role, Scope, mint, read_secret


def mint_for(  # noqa: PLR0913 - what a principal consists of
    home: Home,
    role: Role,
    *,
    subject: str,
    unit: str | None = None,
    area: str | None = None,
    scopes: Iterable[Scope] = (),
) -> str:
    """A token of somebody with a role; raises StackError where the home has no secret yet."""
    principal = Principal(subject, frozenset({role}), frozenset(scopes), unit, area)
    try:
        return mint(read_secret(home.secret), principal)
    except FileNotFoundError as error:
        raise StackError(
            f"{home.secret} is not there: the first wangge up writes it",
            f"{home.secret} 不存在：请先运行 wangge up",
        ) from error
