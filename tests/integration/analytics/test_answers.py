"""What analytics answers, on real servers."""

import csv
import io
import uuid
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest
import pytest_asyncio
from bson.codec_options import CodecOptions, DatetimeConversion

from services.analytics.domain.filters import Listing
from services.analytics.queries import listing
from services.analytics.store import FLOWS
from shared.contracts.cases_v1 import CasePrioritised
from shared.contracts.golden import story
from shared.contracts.outcomes_v1 import (
    IncidentAnswered,
    IncidentHeld,
    IncidentRejected,
    LookOrdered,
)
from shared.platform.clock import system_clock
from shared.platform.mongo import Database
from shared.platform.security import Principal, Role
from tests.integration.analytics.station import LEADER, REPORTER, Station
from tests.integration.intake.client import bearer, eventually
from tests.unit.analytics.lives import GRIDS, MATTERS, UNITS, Life

DAY = "2026-03-02"
NEXT_DAY = "2026-03-03"
TOLD = story.TEAM.model_copy(update={"code": "told-990101"})
"""A unit that is told of one, and owes nothing."""


def city() -> dict[str, Life]:
    """One incident of each fate, in the first grid unless said otherwise."""
    lives: dict[str, Life] = {}
    walks = {
        "filed": (),
        "overdue": ("dispatch", "accept"),
        "handled": ("dispatch", "accept", "handle"),
        "closed": ("dispatch", "accept", "handle", "close"),
        "voided": ("dispatch", "void"),
    }
    for name, moves in walks.items():
        life = lives[name] = Life(str(uuid.uuid4()), GRIDS[0], MATTERS[0])
        if name == "filed":  # the county has it in hand
            life.case = life.case.model_copy(update={"centre": GRIDS[0][:6]})
        life.report()
        life.file()
        for move in moves:
            life.move(move, UNITS[0])
    elsewhere = lives["elsewhere"] = Life(str(uuid.uuid4()), GRIDS[2], MATTERS[1])
    hidden = lives["hidden"] = Life(str(uuid.uuid4()), GRIDS[1], "dispute", public=False)
    elsewhere.case = elsewhere.case.model_copy(update={"cc": (TOLD,)})
    for life in (elsewhere, hidden):
        life.report()
        life.file()
        life.move("dispatch", UNITS[1])
    overdue = lives["overdue"]
    overdue.supervise()
    overdue.case = overdue.case.model_copy(update={"watchers": ("990101",)})
    overdue.tell_timed(
        overdue.case,
        CasePrioritised(incident_id=overdue.incident, at=overdue.now, case=overdue.case),
    )
    unfiled = (
        ("rejected", IncidentRejected),
        ("in_review", IncidentHeld),
        ("look", LookOrdered),
        ("answered", IncidentAnswered),
    )
    for name, kind in unfiled:
        life = lives[name] = Life(str(uuid.uuid4()), GRIDS[0], MATTERS[0])
        life.report()
        life.leave_unfiled(kind)
    reported = lives["reported"] = Life(str(uuid.uuid4()), GRIDS[0], MATTERS[0])
    reported.report()
    return lives


class Answers:
    """An analytics that knows the city."""

    def __init__(self, http: httpx.AsyncClient, lives: Mapping[str, Life], at: Database) -> None:
        self.http = http
        self.lives = lives
        self.database = at

    async def get(self, path: str, who: dict[str, str] = LEADER, **query: Any) -> Any:  # noqa: ANN401
        answer = await self.http.get(path, params=query, headers=who)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def listed(self, who: dict[str, str] = LEADER, **query: Any) -> set[str]:  # noqa: ANN401
        found = {row["incident_id"] for row in (await self.get("/v1/cases", who, **query))["items"]}
        return {name for name, life in self.lives.items() if life.incident in found}

    async def figures(self, **query: Any) -> dict[str, int]:  # noqa: ANN401
        found = await self.get("/v1/overview", {}, **query)
        return {name: value for name, value in found.items() if name != "freshness" and value}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def answers(station: Station) -> AsyncIterator[Answers]:
    lives = city()
    for life in lives.values():
        await station.publish([one for events in life.topics.values() for one in events])
    async with station.running() as http:

        async def counted() -> bool:
            return (await http.get("/v1/overview")).headers["x-wangge-lag"] == "0"

        await eventually(counted, "everything is counted")
        yield Answers(http, lives, station.database)


