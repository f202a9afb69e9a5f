"""Whether the registry has, or ever had, what somebody names."""

from http import HTTPStatus
from urllib.parse import quote

from deploy.cli.acting import acting
from deploy.client import RefusedError
from shared.platform.security import Role


async def is_known(base: str, kind: str, code: str) -> bool:
    """Whether there is such an entry, also a withdrawn one. Raises RefusedError, AwayError."""
    try:
        async with acting(base, Role.LEADER) as client:
            await client.get(f"/v1/registry/{kind}/{quote(code, safe='')}")
    except RefusedError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return False
        raise
    return True
