"""Golden examples of ``wangge.registry.v1``: one of every kind of entry."""

from datetime import UTC, datetime

from shared.contracts.base import Limit, LimitUnit, Names, Texts
from shared.contracts.calendars import Calendar, Counting, SpecialDays, WorkPeriod
from shared.contracts.duty import DutyPeriod
from shared.contracts.golden import story
from shared.contracts.golden.story import FULL, MINIMAL, Example
from shared.contracts.incidents_v1 import Photo
from shared.contracts.ladders import Colour
from shared.contracts.levels import SupervisionLevel
from shared.contracts.notice_targets import Channel, Language, NoticeTarget, Occasion
from shared.contracts.policies import Flood, Policy
from shared.contracts.registry_v1 import (
    Area,
    Change,
    Component,
    ComponentState,
    Employment,
    Entry,
    FilingCondition,
    Grid,
    Matter,
    Near,
    Officer,
    Place,
    Unit,
    ZoneClass,
    entry_key,
    version_of,
)
from shared.contracts.routing_rules import (
    Destination,
    MatterClass,
    RoutingRule,
    Rules,
    Source,
    UnitKind,
    When,
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
        join_unit_kinds=(UnitKind.ENTERPRISE,),
        flow=story.FLOW.code,
        public=True,
        component_class="0101",
        snap_metres=15,
        near=Near(metres=80, hours=24),
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
                emergency=True,
                make_safe=Limit(amount=0.5, unit=LimitUnit.URGENT_HOUR),
            ),
        ),
    ),
    Grid(
        code=story.GRID,
        names=Names(zh="滨河第一网格", en="Riverside grid 1"),
        geometry={"type": "Polygon", "coordinates": [SQUARE]},
        zone_class=ZoneClass.BUSY,
    ),
    Unit(
        code=story.UNIT.code,
        names=story.UNIT.names,
        unit_kind=UnitKind.DEPARTMENT,
        area=story.COUNTY,
        matters=(story.MATTER.code, "road-damage"),
        duty=(DutyPeriod(days=(1, 2, 3, 4, 5), begin="08:30", end="17:30"),),
        load_cap=200,
    ),
    Officer(
        code=story.MEMBER.subject,
        unit=story.UNIT.code,
        role="unit_member",
        employment=Employment.SPECIALIST,
        joined="2025-03-01",
        left="2027-03-01",
        grids=(story.GRID,),
        duty=(DutyPeriod(begin="20:00", end="08:00"),),
        load_cap=12,
    ),
    Component(
        code="9901010101000017",
        names=Names(zh="雨水井盖 17 号", en="Storm drain cover 17"),
        location=story.PLACE,
        owner=story.UNIT.code,
        maintainer="water-9901",
        state=ComponentState.DAMAGED,
    ),
    Place(
        code="riverside-18",
        names=Names(zh="滨河路 18 号", en="18 Riverside Road"),
        aliases=("滨河小区北门",),
        location=story.PLACE,
    ),
    story.FLOW,
    story.PLAN,
    Rules(
        code=story.COUNTY,
        rules=(
            RoutingRule(
                code="covers-at-night",
                names=Names(zh="夜间井盖", en="Covers at night"),
                when=When(
                    matters=(story.MATTER.code,),
                    categories=("公用设施",),
                    classes=(MatterClass.COMPONENT,),
                    conditions=("missing",),
                    areas=(story.TOWN,),
                    severity_from=4,
                    severity_to=5,
                    hours=(DutyPeriod(begin="20:00", end="08:00"),),
                    sources=(Source.HOTLINE, Source.RESIDENT),
                    keywords=("井盖", "cover"),
                    components=("0101",),
                ),
                lead=Destination(unit=story.UNIT.code),
                co_units=(Destination(unit_kind=UnitKind.OFFICER_TEAM, level="community"),),
                cc=(Destination(unit_kind=UnitKind.TOWN_CENTRE),),
            ),
        ),
    ),
    Policy(
        code=story.CITY,
        zone=story.ZONE,
        unmatched="reject",
        filing_limit=Limit(amount=0.5, unit=LimitUnit.WORKING_HOUR),
        ladder=story.TOLD_LADDER,
        notice_ladder=story.NOTICES,
        reopen_within_days=7,
        on_redraw="stay",
        duplicates="file",
        flood=Flood(reports=60, minutes=10),
        working_days=Counting.FROM_NEXT_DAY,
    ),
    Area(code=story.COUNTY, names=Names(zh="江北区", en="Jiangbei District")),
)


CALENDAR = Calendar(
    code=story.CITY,
    country="US",
    subdivision="NY",
    zone="America/New_York",
    periods=(WorkPeriod(begin="08:30", end="12:00"), WorkPeriod(begin="22:00", end="02:00")),
    rest_days=(7,),
    overrides=(
        SpecialDays(
            days=("2026-09-14", "2026-09-15"),
            working=False,
            names=Names(zh="台风停工", en="Typhoon"),
        ),
    ),
    public=(
        SpecialDays(
            days=("2026-01-01",), working=False, names=Names(zh="元旦", en="New Year's Day")
        ),
        SpecialDays(
            days=("2026-01-04",), working=True, names=Names(zh="元旦", en="New Year's Day")
        ),
    ),
    known_from=2018,
    known_until=2026,
)


TARGET = NoticeTarget(
    code="jiangbei-duty",
    names=Names(zh="江北区值班室", en="Duty room of Jiangbei"),
    area=story.COUNTY,
    unit=story.UNIT.code,
    channel=Channel.WEBHOOK,
    url="https://duty.example/notices",
    addresses=("duty@jiangbei.example",),
    secret="jiangbei-duty",  # noqa: S106 - its name
    occasions=(Occasion.BREACHED, Occasion.ORDERED),
    min_level=SupervisionLevel.YELLOW_CARD,
    notices=False,
    min_colour=Colour.ORANGE,
    reminders=False,
    language=Language.BOTH,
    zone=story.ZONE,
)
MAILBOX = NoticeTarget(
    code="mailbox",
    names=Names(zh="信箱", en="Mailbox"),
    area=story.CITY,
    channel=Channel.EMAIL,
    addresses=("duty@city.example",),
    zone=story.ZONE,
)


def _set(name: str, entry: Entry, part: int, count: int = len(ENTRIES)) -> Example:
    key = entry_key(entry)
    data = version_of(
        entry,
        n=1,
        valid_from=FROM,
        valid_until=UNTIL if name.startswith(FULL) else None,
        change=Change(id=CHANGE, part=part, count=count),
        successor="urban-management-9901" if name.startswith(FULL) else None,
    )
    return story.example(name, data, at=FROM, sequence=1, subject=key, key=f"{key}/1")


def examples() -> list[Example]:
    """A full one of each kind of entry (the first is a matter), and a minimal one."""
    return [
        _set(FULL if part == 1 else f"{FULL}_{entry.kind}", entry, part)
        for part, entry in enumerate(ENTRIES, 1)
    ] + [
        _set(MINIMAL, ENTRIES[-1], len(ENTRIES)),
        _set(FULL, CALENDAR, 1, 1),
        _set(MINIMAL, Calendar(code=story.CITY, country="CN"), 1, 1),
        _set(FULL, TARGET, 1, 1),
        _set(MINIMAL, MAILBOX, 1, 1),
    ]