async def test_every_incident_is_told_by_any_of_its_names(answers: Answers) -> None:
    for name, life in answers.lives.items():
        state = {
            "overdue": "accepted", "elsewhere": "dispatched", "hidden": "dispatched",
            "look": "in_review",
        }  # fmt: skip
        found = await answers.get(f"/v1/cases/{life.incident}")
        assert found["state"] == state.get(name, name)
        assert found == await answers.get(f"/v1/cases/{found['receipt_no']}") | {
            "freshness": found["freshness"],
            "time": found["time"],  # of an open case it runs on
        }
    filed = answers.lives["filed"]
    by_number = await answers.get(f"/v1/cases/{filed.case.case_no}")
    assert by_number["incident_id"] == filed.incident


async def test_what_is_not_there_is_not_found(answers: Answers) -> None:
    for name in (uuid.uuid4(), "990101-20260101-0100000001", "$ne"):
        answer = await answers.http.get(f"/v1/cases/{name}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("query", "figures"),
    [
        (
            {},
            {
                "reported": 12, "filed": 6, "rejected": 1, "answered": 1, "closed": 1,
                "voided": 1, "in_review": 2, "undecided": 1, "open": 5, "overdue": 1,
            },
        ),
        ({"area": GRIDS[2][:6]}, {"reported": 1, "filed": 1, "open": 1}),
        ({"area": GRIDS[2]}, {"reported": 1, "filed": 1, "open": 1}),
        ({"area": GRIDS[2][:9], "matter": MATTERS[1]}, {"reported": 1, "filed": 1, "open": 1}),
        ({"area": "9902"}, {}),
        (
            {"unit": UNITS[0]},
            {"reported": 4, "filed": 3, "voided": 1, "closed": 1, "open": 2, "overdue": 1},
        ),
        (
            {"matter": MATTERS[0], "unit": UNITS[0]},
            {"reported": 4, "filed": 3, "voided": 1, "closed": 1, "open": 2, "overdue": 1},
        ),
        (
            {"from": NEXT_DAY, "to": NEXT_DAY},
            {
                "closed": 1, "voided": 1, "in_review": 2, "undecided": 1, "open": 5, "overdue": 1,
            },
        ),
        ({"from": "2026-03-09"}, {"in_review": 2, "undecided": 1, "open": 5, "overdue": 1}),
    ],
)  # fmt: skip
async def test_figures_are_those_of_the_city(
    answers: Answers, query: dict[str, str], figures: dict[str, int]
) -> None:
    assert await answers.figures(**query) == figures


OUTCOMES = ("filed", "voided", "rejected", "linked", "answered", "transferred")


@pytest.mark.parametrize(
    "query",
    [{}, {"area": "9901"}, {"area": GRIDS[0]}, {"matter": MATTERS[0]}, {"unit": UNITS[0]}],
)
async def test_whatever_was_reported_has_come_to_one_of_its_outcomes_or_waits(
    answers: Answers, query: dict[str, str]
) -> None:
    found = await answers.get("/v1/overview", {}, **query)
    assert found["reported"] > 0
    assert found["reported"] == sum(found[name] for name in (*OUTCOMES, "in_review", "undecided"))


async def test_a_grain_and_a_count_of_the_timelines_give_the_same(answers: Answers) -> None:
    area, matter = GRIDS[0][:6], MATTERS[0]
    kept = await answers.figures(area=area, matter=matter)
    counted = await answers.figures(area=GRIDS[0][:9], matter=matter)
    assert kept == counted
    both = [await answers.get("/v1/trend", area=one, matter=matter) for one in (area, GRIDS[0][:9])]
    assert both[0]["items"] == both[1]["items"]


