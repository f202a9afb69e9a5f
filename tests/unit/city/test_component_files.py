"""Components as GeoJSON and CSV: written is as read, and every mistake is told at once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy import registry
from deploy.client import Client, RefusedError
from deploy.feeds import component_files, entry_list, reading
from deploy.feeds.component_files import Read
from deploy.feeds.errors import FeedError
from deploy.feeds.reading import Kind
from shared.contracts.base import Names, Point
from shared.contracts.registry_v1 import Component, ComponentState
from shared.registry.spans import Validity
from tests.unit.city.validities import validities

words = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20
)
codes = st.text("abcXYZ019._:-", max_size=20).map("u{}".format)
components = st.builds(
    Component,
    kind=st.just("component"),
    code=st.integers(0, 10**16 - 1).map("{:016}".format),
    names=st.builds(Names, zh=words, en=words),
    location=st.builds(
        Point,
        type=st.just("Point"),
        coordinates=st.tuples(st.floats(-180, 180), st.floats(-90, 90)),
    ),
    owner=st.none() | codes,
    maintainer=st.none() | codes,
    state=st.sampled_from(ComponentState),
)
lists = st.lists(components, max_size=5, unique_by=lambda one: one.code)
LAMP = "9901010102000001"
BIN = "9901010301000002"


@given(lists, st.data())
def test_a_table_is_read_as_it_was_written(found: list[Component], data: st.DataObject) -> None:
    said = data.draw(validities(found))
    read: dict[str, Validity] = {}
    text = component_files.write_table(found, said)
    assert component_files.read_table(text, read) == (found, [])
    assert read == said


@given(lists, st.data())
def test_a_collection_is_read_as_it_was_written(
    found: list[Component], data: st.DataObject
) -> None:
    said = data.draw(validities(found))
    read: dict[str, Validity] = {}
    text = component_files.write_features(found, said)
    assert component_files.read_features(text, read) == (found, [])
    assert read == said


def test_a_validity_that_is_none_is_told_with_its_line() -> None:
    head, row = TABLE.splitlines()[:2]
    text = f"{head},valid_from\n{row},soon\n"
    _, (fault,) = component_files.read_table(text)
    assert (fault.number, fault.reason[:17]) == (2, "valid_from: soon ")


@given(lists)
def test_a_list_of_entries_is_read_as_it_was_written(found: list[Component]) -> None:
    assert entry_list.read(entry_list.write(found), {"component"}) == (found, [])


def told(read: Read) -> list[tuple[int, str]]:
    found, faults = read
    assert [one.code for one in found][:1] == [LAMP]
    return [(one.number, one.reason.partition(":")[0]) for one in faults]


TABLE = f"""\
code,zh,en,longitude,latitude,owner,maintainer,state
{LAMP},灯,Lamp,119.6,30.2,,lamps-9901,
{LAMP},灯,Lamp,119.6,30.2,,,in_use
123,灯,Lamp,east,30.2,,,in_use
{BIN},,Bin,119.6,,,,broken
{BIN},箱,"Bin, big",119.6,30.2,,,in_use
{BIN},箱,Bin, big,119.6,30.2,,,in_use
{BIN},箱,Bin,191,30.2,no unit,,in_use
"""


def test_mistakes_in_a_table_are_told_by_line_all_at_once() -> None:
    assert told(component_files.read_table(TABLE)) == [
        (3, "code"),
        (4, "code"), (4, "longitude"),
        (5, "zh"), (5, "latitude"), (5, "state"),
        (7, "there are more cells than columns"),
        (8, "longitude"), (8, "owner"),
    ]  # fmt: skip


def feature(code: Any, place: Any = (119.6, 30.2), **more: Any) -> dict[str, Any]:  # noqa: ANN401
    geometry = {"type": "Point", "coordinates": list(place)}
    properties = {"code": code, "zh": "灯", "en": "Lamp", **more}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def test_mistakes_in_a_collection_are_told_by_feature_all_at_once() -> None:
    features = [
        feature(int(LAMP), (119.6, 30.2, 12.5), owner="lamps-9901", maintainer=None),
        feature(LAMP),
        feature(BIN, maintaner="lamps-9901"),
        feature(BIN, ("119.6", 95)),
        feature(BIN, state="broken"),
        feature(BIN, (1,)),
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": []}, "properties": {}},
        "lamp",
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    shape = "it is no Feature with properties and a Point of longitude and latitude"
    assert told(component_files.read_features(text)) == [
        (2, "code"),
        (3, "properties that are not known"),
        (4, "latitude"),
        (5, "state"),
        (6, shape),
        (7, shape),
        (8, shape),
    ]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("c.csv", "code,zh\n1,2\n", "missing"),
        ("c.csv", TABLE, "line 5: state"),
        ("c.geojson", '{"type": "FeatureCollection"}', "FeatureCollection"),
        ("c.geojson", '{"features": {}}', "no list"),
        ("c.geojson", json.dumps({"features": [feature("x")]}), "feature 1: code"),
        ("c.json", json.dumps([{"code": "x"}]), "line 1: code"),
    ],
)
def test_a_file_with_mistakes_is_refused_whole(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FeedError, match=said):
        reading.read(path, Kind.COMPONENTS, reading.ENTRIES)


@pytest.mark.parametrize(
    ("name", "write", "format_"),
    [
        ("c.csv", component_files.write_table, "entries"),
        ("c.CSV", component_files.write_table, "entries"),
        ("c.geojson", component_files.write_features, "entries"),
        ("c.json", component_files.write_features, "geojson"),
        ("c.yaml", entry_list.write, "entries"),
    ],
)
def test_a_file_says_itself_what_it_is(
    tmp_path: Path, name: str, write: Callable[[list[Component]], str], format_: str
) -> None:
    one = Component(code=LAMP, names=Names(zh="灯", en="Lamp"), location=Point(coordinates=(1, 2)))
    path = tmp_path / name
    for encoding in ("utf-8", "utf-8-sig"):
        path.write_text(write([one]), encoding=encoding)
        assert reading.read(path, Kind.COMPONENTS, format_).entries == (one,)


def test_components_take_no_mapping(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text(TABLE, encoding="utf-8")
    with pytest.raises(FeedError, match="no mapping"):
        reading.read(path, Kind.COMPONENTS, "nyc311")


@given(lists, st.integers(1, 4), st.integers(1, 2_000))
def test_changes_are_all_entries_in_their_order_each_bounded(
    found: list[Component], entries: int, size: int
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(registry, "CHANGE_ENTRIES", entries)
        patched.setattr(registry, "CHANGE_BYTES", size)
        runs = list(registry.changes(found))
    assert [one for run in runs for one in run] == found
    for run in runs:
        assert len(run) <= entries
        assert len(run) < 2 or sum(len(one.model_dump_json()) for one in run) <= size


def lamps(count: int) -> list[Component]:
    point = Point(coordinates=(119.6, 30.2))
    names = Names(zh="灯", en="Lamp")
    return [
        Component(code=f"9901010102{serial:06}", names=names, location=point)
        for serial in range(count)
    ]


async def test_a_large_file_is_several_changes_and_stops_at_the_first_that_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "CHANGE_ENTRIES", 2)
    sent: list[list[str]] = []

    def intake(request: httpx.Request) -> httpx.Response:
        codes = [one["code"] for one in json.loads(request.content)["entries"]]
        if lamps(7)[6].code in codes:
            errors = [{"index": 0, "code": "invalid", "detail": "no lamp"}]
            problem = {"code": "invalid", "detail": "the seventh", "errors": errors}
            return httpx.Response(422, json=problem)
        sent.append(codes)
        told = {"state": "published", "change": f"c{len(sent)}", "count": 1, "unchanged": 1}
        return httpx.Response(200, json=told)

    progress: list[int] = []
    async with Client("http://intake", transport=httpx.MockTransport(intake)) as client:
        made = await registry.bring_in(client, lamps(5)[:4], progress=progress.append)
        assert (made.change, made.count, made.unchanged) == ("c2", 2, 2)
        assert progress == [2, 4]
        with pytest.raises(RefusedError, match="the seventh") as caught:
            await registry.bring_in(client, lamps(8), progress=progress.append)
    assert [(one["index"], one["detail"]) for one in caught.value.errors] == [(6, "no lamp")]
    assert progress == [2, 4, 2, 4, 6]
    assert [one for codes in sent for one in codes] == [one.code for one in [*lamps(4), *lamps(6)]]
