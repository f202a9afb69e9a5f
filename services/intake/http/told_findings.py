"""Findings as answers have them: with what was done, or with a refusal."""

from collections.abc import Sequence
from typing import Any

from services.intake.domain.findings import GRIDS, Finding, Severity, collection, counted
from shared.platform.http import ProblemError

SHOWN = 200


def members(found: Sequence[Finding]) -> dict[str, Any]:
    """Members of an answer: how many findings there are of each code, and the first of them."""
    if not found:
        return {}
    return {"found": counted(found), "findings": collection(found[:SHOWN])}


def refusal(found: Sequence[Finding]) -> ProblemError:
    """What is answered where something among them is refused: the one code that it has, if one."""
    refused = [one for one in found if one.severity is Severity.REFUSED]
    codes = {one.code for one in refused}
    several = "grid_findings" if codes <= GRIDS else "refused_findings"
    return ProblemError(
        422,
        codes.pop().value if len(codes) == 1 else several,
        f"{len(refused)} findings, nothing was changed; the first: {refused[0].en}; correct what "
        "is wrong, or bring it in as it is with accept_findings=true",
        **members(found),
    )
