"""What runs where: written by the supervisor alone, read by everybody else."""

import json
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ValidationError

from deploy.local import lock, private
from deploy.local.errors import StackError
from deploy.local.paths import Home
from deploy.local.plan import without_password

Condition = Literal["starting", "running", "restarting", "stopped", "external"]
Phase = Literal["starting", "ready", "stopping", "stopped", "failed"]


class ProcessState(BaseModel):
    """One process of the stack."""

    name: str
    pid: int | None = None
    """None where nothing runs now, or where somebody else runs it."""
    address: str
    state: Condition = "starting"
    restarts: int = 0
    """How often it was started again after it had ended by itself."""
    last_exit: int | None = None
    """The exit status of the last run; negative: the number of the signal that ended it."""
    ready_seconds: float | None = None
    """How long its last start took."""
    log: str


class Failure(BaseModel):
    """Why a stack could not be started, in both languages."""

    en: str
    zh: str


class StackState(BaseModel):
    """The whole stack."""

    home: str
    phase: Phase = "starting"
    error: Failure | None = None
    """Why the phase is ``failed``."""
    supervisor: int
    """The supervisor's process id."""
    started_at: datetime
    kafka: str
    """Bootstrap address for clients."""
    mongo: str
    """URI for clients, with the password if it has one; `shown` is without."""
    processes: list[ProcessState]

    @property
    def shown(self) -> "StackState":
        """The state as it may be shown."""
        return self.model_copy(update={"mongo": without_password(self.mongo)})

    @property
    def sound(self) -> bool:
        """Whether everything that should run does."""
        good = all(process.state in {"running", "external"} for process in self.processes)
        return self.phase == "ready" and good


def write(home: Home, state: StackState) -> None:
    """Replace the state file in one step; the password of a MongoDB may stand in it."""
    private.write(home.state, state.model_dump_json(indent=2))


def read(home: Home) -> StackState | None:
    """The last state that a supervisor wrote; None where there is none that can be read.

    Raises:
        StackError: it belongs to another user.
    """
    try:
        return StackState.model_validate(json.loads(home.state.read_text(encoding="utf-8")))
    except PermissionError as error:
        raise StackError(
            f"{home.state} may be read by its owner only: run the command as who started the stack",
            f"只有启动服务的用户可以读取 {home.state}：请以该用户运行",
        ) from error
    except (FileNotFoundError, ValueError, ValidationError):
        return None


def running(home: Home) -> bool:
    """Whether a supervisor lives."""
    return lock.holder(home.lock) is not None
