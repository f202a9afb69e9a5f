"""A mapping: the file of data that says how to read another city's export."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, model_validator

from deploy.feeds.values import (
    Known,
    NamesTemplate,
    Part,
    Record,
    Tables,
    Template,
    Value,
    templates,
)
from shared.contracts.base import AreaCode, Stage
from shared.contracts.incidents_v1 import CoordinateSystem
from shared.contracts.routing_rules import MatterClass, RoutingRule, UnitKind

CITY = "city"
"""The value that every template may use: the code of the city."""


class AreaMap(Part):
    """An area that a record lies in."""

    code: Template
    names: NamesTemplate


class GridsMap(Part):
    """How the features of a GeoJSON collection become grids, and areas above them."""

    values: Mapping[str, Value]
    code: Template
    names: NamesTemplate
    areas: tuple[AreaMap, ...] = ()
    """From the city down."""


class UnitMap(Part):
    """The unit that a row names."""

    code: Template
    names: NamesTemplate
    kind: UnitKind
    area: Template
    handles: Literal["rows", "nothing"] = "rows"
    """The matters with which it stands in a row; or nothing, where rules say who has what."""


class ConditionMap(Part):
    """The one filing condition of every matter of the export."""

    code: str
    names: NamesTemplate


class MatterMap(Part):
    """The matter that a row names."""

    code: Template
    names: NamesTemplate
    klass: MatterClass
    category: tuple[Template, ...] = ()
    condition: ConditionMap


class LimitMap(Part):
    """A limit that follows from the rows, where they agree.

    It is the time between two instants of a row, if it is the same in all rows of the unit, else
    in all rows of the matter, and there are ``at_least`` so many.
    """

    stage: Stage
    start: Template
    end: Template
    agree: tuple[Literal["unit", "matter"], ...] = ("unit", "matter")
    at_least: int = Field(default=1, ge=1)


class ReportMap(Part):
    """The report that a row is; a field whose values are missing is absent."""

    matter: Template
    longitude: Template
    latitude: Template
    address: Template | None = None
    area: Template | None = None
    description: Template | None = None
    source: Template | None = None
    external_id: Template | None = None


class RowsMap(Part):
    """How the rows of a table become reports, matters and units."""

    values: Mapping[str, Value]
    instants: str
    """The format of instants, as ``strptime`` has it; they are local times of the zone."""
    key: Template
    """What tells the rows apart; Idempotency-Keys are made from it."""
    created: Template
    grid: Template | None = None
    """The grid that the row itself names, to compare with."""
    report: ReportMap
    location_system: CoordinateSystem = CoordinateSystem.WGS84
    """In which system the coordinates of reports are; intake brings them to WGS 84."""
    matter: MatterMap
    unit: UnitMap
    limits: tuple[LimitMap, ...] = ()


class Feed(Part):
    """A whole mapping; a section that it lacks is a kind of file that it cannot read."""

    city: AreaCode | None = None
    """The code of the city; templates call it ``{city}``."""
    zone: str = "UTC"
    """IANA zone of the city, and of the instants in its files."""
    tables: Tables = Field(default_factory=dict)
    grids: GridsMap | None = None
    rows: RowsMap | None = None
    rules: tuple[RoutingRule, ...] = ()
    """The routing rules of the city."""
    policy: dict[str, Any] | None = None
    """Fields of the city's policy as the registry has them; code and zone are the city's."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        try:
            ZoneInfo(self.zone)
        except ZoneInfoNotFoundError as error:
            message = f"{self.zone} is no IANA zone"
            raise ValueError(message) from error
        for section in (self.grids, self.rows):
            if section is not None:
                self._check(section.values, templates(section))
        return self

    def _check(self, values: Mapping[str, Value], used: Iterable[Template]) -> None:
        for name, value in values.items():
            if value.table is not None and value.table not in self.tables:
                message = f"value {name}: there is no table {value.table}"
                raise ValueError(message)
        known = set(values) | ({CITY} if self.city else set())
        for template in used:
            if unknown := template.names - known:
                message = f"{template.root!r} uses {sorted(unknown)}, which no value defines"
                raise ValueError(message)

    def known(self, section: GridsMap | RowsMap, record: Record) -> Known:
        """The values of one record."""
        found = {name: value.of(record, self.tables) for name, value in section.values.items()}
        return {CITY: self.city, **found}
