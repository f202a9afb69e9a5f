"""Redrawing grids and withdrawing entries through the command."""

import json
from pathlib import Path
from typing import Any

from tests.stackdriver import Stack
from tests.unit.intake.entries import NAMES, grid

ONE, TWO = "990199001001001", "990199001001002"
"""A grid beside the demo city, and a part of it."""


def feature(code: str, west: float, east: float) -> dict[str, Any]:
    ring = [[west, 30], [east, 30], [east, 30.01], [west, 30.01], [west, 30]]
    return {
        "type": "Feature",
        "properties": {"code": code, **NAMES},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def written(path: Path, *features: dict[str, Any]) -> str:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return str(path)


def asked(stack: Stack, *arguments: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(stack.call("registry", *arguments, "--json").stdout)
    return told


def test_a_grid_is_split_and_merged_again(city_stack: Stack, tmp_path: Path) -> None:
    entries = tmp_path / "grids.json"
    entries.write_text(json.dumps([grid(ONE)]))
    asked(city_stack, "import", str(entries), "--kind", "grids")
    short = written(
        tmp_path / "short.json", feature(ONE, 120.01, 120.014), feature(TWO, 120.015, 120.02)
    )
    refused = city_stack.call("registry", "split", ONE, short, expect=1)
    assert "would lie in no grid any more" in refused.stderr
    file = written(
        tmp_path / "parts.json", feature(ONE, 120.01, 120.015), feature(TWO, 120.015, 120.02)
    )
    tried = asked(city_stack, "split", ONE, file, "--dry-run")
    assert [(one["key"], one["what"]) for one in tried["effects"]] == [
        (f"grid/{ONE}", "changed"), (f"grid/{TWO}", "new"),
    ]  # fmt: skip
    told = city_stack.call("registry", "split", ONE, file, "--note", "too many cases")
    assert "2 grids changed" in told.stderr
    assert f"wangge registry history grid/{ONE}" in told.stderr
    merged = asked(city_stack, "merge", ONE, TWO, "--into", ONE)
    assert merged["count"] == 2
    *_, last = asked(city_stack, "history", f"grid/{TWO}")["versions"]
    assert last["valid_until"] == merged["valid_from"]


def test_a_grid_without_cases_is_withdrawn_and_a_bad_day_is_told(
    city_stack: Stack, tmp_path: Path
) -> None:
    code = "990199001002001"
    entries = tmp_path / "grids.json"
    entries.write_text(json.dumps([grid(code)]))
    asked(city_stack, "import", str(entries), "--kind", "grids", "--accept-findings")
    refused = city_stack.call("registry", "withdraw", f"grid/{code}", "--move-to", ONE, expect=1)
    assert "no_successor_of_kind" in refused.stderr
    assert asked(city_stack, "withdraw", f"grid/{code}")["valid_until"]
    file = written(tmp_path / "one.json", feature(code, 120, 121))
    bad = city_stack.call("registry", "move", file, "--from", "soon", expect=1)
    assert "soon is neither a day" in bad.stderr
