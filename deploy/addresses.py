"""Where a part of the stack answers: as the command line says, else as the supervisor wrote."""

from typing import Literal

from deploy.local import paths, state
from deploy.local.errors import StackError

Part = Literal["intake", "escalation", "analytics", "kafka"]


def address(part: Part, given: str | None = None) -> str:
    """The address given, else that of the stack that runs in this home.

    The base URL of a service, the bootstrap address of Kafka. Raises StackError when no address
    is given and no stack runs.
    """
    if given:
        return given
    home = paths.home()
    found = state.read(home)
    if found is None or not state.running(home):
        raise StackError(
            f"no stack runs in {home.root}: start one with wangge up, or name --{part}",
            f"{home.root} 没有在运行的服务：请运行 wangge up，或用 --{part} 指定地址",
        )
    if part == "kafka":
        return found.kafka
    return next(f"http://{one.address}" for one in found.processes if one.name == part)
