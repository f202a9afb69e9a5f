"""The fields beside a dossier's state, by which open cases are found and counted."""

from typing import Any

from services.dispatch.domain.dossier import Dossier
from shared.contracts.cases_v1 import CaseState

ENDED = frozenset({CaseState.CLOSED, CaseState.VOIDED})


def columns(dossier: Dossier) -> dict[str, Any]:
    """Every column, if only set to nothing: a value from before must not stay.

    ``open`` (whether it is a case that is), ``grid``, ``grid_n``, ``adrift`` and ``unit`` of it.
    """
    case = dossier.decided.case
    if case is None or case.state in ENDED:
        return {"open": False, "grid": None, "grid_n": None, "adrift": None, "unit": None}
    return {
        "open": True,
        "grid": case.grid,
        "grid_n": case.grid_n,
        "adrift": dossier.decided.adrift,
        "unit": case.unit.code if case.unit else None,
    }
