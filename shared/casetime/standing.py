"""What a case waits for, and for whom: the one place that says whose time passes."""

from collections.abc import Mapping
from typing import NamedTuple

from shared.contracts.case_v1 import OPEN_TASKS, Case, CaseState
from shared.contracts.time_v1 import SUSPENSION, TimeStage

STAGES: Mapping[CaseState, TimeStage] = {
    CaseState.FILED: TimeStage.DISPATCH,
    CaseState.DISPATCHED: TimeStage.ACCEPT,
    CaseState.ACCEPTED: TimeStage.HANDLE,
    CaseState.HANDLED: TimeStage.VERIFY,
}
"""What an open case waits for."""
OF_UNITS = (TimeStage.ACCEPT, TimeStage.HANDLE)
"""The stages whose time is a unit's, unless its flow waits for others; that of the rest is the
centres'."""


class Standing(NamedTuple):
    """What a case waits for until its next event."""

    stage: TimeStage
    holder: str | None = None
    """The unit that it is with."""
    suspension: int | None = None
    """Which suspension is in force, from 1."""
    joining: bool = False
    """Whether the lead is done, and it waits for one that co-operates."""
    others: bool = False
    """Whether that unit can do nothing: its flow waits for an inspector, or for the centre."""

    @property
    def unit(self) -> str | None:
        """The unit whose time passes."""
        return None if self.suspension is not None or self.others else self.holder

    @property
    def share(self) -> str:
        """Under which share of the ledger its time is counted."""
        if self.suspension is not None:
            return f"{self.stage}/{SUSPENSION}{self.suspension}"
        return self.stage.value if self.unit is None else f"{self.stage}/{self.unit}"


FILING = Standing(TimeStage.FILING)
CLOSED = Standing(TimeStage.CLOSED)


def standing(case: Case) -> Standing | None:
    """What a case waits for; None where it has ended."""
    stage = STAGES.get(case.state)
    if stage is None:
        return None
    suspension = None if case.suspension is None else case.suspensions
    if stage not in OF_UNITS:
        return Standing(stage, None, suspension)
    if case.lead_done_at is not None:
        for one in case.tasks:
            if one.needed and one.state in OPEN_TASKS:
                return Standing(stage, one.unit.code, suspension, joining=True)
    flow = case.flow if stage is TimeStage.HANDLE else None
    others = flow is not None and flow.waits_for_others
    return Standing(stage, case.unit.code if case.unit else None, suspension, others=others)
