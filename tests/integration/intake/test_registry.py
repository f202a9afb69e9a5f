"""The registry over HTTP: versions guarded by ETags, imports as one change, readers that see it."""

import asyncio
import base64
import json
import uuid
from typing import Any

import httpx
import pytest

from shared.contracts.registry_v1 import EntrySet
from shared.contracts.topics import REGISTRY
from shared.platform.clock import system_clock
from shared.platform.security import Principal, Role
from shared.registry.reader import RegistryReader
from tests.integration.intake.client import Intake, bearer, eventually, read_all
from tests.unit.intake.entries import area, grid, matter, policy, unit

ADMIN = Principal(subject="adm", roles=frozenset({Role.REGISTRY_ADMINISTRATOR}))
COUNTY = Principal(subject="cty", roles=frozenset({Role.REGISTRY_ADMINISTRATOR}), area="990101")


def code() -> str:
    return f"u-{uuid.uuid4().hex[:10]}"


async def put(
    intake: Intake, entry: dict[str, Any], match: str | None = None, who: Principal = ADMIN
) -> httpx.Response:
    headers = bearer(who) | ({"If-Match": match} if match else {})
    url = f"/v1/registry/{entry['kind']}/{entry['code']}"
    return await intake.http.put(url, json=entry, headers=headers)


async def load(
    intake: Intake,
    *entries: object,
    who: Principal | None = ADMIN,
    query: str = "",
    **change: object,
) -> httpx.Response:
    body = {"entries": entries, **({"change": change} if change else {})}
    headers = bearer(who) if who else {}
    return await intake.http.post(f"/v1/registry/import{query}", json=body, headers=headers)


async def versions(intake: Intake, key: str) -> list[EntrySet]:
    return [event.data for event in await intake.published(REGISTRY, key)]


async def test_an_entry_is_created_changed_and_withdrawn_by_versions(intake: Intake) -> None:
    first = unit(code())
    key = f"unit/{first['code']}"
    created = await put(intake, first)
    assert (created.status_code, created.headers["etag"]) == (201, '"1"')
    same = await put(intake, first, '"1"')
    assert (same.status_code, same.headers["etag"]) == (200, '"1"')
    changed = await put(intake, {**first, "area": "990102"}, '"1"')
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    gone = await intake.http.delete(
        f"/v1/registry/{key}", headers=bearer(ADMIN) | {"If-Match": '"2"'}
    )
    assert (gone.status_code, gone.headers["etag"]) == (200, '"3"')
    assert gone.json()["valid_from"] == changed.json()["valid_from"]
    assert gone.json()["valid_until"] is not None
    shown = await intake.http.get(f"/v1/registry/{key}")
    assert gone.json() == shown.json() | {"found": None, "findings": None}
    revived = await put(intake, first, '"3"')
    assert revived.json()["valid_until"] is None
    await intake.wait_published(REGISTRY, key, 4)
    assert [one.n for one in await versions(intake, key)] == [1, 2, 3, 4]
    records = await intake.published(REGISTRY, key)
    assert [e.sequence for e in records] == [1, 2, 3, 4]


async def test_readers_of_the_topic_see_what_holds_and_no_more(intake: Intake) -> None:
    entry = unit(code())
    created = (await put(intake, entry)).json()
    key = f"unit/{entry['code']}"
    await intake.wait_published(REGISTRY, key)
    reader = RegistryReader(intake.kafka, "test")
    await reader.start()
    try:
        found = reader.current().unit(entry["code"], system_clock())
        assert found is not None
        assert found.area == created["entry"]["area"]
        await intake.http.delete(f"/v1/registry/{key}", headers=bearer(ADMIN) | {"If-Match": "*"})

        async def withdrawn() -> bool:
            return reader.current().unit(entry["code"], system_clock()) is None

        await eventually(withdrawn, "the reader sees that it is withdrawn")
    finally:
        await reader.stop()


async def test_a_change_needs_the_version_that_was_read(intake: Intake) -> None:
    entry = unit(code())
    unread = await put(intake, entry, '"1"')
    assert (unread.status_code, unread.json()["code"]) == (412, "version_mismatch")
    await put(intake, entry)
    changed = {**entry, "area": "990102"}
    blind = await put(intake, changed)
    assert (blind.status_code, blind.json()["code"]) == (428, "if_match_required")
    assert blind.headers["etag"] == '"1"'
    stale = await put(intake, changed, '"7"')
    assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")
    url = f"/v1/registry/unit/{entry['code']}"
    assert (await intake.http.delete(url, headers=bearer(ADMIN))).status_code == 428


