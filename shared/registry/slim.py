"""Entries as a reader keeps them: hundreds of thousands of them have to fit into a process.

A grid's outline is kept once, as a polygon; a place is kept as its JSON and read when somebody asks
for it. Whoever uses a version sees no difference. Components are packed (`components`).
"""

import json
from functools import lru_cache
from sys import intern
from typing import TYPE_CHECKING, Any, TypeVar

import shapely
from pydantic import BaseModel
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from shared.contracts.registry_v1 import OF_THEIR_OWN, Change, EntrySet, Grid, Place

KEPT_READ = 8_192
"""So many entries that were asked for stay as they were read."""
_POLYGON, _RAW = "_polygon", "_raw"
M = TypeVar("M", bound=BaseModel)


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
                return _place(self.__dict__[_RAW])
            return super().__getattr__(name)


_MODELS: tuple[type[BaseModel], ...] = (
    EntrySet,
    *OF_THEIR_OWN.values(),
    _UnreadVersion,
    Change,
    Grid,
    _OutlinedGrid,
)
_FIELDS = {model: set(model.model_fields) for model in _MODELS}


def slim(version: EntrySet) -> EntrySet:
    """The version in a form that takes little memory; it says what it said."""
    entry = version.entry
    told = {name: value for name, value in version.__dict__.items() if name != "entry"}
    told["change"] = _change(version.change)
    if isinstance(entry, Place):
        told[_RAW] = entry.model_dump_json(exclude_none=True).encode()
        return _made(_UnreadVersion, told)
    told["entry"] = _outlined(entry)
    return _made(type(version), told)


def plain(entry: Any) -> Any:  # noqa: ANN401 - any entry, and the same kind of it
    """An entry in a form that can be written as JSON: of a grid the outline is a field again."""
    if not isinstance(entry, _OutlinedGrid):
        return entry
    told = {name: value for name, value in entry.__dict__.items() if name != _POLYGON}
    return _made(Grid, {**told, "geometry": entry.geometry})


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
    return _made(Change, {**change.__dict__, "id": intern(change.id)})


def _outlined(entry: Any) -> Any:  # noqa: ANN401 - any entry, and the same kind of it
    polygon = polygon_of(entry) if isinstance(entry, Grid) else None
    if polygon is None:
        return entry
    told = {name: value for name, value in entry.__dict__.items() if name != "geometry"}
    told[_POLYGON] = polygon
    return _made(_OutlinedGrid, told)


def _made(model: type[M], values: dict[str, Any]) -> M:
    """A model of values that are valid: as ``model_construct``, which takes ten times as long.

    All models of a kind share the set of their fields' names, which each would have of its own.
    """
    made = model.__new__(model)
    extra: dict[str, Any] | None = {} if model.model_config.get("extra") == "allow" else None
    for name, value in (
        ("__dict__", values),
        ("__pydantic_fields_set__", _FIELDS[model]),
        ("__pydantic_extra__", extra),
        ("__pydantic_private__", None),
    ):
        object.__setattr__(made, name, value)
    return made


@lru_cache(maxsize=KEPT_READ)
def _place(raw: bytes) -> Place:
    return Place.model_validate_json(raw)
