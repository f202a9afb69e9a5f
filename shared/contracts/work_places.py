"""Where an officer works (工作区域): one rule for all services; pure."""

from shared.contracts.base import Actor
from shared.contracts.case_refs_v1 import UnitRef


def works_at(officer: Actor, grid: str, unit: UnitRef) -> bool:
    """Whether an officer works in a grid, for the unit to which what it put right there counts.

    Not outside its area, or its unit's where it has none, nor for a unit that is not its own.
    """
    if officer.unit is not None and officer.unit != unit.code:
        return False
    return grid.startswith(officer.area if officer.area is not None else unit.area)
