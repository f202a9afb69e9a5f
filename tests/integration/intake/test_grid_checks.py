"""An import of grids is refused for what it brings, told why, and made when that is accepted."""

from typing import Any

import httpx

from shared.platform.security import Principal, Role
from tests.integration.intake.client import Intake, bearer
from tests.unit.intake.entries import area, grid, unit

ADMIN = Principal(subject="adm", roles=frozenset({Role.REGISTRY_ADMINISTRATOR}))
COMMUNITY = "991203001001"
SIZE = 0.01


def square(serial: int, x: int, y: int, wide: float = SIZE, **fields: object) -> dict[str, Any]:
    """In a city of its own, so many squares from its corner."""
    west, south = 80 + x * SIZE, 40 + y * SIZE
    ring = [
        [west, south], [west + wide, south], [west + wide, south + SIZE],
        [west, south + SIZE], [west, south],
    ]  # fmt: skip
    drawn = {"type": "Polygon", "coordinates": [ring]}
    return grid(f"{COMMUNITY}{serial:03}", **{"geometry": drawn, **fields})


async def load(intake: Intake, *entries: dict[str, Any], query: str = "") -> httpx.Response:
    url = f"/v1/registry/import{query}"
    return await intake.http.post(url, json={"entries": entries}, headers=bearer(ADMIN))


def told(answer: httpx.Response, code: str) -> list[dict[str, Any]]:
    features = answer.json()["findings"]["features"]
    return [one["properties"] for one in features if one["properties"]["code"] == code]


async def test_grids_are_imported_when_they_bring_no_gap_and_no_overlap(intake: Intake) -> None:
    around = [(n, x, y) for n, (x, y) in enumerate((x, y) for y in range(3) for x in range(3))]
    ring = [square(n, x, y) for n, x, y in around if (x, y) != (1, 1)]
    areas = [area(COMMUNITY[:digits]) for digits in (4, 6, 9)]

    holed = await load(intake, *areas, *ring)
    assert holed.status_code == 422, holed.text[:300]
    assert holed.headers["content-type"] == "application/problem+json"
    assert (holed.status_code, holed.json()["code"]) == (422, "gap"), holed.text
    (gap,) = told(holed, "gap")
    assert (gap["severity"], len(gap["codes"])) == ("refused", 8)
    assert (await intake.http.get(f"/v1/registry/grid/{ring[0]['code']}")).status_code == 404

    tried = await load(intake, *areas, *ring, query="?dry_run=true")
    assert (tried.status_code, tried.json()["count"]) == (200, 11)
    assert tried.json()["found"] == {"does_not_nest": 1, "gap": 1, "no_officer": 8}

    accepted = await load(intake, *areas, *ring, query="?accept_findings=true")
    assert accepted.status_code == 200, accepted.text
    assert accepted.json()["found"]["gap"] == 1

    # What is there already is not brought by a change beside it, and closing it is none.
    renamed = {**ring[0], "names": {"zh": "新", "en": "new"}}
    assert (await load(intake, renamed)).status_code == 200
    middle = square(4, 1, 1)
    middle["geometry"]["coordinates"][0].reverse()
    closed = await load(intake, middle, unit("team-991203", area=COMMUNITY))
    assert closed.status_code == 200, closed.text
    (repaired,) = told(closed, "repaired")
    assert (repaired["severity"], repaired["codes"]) == ("warning", [middle["code"]])
    kept = (await intake.http.get(f"/v1/registry/grid/{middle['code']}")).json()["entry"]
    assert kept == square(4, 1, 1) | {"zone_class": None}

    wide = await load(intake, square(4, 1, 1, 1.5 * SIZE))
    assert (wide.status_code, wide.json()["code"]) == (422, "overlap")
    assert told(wide, "overlap")[0]["codes"] == [middle["code"], f"{COMMUNITY}005"]
    crossed = [[80, 40], [80.01, 40.01], [80.01, 40], [80, 40.02], [80, 40]]
    bow = square(9, 5, 5, geometry={"type": "Polygon", "coordinates": [crossed]})
    invalid = await load(intake, bow, query="?accept_findings=true")
    assert (invalid.status_code, invalid.json()["code"]) == (422, "invalid_polygon")
    assert bow["code"] in invalid.json()["detail"]
