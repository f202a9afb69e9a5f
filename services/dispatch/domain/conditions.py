"""Which filing condition (立案条件) of its matter a report is filed under."""

from shared.contracts.incidents_v1 import Report
from shared.contracts.registry_v1 import FilingCondition, Grid, Matter


def condition_of(matter: Matter, report: Report, grid: Grid) -> FilingCondition:
    """The one that the report names, else the first that holds for the grid's class of place.

    Where none holds for it, the first: a case always has limits.
    """
    for one in matter.conditions:
        if one.code == report.condition:
            return one
    fitting = (one for one in matter.conditions if one.zone_class in {None, grid.zone_class})
    return next(fitting, matter.conditions[0])