async def test_a_trend_fills_the_days_without_anything(answers: Answers) -> None:
    query: dict[str, Any] = {"from": "2026-03-01", "to": "2026-03-05"}
    items = (await answers.get("/v1/trend", {}, **query))["items"]
    assert [one["day"] for one in items] == [f"2026-03-0{day}" for day in range(1, 6)]
    nothing = dict.fromkeys(FLOWS, 0)
    assert items[0] == {"day": "2026-03-01", **nothing}
    fates = {"reported": 12, "filed": 6, "rejected": 1, "answered": 1}
    assert items[1] == {"day": DAY, **nothing, **fates}
    assert items[2]["closed"] == 1
    whole = (await answers.get("/v1/trend", {}))["items"]
    assert [one["day"] for one in whole] == [DAY, NEXT_DAY]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"state": "open"}, {"filed", "overdue", "handled", "elsewhere", "hidden"}),
        ({"state": "rejected"}, {"rejected"}),
        ({"state": "in_review"}, {"in_review", "look"}),
        ({"overdue": "true"}, {"overdue"}),
        ({"area": GRIDS[2][:6]}, {"elsewhere"}),
        ({"unit": UNITS[1]}, {"elsewhere", "hidden"}),
        ({"matter": MATTERS[1]}, {"elsewhere"}),
        ({"matter": MATTERS[0], "state": "closed"}, {"closed"}),
        ({"source": "hotline"}, set()),
        ({"bbox": "121,30,122,31"}, set()),
        ({"bbox": "120,30,121,31", "state": "closed"}, {"closed"}),
        ({"from": DAY, "to": DAY, "state": "closed"}, {"closed"}),
        ({"from": NEXT_DAY}, set()),
        ({"watcher": "990101"}, {"overdue"}),
        ({"watcher": "990101", "state": "open", "area": GRIDS[0][:6]}, {"overdue"}),
        ({"watcher": "9901"}, set()),
    ],
)
async def test_a_list_has_what_is_asked_for(
    answers: Answers, query: dict[str, Any], names: set[str]
) -> None:
    assert await answers.listed(**query) == names


