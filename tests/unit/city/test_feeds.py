"""Another city's export needs a mapping and no code; what is wrong is said with its place."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from deploy.feeds import formats, reading, rows
from deploy.feeds.errors import FeedError
from deploy.feeds.reading import Kind
from deploy.feeds.values import Template, Value
from deploy.replay import schedule
from services.intake.http.door import parse
from services.intake.http.incidents import REPORT
from shared.contracts.registry_v1 import Grid, Matter, Unit

MAPPING: dict[str, Any] = {
    "city": "7001",
    "zone": "Europe/Berlin",
    "policy": {"unmatched": "review"},
    "rows": {
        "instants": "%d.%m.%Y %H:%M",
        "values": {
            "id": {"column": "Nr"},
            "when": {"column": "Eingang"},
            "until": {"column": "Frist"},
            "office": {"column": "Amt", "slug": True},
            "office_name": {"column": "Amt"},
            "what": {"column": "Thema", "slug": True},
            "what_name": {"column": "Thema"},
            "lon": {"column": "Ort", "pattern": r"^\S+ (\S+)$"},
            "lat": {"column": "Ort", "pattern": r"^(\S+) "},
        },
        "key": "{id}",
        "created": "{when}",
        "report": {"matter": "{what}", "longitude": "{lon}", "latitude": "{lat}"},
        "matter": {
            "code": "{what}",
            "names": {"zh": "{what_name}", "en": "{what_name}"},
            "klass": "component",
            "condition": {"code": "any", "names": {"zh": "任何", "en": "any"}},
        },
        "unit": {
            "code": "{office}",
            "names": {"zh": "{office_name}", "en": "{office_name}"},
            "kind": "department",
            "area": "{city}",
        },
        "limits": [{"stage": "handle", "start": "{when}", "end": "{until}"}],
    },
}
CSV = """Nr,Eingang,Frist,Amt,Thema,Ort
2,25.03.2018 03:30,26.03.2018 03:30,Bau Amt,Straßenlampe,52.5 13.4
1,25.03.2018 01:30,25.03.2018 13:30,Grünamt,Baum,
3,25.03.2018 03:45,26.03.2018 03:45,Bau Amt,Straßenlampe,52.5 13.4
"""


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    return written(tmp_path / "berlin.yaml", MAPPING)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "export.csv"
    path.write_text("\ufeff" + CSV, encoding="utf-8")
    return path


def written(path: Path, content: object) -> Path:
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


def test_another_citys_rows_are_read_by_its_mapping(mapping: Path, export: Path) -> None:
    table = rows.read(export, formats.find("berlin", mapping))
    assert [row.key for row in table.rows] == ["1", "2", "3"]
    # The clocks went forward at 02:00: 01:30 is CET, 03:30 is CEST.
    assert table.rows[0].at == datetime(2018, 3, 25, 0, 30, tzinfo=UTC)
    assert table.rows[1].at == datetime(2018, 3, 25, 1, 30, tzinfo=UTC)
    assert table.rows[0].report.location is None
    located = table.rows[1].report.location
    assert located is not None
    assert located.coordinates == (13.4, 52.5)
    assert table.rows[1].report.matter == "stra-enlampe"


def test_its_entries_follow_from_the_rows(mapping: Path, export: Path) -> None:
    matters = reading.read(export, Kind.MATTERS, "berlin", mapping).entries
    limits = {
        one.code: one.conditions[0].limits.handle for one in matters if isinstance(one, Matter)
    }
    assert {code: str(limit.unit) for code, limit in limits.items() if limit} == {
        "baum": "urgent_hour",
        "stra-enlampe": "natural_day",
    }
    units = reading.read(export, Kind.UNITS, "berlin", mapping).entries
    handled = {one.code: one.matters for one in units if isinstance(one, Unit)}
    assert handled == {"bau-amt": ("stra-enlampe",), "gr-namt": ("baum",)}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("4,yesterday,,Bau Amt,Baum,52.5 13.4", "yesterday"),
        ("4,01.01.0001 00:00,,Bau Amt,Baum,52.5 13.4", "out of range"),
        ("4,,,Bau Amt,Baum,52.5 13.4", "no key or no instant"),
        (",25.03.2018 01:30,,Bau Amt,Baum,52.5 13.4", "no key or no instant"),
        ("3,25.03.2018 01:30,,Bau Amt,Baum,52.5 13.4", "that of row 4"),
        ("4,25.03.2018 01:30,,Bau Amt,Baum,52.5 east", "location.coordinates.0"),
        ("4,25.03.2018 01:30,,Bau Amt,Baum,91.0 13.4", "location.coordinates.1"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_hinders_no_other(
    mapping: Path, export: Path, line: str, reason: str
) -> None:
    with export.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    table = rows.read(export, formats.find("berlin", mapping))
    assert len(table.rows) == 3
    (fault,) = table.faults
    assert fault.number == 5
    assert reason in fault.reason


def test_a_row_whose_limit_cannot_be_read_is_named_and_hinders_no_other(
    mapping: Path, export: Path
) -> None:
    with export.open("a", encoding="utf-8") as file:
        file.write("4,25.03.2018 03:50,N/A,Bau Amt,Straßenlampe,52.5 13.4\n")
        file.write("5,25.03.2018 03:50,N/A,Bau Amt,Bank,52.5 13.4\n")
    content = reading.read(export, Kind.MATTERS, "berlin", mapping)
    assert [fault.number for fault in content.faults] == [5, 6]
    assert all("no limit follows" in one.reason and "N/A" in one.reason for one in content.faults)
    matters = [one for one in content.entries if isinstance(one, Matter)]
    found = {one.code: one.conditions[0].limits.handle for one in matters}
    assert {code: limit and str(limit.unit) for code, limit in found.items()} == {
        "bank": "natural_day",
        "baum": "urgent_hour",
        "stra-enlampe": "natural_day",
    }
    feed = formats.find("berlin", mapping)
    assert len(rows.read(export, feed).rows) == 5, "it can be reported all the same"


def test_a_missing_column_is_named(mapping: Path, export: Path) -> None:
    export.write_text("Nr,Eingang\n", encoding="utf-8")
    with pytest.raises(FeedError, match=r"Amt.*Frist.*Ort.*Thema"):
        rows.read(export, formats.find("berlin", mapping))


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("rows", "key"), "{number}", "number"),
        (("rows", "values", "id", "table"), "offices", "no table offices"),
        (("rows", "values", "id", "kolumn"), "x", "kolumn"),
        (("rows", "key"), "{id.__class__}", "not the name of a value"),
        (("zone",), "Europe/Atlantis", "Atlantis"),
        (("rows", "values", "id", "pattern"), "(", "regex"),
    ],
)
def test_a_mistake_in_a_mapping_is_named(
    tmp_path: Path, path: tuple[str, ...], value: str, said: str
) -> None:
    broken: Any = json.loads(json.dumps(MAPPING))
    place = broken
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(FeedError, match=said):
        formats.find("berlin", written(tmp_path / "broken.yaml", broken))


def test_rows_in_the_system_of_a_map_are_sent_as_such(tmp_path: Path, export: Path) -> None:
    of_a_map = {**MAPPING, "rows": {**MAPPING["rows"], "location_system": "bd09"}}
    feed = formats.find("berlin", written(tmp_path / "map.yaml", of_a_map))
    row = next(one for one in rows.read(export, feed).rows if one.report.location)
    (item,) = schedule.items([row], "berlin", None)
    sent = parse(REPORT, orjson.dumps(item.body()["incident"])).report()
    assert sent.sent_location is not None
    assert (sent.sent_location.system, sent.sent_location.coordinates) == ("bd09", (13.4, 52.5))
    of_a_map["rows"]["location_system"] = "mars"
    with pytest.raises(FeedError, match="location_system"):
        formats.find("berlin", written(tmp_path / "map.yaml", of_a_map))


def test_an_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(FeedError, match="nyc311"):
        formats.find("paris311")


def test_a_grid_comes_from_plain_geojson(tmp_path: Path) -> None:
    square = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    properties = {"code": "123456789012345", "zh": "网格", "en": "Grid"}
    feature = {"type": "Feature", "properties": properties, "geometry": square}
    path = tmp_path / "grids.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    (grid,) = reading.read(path, Kind.GRIDS, "geojson").entries
    assert isinstance(grid, Grid)
    assert (grid.code, grid.names.en, grid.geometry["type"]) == (
        "123456789012345",
        "Grid",
        "Polygon",
    )
    with pytest.raises(FeedError, match="no rows"):
        reading.read(path, Kind.MATTERS, "geojson")


def test_a_feature_whose_code_is_no_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "grids.geojson"
    path.write_text('{"features": [{"properties": {"code": "12", "zh": "格", "en": "g"}}]}')
    with pytest.raises(FeedError, match="code"):
        reading.read(path, Kind.GRIDS, "geojson")


def test_mistakes_in_grids_are_told_by_feature_all_at_once(tmp_path: Path) -> None:
    square = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    said = [{"code": "123456789012345", "zh": "格", "en": "g"}, {"zh": "格", "en": "g"}]
    said += [said[0] | {"code": "12"}, {}, said[0]]
    features = [{"properties": one, "geometry": square} for one in said]
    path = tmp_path / "grids.geojson"
    path.write_text(json.dumps({"features": features}), encoding="utf-8-sig")
    with pytest.raises(FeedError) as caught:
        reading.read(path, Kind.GRIDS, "geojson")
    assert [line.partition(" should")[0] for line in caught.value.en.splitlines()[1:]] == [
        "  feature 2: nothing is there for code",
        "  feature 3: code: String",
        "  feature 4: nothing is there for code, en, zh",
        "  feature 5: code: 123456789012345 stands at feature 1 already",
    ]


@pytest.mark.parametrize(
    ("features", "said"),
    [
        (None, "no list"),
        ({}, "no list"),
        ([{}, 1, {"properties": []}], "feature 2: .*\n  feature 3"),
    ],
)
def test_features_that_are_none_are_refused(tmp_path: Path, features: object, said: str) -> None:
    path = tmp_path / "grids.geojson"
    path.write_text(json.dumps({"features": features}))
    for kind in (Kind.GRIDS, Kind.PLACES):
        with pytest.raises(FeedError, match=said):
            reading.read(path, kind, "geojson")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"features": 1', '{"features": 1}'])
def test_what_is_no_collection_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "grids.geojson"
    path.write_text(content)
    with pytest.raises(FeedError, match=r"grids\.geojson"):
        reading.read(path, Kind.GRIDS, "geojson")


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_the_registrys_own_entries_are_taken_by_kind(tmp_path: Path, suffix: str) -> None:
    names = {"zh": "甲", "en": "A"}
    entries = [
        {"kind": "area", "code": "7001", "names": names},
        {"kind": "policy", "code": "7001", "zone": "UTC"},
    ]
    path = tmp_path / f"own.{suffix}"
    path.write_text(json.dumps(entries) if suffix == "json" else yaml.safe_dump(entries))
    for kind, expected in ((Kind.GRIDS, "area"), (Kind.POLICIES, "policy")):
        (entry,) = reading.read(path, kind, reading.ENTRIES).entries
        assert entry.kind == expected


def test_a_template_without_one_of_its_values_has_no_text() -> None:
    template = Template("{a}-{b:0>3}")
    assert template.fill({"a": "x", "b": "7"}) == "x-007"
    assert template.fill({"a": "x", "b": None}) is None


@pytest.mark.parametrize(
    ("value", "text", "expected"),
    [
        (Value(column="c"), "  x ", "x"),
        (Value(column="c"), "", None),
        (Value(column="c", default="d"), "", "d"),
        (Value(column="c", table="t"), "in", "out"),
        (Value(column="c", table="t"), "other", None),
        (Value(column="c", table="t", keep=True), "other", "other"),
        (Value(column="c", slug=True), "Noise - Street/Sidewalk", "noise-street-sidewalk"),
    ],
)
def test_a_value_is_matched_looked_up_and_slugged(
    value: Value, text: str, expected: str | None
) -> None:
    assert value.of({"c": text}, {"t": {"in": "out"}}) == expected
