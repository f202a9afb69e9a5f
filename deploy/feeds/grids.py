"""Registry entries that follow from a GeoJSON collection: grids, and the areas they lie in."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from deploy.feeds.errors import FeedError
from deploy.feeds.faults import Fault, refuse
from deploy.feeds.mapping import Feed, GridsMap
from deploy.feeds.values import Known, Template
from shared.contracts.registry_v1 import Area, Grid

NO_FEATURE = "it is no Feature with properties and a geometry"
Numbered = list[tuple[int, Area | Grid]]
"""Entries, each with the number of its feature, from 1; an area has that of its first grid."""


def grids(path: Path, feed: Feed) -> tuple[Numbered, list[Fault]]:
    """The areas in the order of their codes, then the grids in the order of the file.

    Instead of those that are not valid, what is wrong by the number of the feature. Raises
    FeedError when the file is no collection of features, or the format has no grids.
    """
    how = feed.grids
    if how is None:
        raise FeedError("this format has no grids", "此格式不含网格")
    areas: dict[str, tuple[int, Area]] = {}
    found: list[tuple[int, Grid]] = []
    faults: list[Fault] = []
    for number, feature in enumerate(features(path), start=1):
        known = feed.known(how, feature.get("properties") or {})
        if lacking := sorted(_lacking(how, known)):
            faults.append(Fault(number, f"nothing is there for {', '.join(lacking)}"))
            continue
        try:
            for area in how.areas:
                entry = Area.model_validate(
                    {"code": area.code.fill(known), "names": area.names.fill(known)}
                )
                areas.setdefault(entry.code, (number, entry))
            found.append((number, _grid(how, known, feature.get("geometry"))))
        except ValidationError as error:
            faults += [
                Fault(number, f"{'.'.join(map(str, one['loc']))}: {one['msg']}")
                for one in error.errors(include_url=False, include_context=False)
            ]
    return [*(areas[code] for code in sorted(areas)), *found], faults


def _grid(how: GridsMap, known: Known, geometry: object) -> Grid:
    return Grid.model_validate(
        {"code": how.code.fill(known), "names": how.names.fill(known), "geometry": geometry}
    )


def _lacking(how: GridsMap, known: Known) -> Iterator[str]:
    """The values that a feature must have and has not, by their names in the mapping."""
    of_areas = (one for area in how.areas for one in (area.code, area.names.zh, area.names.en))
    used: tuple[Template, ...] = (how.code, how.names.zh, how.names.en, *of_areas)
    yield from {name for one in used for name in one.names if known[name] is None}


def features(path: Path) -> list[Mapping[str, Any]]:
    """The features of a GeoJSON FeatureCollection (UTF-8, with a mark or without).

    Raises FeedError where it is none, with the numbers of what is no feature.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))["features"]
    except (OSError, ValueError) as error:
        raise FeedError(f"{path} cannot be read: {error}", f"无法读取 {path}") from error
    except (KeyError, TypeError) as error:
        raise FeedError(
            f"{path} is not a GeoJSON FeatureCollection: it has no features",
            f"{path} 不是 GeoJSON 要素集合",
        ) from error
    if not isinstance(found, list):
        raise FeedError(
            f"{path} is not a GeoJSON FeatureCollection: its features are no list",
            f"{path} 不是 GeoJSON 要素集合：features 不是列表",
        )
    wrong = [Fault(n, NO_FEATURE) for n, one in enumerate(found, start=1) if not _is_feature(one)]
    refuse(str(path), wrong, "feature")
    return found


def _is_feature(one: object) -> bool:
    return isinstance(one, dict) and all(
        isinstance(one.get(name), dict | None) for name in ("properties", "geometry")
    )
