"""Whether a clock runs while a matter's cases are handled: else nobody is told when one lies."""

from collections.abc import Iterable

from services.intake.domain.findings import Finding, FindingCode
from shared.contracts.registry_v1 import Entry, Matter


def without_clock(changed: Iterable[Entry]) -> list[Finding]:
    """The filing conditions of a change without a limit to handle, and none for the whole case.

    Of a flow each state has a limit of its own.
    """
    matters = sorted((one for one in changed if isinstance(one, Matter)), key=lambda one: one.code)
    return [
        _finding(matter.code, condition.code)
        for matter in matters
        for condition in matter.conditions
        if matter.flow is None and condition.limits.handle is condition.limits.total is None
    ]


def _finding(matter: str, condition: str) -> Finding:
    return Finding(
        FindingCode.NO_CLOCK,
        (matter,),
        f"事项 {matter} 的立案条件 {condition} 既没有处置时限，也没有总时限："
        "案卷搁置时无人计时、无人督办",
        f"filing condition {condition} of matter {matter} has a limit neither to handle it nor for "
        "the whole case: nobody is told of a case that lies",
    )