async def test_of_two_who_read_the_same_version_one_wins(intake: Intake) -> None:
    entry = unit(code())
    await put(intake, entry)
    wanted = [{**entry, "area": f"9901{n:02}"} for n in range(10)]
    answers = await asyncio.gather(*(put(intake, one, '"1"') for one in wanted))
    statuses = sorted(one.status_code for one in answers)
    assert statuses == [200] + [412] * 9
    (winner,) = [one.json() for one in answers if one.status_code == 200]
    shown = (await intake.http.get(f"/v1/registry/unit/{entry['code']}")).json()
    assert shown["entry"] == winner["entry"]
    assert shown["n"] == 2


@pytest.mark.parametrize(
    ("entry", "who", "status", "error"),
    [
        (unit("u"), None, 401, "credentials_required"),
        (unit("u"), Principal(subject="r"), 403, "role_missing"),
        (unit("u", area="990102"), COUNTY, 403, "not_your_area"),
        (matter("m"), COUNTY, 403, "not_your_area"),
        (matter("m", unit="working_day"), ADMIN, 422, "no_calendar"),
        (policy("9999", zone="Nowhere"), ADMIN, 422, "unknown_zone"),
        ({**unit("u"), "colour": 1}, ADMIN, 422, "invalid"),
        ({**unit("u"), "kind": "dragon"}, ADMIN, 404, "unknown_kind"),
    ],
)
async def test_a_bad_entry_gets_a_clear_error(
    intake: Intake, entry: dict[str, Any], who: Principal | None, status: int, error: str
) -> None:
    headers = bearer(who) if who else {}
    url = f"/v1/registry/{entry['kind']}/{entry['code']}"
    answer = await intake.http.put(url, json=entry, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, error), answer.text


async def test_the_body_is_the_entry_of_the_path(intake: Intake) -> None:
    answer = await intake.http.put("/v1/registry/unit/a", json=unit("b"), headers=bearer(ADMIN))
    assert (answer.status_code, answer.json()["code"]) == (422, "key_mismatch")
    answer = await intake.http.put("/v1/registry/unit/a", content=b"{", headers=bearer(ADMIN))
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_json")


async def test_an_import_is_one_change_and_again_it_is_none(intake: Intake) -> None:
    units = [unit(code()) for _ in range(600)]
    answer = await load(intake, *units, note="the units of spring")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["state"], told["count"], told["unchanged"]) == ("published", 600, 0)
    assert told["note"] == "the units of spring"
    assert (await intake.http.get(answer.headers["location"])).json() == told
    found = [
        event.data for event in await read_all(intake.kafka, REGISTRY)
        if event.data.change.id == told["change"]
    ]  # fmt: skip
    assert sorted(one.change.part for one in found) == list(range(1, 601))
    assert {one.change.count for one in found} == {600}
    assert await intake.database["registry_staging"].count_documents({}) == 0
    again = (await load(intake, *units)).json()
    assert (again["state"], again["count"], again["unchanged"]) == ("unchanged", 0, 600)
    units[7]["area"] = "990109"
    third = (await load(intake, *units)).json()
    assert (third["count"], third["unchanged"]) == (1, 599)


async def test_a_city_is_imported_by_lines_and_filed_by_area(intake: Intake) -> None:
    city = [area("9907"), policy("9907"), grid("990701001001907"), matter(code())]
    lines = b"\n".join(json.dumps(one).encode() for one in city)
    headers = bearer(ADMIN) | {"Content-Type": "application/x-ndjson"}
    answer = await intake.http.post(
        "/v1/registry/import?note=by lines", content=lines, headers=headers
    )
    assert (answer.status_code, answer.json()["count"]) == (200, 4)
    assert answer.json()["note"] == "by lines"


async def test_a_dry_run_changes_nothing(intake: Intake) -> None:
    old, new = unit(code()), unit(code())
    await load(intake, old)
    told = (await load(intake, {**old, "area": "990103"}, new, query="?dry_run=true")).json()
    assert told["state"] == "dry_run"
    assert [(one["what"], one["n"]) for one in told["effects"]] == [("changed", 2), ("new", 1)]
    missing = await intake.http.get(f"/v1/registry/unit/{new['code']}")
    assert missing.status_code == 404


