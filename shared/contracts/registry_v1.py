"""``wangge.registry.v1``: the city as data; one event is one version of one entry."""

from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from shared.contracts.base import (
    AreaCode,
    Code,
    Contract,
    EventData,
    GridCode,
    Id,
    Instant,
    Limit,
    Limits,
    Names,
    OpenEnum,
    Stage,
    Texts,
)


class MatterClass(StrEnum):
    """Component (部件), event (事件) or service (服务)."""

    COMPONENT = "component"
    EVENT = "event"
    SERVICE = "service"


class UnitKind(StrEnum):
    """Whoever can be given a case (处置单位)."""

    OFFICER_TEAM = "officer_team"
    TOWN_CENTRE = "town_centre"
    DEPARTMENT = "department"
    VOLUNTEER_GROUP = "volunteer_group"
    SOCIAL_WORKERS = "social_workers"
    ENTERPRISE = "enterprise"


class ZoneClass(OpenEnum):
    """The class of place for which a filing condition holds."""

    BUSY = "busy"
    ORDINARY = "ordinary"
    RURAL = "rural"


class Photo(OpenEnum):
    """A photo that the handling of a case needs."""

    BEFORE = "before"
    AFTER = "after"


class SupervisionLevel(StrEnum):
    """督办: ordinary 普通, yellow card 黄牌, red card 红牌."""

    ORDINARY = "ordinary"
    YELLOW_CARD = "yellow_card"
    RED_CARD = "red_card"


class Area(Contract):
    """An administrative division (区划)."""

    kind: Literal["area"] = "area"
    code: AreaCode
    names: Names


class Grid(Contract):
    """The smallest unit of management (网格), as a GeoJSON Polygon or MultiPolygon in WGS 84."""

    kind: Literal["grid"] = "grid"
    code: GridCode
    names: Names
    geometry: dict[str, Any]
    """GeoJSON (RFC 7946)."""


class FilingCondition(Contract):
    """A filing condition (立案条件): what must hold, how grave it is, and its limits."""

    code: Code
    names: Names
    severity: Annotated[int, Field(ge=1, le=5)] = 3
    """From 1 (slight) to 5 (grave)."""
    zone_class: ZoneClass | None = None
    """For which class of place it holds; none: for any."""
    limits: Limits
    """How long each stage may take."""
    closing: Names | None = None
    """The closing condition (结案条件): what must be so before a case is closed."""
    photos: tuple[Photo, ...] = ()
    """The photos that the unit is to take."""
    verify_before_filing: bool = False
    """Whether an officer should look on site before it is filed (核实)."""


class Matter(Contract):
    """One entry of the list of admitted matters (事项准入清单)."""

    kind: Literal["matter"] = "matter"
    code: Code
    names: Names
    klass: MatterClass
    """Component, event or service."""
    category: tuple[str, ...] = ()
    """The path in the list, from the widest heading down."""
    lead_unit_kind: UnitKind | None = None
    """The kind of unit that leads; none: any that handles the matter."""
    co_unit_kinds: tuple[UnitKind, ...] = ()
    """The kinds of units that co-operate (配合)."""
    public: bool = True
    """Whether it may appear in answers to anybody."""
    guide: Texts | None = None
    """What the officer does: steps, law, photos (办理指引)."""
    conditions: Annotated[tuple[FilingCondition, ...], Field(min_length=1)]
    """The filing conditions; the first holds where none is named."""


class Unit(Contract):
    """A unit (处置单位) and the matters that it handles within its area; ``*`` is every matter."""

    kind: Literal["unit"] = "unit"
    code: Code
    names: Names
    unit_kind: UnitKind
    """What it is."""
    area: AreaCode
    """Where it acts: this area and all below."""
    matters: tuple[str, ...]
    """Codes of the matters that it handles; ``*`` is every one."""


class LadderStep(Contract):
    """A step of the supervision ladder: what follows when so much of a limit is used."""

    clock: Stage
    """The clock that it watches."""
    percent: Annotated[int, Field(ge=100, le=10_000)]
    """At how much of the clock's limit, in percent."""
    level: SupervisionLevel
    """The order that is given."""
    issuer: Literal["town", "county", "city"]
    """The level of the centre that gives it."""


class Policy(Contract):
    """The rules of an area and all below it, unless one nearer by says otherwise."""

    kind: Literal["policy"] = "policy"
    code: AreaCode
    zone: str
    """IANA time zone of the area."""
    unmatched: Literal["reject", "review"] = "review"
    """What becomes of an incident that the rules cannot file."""
    filing_limit: Limit | None = None
    """How long filing may take, from the receipt."""
    ladder: tuple[LadderStep, ...] = ()
    """The supervision ladder of new cases."""
    reopen_within_days: Annotated[int, Field(ge=0, le=365)] = 7
    """For how long a closed case may be opened again."""


Entry = Annotated[Area | Grid | Matter | Unit | Policy, Field(discriminator="kind")]


class Change(Contract):
    """The change that an entry is part of; a reader applies it only when it has all parts."""

    id: Id
    """The id of the change: an import, a split, one edit."""
    part: int
    """Which part this is, from 1."""
    count: int
    """How many parts the change has."""


class EntrySet(EventData):
    """A version of an entry came into being; nothing is overwritten."""

    TYPE: ClassVar[str] = "cn.wangge.registry.entry_set.v1"

    key: str
    """``kind/code``, for example ``grid/330106001001001``."""
    n: int
    """The version of the entry, from 1."""
    valid_from: Instant
    """From when it holds."""
    valid_until: Instant | None = None
    """The first instant at which it holds no more; none: until further notice."""
    change: Change
    """The change that it is part of."""
    entry: Entry
    """The entry itself."""


EVENTS: tuple[type[EventData], ...] = (EntrySet,)
