"""What a reader keeps says what was read, and keeps little of it."""

import json
import tracemalloc
from collections.abc import Callable
from datetime import timedelta

import pytest

from shared.contracts.base import Point
from shared.contracts.registry_v1 import Component, Entry, EntrySet, Grid, Place
from shared.registry import slim as module
from shared.registry.slim import plain, polygon_of, slim
from shared.registry.snapshot import Snapshot
from tests.registry.entries import EPOCH, NAMES, alone, grid, matter, square, unit, version

HERE = Point(coordinates=(120.1234567, 30.7654321))
COMPONENT = Component(code="9901010101000001", names=NAMES, location=HERE, owner="water")
PLACE = Place(code="gate", names=NAMES, aliases=("the gate",), location=HERE)
ROUND = {"type": "Polygon", "coordinates": [[[0.1, 0.2], [1.1234567, 0.3], [0.7, 1.9], [0.1, 0.2]]]}


@pytest.mark.parametrize(
    "entry",
    [
        COMPONENT,
        PLACE,
        matter("lamp"),
        unit("u", "9901", "*"),
        grid(1, square(120, 30)),
        grid(2, ROUND),
        grid(3, {"type": "MultiPolygon", "coordinates": [ROUND["coordinates"]]}),
        grid(4, {"type": "Nonsense"}),
    ],
    ids=lambda one: f"{one.kind} {one.code}",
)
def test_a_slim_version_says_what_the_version_said(entry: Entry) -> None:
    until = EPOCH + timedelta(days=1)
    read = version(entry, alone("c"), 3, until=until)
    kept = slim(read)
    assert isinstance(kept, EntrySet)
    for name in EntrySet.model_fields:
        if name != "entry":
            assert getattr(kept, name) == getattr(read, name)
    assert isinstance(kept.entry, type(entry))
    for name in type(entry).model_fields:
        said = json.loads(
            json.dumps(getattr(kept.entry, name), default=lambda one: one.model_dump())
        )
        was = json.loads(json.dumps(getattr(entry, name), default=lambda one: one.model_dump()))
        assert said == was
    assert slim(kept).entry.code == entry.code
    written = plain(kept.entry).model_dump_json()
    assert json.loads(written) == json.loads(entry.model_dump_json())


def test_a_place_is_read_when_it_is_asked_for_and_not_when_it_is_kept() -> None:
    module._place.cache_clear()
    kept = slim(version(PLACE, alone("c")))
    snapshot = Snapshot().with_changes([kept], 0)
    assert snapshot.ruling(kept.key, EPOCH) is kept
    assert module._place.cache_info().currsize == 0
    assert kept.entry == PLACE
    assert kept.entry is kept.entry


def test_a_grid_is_kept_as_its_polygon() -> None:
    kept = slim(version(grid(1, square(120, 30)), alone("c")))
    assert isinstance(kept.entry, Grid)
    assert "geometry" not in kept.entry.__dict__
    assert polygon_of(kept.entry) is polygon_of(kept.entry)
    snapshot = Snapshot().with_changes([kept], 0)
    found = snapshot.grid_at(120.5, 30.5, EPOCH)
    assert found is kept.entry


def test_what_is_kept_of_a_place_is_two_thirds_of_what_was_read_at_most() -> None:
    codes = [f"99010101010{number:05}" for number in range(500)]
    entries = [PLACE.model_copy(update={"code": code}) for code in codes]
    lines = [version(one, alone("c")).model_dump_json() for one in entries]

    def taken(keep: Callable[[EntrySet], EntrySet]) -> int:
        tracemalloc.start()
        kept = [keep(EntrySet.model_validate_json(line)) for line in lines]
        size = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert len(kept) == len(lines)
        return size

    assert taken(slim) < taken(lambda one: one) * 2 / 3


def test_what_an_entry_does_not_have_is_an_attribute_error() -> None:
    for entry in (PLACE, grid(1, square(120, 30))):
        kept = slim(version(entry, alone("c")))
        with pytest.raises(AttributeError):
            _ = kept.colour  # type: ignore[attr-defined]
        with pytest.raises(AttributeError):
            _ = kept.entry.colour  # type: ignore[union-attr]