async def test_an_entry_holds_from_and_until_what_it_says_itself(intake: Intake) -> None:
    season, plain = matter(code()), matter(code())
    wanted = {**season, "valid_from": "2126-12-01", "valid_until": "2127-03-01"}
    tried = (await load(intake, plain, wanted, query="?dry_run=true")).json()["effects"]
    begins, ends = "2126-11-30T16:00:00.000Z", "2127-02-28T16:00:00.000Z"
    assert [(one["valid_from"], one["valid_until"]) for one in tried] == [
        (None, None), (begins, ends),
    ]  # fmt: skip
    assert (await load(intake, plain, wanted)).json()["count"] == 2
    url = f"/v1/registry/matter/{season['code']}"
    told = (await intake.http.get(url)).json()
    assert (told["valid_from"], told["valid_until"]) == (begins, ends)
    assert "valid_until" not in told["entry"]
    published = (await intake.wait_published(REGISTRY, f"matter/{season['code']}"))[0].data
    assert (published.valid_from.year, published.valid_until.year) == (2126, 2127)
    assert (await load(intake, plain, wanted)).json()["count"] == 0
    assert (await load(intake, {**plain, "valid_until": "soon"})).json()["code"] == (
        "invalid_validity"
    )
    # What will end has not ended: it is listed, and can still be withdrawn at once.
    listed = (await intake.http.get("/v1/registry/matter?limit=500")).json()["items"]
    assert season["code"] in {one["entry"]["code"] for one in listed}
    gone = await intake.http.delete(url, headers=bearer(ADMIN) | {"If-Match": '"1"'})
    assert (gone.json()["n"], gone.json()["valid_until"] < ends) == (2, True)
    listed = (await intake.http.get("/v1/registry/matter?limit=500")).json()["items"]
    assert season["code"] not in {one["entry"]["code"] for one in listed}


async def test_what_is_scheduled_is_not_cancelled_by_an_edit_of_today(intake: Intake) -> None:
    first = unit(code())
    later = {**first, "area": "990103"}
    day = "2126-12-01T00:00:00.000Z"
    await load(intake, first)
    await load(intake, {**later, "valid_from": day})
    edited = {**first, "area": "990104"}
    for query in ("", "?dry_run=true", "?accept_findings=true"):
        refused = await load(intake, edited, query=query)
        assert (refused.status_code, refused.json()["code"]) == (409, "scheduled_change")
    assert f"begins on {day}" in refused.json()["detail"]
    single = await put(intake, edited, '"2"')
    assert (single.status_code, single.json()["code"]) == (409, "scheduled_change")
    assert (await load(intake, first)).json()["unchanged"] == 1, "until then it is so"
    assert (await load(intake, {**edited, "valid_from": day})).json()["count"] == 1
    assert (await load(intake, later, valid_from="2127-01-01T00:00:00Z")).json()["count"] == 1


async def test_one_bad_entry_refuses_the_whole(intake: Intake) -> None:
    good = unit(code())
    answer = await load(intake, good, matter("lamp", unit="working_hour"))
    assert (answer.status_code, answer.json()["code"]) == (422, "no_calendar")
    assert answer.json()["errors"][0]["index"] == 1
    assert "matter lamp" in answer.json()["detail"]
    assert (await intake.http.get(f"/v1/registry/unit/{good['code']}")).status_code == 404


async def test_an_import_needs_the_role_and_keeps_to_the_area(intake: Intake) -> None:
    assert (await load(intake, unit(code()), who=None)).status_code == 401
    assert (await load(intake, unit(code()), who=Principal(subject="r"))).status_code == 403
    outside = await load(intake, unit(code(), area="990102"), who=COUNTY)
    assert (outside.status_code, outside.json()["code"]) == (403, "not_your_area")
    assert (await load(intake, unit(code()), who=COUNTY)).status_code == 200


