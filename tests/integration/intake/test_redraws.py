"""Grids are split, merged and moved over HTTP, each as one change that readers see whole."""

import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest

from deploy.client import Client
from deploy.grid_check import findings
from deploy.registry import entries
from shared.contracts.registry_v1 import EntrySet, Grid
from shared.contracts.topics import REGISTRY
from shared.platform.clock import system_clock
from shared.platform.security import Principal, Role
from shared.registry.reader import RegistryReader
from tests.integration.intake.client import Intake, bearer, eventually, read_all
from tests.unit.dispatch.flows import INSPECTION
from tests.unit.intake.entries import grid, matter, policy, unit

ADMIN = Principal(subject="adm", roles=frozenset({Role.REGISTRY_ADMINISTRATOR}))
COUNTY = Principal(subject="cty", roles=frozenset({Role.REGISTRY_ADMINISTRATOR}), area="990201")
NAMES = {"zh": "东片", "en": "East"}


def rectangle(west: float, east: float) -> dict[str, Any]:
    ring = [[west, 30], [east, 30], [east, 30.01], [west, 30.01], [west, 30]]
    return {"type": "Polygon", "coordinates": [ring]}


async def two_grids(intake: Intake, *grids_of_officer: str) -> str:
    """Two neighbours, 120.01 to 120.02 and on to 120.03, of a community of their own: its code.

    An officer looks after those of its grids with these last digits; of none: after all.
    """
    community = f"990201{uuid.uuid4().int % 10**6:06}"
    team = unit(f"team-{community}", community, unit_kind="officer_team")
    officer = {
        "kind": "officer", "code": f"o-{community}", "unit": team["code"], "role": "officer",
        "grids": [f"{community}{serial}" for serial in grids_of_officer],
    }  # fmt: skip
    wanted = [grid(f"{community}001"), grid(f"{community}002"), policy("9902"), team, officer]
    answer = await intake.http.post(
        "/v1/registry/import?accept_findings=true",  # each test draws in the same place
        json={"entries": wanted},
        headers=bearer(ADMIN),
    )
    assert answer.status_code == 200, answer.text
    return community


async def redraw(
    intake: Intake, query: str = "", who: Principal = ADMIN, key: str = "", **body: object
) -> httpx.Response:
    headers = bearer(who) | ({"Idempotency-Key": key} if key else {})
    return await intake.http.post(f"/v1/registry/redraw{query}", json=body, headers=headers)


def halves(community: str) -> dict[str, Any]:
    return {
        "kind": "split",
        "codes": [f"{community}001"],
        "grids": [
            {"code": f"{community}001", "geometry": rectangle(120.01, 120.015)},
            {"code": f"{community}003", "names": NAMES, "geometry": rectangle(120.015, 120.02)},
        ],
    }


async def of_change(intake: Intake, change: str) -> list[EntrySet]:
    events = await read_all(intake.kafka, REGISTRY)
    return [event.data for event in events if event.data.change.id == change]


async def test_a_split_is_one_change_and_points_lie_in_the_parts(intake: Intake) -> None:
    community = await two_grids(intake)
    key = str(uuid.uuid4())
    dry = (await redraw(intake, "?dry_run=true", **halves(community))).json()
    assert [(one["key"], one["what"]) for one in dry["effects"]] == [
        (f"grid/{community}001", "changed"), (f"grid/{community}003", "new"),
    ]  # fmt: skip
    told = await redraw(intake, key=key, note="too many", **halves(community))
    assert (told.status_code, told.json()["state"]) == (200, "published")
    assert (told.json()["count"], told.json()["note"]) == (2, "too many")
    again = await redraw(intake, key=key, note="too many", **halves(community))
    assert again.json() == told.json()
    assert len(await of_change(intake, told.json()["change"])) == 2
    reader = RegistryReader(intake.kafka, "test")
    await reader.start()
    try:
        at = system_clock()
        found = reader.current().ruling(f"grid/{community}001", at)
        assert found is not None
        assert found.entry.geometry["coordinates"][0][1] == [120.015, 30.0]  # type: ignore[union-attr]
        assert reader.current().ruling(f"grid/{community}003", at) is not None
    finally:
        await reader.stop()


async def test_a_part_of_a_grid_that_no_officer_names_is_told(intake: Intake) -> None:
    community = await two_grids(intake, "001")
    for query in ("?dry_run=true", ""):
        (warned,) = (await redraw(intake, query, **halves(community))).json()["warnings"]
        assert warned["code"] == "no_officer"
        assert f"grid {community}003 has no officer" in warned["detail"]


async def test_a_merge_ends_the_others_on_the_local_day(intake: Intake) -> None:
    community = await two_grids(intake)
    codes = [f"{community}001", f"{community}002"]
    day = (system_clock() + timedelta(days=3)).date()
    body: dict[str, Any] = {
        "kind": "merge",
        "codes": codes,
        "into": codes[0],
        "valid_from": day.isoformat(),
    }
    told = (await redraw(intake, who=COUNTY, **body)).json()
    # The policy of the city says Asia/Shanghai: midnight there is 16:00 UTC of the day before.
    assert told["valid_from"] == f"{day - timedelta(days=1)}T16:00:00.000Z"
    kept, ended = sorted(await of_change(intake, told["change"]), key=lambda one: one.key)
    assert (kept.n, kept.valid_until) == (2, None)
    assert (ended.n, ended.key) == (2, f"grid/{community}002")
    assert ended.valid_until == kept.valid_from
    assert ended.valid_from < kept.valid_from
    reader = RegistryReader(intake.kafka, "test")
    await reader.start()
    try:

        async def whole() -> bool:
            registry, key = reader.current(), f"grid/{community}002"
            before = registry.ruling(key, kept.valid_from - timedelta(seconds=1))
            return before is not None and registry.ruling(key, kept.valid_from) is None

        await eventually(whole, "the grid is there until that day")
    finally:
        await reader.stop()


