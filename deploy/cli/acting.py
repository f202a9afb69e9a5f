"""A client that acts on the local stack as somebody with a role."""

from deploy.client import Client
from deploy.local import paths
from deploy.tokens import mint_for
from shared.platform.security import Role


def acting(base: str, role: Role) -> Client:
    """A client of a service, with the development key of a role. Raises StackError without keys."""
    return Client(base, mint_for(paths.home(), role, subject=f"dev-{role}"))