async def test_an_import_with_a_key_is_made_once(intake: Intake) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())} | bearer(ADMIN)
    body = {"entries": [unit(code())]}
    url = "/v1/registry/import"
    answers = await asyncio.gather(
        *(intake.http.post(url, json=body, headers=key) for _ in range(5))
    )
    assert {one.status_code for one in answers} == {200}
    assert len({one.json()["change"] for one in answers}) == 1
    other = await intake.http.post(url, json={"entries": [unit(code())]}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


async def test_lists_are_paged_by_code_without_the_withdrawn(intake: Intake) -> None:
    prefix = code()
    wanted = [f"{prefix}-{n:02}" for n in range(25)]
    await load(intake, *map(unit, wanted))
    headers = bearer(ADMIN) | {"If-Match": "*"}
    await intake.http.delete(f"/v1/registry/unit/{wanted[3]}", headers=headers)

    async def all_codes(query: str) -> list[str]:
        found: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            url = f"/v1/registry/unit?limit=10&cursor={cursor}{query}"
            page = (await intake.http.get(url)).json()
            found += [one["entry"]["code"] for one in page["items"]]
            cursor = page["next"]
        return [one for one in found if one.startswith(prefix)]

    assert await all_codes("") == [one for one in wanted if one != wanted[3]]
    assert await all_codes("&withdrawn=true") == wanted


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/v1/registry/unit?limit=501", 422),
        ("/v1/registry/unit?cursor=%00", 422),
        ("/v1/registry/dragon", 404),
        ("/v1/registry/unit/none", 404),
        ("/v1/registry/changes/none", 404),
    ],
)
async def test_a_bad_question_gets_a_clear_error(intake: Intake, url: str, status: int) -> None:
    answer = await intake.http.get(url)
    assert answer.status_code == status
    assert answer.json()["code"] in {"invalid", "not_found", "unknown_kind"}


async def test_a_list_of_an_instant_has_what_is_in_force_then_and_says_what_begins_later(
    intake: Intake,
) -> None:
    prefix, day = code(), "2126-12-01T00:00:00.000Z"
    kept, moved, new, gone = (unit(f"{prefix}-{n}") for n in range(4))
    await load(intake, kept, moved, gone)
    await load(intake, {**moved, "area": "990103"}, new, valid_from=day)
    headers = bearer(ADMIN) | {"If-Match": "*"}
    await intake.http.delete(f"/v1/registry/unit/{gone['code']}", headers=headers)

    async def page(at: str) -> tuple[dict[str, str], list[dict[str, Any]]]:
        cursor = base64.urlsafe_b64encode(prefix.encode()).decode()
        url = f"/v1/registry/unit?limit=4&at={at}&cursor={cursor}"
        told = (await intake.http.get(url)).json()
        entries = [one["entry"] for one in told["items"]]
        found = {one["code"]: one["area"] for one in entries if one["code"].startswith(prefix)}
        return found, told["scheduled"]

    found, scheduled = await page("now")
    assert found == {kept["code"]: "990101", moved["code"]: "990101"}
    assert [one for one in scheduled if one["key"].startswith(f"unit/{prefix}")] == [
        {"key": f"unit/{moved['code']}", "n": 2, "valid_from": day},
        {"key": f"unit/{new['code']}", "n": 1, "valid_from": day},
    ]
    found, scheduled = await page(day)
    assert found == {kept["code"]: "990101", moved["code"]: "990103", new["code"]: "990101"}
    assert not [one for one in scheduled if one["key"].startswith(f"unit/{prefix}")]
    odd = await intake.http.get("/v1/registry/unit?at=soon")
    assert (odd.status_code, odd.json()["code"]) == (422, "invalid")


async def test_a_component_of_an_instant_is_what_it_was_then(intake: Intake) -> None:
    one = {
        "kind": "component", "code": "9901010103999901", "names": {"zh": "井盖", "en": "Cover"},
        "location": {"type": "Point", "coordinates": [120.1, 30.1]}, "owner": "u-1",
        "maintainer": None, "state": "in_use",
    }  # fmt: skip
    assert (await load(intake, one)).status_code == 200
    later = await load(intake, {**one, "owner": "u-2"}, valid_from="2126-12-01T00:00:00Z")
    assert later.status_code == 200, later.text
    told = (await intake.http.get("/v1/registry/component?at=now")).json()
    assert [(entry["n"], entry["entry"]) for entry in told["items"]] == [(1, one)]
    assert (await load(intake, one)).json()["unchanged"] == 1


async def test_a_grid_of_an_instant_has_the_outline_of_then(intake: Intake) -> None:
    one = grid("990808001001001")
    wide = grid("990808001001002")["geometry"]
    assert (await load(intake, one, query="?accept_findings=true")).status_code == 200
    later = await load(
        intake, {**one, "geometry": wide}, query="?accept_findings=true",
        valid_from="2126-12-01T00:00:00Z",
    )  # fmt: skip
    assert later.status_code == 200, later.text
    cursor = base64.urlsafe_b64encode(b"990808").decode()
    url = f"/v1/registry/grid?limit=1&at=now&cursor={cursor}"
    (told,) = (await intake.http.get(url)).json()["items"]
    assert (told["n"], told["entry"]["geometry"]) == (1, one["geometry"])
    assert (await load(intake, one)).json()["unchanged"] == 1
