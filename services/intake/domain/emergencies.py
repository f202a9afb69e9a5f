"""Whether what is reported endangers lives, and what its reporter is told at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.contracts.incidents_v1 import Report
from shared.registry.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Danger:
    """Whom to call, and the words for it."""

    numbers: tuple[str, ...]

    def told(self) -> dict[str, Any]:
        """As the answer has it."""
        listed = "、".join(self.numbers)
        return {
            "numbers": list(self.numbers),
            "words": {
                "zh": f"情况紧急，可能危及生命：请立即拨打 {listed}，不要等待本平台处理",
                "en": f"Lives may be in danger: call {', '.join(self.numbers)} now, do not wait",
            },
        }


def danger(report: Report, registry: Snapshot, at: datetime) -> Danger | None:
    """What the reporter of an emergency is told; None where no life is in danger.

    Of a matter with several conditions the one that is named counts; where none is, any.
    """
    found = registry.matter(report.matter, at) if report.matter else None
    if found is None:
        return None
    conditions = found[0].conditions
    named = [one for one in conditions if one.code == report.condition] or conditions
    if not any(one.emergency for one in named):
        return None
    place = report.location
    grid = registry.grid_at(*place.coordinates, at) if place else None
    policy = registry.policy(grid.code if grid else report.area, at) or registry.policy(None, at)
    numbers = policy.emergency_numbers if policy else ()
    return Danger(numbers) if numbers else None
