"""Entries as a reader keeps them: hundreds of thousands of them have to fit into a process.

A grid's outline is kept once, as a polygon; a component or a place is kept as its JSON and read
when somebody asks for it. Whoever uses a version sees no difference.
"""

import json
from functools import lru_cache
from sys import intern
from typing import TYPE_CHECKING, Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from shared.contracts.registry_v1 import Change, Component, EntrySet, Grid, Place

KEPT_READ = 8_192
"""So many entries that were asked for stay as they were read."""
_VERSION = set(EntrySet.model_fields)
_CHANGE = set(Change.model_fields)
_POLYGON, _RAW = "_polygon", "_raw"


class _OutlinedGrid(Grid):
    """A grid whose ``geometry`` is written from its polygon when it is asked for."""

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - pydantic's own signature
            if name == "geometry":
                return json.loads(shapely.to_geojson(self.__dict__[_POLYGON]))
            return super().__getattr__(name)


class _UnreadVersion(EntrySet):
    """A version whose ``entry`` is read from its JSON when it is asked for."""

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - pydantic's own signature
            if name == "entry":
                return _entry(*self.__dict__[_RAW])
            return super().__getattr__(name)


def slim(version: EntrySet) -> EntrySet:
    """The version in a form that takes little memory; it says what it said."""
    entry = version.entry
    told = {name: value for name, value in version.__dict__.items() if name != "entry"}
    told["change"] = _change(version.change)
    if isinstance(entry, Component | Place):
        unread = _UnreadVersion.model_construct(_fields_set=_VERSION, **told)
        unread.__dict__[_RAW] = (type(entry), entry.model_dump_json(exclude_none=True).encode())
        return unread
    return EntrySet.model_construct(_fields_set=_VERSION, entry=_outlined(entry), **told)


def polygon_of(grid: Grid) -> BaseGeometry | None:
    """The outline of a grid in degrees; None when its geometry cannot be read."""
    kept: BaseGeometry | None = grid.__dict__.get(_POLYGON)
    if kept is not None:
        return kept
    try:
        return shape(grid.geometry)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, ShapelyError):
        return None


def _change(change: Change) -> Change:
    # Thousands of versions name one change.
    told = {**change.__dict__, "id": intern(change.id)}
    return Change.model_construct(_fields_set=_CHANGE, **told)


def _outlined(entry: Any) -> Any:  # noqa: ANN401 - any entry, and the same kind of it
    polygon = polygon_of(entry) if isinstance(entry, Grid) else None
    if polygon is None:
        return entry
    told = {name: value for name, value in entry.__dict__.items() if name != "geometry"}
    grid = _OutlinedGrid.model_construct(_fields_set=_VERSION, **told)
    grid.__dict__[_POLYGON] = polygon
    return grid


@lru_cache(maxsize=KEPT_READ)
def _entry(kind: type[Component | Place], raw: bytes) -> Component | Place:
    return kind.model_validate_json(raw)
