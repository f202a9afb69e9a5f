"""Golden examples of ``wangge.registry.v1``: one of every kind of entry."""

from datetime import UTC, datetime

from shared.contracts.base import Limit, LimitUnit, Names, Texts
from shared.contracts.golden import story
from shared.contracts.golden.story import FULL, MINIMAL, Example
from shared.contracts.registry_v1 import (
    Area,
    Change,
    Entry,
    EntrySet,
    FilingCondition,
    Grid,
    Matter,
    MatterClass,
    Photo,
    Policy,
    Unit,
    UnitKind,
    ZoneClass,
)
from shared.platform import ids

FROM = datetime(2025, 12, 31, 16, tzinfo=UTC)
UNTIL = datetime(2026, 12, 31, 16, tzinfo=UTC)
CHANGE = ids.caused_id("golden", "change")
SQUARE = [[120.15, 30.27], [120.16, 30.27], [120.16, 30.28], [120.15, 30.28], [120.15, 30.27]]


ENTRIES: tuple[Entry, ...] = (
    Matter(
        code=story.MATTER.code,
        names=story.MATTER.names,
        klass=MatterClass.COMPONENT,
        category=("部件", "公用设施"),
        lead_unit_kind=UnitKind.DEPARTMENT,
        co_unit_kinds=(UnitKind.OFFICER_TEAM, UnitKind.ENTERPRISE),
        public=True,
        guide=Texts(
            zh="先设警示，再确认权属；处置前后各拍一张照片。",
            en="Secure the place, then find the owner; take a photo before and after.",
        ),
        conditions=(
            FilingCondition(
                code="missing",
                names=Names(zh="缺失", en="Missing"),
                severity=5,
                zone_class=ZoneClass.BUSY,
                limits=story.EVERYTHING,
                closing=Names(zh="井盖已复位并稳固", en="The cover lies firmly in its place"),
                photos=(Photo.BEFORE, Photo.AFTER),
                verify_before_filing=True,
            ),
        ),
    ),
    Grid(
        code=story.GRID,
        names=Names(zh="滨河第一网格", en="Riverside grid 1"),
        geometry={"type": "Polygon", "coordinates": [SQUARE]},
    ),
    Unit(
        code=story.UNIT.code,
        names=story.UNIT.names,
        unit_kind=UnitKind.DEPARTMENT,
        area=story.COUNTY,
        matters=(story.MATTER.code, "road-damage"),
    ),
    Policy(
        code=story.CITY,
        zone=story.ZONE,
        unmatched="reject",
        filing_limit=Limit(amount=0.5, unit=LimitUnit.WORKING_HOUR),
        ladder=story.LADDER,
        reopen_within_days=7,
    ),
    Area(code=story.COUNTY, names=Names(zh="江北区", en="Jiangbei District")),
)


def _set(name: str, entry: Entry, part: int) -> Example:
    key = f"{entry.kind}/{entry.code}"
    data = EntrySet(
        key=key,
        n=1,
        valid_from=FROM,
        valid_until=UNTIL if name.startswith(FULL) else None,
        change=Change(id=CHANGE, part=part, count=len(ENTRIES)),
        entry=entry,
    )
    return story.example(name, data, at=FROM, sequence=1, subject=key, key=f"{key}/1")


def examples() -> list[Example]:
    """A full one of each kind of entry (the first is a matter), and a minimal one."""
    return [
        _set(FULL if part == 1 else f"{FULL}_{entry.kind}", entry, part)
        for part, entry in enumerate(ENTRIES, 1)
    ] + [_set(MINIMAL, ENTRIES[-1], len(ENTRIES))]
