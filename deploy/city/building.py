"""The demo city as entries of the registry."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from shapely.geometry import mapping

from deploy.city import data, places
from deploy.city.places import Place
from deploy.city.stock import components
from deploy.city.tessellation import Tessellation, tessellate
from deploy.feeds import spelling
from shared.contracts.registry_v1 import Area, Entry, Grid, Matter, Policy, Unit


def build() -> tuple[Entry, ...]:
    """All entries of the demo city: areas, grids, matters, units, ...; always the same."""
    city = places.tree()
    grids, units = tuple(_grids(city)), tuple(_units(city))
    return (
        *_areas(city),
        *grids,
        *_matters(),
        *units,
        *components(grids, tessellation().grids, units),
        _policy(city.code),
    )


@cache
def tessellation() -> Tessellation:
    """The demo city's outline and grids."""
    raw = data.read("places")
    return tessellate(places.tree(), tuple(raw["centre"]), tuple(raw["radius"]), raw["seed"])


def _areas(city: Place) -> Iterator[Area]:
    for place in city.walk():
        yield Area(code=place.code, names=place.names)


def _grids(city: Place) -> Iterator[Grid]:
    polygons = iter(tessellation().grids)
    for place in city.walk():
        for number in range(1, place.own_grids + 1):
            names = {
                "zh": f"{place.names.zh}第{number}网格",
                "en": f"{place.names.en} Grid {number}",
            }
            yield Grid.model_validate(
                {
                    "code": f"{place.code}{number:03d}",
                    "names": names,
                    "geometry": mapping(next(polygons)),
                }
            )


def _matters() -> Iterator[Matter]:
    for raw in data.read("matters"):
        fields = {key: value for key, value in raw.items() if key != "handled_by"}
        fields["conditions"] = [
            {**condition, "limits": _limits(condition["limits"])} for condition in raw["conditions"]
        ]
        yield Matter.model_validate(fields)


def _limits(raw: dict[str, str]) -> dict[str, Any]:
    return {stage: spelling.limit(text) for stage, text in raw.items()}


def _units(city: Place) -> Iterator[Unit]:
    handled: dict[str, list[str]] = {}
    for matter in data.read("matters"):
        for key in matter["handled_by"]:
            handled.setdefault(key, []).append(matter["code"])
    for raw in data.read("units"):
        for place in city.walk():
            if place.level in raw["levels"]:
                yield Unit.model_validate(
                    {
                        "code": f"{raw['key']}-{place.code}",
                        "names": {
                            language: text.format(**place.names.model_dump())
                            for language, text in raw["names"].items()
                        },
                        "unit_kind": raw["kind"],
                        "area": place.code,
                        "matters": handled[raw["key"]],
                    }
                )


def _policy(code: str) -> Policy:
    raw = data.read("policy")
    return Policy.model_validate(
        {**raw, "code": code, "filing_limit": spelling.limit(raw["filing_limit"])}
    )
