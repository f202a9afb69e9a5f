"""Which component (部件) stands at a place.

A city has some hundred thousand of them, which as contracts would take 4 KB each. They are kept
packed, beside the other entries: a few hundred bytes for each version, and 40 in the index.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from math import cos, degrees, radians, sin
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from shared.contracts.base import Names, Point
from shared.contracts.registry_v1 import Component, ComponentState, EntrySet
from shared.registry.distance import EARTH_M, metres
from shared.registry.validity import ruling

KIND = "component"
ROUNDING = 1e-14
"""More than the error of a chord between unit vectors; some 60 nanometres on the ground."""
SHARED = 4_096
"""So many different names, codes and instants are kept once for all components that have them."""
T = TypeVar("T")
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ComponentVersion:
    """A version of a component, packed; the fields are those of the entry and its version."""

    code: str
    n: int
    valid_from: datetime
    valid_until: datetime | None
    longitude: float
    latitude: float
    zh: str
    en: str
    owner: str | None
    maintainer: str | None
    state: ComponentState

    @property
    def component_class(self) -> str:
        """The class, digits 7 to 10 of the code."""
        return self.code[6:10]

    @property
    def names(self) -> Names:
        """Its name in both languages."""
        return Names(zh=self.zh, en=self.en)

    @property
    def entry(self) -> Component:
        """The component as it was packed."""
        return Component(
            code=self.code,
            names=self.names,
            location=Point(coordinates=(self.longitude, self.latitude)),
            owner=self.owner,
            maintainer=self.maintainer,
            state=self.state,
        )


@dataclass(frozen=True, slots=True)
class Near:
    """A component, and how many metres from the point it stands."""

    component: ComponentVersion
    metres: float


Versions = Mapping[str, tuple[ComponentVersion, ...]]
"""The versions of each component by its code, oldest first."""


@lru_cache(maxsize=SHARED)
def _shared(value: T) -> T:
    """One object for all that are equal: most components have the same few owners and names."""
    return value


def packed(one: EntrySet | ComponentVersion) -> EntrySet | ComponentVersion:
    """A version of a component, packed; any other as it is."""
    # By the key: to ask every version for its entry would read those that are kept unread.
    if isinstance(one, ComponentVersion) or not one.key.startswith(f"{KIND}/"):
        return one
    entry = one.entry
    if not isinstance(entry, Component):
        return one
    longitude, latitude = entry.location.coordinates
    return ComponentVersion(
        code=entry.code,
        n=one.n,
        valid_from=_shared(one.valid_from),
        valid_until=_shared(one.valid_until),
        longitude=longitude,
        latitude=latitude,
        zh=_shared(entry.names.zh),
        en=_shared(entry.names.en),
        owner=_shared(entry.owner),
        maintainer=_shared(entry.maintainer),
        state=entry.state,
    )


def with_versions(before: Versions, more: Iterable[ComponentVersion]) -> Versions:
    """The versions and more of them; the same mapping where there are no more."""
    merged: dict[str, tuple[ComponentVersion, ...]] | None = None
    for one in more:
        merged = dict(before) if merged is None else merged
        # By number: of two changes the one decided first may be whole last.
        found = (*merged.get(one.code, ()), one)
        merged[one.code] = tuple(sorted(found, key=lambda version: version.n))
    return before if merged is None else merged


class ComponentIndex:
    """Finds components by code, and by class and place."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        classes: dict[str, list[ComponentVersion]] = {}
        for found in versions.values():
            for one in found:
                classes.setdefault(one.component_class, []).append(one)
        self._classes = {name: _OfClass(ones) for name, ones in classes.items()}

    def get(self, code: str, at: datetime) -> ComponentVersion | None:
        """The version of a component that is in force, whatever state it is in."""
        return ruling(self._versions.get(code, ()), at)

    def nearest(
        self, component_class: str, longitude: float, latitude: float, within: float, at: datetime
    ) -> Near | None:
        """The nearest component of a class within so many metres; of two alike the first by code.

        Those that are not in force at the instant, or are removed, are not seen.
        """
        known = self._classes.get(component_class)
        if known is None:
            return None
        best: Near | None = None
        for one in known.around(longitude, latitude, within):
            far = metres(longitude, latitude, one.longitude, one.latitude)
            if far > within or not _nearer(one, far, best):
                continue
            if one.state is not ComponentState.REMOVED and self.get(one.code, at) is one:
                best = Near(one, far)
        return best


def _nearer(one: ComponentVersion, far: float, best: Near | None) -> bool:
    return best is None or (far, one.code) < (best.metres, best.component.code)


class _OfClass:
    """The versions of one class by latitude, with their places as vectors of length 1.

    A strip between two latitudes is one run of them; which of it lie near is one subtraction. That
    needs no care at the poles and where 180 degrees meet.
    """

    def __init__(self, versions: list[ComponentVersion]) -> None:
        count = len(versions)
        latitudes = np.fromiter((one.latitude for one in versions), np.float64, count)
        longitudes = np.fromiter((one.longitude for one in versions), np.float64, count)
        order = np.argsort(latitudes, kind="stable")
        self._versions = [versions[number] for number in order]
        self._latitudes = latitudes[order]
        self._vectors = _vectors(longitudes[order], self._latitudes)

    def around(self, longitude: float, latitude: float, within: float) -> list[ComponentVersion]:
        """All within so many metres, and a few beyond by rounding."""
        strip = degrees(within / EARTH_M + ROUNDING) + ROUNDING * abs(latitude)
        first = bisect_left(self._latitudes, latitude - strip)
        last = bisect_right(self._latitudes, latitude + strip)
        if first == last:
            return []
        away = self._vectors[first:last] - _vector(longitude, latitude)
        chord = 2 * sin(min(within / EARTH_M / 2, radians(90))) + ROUNDING
        near = np.einsum("ij,ij->i", away, away) <= chord * chord
        return [self._versions[first + number] for number in np.flatnonzero(near)]


def _vector(longitude: float, latitude: float) -> tuple[float, float, float]:
    """As ``_vectors`` of one place, without an array for each of its six numbers."""
    x, y = radians(longitude), radians(latitude)
    return cos(y) * cos(x), cos(y) * sin(x), sin(y)


def _vectors(longitudes: Floats, latitudes: Floats) -> Floats:
    """Places on a ball of radius 1; the last axis is x, y, z."""
    x, y = np.radians(longitudes), np.radians(latitudes)
    return np.stack((np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)), axis=-1)
