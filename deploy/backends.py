"""Which Kafka and which MongoDB a command works on."""

from deploy.local import paths, plan, state
from deploy.local.errors import StackError


def kafka(given: str | None = None) -> str:
    """The bootstrap address: as given, else WANGGE_KAFKA, else that of the stack that runs here.

    Raises StackError when there is none.
    """
    return given or plan.external_kafka() or _stack("--kafka, WANGGE_KAFKA").kafka


def mongo(given: str | None = None) -> str:
    """The URI: as given, else WANGGE_MONGO, else that of the stack that runs here.

    Raises StackError when there is none.
    """
    return given or plan.external_mongo() or _stack("--mongo, WANGGE_MONGO").mongo


def _stack(otherwise: str) -> state.StackState:
    home = paths.home()
    found = state.read(home) if state.running(home) else None
    if found is None:
        raise StackError(
            f"no stack runs in {home.root}: start one with wangge up, or name it ({otherwise})",
            f"{home.root} 没有在运行的服务：请运行 wangge up，或指定 {otherwise}",
        )
    return found
