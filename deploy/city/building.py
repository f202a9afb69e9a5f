"""The demo city as entries of the registry."""

import hashlib
from collections.abc import Iterator
from functools import cache
from typing import Any

from shapely.geometry import mapping

from deploy.city import data, places
from deploy.city.places import Place
from deploy.city.stock import components
from deploy.city.tessellation import Tessellation, tessellate
from deploy.feeds import entry_list, spelling
from shared.contracts.calendars import Calendar
from shared.contracts.flows import Flow
from shared.contracts.plans import Plan
from shared.contracts.policies import Policy
from shared.contracts.registry_v1 import (
    Area,
    Employment,
    Entry,
    Grid,
    Matter,
    Officer,
    Unit,
)
from shared.contracts.registry_v1 import Place as NamedPlace
from shared.contracts.routing_rules import Rules

YEAR = 2026


def build(year: int = YEAR) -> tuple[Entry, ...]:
    """All entries of the demo city with the plans of a year, always the same."""
    city = places.tree()
    grids, units = tuple(_grids(city)), tuple(_units(city))
    return (
        *_areas(city),
        *grids,
        *_flows(city.code),
        *_plans(city, year),
        *_matters(),
        *units,
        *components(grids, tessellation().grids, units),
        *_places(city),
        *_officers(city),
        *_rules(city),
        _policy(city.code),
        Calendar.model_validate({**data.read("calendar"), "code": city.code}),
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
        fields["conditions"] = [entry_list.with_limits(one) for one in raw["conditions"]]
        yield Matter.model_validate(fields)


def flows() -> Iterator[Flow]:
    """The flows of the demo city."""
    return _flows(places.tree().code)


def _flows(code: str) -> Iterator[Flow]:
    for raw in data.read("flows"):
        states = [entry_list.with_limit(one) for one in raw["states"]]
        yield Flow.model_validate(_with_code({**raw, "states": states}, code))


def _plans(city: Place, year: int) -> Iterator[Plan]:
    """On every so many days of the year, in the first communities and grids of the city."""
    grids = [
        f"{place.code}{number:03d}"
        for place in city.walk()
        for number in range(1, place.own_grids + 1)
    ]
    communities = [f"community-{place.code}" for place in city.walk() if place.own_grids]
    first, last = f"{year}-01-01", f"{year}-12-31"
    for raw in data.read("plans"):
        fields = {key: value for key, value in raw.items() if key != "communities"}
        fields["every"] = {"first": first, "last": last, "days": raw["every"]}
        fields["grids"] = grids[: raw.get("grids", 0)]
        fields["places"] = communities[: raw.get("communities", 0)]
        yield Plan.model_validate(fields)


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
                        "matters": handled.get(raw["key"], []),
                        "load_cap": raw.get("load_cap"),
                    }
                )


def _officers(city: Place) -> Iterator[Officer]:
    """The members of each grid team: one a grid by day, and one for all of them by night."""
    day = {"begin": "07:00", "end": "20:00"}
    night = {"begin": "20:00", "end": "07:00"}
    for place in city.walk():
        grids = [f"{place.code}{number:03d}" for number in range(1, place.own_grids + 1)]
        for number, grid in enumerate(grids, 1):
            yield _officer(place, number, Employment.FULL_TIME, [day], [grid])
        if grids:
            yield _officer(place, len(grids) + 1, Employment.PART_TIME, [night], [])


def _officer(
    place: Place,
    number: int,
    employment: Employment,
    duty: list[dict[str, str]],
    grids: list[str],
) -> Officer:
    pseudonym = hashlib.sha256(f"officer {place.code} {number}".encode()).hexdigest()[:8]
    return Officer.model_validate(
        {
            "code": f"o-{pseudonym}",
            "unit": f"team-{place.code}",
            "role": "officer",
            "employment": employment,
            "joined": "2025-01-01",
            "grids": grids,
            "duty": duty,
            "load_cap": 60,
        }
    )


def _places(city: Place) -> Iterator[NamedPlace]:
    """The communities by their names, each at a point of its first grid."""
    polygons = iter(tessellation().grids)
    for place in city.walk():
        own = [next(polygons) for _ in range(place.own_grids)]
        if own:
            yield NamedPlace.model_validate(
                {
                    "code": f"community-{place.code}",
                    "names": place.names.model_dump(),
                    "location": mapping(own[0].representative_point()),
                }
            )


def _rules(city: Place) -> Iterator[Rules]:
    for raw in data.read("rules"):
        for place in city.walk():
            if place.level in raw["levels"]:
                own = [_with_code(rule, place.code) for rule in raw["rules"]]
                yield Rules.model_validate({"code": place.code, "rules": own})


def _with_code(raw: Any, code: str) -> Any:  # noqa: ANN401 - whatever YAML holds
    """The same with the code of the area in place of ``{code}``."""
    if isinstance(raw, dict):
        return {key: _with_code(value, code) for key, value in raw.items()}
    if isinstance(raw, list):
        return [_with_code(one, code) for one in raw]
    return raw.replace("{code}", code) if isinstance(raw, str) else raw


def _policy(code: str) -> Policy:
    raw = data.read("policy")
    return Policy.model_validate(
        {
            **raw,
            **entry_list.with_repeats(raw),
            "code": code,
            "filing_limit": spelling.limit(raw["filing_limit"]),
        }
    )
