"""What a receipt needs of the events of others."""

from services.intake.domain.acceptance import STEPS
from shared.contracts.case_v1 import CaseEvent
from shared.contracts.cases_v1 import CaseFiled, CaseVoided
from shared.contracts.escalations_v1 import ClocksChanged
from shared.contracts.reading import WHOLE, Readers, only

OF_CASES = (
    "incident_id", "action_id", "case.case_no", "case.state", "case.grid", "case.matter",
    "case.component", "case.unit", "case.member", "case.tasks", "case.times",
)  # fmt: skip

READERS: Readers = {
    **WHOLE,
    **{model.TYPE: only(model, *OF_CASES) for model in STEPS if issubclass(model, CaseEvent)},
    CaseFiled.TYPE: only(CaseFiled, *OF_CASES, "place"),
    CaseVoided.TYPE: only(CaseVoided, *OF_CASES, "actor", "reason"),
    ClocksChanged.TYPE: only(
        ClocksChanged,
        "incident_id",
        "clocks.task",
        "clocks.clock",
        "clocks.run",
        "clocks.state",
        "clocks.due_at",
    ),
}
