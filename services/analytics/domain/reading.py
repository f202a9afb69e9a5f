"""What a timeline needs of the events of others."""

from shared.contracts.cases_v1 import CaseDispatched, CaseFiled
from shared.contracts.reading import WHOLE, Readers, without

FROZEN = (
    "ladder", "notice_ladder", "requests", "flow", "near", "policy", "filing_limit",
    "reopen_within_days",
)  # fmt: skip
"""By what a case goes: rules that others follow."""
OF_CASES = ("case.ladder", "case.notice_ladder", "case.limits", "case.calendar")

READERS: Readers = {
    **WHOLE,
    CaseFiled.TYPE: without(CaseFiled, *OF_CASES, *FROZEN),
    CaseDispatched.TYPE: without(CaseDispatched, *OF_CASES),
}
