"""``wangge.registry.v1``: the city as data; one event is one version of one entry."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field, StringConstraints

from shared.contracts.base import (
    AreaCode,
    Code,
    Contract,
    Day,
    EventData,
    GridCode,
    Id,
    Instant,
    Limit,
    Limits,
    Names,
    OpenEnum,
    Point,
    Texts,
)
from shared.contracts.calendars import Calendar
from shared.contracts.duty import DutyPeriod
from shared.contracts.flows import Flow
from shared.contracts.incidents_v1 import Photo
from shared.contracts.notice_targets import NoticeTarget
from shared.contracts.plans import Plan
from shared.contracts.policies import Policy
from shared.contracts.routing_rules import (
    ComponentClass,
    MatterClass,
    Rules,
    UnitKind,
)

ComponentCode = Annotated[str, StringConstraints(pattern=r"^\d{16}$")]
"""部件代码: county 6, major and minor class 4, serial 6 (GB/T 30428.2)."""
LoadCap = Annotated[int, Field(ge=1, le=100_000)]


class ZoneClass(OpenEnum):
    """The class of place for which a filing condition holds."""

    BUSY = "busy"
    ORDINARY = "ordinary"
    RURAL = "rural"


class Employment(OpenEnum):
    """How somebody is employed (专职, 兼职, 专业)."""

    FULL_TIME = "full_time"
    PART_TIME = "part_time"
    SPECIALIST = "specialist"


class ComponentState(OpenEnum):
    """Whether a component stands and serves (部件状态)."""

    IN_USE = "in_use"
    DAMAGED = "damaged"
    LOST = "lost"
    REMOVED = "removed"


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
    zone_class: ZoneClass | None = None
    """What class of place it is; filing conditions may ask for one."""


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
    emergency: bool = False
    """Whether lives are in danger: whoever reports it is told whom to call (紧急事件)."""
    make_safe: Limit | None = None
    """Of an emergency: how long it may take to make the place safe (先行处置), from the filing."""


class Near(Contract):
    """What counts as the same (重复上报): within so many metres and hours."""

    metres: Annotated[float, Field(gt=0, le=2_000, allow_inf_nan=False)] = 50.0
    hours: Annotated[float, Field(gt=0, le=24 * 30, allow_inf_nan=False)] = 12.0


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
    join_unit_kinds: tuple[UnitKind, ...] | None = None
    """Of the units that co-operate, those for whom a case waits: it is handled when the lead and
    these are done. None: when all are."""
    flow: Code | None = None
    """The flow by which its cases are handled (流程); none: the unit hands back when it is done."""
    public: bool = True
    """Whether it may appear in answers to anybody."""
    guide: Texts | None = None
    """What the officer does: steps, law, photos (办理指引)."""
    component_class: ComponentClass | None = None
    """The class of the components that it is about; none: of no component."""
    snap_metres: Annotated[float, Field(gt=0, le=200, allow_inf_nan=False)] = 20.0
    """How near by a component of the class is taken for the one that is meant."""
    near: Near = Near()
    """What counts as the same report come again."""
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
    duty: tuple[DutyPeriod, ...] = ()
    """When it is on duty, local time; none: always. It gets cases at any time."""
    load_cap: LoadCap | None = None
    """So many open cases at most; what is beyond goes to the town's centre. None: any number."""


class Officer(Contract):
    """A person of a unit (网格员), known by a pseudonymous id, the ``subject`` of its key."""

    kind: Literal["officer"] = "officer"
    code: Code
    """The pseudonymous id; never a name or a number that tells who it is."""
    unit: Code
    """The unit whose member it is."""
    role: Code
    """What it does there, for example ``officer`` or ``unit_member``."""
    employment: Employment = Employment.FULL_TIME
    joined: Day | None = None
    """The first day."""
    left: Day | None = None
    """The first day on which it belongs to the unit no more."""
    grids: tuple[GridCode, ...] = ()
    """The grids that it looks after; none: all of its unit."""
    duty: tuple[DutyPeriod, ...] = ()
    """When it is on duty, local time; none: as its unit."""
    load_cap: LoadCap | None = None
    """So many open cases at most; none: any number."""


