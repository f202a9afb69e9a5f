"""What a check found: a stable code, how grave, whom it concerns, in words and on the map."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry


class FindingCode(StrEnum):
    """Stable: programs branch on it."""

    INVALID_POLYGON = "invalid_polygon"
    REPAIRED = "repaired"
    OVERLAP = "overlap"
    GAP = "gap"
    GAP_BETWEEN_COUNTIES = "gap_between_counties"
    DOES_NOT_NEST = "does_not_nest"
    NO_GRID = "no_grid"
    NO_OFFICER = "no_officer"
    NO_CLOCK = "no_clock"
    UNKNOWN_FLOW = "unknown_flow"
    UNKNOWN_NAME = "unknown_name"
    NO_TARGET = "no_target"
    UNKNOWN_MATTER = "unknown_matter"
    NO_INSPECTION = "no_inspection"
    PLAN_OVER = "plan_over"


class Severity(StrEnum):
    """``refused``: an import that brings it is refused unless it accepts it; ``warning``: told."""

    REFUSED = "refused"
    WARNING = "warning"


SEVERITY: Mapping[FindingCode, Severity] = {
    FindingCode.INVALID_POLYGON: Severity.REFUSED,
    FindingCode.REPAIRED: Severity.WARNING,
    FindingCode.OVERLAP: Severity.REFUSED,
    FindingCode.GAP: Severity.REFUSED,
    FindingCode.GAP_BETWEEN_COUNTIES: Severity.WARNING,
    FindingCode.DOES_NOT_NEST: Severity.WARNING,
    FindingCode.NO_GRID: Severity.WARNING,
    FindingCode.NO_OFFICER: Severity.WARNING,
    FindingCode.NO_CLOCK: Severity.WARNING,
    FindingCode.UNKNOWN_FLOW: Severity.WARNING,
    FindingCode.UNKNOWN_NAME: Severity.WARNING,
    FindingCode.NO_TARGET: Severity.REFUSED,
    FindingCode.UNKNOWN_MATTER: Severity.REFUSED,
    FindingCode.NO_INSPECTION: Severity.REFUSED,
    FindingCode.PLAN_OVER: Severity.WARNING,
}


GRIDS = frozenset({FindingCode.INVALID_POLYGON, FindingCode.OVERLAP, FindingCode.GAP})
"""What is refused of grids."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong; ``geometry`` is where (degrees), where that is known."""

    code: FindingCode
    codes: tuple[str, ...]
    """The grids concerned, in order, an area that is missing, a matter, a flow, a plan, or a rule's
    area and its code; the first hundred."""
    zh: str
    en: str
    geometry: BaseGeometry | None = None
    square_metres: float | None = None
    """Of an overlap or a gap."""

    @property
    def severity(self) -> Severity:
        """How grave it is."""
        return SEVERITY[self.code]

    def feature(self) -> dict[str, Any]:
        """As a GeoJSON feature."""
        properties: dict[str, Any] = {
            "code": self.code.value,
            "severity": self.severity.value,
            "codes": list(self.codes),
            "zh": self.zh,
            "en": self.en,
        }
        if self.square_metres is not None:
            properties["square_metres"] = round(self.square_metres, 1)
        drawn = None if self.geometry is None else mapping(self.geometry)
        return {"type": "Feature", "geometry": drawn, "properties": properties}


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """The refused ones first, then by code; of one code the largest first."""
    codes = list(FindingCode)
    return sorted(
        findings,
        key=lambda one: (
            one.severity is not Severity.REFUSED,
            codes.index(one.code),
            -(one.square_metres or 0),
            one.codes,
        ),
    )


def counted(findings: Iterable[Finding]) -> dict[str, int]:
    """How many there are of each code."""
    return dict(sorted(Counter(one.code.value for one in findings).items()))


def collection(findings: Sequence[Finding]) -> dict[str, Any]:
    """As a GeoJSON FeatureCollection."""
    return {"type": "FeatureCollection", "features": [one.feature() for one in findings]}