async def test_pages_follow_one_another_without_a_gap_or_a_repetition(answers: Answers) -> None:
    found: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        page = await answers.get("/v1/cases", limit=3, **cursor)
        found += [row["incident_id"] for row in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert len(found) == len(set(found)) == len(answers.lives)


@pytest.mark.parametrize("who", [{}, REPORTER])
async def test_the_public_sees_public_matters_and_of_the_rest_that_it_is_there(
    answers: Answers, who: dict[str, str]
) -> None:
    assert await answers.listed(who) == set(answers.lives) - {"hidden"}
    assert await answers.listed(who, matter="dispute") == set()
    assert await answers.listed(who, matter=MATTERS[0]) == {
        "filed", "overdue", "handled", "closed", "voided",
    }  # fmt: skip
    hidden = await answers.http.get(f"/v1/cases/{answers.lives['hidden'].incident}", headers=who)
    assert hidden.status_code == 404
    for row in (await answers.get("/v1/cases", who))["items"]:
        assert row["receipt_no"] is None
        if row["state"] in {"rejected", "in_review", "reported"}:
            assert (row["matter"], row["location"]) == (None, None)
    text = (await answers.http.get(f"/v1/cases/{answers.lives['closed'].incident}")).text
    assert "words of the reporter" not in text


async def test_everybody_has_an_inbox_the_most_urgent_first(answers: Answers) -> None:
    async def inbox(path: str, **query: Any) -> list[tuple[str, str]]:  # noqa: ANN401
        names = {life.incident: name for name, life in answers.lives.items()}
        found = await answers.get(path, **query)
        assert found["count"] >= len(found["items"])
        return [
            (names[row["incident_id"]], " ".join(row["actions"]))
            for row in found["items"]
            if row["incident_id"] in names
        ]

    assert sorted(await inbox("/v1/desk")) == [("in_review", "file"), ("look", "file")]
    # What lies in no grid every desk sees: the one of the area that the report names may decide.
    for area in ("9901", "990101", "990101001"):
        assert len(await inbox("/v1/desk", area=area)) == 2
    assert await inbox("/v1/checks", area="990102") == []
    assert await inbox("/v1/centre") == [("filed", "reassign")]
    for digits, found in ((4, 1), (6, 1), (9, 0), (12, 0)):
        assert len(await inbox("/v1/centre", area=GRIDS[0][:digits])) == found
    assert sorted(await inbox("/v1/checks")) == [("handled", "verify"), ("look", "verify")]
    assert await inbox("/v1/checks", area=GRIDS[0]) == [("handled", "verify")]
    assert await inbox(f"/v1/units/{UNITS[0]}/tasks") == [("overdue", "handled")]
    at_two = await inbox(f"/v1/units/{UNITS[1]}/tasks", area="9901", limit=1000)
    assert sorted(at_two) == [("elsewhere", "accept"), ("hidden", "accept")]
    assert len(await inbox(f"/v1/units/{UNITS[1]}/tasks", limit=1)) == 1
    (row,) = (await answers.get("/v1/units/roads-9901/tasks"))["items"]
    assert (row["overdue"], row["supervision"]) == (True, "yellow_card")
    assert row["description"] == "words of the reporter"
    rows = {row["incident_id"]: row for row in (await answers.get("/v1/desk"))["items"]}
    sent = answers.lives["look"].incident
    told = await answers.get(f"/v1/units/{story.TEAM.code}/tasks")
    assert [one["actions"] for one in told["items"] if one["incident_id"] == sent] == [["verify"]]
    assert (told["copied"], told["copied_count"]) == ([], 0)
    told = await answers.get(f"/v1/units/{TOLD.code}/tasks")
    assert (told["items"], told["copied_count"]) == ([], 1)
    assert [one["incident_id"] for one in told["copied"]] == [answers.lives["elsewhere"].incident]
    here = await answers.get(f"/v1/units/{TOLD.code}/tasks", area=GRIDS[0])
    assert (here["copied"], here["copied_count"]) == ([], 0)
    looked_for = rows[answers.lives["look"].incident]
    assert looked_for["look"]["unit"]["code"].startswith("team-")
    assert looked_for["explanation"]["en"] == "outside every grid"
    assert looked_for["tried"] == [
        {"rule": "outside_every_grid", "explanation": looked_for["explanation"]}
    ]
    assert (looked_for["sequence"], row["sequence"]) == (1, 4)
    assert (await answers.get(f"/v1/cases/{row['incident_id']}"))["sequence"] == 4


async def test_inboxes_are_for_officials(answers: Answers) -> None:
    for path in ("/v1/desk", "/v1/centre", "/v1/checks", "/v1/units/roads-9901/tasks"):
        for who in ({}, REPORTER):
            answer = await answers.http.get(path, headers=who)
            assert (answer.status_code, answer.json()["code"]) == (403, "role_not_allowed")


async def test_an_inbox_is_read_within_the_area_and_the_unit_of_the_token(answers: Answers) -> None:
    def who(role: Role, unit: str | None = None, area: str | None = None) -> dict[str, str]:
        return bearer(Principal("w", frozenset({role}), unit=unit, area=area))

    checks = await answers.get("/v1/checks", who(Role.INSPECTOR, area="990102"))
    assert (checks["items"], checks["count"]) == ([], 0)
    desk = await answers.get("/v1/desk", who(Role.ACCEPTANCE_DESK, area="990102"))
    assert {one["grid"] for one in desk["items"]} == {None}, "whose it is nobody knows"
    there = await answers.get(f"/v1/units/{UNITS[1]}/tasks", who(Role.LEADER, area="990102"))
    assert [one["incident_id"] for one in there["items"]] == [answers.lives["elsewhere"].incident]
    member = who(Role.UNIT_MEMBER, UNITS[0], "990102")
    mine = await answers.get(f"/v1/units/{UNITS[0]}/tasks", member)
    assert answers.lives["overdue"].incident in {one["incident_id"] for one in mine["items"]}
    for path, caller, code in (
        (f"/v1/units/{UNITS[1]}/tasks", member, "not_your_unit"),
        ("/v1/desk", member, "role_not_allowed"),
        ("/v1/centre?area=9901", who(Role.DISPATCHER, area="990101"), "not_your_area"),
        ("/v1/checks?area=990102", who(Role.INSPECTOR, area="990101"), "not_your_area"),
    ):
        answer = await answers.http.get(path, headers=caller)
        assert (answer.status_code, answer.json()["code"]) == (403, code)


async def test_a_token_of_nobody_is_refused(answers: Answers) -> None:
    answer = await answers.http.get("/v1/cases", headers={"Authorization": "Bearer x"})
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_credentials")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/cases?state=asleep", "invalid"),
        ("/v1/cases?cursor=x", "bad_cursor"),
        ("/v1/cases?limit=1000", "invalid"),
        ("/v1/cases.csv?limit=1", "invalid"),
        ("/v1/trend?from=2026-13-01", "invalid"),
        ("/v1/trend?by=hour", "invalid"),
        ("/v1/overview?from=2026-03-02&to=2026-03-01", "invalid"),
    ],
)
async def test_what_cannot_be_meant_is_answered_by_what_is_wrong(
    answers: Answers, path: str, code: str
) -> None:
    answer = await answers.http.get(path)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_files_have_the_rows_of_the_list(answers: Answers) -> None:
    answer = await answers.http.get("/v1/cases.csv", params={"state": "open"}, headers=LEADER)
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert {row["incident_id"] for row in rows} == {
        answers.lives[name].incident for name in await answers.listed(state="open")
    }
    assert (answer.headers["x-wangge-cut"], answer.headers["x-wangge-lag"]) == ("false", "0")
    found = await answers.get("/v1/cases.geojson", {})
    assert len(found["features"]) == len(answers.lives) - 1