async def test_a_split_of_next_month_is_neither_checked_nor_listed_before(intake: Intake) -> None:
    community = await two_grids(intake, "002")
    part = f"{community}003"
    told = await redraw(intake, **halves(community), valid_from="2126-12-01")
    assert told.status_code == 200, told.text
    scheduled: dict[str, str] = {}
    async with Client(str(intake.http.base_url)) as client:
        found = await findings(client, None)
        listed = {one.code: one for one in await entries(client, "grid", scheduled=scheduled)}
    assert any(f"{community}001" in one.codes for one in found), "it has no officer"
    assert not any(part in one.codes for one in found)
    assert part not in listed
    whole = listed[f"{community}001"]
    assert isinstance(whole, Grid)
    assert whole.geometry == grid(f"{community}001")["geometry"]
    since = told.json()["valid_from"]
    assert [scheduled[f"grid/{community}{n}"] for n in ("001", "003")] == [since, since]


async def test_a_grid_that_a_plan_inspects_ends_only_with_the_finding_accepted(
    intake: Intake,
) -> None:
    community = await two_grids(intake)
    first, second = f"{community}001", f"{community}002"
    names, tag = {"zh": "巡", "en": "patrol"}, f"grids-{community}"
    plan = {
        "kind": "plan", "code": tag, "names": names, "plan_kind": "patrol",
        "matter": tag, "grids": [second], "dates": ["2126-01-01"],
        "checklist": [{"code": "exits", "names": names, "finding": tag}],
    }  # fmt: skip
    flow = {**INSPECTION.model_dump(mode="json", exclude_none=True), "code": tag}
    wanted = {"entries": [flow, matter(tag, flow=tag), plan]}
    answer = await intake.http.post("/v1/registry/import", json=wanted, headers=bearer(ADMIN))
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = {"kind": "merge", "codes": [first, second], "into": first}
    refused = await redraw(intake, **body)
    assert (refused.status_code, refused.json()["code"]) == (422, "no_target")
    assert f"plan {tag}" in refused.json()["detail"]
    assert (await redraw(intake, "?dry_run=true", **body)).json()["found"] == {"no_target": 1}
    # The other stays: a plan of both would go on, and only lack what is gone.
    both = {"entries": [plan | {"grids": [first, second]}]}
    answer = await intake.http.post("/v1/registry/import", json=both, headers=bearer(ADMIN))
    assert answer.status_code == 200, answer.text
    told = (await redraw(intake, **body)).json()
    assert (told["state"], told["found"]) == ("published", {"unknown_name": 1})


async def test_a_border_is_moved_without_an_end(intake: Intake) -> None:
    community = await two_grids(intake)
    body: dict[str, Any] = {
        "kind": "move",
        "grids": [
            {"code": f"{community}001", "geometry": rectangle(120.01, 120.018)},
            {"code": f"{community}002", "geometry": rectangle(120.018, 120.03)},
        ],
    }
    told = (await redraw(intake, **body)).json()
    versions = await of_change(intake, told["change"])
    assert {(one.n, one.valid_until) for one in versions} == {(2, None)}


@pytest.mark.parametrize(
    ("change", "who", "status", "code"),
    [
        ({"codes": ["990201999999001"]}, ADMIN, 422, "unknown_grid"),
        ({"colour": 1}, ADMIN, 422, "invalid"),
        ({"kind": "bend"}, ADMIN, 422, "invalid"),
        ({"valid_from": "2026-02-30"}, ADMIN, 422, "invalid"),
        ({"valid_from": "2020-01-01"}, ADMIN, 422, "not_in_force"),
        ({}, Principal(subject="r"), 403, "role_missing"),
        (
            {},
            Principal("c", frozenset({Role.REGISTRY_ADMINISTRATOR}), area="990202"),
            403,
            "not_your_area",
        ),
    ],
)
async def test_a_bad_redrawing_gets_a_clear_error(
    intake: Intake, change: dict[str, Any], who: Principal, status: int, code: str
) -> None:
    community = await two_grids(intake)
    answer = await redraw(intake, who=who, **(halves(community) | change))
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_a_missing_sliver_refuses_the_whole(intake: Intake) -> None:
    community = await two_grids(intake)
    body = halves(community)
    body["grids"][1]["geometry"] = rectangle(120.0151, 120.02)
    answer = await redraw(intake, **body)
    assert (answer.status_code, answer.json()["code"]) == (422, "gap")
    assert "m² near 120.015" in answer.json()["detail"]
    shown = (await intake.http.get(f"/v1/registry/grid/{community}001")).json()
    assert shown["n"] == 1
