"""What runs where: written by the supervisor alone, read by everybody else."""

import json
import os
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ValidationError

from deploy.local import lock
from deploy.local.paths import Home

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
    """URI for clients."""
    processes: list[ProcessState]

    @property
    def sound(self) -> bool:
        """Whether everything that should run does."""
        good = all(process.state in {"running", "external"} for process in self.processes)
        return self.phase == "ready" and good


def write(home: Home, state: StackState) -> None:
    """Replace the state file in one step: no reader sees half of one."""
    draft = home.state.with_name(f"{home.state.name}.{os.getpid()}")
    draft.write_text(state.model_dump_json(indent=2), encoding="utf-8")
    draft.replace(home.state)


def read(home: Home) -> StackState | None:
    """The last state that a supervisor wrote; None where there is none that can be read."""
    try:
        return StackState.model_validate(json.loads(home.state.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, ValidationError):
        return None


def running(home: Home) -> bool:
    """Whether a supervisor lives."""
    return lock.holder(home.lock) is not None
