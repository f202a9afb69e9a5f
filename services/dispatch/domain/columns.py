"""The fields beside a dossier's state, by which open cases are found and counted."""

from typing import Any

from services.dispatch.domain.dossier import Dossier
from shared.contracts.cases_v1 import CaseState

OF_OPEN_CASES = ("grid", "grid_n", "adrift", "unit", "member")
ENDED = frozenset({CaseState.CLOSED, CaseState.VOIDED})


def columns(dossier: Dossier) -> dict[str, Any]:
    """Every column, if only set to nothing: a value from before must not stay.

    ``open`` (whether it is a case that is), and of such ``grid``, ``grid_n``, ``adrift``, ``unit``
    and ``member``.
    """
    case = dossier.decided.case
    if case is None or case.state in ENDED:
        return {"open": False, **dict.fromkeys(OF_OPEN_CASES)}
    return {
        "open": True,
        "grid": case.grid,
        "grid_n": case.grid_n,
        "adrift": dossier.decided.adrift,
        "unit": case.unit.code if case.unit else None,
        "member": case.member,
    }
