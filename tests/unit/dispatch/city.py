"""A small city as a registry: four grids in a row, and whoever may be given a case."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from services.dispatch.domain.subject import Subject, local_time
from shared.contracts.base import Limit, Limits, LimitUnit, Names, Point, Stage
from shared.contracts.ladders import LadderStep
from shared.contracts.levels import SupervisionLevel
from shared.contracts.policies import Policy
from shared.contracts.registry_v1 import (
    Change,
    Entry,
    EntrySet,
    FilingCondition,
    Grid,
    Matter,
    Unit,
    entry_key,
    version_of,
)
from shared.contracts.routing_rules import MatterClass, Source, UnitKind
from shared.registry.snapshot import Snapshot
from tests.fakes.clock import START
from tests.unit.dispatch.flows import HAZARD

GRID = "990101001001001"
NEIGHBOUR = "990101001001002"
OTHER_COUNTY = "990102001001001"
"""Its county rejects what cannot be filed."""
NO_POLICY = "990201001001001"
"""A grid of another city that has no policy."""
ROW = (GRID, NEIGHBOUR, OTHER_COUNTY, NO_POLICY)
"""Squares of 0.01 degrees from west to east, the first from 120.00 E, 30.00 N."""

TEAM, CENTRE = "team-990101001001", "centre-990101001"
COUNTY, CITY = "roads-990101", "roads-9901"
ELSEWHERE = "works-990102"
HANDLE = Limit(amount=2, unit=LimitUnit.URGENT_HOUR)
FILING = Limit(amount=0.5, unit=LimitUnit.URGENT_HOUR)
LADDER = (
    LadderStep(clock=Stage.HANDLE, percent=100, level=SupervisionLevel.ORDINARY, issuer="town"),
)
LONG_AGO = START - timedelta(days=400)


def named(text: str) -> Names:
    return Names(zh=text, en=text)


def point(grid: str) -> Point:
    """The middle of a grid."""
    return Point(coordinates=(120.005 + ROW.index(grid) * 0.01, 30.005))


def _grid(code: str) -> Grid:
    west = 120 + ROW.index(code) * 0.01
    east = west + 0.01
    ring = [[west, 30.0], [east, 30.0], [east, 30.01], [west, 30.01], [west, 30.0]]
    geometry: dict[str, Any] = {"type": "Polygon", "coordinates": [ring]}
    return Grid(code=code, names=named(code), geometry=geometry)


def matter(code: str, lead: UnitKind | None = None, *, public: bool = True) -> Matter:
    """A matter with two filing conditions; the first has the limits that count."""
    return Matter(
        code=code,
        names=named(code),
        klass=MatterClass.EVENT,
        lead_unit_kind=lead,
        public=public,
        conditions=(
            FilingCondition(code="urgent", names=named("1"), limits=Limits(handle=HANDLE)),
            FilingCondition(code="slight", names=named("2"), limits=Limits()),
        ),
    )


def unit(code: str, kind: UnitKind, *matters: str, area: str | None = None) -> Unit:
    """A unit whose area stands in its code unless it is named."""
    return Unit(
        code=code,
        names=named(code),
        unit_kind=kind,
        area=area or code.rpartition("-")[2],
        matters=matters,
    )


ENTRIES: tuple[Entry, ...] = (
    *map(_grid, ROW),
    matter("litter"),
    matter("pothole", UnitKind.DEPARTMENT),
    matter("lamp", UnitKind.ENTERPRISE),
    matter("dispute", public=False),
    matter("hazard").model_copy(update={"flow": HAZARD.code}),
    HAZARD,
    unit(TEAM, UnitKind.OFFICER_TEAM, "litter", "hazard"),
    unit(CENTRE, UnitKind.TOWN_CENTRE, "*"),
    unit(COUNTY, UnitKind.DEPARTMENT, "litter", "pothole", "hazard"),
    unit(CITY, UnitKind.DEPARTMENT, "pothole"),
    unit(ELSEWHERE, UnitKind.DEPARTMENT, "litter", "pothole"),
    Policy(code="9901", zone="Asia/Shanghai", filing_limit=FILING, ladder=LADDER),
    Policy(code="990102", zone="Asia/Urumqi", unmatched="reject", reopen_within_days=3),
)


def entry_set(
    entry: Entry, n: int = 1, since: datetime = LONG_AGO, until: datetime | None = None
) -> EntrySet:
    """A version of an entry, a change of its own."""
    key = entry_key(entry)
    return version_of(
        entry,
        n=n,
        valid_from=since,
        valid_until=until,
        change=Change(id=f"{key}/{n}", part=1, count=1),
    )


def filing_each(entries: Iterable[Entry]) -> list[Entry]:
    """The entries, with policies that file every report, whatever is near it."""
    return [
        one.model_copy(update={"duplicates": "file"}) if isinstance(one, Policy) else one
        for one in entries
    ]


def registry(entries: Iterable[Entry] = ENTRIES, *more: EntrySet) -> Snapshot:
    """The city, and further versions of its entries."""
    versions = [entry_set(entry) for entry in entries]
    return Snapshot().with_changes([*versions, *more], 100)


CITY_REGISTRY = registry()


def subject(
    matter: Matter, grid: str = GRID, received: datetime = START, **more: object
) -> Subject:
    """A case of a matter in a grid, as routing looks at it."""
    wanted: dict[str, Any] = {
        "incident": "i-1",
        "condition": matter.conditions[0],
        "zone": "Asia/Shanghai",
        "received": local_time("Asia/Shanghai", received),
        "source": Source.RESIDENT,
        "description": "",
        "reporter": "r-1",
    }
    return Subject(matter=matter, grid=grid, **wanted | more)
