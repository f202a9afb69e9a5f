"""Registry entries that follow from a GeoJSON collection: grids, and the areas they lie in."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.feeds.errors import FeedError
from deploy.feeds.mapping import Feed
from shared.contracts.registry_v1 import Area, Grid


def grids(path: Path, feed: Feed) -> Iterator[Area | Grid]:
    """The areas in the order of their codes, then the grids in the order of the file.

    Raises FeedError when the file is no collection of features, or the format has no grids.
    """
    how = feed.grids
    if how is None:
        raise FeedError("this format has no grids", "此格式不含网格")
    areas: dict[str, Area] = {}
    found: list[Grid] = []
    for feature in features(path):
        known = feed.known(how, feature.get("properties") or {})
        for area in how.areas:
            entry = Area.model_validate(
                {"code": area.code.fill(known), "names": area.names.fill(known)}
            )
            areas.setdefault(entry.code, entry)
        found.append(
            Grid.model_validate(
                {
                    "code": how.code.fill(known),
                    "names": how.names.fill(known),
                    "geometry": feature.get("geometry"),
                }
            )
        )
    yield from (areas[code] for code in sorted(areas))
    yield from found


def features(path: Path) -> list[dict[str, Any]]:
    """The features of a collection; raises FeedError where the file is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        found: list[dict[str, Any]] = content["features"]
    except (OSError, ValueError) as error:
        raise FeedError(f"{path} cannot be read: {error}", f"无法读取 {path}") from error
    except (KeyError, TypeError) as error:
        raise FeedError(
            f"{path} is not a GeoJSON FeatureCollection: it has no features",
            f"{path} 不是 GeoJSON 要素集合",
        ) from error
    return found
