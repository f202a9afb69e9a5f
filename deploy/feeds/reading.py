"""What a file holds for the registry, whatever its format."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from pydantic import ValidationError

from deploy.feeds import (
    component_files,
    entries,
    entry_list,
    faults,
    formats,
    grids,
    limits,
    listing,
    matter_table,
    places,
    rows,
)
from deploy.feeds.content import Content, Places, repeated
from deploy.feeds.entry_list import NONE
from deploy.feeds.errors import FeedError
from deploy.feeds.faults import Fault
from shared.contracts.registry_v1 import Entry
from shared.registry.spans import Validity

Table = tuple[Sequence[Entry], list[Fault]]
"""The entries of a table, and what is wrong with it."""
ENTRIES = "entries"
"""The format of the registry itself: a YAML or JSON list of entries, a CSV table of matters."""

POINTS = "geojson"
"""The format in which components need no mapping either."""


class Kind(StrEnum):
    """What is taken from a file."""

    GRIDS = "grids"
    MATTERS = "matters"
    UNITS = "units"
    POLICIES = "policies"
    OFFICERS = "officers"
    RULES = "rules"
    COMPONENTS = "components"
    PLACES = "places"
    FLOWS = "flows"
    PLANS = "plans"
    CALENDARS = "calendars"
    NOTICE_TARGETS = "notice_targets"


ENTRY_KINDS = {
    Kind.GRIDS: {"grid", "area"},
    Kind.MATTERS: {"matter"},
    Kind.UNITS: {"unit"},
    Kind.POLICIES: {"policy"},
    Kind.OFFICERS: {"officer"},
    Kind.RULES: {"rules"},
    Kind.COMPONENTS: {"component"},
    Kind.PLACES: {"place"},
    Kind.FLOWS: {"flow"},
    Kind.PLANS: {"plan"},
    Kind.CALENDARS: {"calendar"},
    Kind.NOTICE_TARGETS: {"notice_target"},
}
"""The registry's own kinds that each brings."""
NOT_MAPPED = {
    Kind.OFFICERS: "人员",
    Kind.FLOWS: "流程",
    Kind.PLANS: "计划",
    Kind.CALENDARS: "工作日历",
    Kind.NOTICE_TARGETS: "通知对象",
}
"""What no mapping makes of an export."""
TABLES: Mapping[Kind, Callable[[str, dict[str, Validity], list[int]], Table]] = {
    Kind.MATTERS: matter_table.read,
    Kind.COMPONENTS: component_files.read_table,
    Kind.PLACES: places.read,
}
"""What may come as CSV."""


def read(path: Path, kind: Kind, name: str, mapping: Path | None = None) -> Content:
    """The entries of one kind in a file of a format.

    Raises FeedError where the file, the mapping, or what follows from both is not valid.
    """
    try:
        if mapping is None and (name == ENTRIES or (name, kind) == (POINTS, Kind.COMPONENTS)):
            return _own(path, kind)
        return _mapped(path, kind, name, mapping)
    except ValidationError as error:
        raise FeedError(
            f"{path}: what follows from it is not valid: {error}", f"{path}：生成的条目无效"
        ) from error


def _mapped(path: Path, kind: Kind, name: str, mapping: Path | None) -> Content:
    if kind is Kind.COMPONENTS:
        raise FeedError(
            "components need no mapping: a GeoJSON of points, a CSV, or a list of entries",
            "部件不使用映射：请用 GeoJSON 点、CSV 或条目列表",
        )
    feed = formats.find(name, mapping)
    if kind is Kind.GRIDS:
        drawn, wrong = grids.grids(path, feed)
        features = Places(lambda: [number for number, _ in drawn], "feature")
        return _whole(path, [one for _, one in drawn], wrong, features)
    if kind is Kind.PLACES:
        validities: dict[str, Validity] = {}
        numbers: list[int] = []
        points, wrong = places.collected(path, validities, numbers)
        return _whole(path, points, wrong, Places(lambda: numbers, "feature"), validities)
    table = rows.read(path, feed)
    if kind is Kind.MATTERS:
        short = (*table.faults, *limits.faults(feed, table.rows))
        return Content(tuple(entries.matters(feed, table.rows)), short)
    if kind is Kind.UNITS:
        return Content(tuple(entries.units(feed, table.rows)), table.faults)
    if kind is Kind.RULES:
        return Content(tuple(entries.routing_rules(feed)), table.faults)
    if (none := NOT_MAPPED.get(kind)) is not None:
        raise FeedError(f"this format holds no {kind}", f"此格式不含{none}")
    return Content(tuple(entries.policies(feed)), table.faults)


def _own(path: Path, kind: Kind) -> Content:
    """Entries of the registry itself; a file with a mistake is refused whole, with its lines."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise FeedError(f"{path} cannot be read: {error}", f"无法读取 {path}") from error
    validities: dict[str, Validity] = {}
    numbers: list[int] = []
    at = Places(lambda: numbers)
    found: Sequence[Entry]
    if kind in TABLES and path.suffix.lower() == ".csv":
        found, wrong = TABLES[kind](text, validities, numbers)
    elif kind is Kind.COMPONENTS and text.lstrip().startswith("{"):
        found, wrong = component_files.read_features(text, validities, numbers)
        at = Places(lambda: numbers, "feature")
    else:
        found, wrong = entry_list.read(text, ENTRY_KINDS[kind], validities, numbers)
        at = Places(lambda: _lines(text, numbers))
    return _whole(path, found, wrong, at, validities)


def _lines(text: str, numbers: Sequence[int]) -> list[int]:
    begin = listing.starts(text)
    return [begin[number] for number in numbers]


def _whole(
    path: Path,
    found: Sequence[Entry],
    wrong: Sequence[Fault],
    at: Places,
    validities: Mapping[str, Validity] = NONE,
) -> Content:
    """A file without a mistake. Raises FeedError with all of them."""
    known = {(one.number, one.reason) for one in wrong}
    twice = [one for one in repeated(found, at) if (one.number, one.reason) not in known]
    faults.refuse(str(path), [*wrong, *twice], at.counted)
    return Content(tuple(found), validities=validities, places=at)