async def test_every_answer_says_how_fresh_it_is(answers: Answers) -> None:
    for path in (
        "/v1/overview",
        "/v1/trend",
        "/v1/cases",
        f"/v1/cases/{answers.lives['filed'].incident}",
    ):
        found = (await answers.get(path))["freshness"]
        assert found["known"] is True
        assert {topic["lag"] for topic in found["topics"].values()} == {0}
        assert found["topics"]["wangge.incidents.v1"]["offset"] == len(answers.lives)
        assert {topic["as_of"] for topic in found["topics"].values()} == {found["at"]}


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({"open": True}, "open"),
        ({"open": True, "grid": {"$gte": "9901", "$lt": "9901:"}, "unit": "u"}, "open"),
        ({"handle_due": {"$type": "date", "$lt": Life("i", GRIDS[0], "m").now}}, "handle_due"),
        ({"state_word": "in_review"}, "state_word_newest"),
    ],
)
async def test_counts_of_what_stands_now_read_no_document(
    answers: Answers, query: dict[str, Any], index: str
) -> None:
    # Bounds of an index are written as instants that Python has no name for.
    codecs: CodecOptions[dict[str, Any]] = CodecOptions(
        datetime_conversion=DatetimeConversion.DATETIME_AUTO
    )
    explained = await answers.database.command(
        "explain",
        {
            "aggregate": "timelines",
            "pipeline": [{"$match": query}, {"$group": {"_id": 1, "n": {"$sum": 1}}}],
            "cursor": {},
        },
        verbosity="executionStats",
        codec_options=codecs,
    )
    text = str(explained)
    assert f"'indexName': '{index}'" in text
    assert "'totalDocsExamined': 0" in text
    assert "COLLSCAN" not in text


async def test_what_an_area_watches_is_found_by_an_index(answers: Answers) -> None:
    query = listing(Listing(watcher="990101"), system_clock(), official=True)
    plan = await answers.database["timelines"].find(query).hint("watchers").explain()
    winning = str(plan["queryPlanner"]["winningPlan"])
    assert "'indexName': 'watchers'" in winning
    assert '\'["990101", "990101"]\'' in winning, "only what that area watches is looked at"


async def test_the_pages_of_the_service_are_there(answers: Answers) -> None:
    for path in ("/", "/docs", "/asyncapi", "/metrics", "/livez", "/readyz"):
        assert (await answers.http.get(path)).status_code == 200
    described = (await answers.http.get("/openapi.json")).json()["paths"]
    names = {one["name"] for one in described["/v1/cases"]["get"]["parameters"]}
    assert names == {
        "area", "matter", "unit", "from", "to", "state", "source", "plan", "watcher", "overdue",
        "bbox", "limit", "cursor",
    }  # fmt: skip
