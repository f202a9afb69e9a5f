"""Where a reported incident is: at its coordinates, else at the place that its address means."""

from datetime import datetime

from shared.contracts.base import Point
from shared.contracts.case_refs_v1 import PlaceRef
from shared.contracts.incidents_v1 import Report
from shared.contracts.rule_v1 import Rule
from shared.registry.snapshot import Snapshot


def locate(
    report: Report, registry: Snapshot, at: datetime
) -> tuple[Point | None, PlaceRef | None, Rule]:
    """The location, the place by which it was found, and the rule that says why there is none.

    The rule means something only where there is no location.
    """
    if report.location is not None:
        return report.location, None, Rule.NO_LOCATION
    if report.address is None or not report.address.strip():
        return None, None, Rule.NO_LOCATION
    match = registry.place_of(report.address, at)
    if match is None:
        return None, None, Rule.UNKNOWN_PLACE
    place = match.place
    found = PlaceRef(code=place.code, names=place.names, score=match.score)
    return place.location, found, Rule.UNKNOWN_PLACE
