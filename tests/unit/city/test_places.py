"""Places from points and tables: written is as read, and what is wrong has its line."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.feeds import places, reading
from deploy.feeds.errors import FeedError
from deploy.feeds.reading import Kind
from shared.contracts.base import Names, Point
from shared.contracts.registry_v1 import Place
from shared.registry.spans import Validity
from tests.unit.city.validities import validities

HEAD = "code,zh,en,aliases,longitude,latitude\n"
MARKET = Place(
    code="market",
    names=Names(zh="东门菜市场", en="East Gate Market"),
    aliases=("建设路12号", "东门市场"),
    location=Point(coordinates=(120.15, 30.27)),
)

words = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="|"),
    min_size=2,
    max_size=20,
)
listed = st.lists(
    st.builds(
        Place,
        kind=st.just("place"),
        code=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,20}", fullmatch=True),
        names=st.builds(Names, zh=words, en=words),
        aliases=st.lists(words, max_size=4).map(tuple),
        location=st.builds(
            Point,
            type=st.just("Point"),
            coordinates=st.tuples(st.floats(-180, 180), st.floats(-90, 90)),
        ),
    ),
    max_size=5,
)


def feature(geometry: object, **properties: object) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(path: Path, *features: object) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


@given(listed, st.data())
def test_a_table_is_read_as_it_was_written(found: list[Place], data: st.DataObject) -> None:
    said = data.draw(validities(found))
    read: dict[str, Validity] = {}
    assert places.read(places.write(found, said), read) == (found, [])
    assert read == said


def test_a_place_holds_until_a_day_which_is_a_day() -> None:
    head = HEAD.strip() + ",valid_until\n"
    read: dict[str, Validity] = {}
    (one,), faults = places.read(head + "market,东门菜市场,Market,,120,30,2027-01-01\n", read)
    assert (one.code, faults) == ("market", [])
    assert read == {"place/market": Validity(None, date(2027, 1, 1))}
    _, (fault,) = places.read(head + "market,东门菜市场,Market,,120,30,soon\n")
    assert (fault.number, fault.reason[:18]) == (2, "valid_until: soon ")


@pytest.mark.parametrize("aliases", ["建设路12号|东门市场", ["建设路12号", "东门市场"]])
def test_points_of_a_collection_are_places(tmp_path: Path, aliases: object) -> None:
    point = {"type": "Point", "coordinates": [120.15, 30.27, 8.5]}
    names = {"code": "market", "zh": "东门菜市场", "en": "East Gate Market"}
    path = collection(
        tmp_path / "places.geojson",
        feature(point, **names, aliases=aliases),
        feature(point, **names | {"code": "other"}),
    )
    found = reading.read(path, Kind.PLACES, "geojson").entries
    assert found == (MARKET, MARKET.model_copy(update={"code": "other", "aliases": ()}))


def test_a_collection_of_other_things_is_refused_by_feature(tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}
    names = {"code": "a", "zh": "甲", "en": "A"}
    path = collection(tmp_path / "places.geojson", feature(line, **names), feature(None))
    with pytest.raises(FeedError, match=r"feature 1: location\.type(.|\n)*feature 2: code"):
        reading.read(path, Kind.PLACES, "geojson")


def test_a_table_and_a_list_of_entries_are_taken(tmp_path: Path) -> None:
    table, entries = tmp_path / "places.csv", tmp_path / "places.yaml"
    table.write_text(
        HEAD + "market,东门菜市场,East Gate Market,建设路12号 | 东门市场,120.15,30.27\n"
    )
    entries.write_text(
        "- code: market\n  names: {zh: 东门菜市场, en: East Gate Market}\n"
        "  aliases: [建设路12号, 东门市场]\n  location: {coordinates: [120.15, 30.27]}\n"
    )
    for path in (table, entries):
        assert reading.read(path, Kind.PLACES, reading.ENTRIES).entries == (MARKET,)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a,甲,A,,120.1,north", r"line 3: location\.coordinates\.1"),
        ("a,甲,A,,200,30", r"line 3: location\.coordinates\.0"),
        ("a,甲,A,x,120,30", r"line 3: aliases\.0"),
        ("a,,A,,120,30", r"line 3: names\.zh"),
        ("a b,甲,A,,120,30", r"line 3: code"),
        ("a,甲,A,one, two,120,30", r"line 3: there are more cells"),
        ("a,甲,A", r"line 3: location"),
    ],
)
def test_a_mistake_in_a_table_has_its_line(tmp_path: Path, row: str, said: str) -> None:
    path = tmp_path / "places.csv"
    path.write_text(f"{HEAD}b,乙地,B,,120,30\n{row}\n")
    with pytest.raises(FeedError, match=said):
        reading.read(path, Kind.PLACES, reading.ENTRIES)


def test_other_columns_are_named(tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_text("code,name\n")
    with pytest.raises(FeedError, match=r"missing .*'zh'.*not known \['name'\]"):
        reading.read(path, Kind.PLACES, reading.ENTRIES)


def test_an_alias_with_the_sign_between_aliases_is_not_written_into_a_table() -> None:
    with pytest.raises(FeedError, match="market"):
        places.write([MARKET.model_copy(update={"aliases": ("a|b",)})])
