"""A report as it is sent: where it is in any system, and where its reporter is."""

from typing import Annotated

from pydantic import BeforeValidator
from pydantic.json_schema import SkipJsonSchema

from services.intake.domain.coordinates import to_wgs84
from shared.contracts.base import Point
from shared.contracts.incidents_v1 import CoordinateSystem, DistanceBand, Located, Report
from shared.registry.distance import metres

AT_THE_PLACE_M, NEAR_BY_M = 50.0, 500.0
_TAKEN_OVER = tuple(
    name
    for name in Report.model_fields
    if name not in {"sent_location", "reporter_distance", "plan", "arises_from"}
)


def _not_from_a_client(_value: object) -> None:
    raise ValueError(
        "intake writes this itself: send location with location_system, the reporter's own place "
        "as position, and what an inspection found as findings of its action"
    )


Ours = SkipJsonSchema[Annotated[None, BeforeValidator(_not_from_a_client)]]


class ReportBody(Report):
    """What may be sent of a report (上报内容); what is kept of it is a ``Report``."""

    location_system: CoordinateSystem = CoordinateSystem.WGS84
    """The system of ``location`` and ``position``: wgs84, cgcs2000, gcj02 (Amap, Tencent) or bd09
    (Baidu)."""
    position: Point | None = None
    """Where the reporter is. Only how far that is from ``location`` is kept, as one of three
    bands; the position itself never is."""
    sent_location: Ours = None
    reporter_distance: Ours = None
    plan: Ours = None
    arises_from: Ours = None

    def report(self) -> Report:
        """The report in WGS 84, the same for the same body, without the reporter's position."""
        system = self.location_system
        kept = {name: getattr(self, name) for name in _TAKEN_OVER}
        kept |= in_wgs84(system, self.location)
        place: Point | None = kept["location"]
        if self.position is not None and place is not None:
            reporter = to_wgs84(system, self.position.coordinates)
            kept["reporter_distance"] = band(metres(*place.coordinates, *reporter))
        return Report.model_validate(kept)


def in_wgs84(system: CoordinateSystem, sent: Point | None) -> dict[str, Point | Located]:
    """What is kept of a location in another system: it in WGS 84, and as it was sent."""
    if sent is None or system is CoordinateSystem.WGS84:
        return {}
    return {
        "location": Point(coordinates=to_wgs84(system, sent.coordinates)),
        "sent_location": Located(system=system, coordinates=sent.coordinates),
    }


def band(distance_m: float) -> DistanceBand:
    """How far somebody is from a place, in words; 50 m and 500 m still belong to the nearer one."""
    if distance_m <= AT_THE_PLACE_M:
        return DistanceBand.AT_THE_PLACE
    return DistanceBand.NEAR_BY if distance_m <= NEAR_BY_M else DistanceBand.AWAY
