"""What the command reads and sends for a redrawing."""

import json
from pathlib import Path

import httpx
import pytest

from deploy import redraws
from deploy.client import Client
from deploy.feeds.errors import FeedError
from deploy.local.errors import StackError

SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}


def test_the_features_of_a_file_are_the_grids_with_names_where_there_are_any(
    tmp_path: Path,
) -> None:
    file = tmp_path / "grids.geojson"
    features = [
        {"properties": {"code": 990101001001001, "zh": "东", "en": "East"}, "geometry": SQUARE},
        {"properties": {"code": "990101001001002", "shape_area": 7}, "geometry": SQUARE},
    ]
    file.write_text(json.dumps({"features": features}))
    assert redraws.drawn(file) == [
        {"code": "990101001001001", "geometry": SQUARE, "names": {"zh": "东", "en": "East"}},
        {"code": "990101001001002", "geometry": SQUARE},
    ]
    file.write_text("{}")
    with pytest.raises(FeedError, match="FeatureCollection"):
        redraws.drawn(file)


def test_a_day_or_an_instant_with_its_zone_says_from_when() -> None:
    assert redraws.since(None) == {}
    assert redraws.since("2026-12-01") == {"valid_from": "2026-12-01"}
    assert redraws.since("2026-12-01T08:00:00+08:00") == {"valid_from": "2026-12-01T00:00:00.000Z"}
    for wrong in ("soon", "2026-13-01", "2026-12-01T08:00:00"):
        with pytest.raises(StackError, match="neither a day"):
            redraws.since(wrong)


async def test_a_decided_redrawing_is_waited_for_and_warnings_are_told() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.method} {request.url.raw_path.decode()}")
        if request.method == "POST":
            told = {
                "state": "decided", "change": "c-1", "count": 3,
                "warnings": [{"code": "not_connected", "detail": "two pieces"}],
                "findings": {"type": "FeatureCollection", "features": [{"type": "Feature"}]},
            }  # fmt: skip
            return httpx.Response(202, json=told)
        return httpx.Response(200, json={"state": "published"})

    async with Client("http://intake", transport=httpx.MockTransport(answer)) as client:
        done = await redraws.redraw(client, {"kind": "merge"}, dry_run=False, accept_findings=True)
    assert (done.change, done.count, done.warnings) == ("c-1", 3, ("two pieces",))
    assert done.findings == ({"type": "Feature"},)
    assert asked == [
        "POST /v1/registry/redraw?accept_findings=true",
        "GET /v1/registry/changes/c-1",
    ]


async def test_the_version_that_was_read_is_withdrawn() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"n": 4})

    async with Client("http://intake", transport=httpx.MockTransport(answer)) as client:
        await redraws.withdraw(client, "unit/u-1", "u-2", accept_findings=False)
        await redraws.withdraw(client, "place/p-1", None, accept_findings=True)
    assert asked[1].method == "DELETE"
    assert asked[1].headers["If-Match"] == '"4"'
    assert asked[1].url.query == b"move_to=u-2"
    assert asked[3].url.query == b"accept_findings=true"