class Component(Contract):
    """A thing that stands in the city (部件): a manhole, a lamp, a bin."""

    kind: Literal["component"] = "component"
    code: ComponentCode
    names: Names
    location: Point
    owner: Code | None = None
    """The unit that owns it (权属)."""
    maintainer: Code | None = None
    """The unit that keeps it in order (养护); none, and no owner: it is ownerless."""
    state: ComponentState = ComponentState.IN_USE

    @property
    def component_class(self) -> str:
        """The class, digits 7 to 10 of the code."""
        return self.code[6:10]


class Place(Contract):
    """A place by its names (地名地址), for reports that have no coordinates."""

    kind: Literal["place"] = "place"
    code: Code
    names: Names
    aliases: Annotated[
        tuple[Annotated[str, StringConstraints(min_length=2, max_length=200)], ...],
        Field(max_length=50),
    ] = ()
    """What else it is called: addresses, old names."""
    location: Point


FirstEntry = Annotated[
    Area | Grid | Matter | Unit | Officer | Component | Place | Policy | Rules | Flow | Plan,
    Field(discriminator="kind"),
]
"""The kinds that ``entry_set`` carries; within v1 no other."""
Entry = Annotated[
    Area
    | Grid
    | Matter
    | Unit
    | Officer
    | Component
    | Place
    | Policy
    | Rules
    | Flow
    | Plan
    | Calendar
    | NoticeTarget,
    Field(discriminator="kind"),
]
"""Every kind of entry."""
ENTRIES: Mapping[str, type[Contract]] = {
    model.model_fields["kind"].default: model for model in get_args(get_args(Entry)[0])
}
"""The models of all entries by their kind."""


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
    successor: Code | None = None
    """With a withdrawal: the entry of the same kind that takes over its open cases."""
    if TYPE_CHECKING:
        entry: Entry  # whoever takes versions as this type meets those of the types below too
    else:
        entry: FirstEntry = Field(description="The entry itself.")


class CalendarSet(EntrySet):
    """A version of a work calendar came into being, in a change of calendars only.

    Calendars came later: a reader that does not know them passes over whole changes.
    """

    TYPE: ClassVar[str] = "cn.wangge.registry.calendar_set.v1"

    entry: Calendar
    """The calendar itself."""


class NoticeTargetSet(EntrySet):
    """A version of a target of notices came into being, in a change of such targets only."""

    TYPE: ClassVar[str] = "cn.wangge.registry.notice_target_set.v1"

    entry: NoticeTarget
    """The target itself."""


EVENTS: tuple[type[EventData], ...] = (EntrySet, CalendarSet, NoticeTargetSet)
OF_THEIR_OWN: Mapping[str, type[EntrySet]] = {
    "calendar": CalendarSet,
    "notice_target": NoticeTargetSet,
}
"""Kinds that came later: each has an event type of its own, and changes of its own."""


def entry_key(entry: Entry) -> str:
    """``kind/code``: what names an entry, its document and the key of its versions."""
    return f"{entry.kind}/{entry.code}"


def version_of(entry: Entry, **fields: Any) -> EntrySet:  # noqa: ANN401 - of the event
    """The event that carries a version of an entry, with the fields that it has beside its key."""
    return set_type(entry.kind)(key=entry_key(entry), entry=entry, **fields)


def set_type(kind: str) -> type[EntrySet]:
    """The event that carries versions of a kind of entry."""
    return OF_THEIR_OWN.get(kind, EntrySet)


def read_version(raw: Mapping[str, Any]) -> EntrySet:
    """A version as it was stored: the event's data."""
    return set_type(raw["entry"]["kind"]).model_validate(raw)
