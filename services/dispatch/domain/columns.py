"""The fields beside a dossier's state, by which other decisions find and count it."""

from typing import Any

from services.dispatch.domain.dossier import Dossier
from services.dispatch.domain.flooding import source_of
from services.dispatch.domain.nearness import cell
from services.dispatch.domain.timing import next_due
from shared.contracts.case_v1 import CaseState

OF_OPEN_CASES = ("grid", "grid_n", "adrift", "unit", "member", "cell")


def columns(dossier: Dossier) -> dict[str, Any]:
    """Every column, if only set to nothing: a value from before must not stay.

    ``open`` (whether it is a case that is), and of such ``grid``, ``grid_n``, ``adrift``, ``unit``,
    ``member``, and ``cell`` where others may be linked to it; ``next_due_at`` where something
    happens by itself; ``first`` of a follower, ``void`` of a case that is none any more, ``source``
    and ``received_at`` of what is no follower.
    """
    decided, report = dossier.decided, dossier.report
    case = decided.case
    return {
        **_of_open_case(dossier),
        "next_due_at": next_due(dossier),
        "first": decided.follows.case_id if decided.follows else None,
        "void": True if case is not None and case.state is CaseState.VOIDED else None,
        "source": source_of(report) if report and not decided.follows else None,
        "received_at": report.received_at if report else None,
    }


def _of_open_case(dossier: Dossier) -> dict[str, Any]:
    case, near = dossier.decided.open_case, dossier.decided.near
    if case is None:
        return {"open": False, **dict.fromkeys(OF_OPEN_CASES)}
    return {
        "open": True,
        "grid": case.grid,
        "grid_n": case.grid_n,
        "adrift": dossier.decided.adrift,
        "unit": case.unit.code if case.unit else None,
        "member": case.member,
        "cell": cell(case.matter.code, case.location, near.metres) if near else None,
    }
