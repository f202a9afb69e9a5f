"""`wangge registry check` says beforehand what an import would be refused for."""

import json
from pathlib import Path

from deploy.city.loading import CITY
from tests.stackdriver import Stack


def test_what_is_in_force_brings_nothing_and_a_grid_upon_another_would_be_refused(
    city_stack: Stack, tmp_path: Path
) -> None:
    printed = city_stack.call("registry", "export", "--kind", "grids").stdout
    same, found = tmp_path / "same.json", tmp_path / "found.geojson"
    same.write_text(printed)
    told = json.loads(city_stack.call("registry", "check", str(same), "--json").stdout)
    assert told["found"] == {}

    # One of the demo city's: other tests may have brought other cities in.
    grids = [one for one in json.loads(printed) if one["kind"] == "grid"]
    grid = next(one for one in grids if one["code"].startswith(CITY))
    upon = {**grid, "code": f"{grid['code'][:12]}999"}
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps([upon]))
    arguments = (str(wrong), "--findings", str(found))
    checked = city_stack.call("registry", "check", *arguments, expect=1)
    assert "overlap" in checked.stdout
    features = json.loads(found.read_text())["features"]
    codes = {one["properties"]["code"]: one["properties"]["codes"] for one in features}
    assert codes["overlap"] == [grid["code"], upon["code"]]
    assert "no_officer" not in codes, "its team has one for all grids, by night"

    command = ("registry", "import", str(wrong), "--kind", "grids")
    refused = city_stack.call(*command, expect=1)
    assert "422 overlap" in refused.stdout + refused.stderr
    tried = city_stack.call(*command, "--dry-run")
    assert "overlap" in tried.stdout
