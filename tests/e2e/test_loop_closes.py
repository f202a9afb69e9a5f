"""One incident travels from HTTP to a figure; whatever is wrong gets a clear answer."""

import json
import uuid
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from shared.contracts.topics import CASES, ESCALATIONS, INCIDENTS, REGISTRY, TOPICS
from shared.platform.security import Role
from tests.e2e.city import OUTSIDE, City
from tests.stackdriver import Stack


@pytest.fixture(scope="package")
def city(stack: Stack) -> City:
    return City(stack)


def test_one_incident_travels_from_http_to_a_figure(city: City) -> None:
    matter = city.stack.matters()[0]
    before = city.overview(matter)
    answer = city.report(matter=matter, location=city.point(city.inside()))
    assert answer.status_code == 202
    incident = answer.json()["incident_id"]
    case = city.wait_state(incident, "dispatched")
    unit = case["unit"]["code"]
    member = city.as_(Role.UNIT_MEMBER, unit)
    inspector = city.as_(Role.INSPECTOR)
    assert city.act(incident, member, action="accept")["state"] == "done"
    assert city.act(incident, member, action="handled", reason="cover replaced")["state"] == "done"
    checked = city.act(incident, inspector, action="verify", passed=True, reason="in order")
    assert checked["state"] == "done"
    closed = city.wait_state(incident, "closed")
    told = city.told(answer.json()["receipt_no"], "closed")
    assert told["case_no"] == closed["case_no"]
    after = city.overview(matter)
    changes = {name: after[name] - before[name] for name in ("reported", "filed", "closed", "open")}
    assert changes == {"reported": 1, "filed": 1, "closed": 1, "open": 0}


def test_an_illegal_action_changes_nothing_and_names_the_rule(city: City) -> None:
    matter = city.stack.matters()[0]
    incident = city.report(matter=matter, location=city.point(city.inside())).json()["incident_id"]
    case = city.wait_state(incident, "dispatched")
    stranger = city.as_(Role.UNIT_MEMBER, "nobody")
    refused = city.act(incident, stranger, action="accept")
    assert (refused["state"], refused["rule"]) == ("refused", "not_your_unit")
    early = city.act(incident, city.as_(Role.INSPECTOR), action="verify", passed=True, reason="x")
    assert (early["state"], early["rule"]) == ("refused", "wrong_state")
    assert city.case(incident)["unit"] == case["unit"]
    assert city.case(incident)["state"] == "dispatched"


def test_an_order_is_told_again_until_somebody_acknowledges_it(city: City) -> None:
    """The demo city tells it again every five seconds; its policy is armed anew on no purpose."""
    matter = city.stack.matters()[0]
    incident = city.report(matter=matter, location=city.point(city.inside())).json()["incident_id"]
    unit = city.wait_state(incident, "dispatched")["unit"]["code"]
    member, leader = city.as_(Role.UNIT_MEMBER, unit), city.as_(Role.LEADER)
    assert city.act(incident, member, action="acknowledge")["rule"] == "not_supervised"
    ordered = city.act(incident, leader, action="supervise", level="yellow_card", reason="a school")
    assert ordered["state"] == "done"
    told = city.wait_order(incident, lambda order: order["reminded"] >= 1)
    assert (told["level"], told["acknowledged"]) == ("yellow_card", None)
    assert incident in city.unacknowledged(unit)
    assert city.act(incident, member, action="acknowledge", reason="on our way")["state"] == "done"
    seen = city.wait_order(incident, lambda order: order["acknowledged"] is not None)
    assert seen["acknowledged"]["by_unit"] == unit
    assert incident not in city.unacknowledged(unit)
    again = city.act(incident, leader, action="acknowledge")
    assert (again["state"], again["rule"]) == ("refused", "acknowledged_already")
    armed = city.act(incident, city.as_(Role.SUPERVISOR), action="rearm", reason="a new policy")
    assert (armed["state"], armed["rule"]) == ("refused", "nothing_to_rearm")
    steps = [one["type"].split(".", 2)[2] for one in city.case(incident)["timeline"]]
    acknowledged = steps.index("supervision.acknowledged.v1")
    assert "supervision.reminded.v1" in steps[:acknowledged]
    assert "supervision.reminded.v1" not in steps[acknowledged:]


def test_open_cases_of_an_area_go_by_a_new_policy_on_purpose_only(
    city: City, tmp_path: Path
) -> None:
    place = city.point(city.inside())
    incident = city.report(matter="exposed-rubbish", location=place).json()["incident_id"]
    town = city.wait_state(incident, "dispatched")["grid"][:9]
    policy = next(one for one in city.entries("policy") if one["code"] == "9901")
    file = tmp_path / "policies.json"
    file.write_text(json.dumps([policy | {"reopen_within_days": 9}]))
    city.stack.run("registry", "import", str(file), "--kind", "policies")
    rearm = ("case", "rearm", "--area", town, "--json")
    listed = json.loads(city.stack.run(*rearm, "--dry-run").stdout)
    assert incident in {one["incident_id"] for one in listed["cases"]}
    assert listed["counts"].keys() == {"to_be_asked"}

    def all_done() -> dict[str, Any] | None:
        told: dict[str, Any] = json.loads(city.stack.run(*rearm).stdout)
        mine = next(one for one in told["cases"] if one["incident_id"] == incident)
        return told if mine["rule"] == "nothing_to_rearm" else None

    told = city.stack.wait_for(all_done, 60, "they go by the new policy")
    assert told["counts"].keys() == {"nothing_to_rearm"}
    (step,) = (one for one in city.case(incident)["timeline"] if "rearmed" in one["type"])
    assert step["policy_n"] == step["policy_n_before"] + 1


@pytest.mark.parametrize(
    ("fields", "rule", "also"),
    [
        ({"matter": "no-such-matter", "place": "inside"}, "unknown_matter", []),
        ({"matter": "first", "place": "outside"}, "outside_every_grid", []),
        ({"matter": "first"}, "no_location", []),
        ({"place": "inside"}, "no_matter", []),
        (
            {"matter": "no-such-matter", "place": "outside"},
            "outside_every_grid",
            ["unknown_matter"],
        ),
    ],
)
def test_what_cannot_be_filed_is_rejected_with_every_obstacle_named(
    city: City, fields: dict[str, str], rule: str, also: list[str]
) -> None:
    body: dict[str, Any] = {}
    if "matter" in fields:
        first = fields["matter"] == "first"
        body["matter"] = city.stack.matters()[0] if first else fields["matter"]
    if "place" in fields:
        body["location"] = city.point(city.inside() if fields["place"] == "inside" else OUTSIDE)
    incident = city.report(**body).json()["incident_id"]
    assert city.wait_state(incident, "rejected")["reason"] == rule
    told = city.told(incident, "rejected")
    assert told["reason"] == rule
    (step,) = (one for one in city.case(incident)["timeline"] if one.get("rule"))
    assert [one["rule"] for one in step.get("also") or ()] == also


FAR_EAST = {"location": {"type": "Point", "coordinates": [200, 0]}}
BAD_INPUT: list[tuple[bytes, dict[str, str], int, str]] = [
    (b"{", {}, 400, "bad_json"),
    (b'{"colour": "red"}', {}, 422, "invalid"),
    (b'{"matter": 7}', {}, 422, "invalid"),
    (json.dumps(FAR_EAST).encode(), {}, 422, "invalid"),
    (json.dumps({"description": "x" * 70_000}).encode(), {}, 413, "too_large"),
    (b"{}", {"Authorization": "Bearer nonsense"}, 401, "bad_credentials"),
    (b"{}", {"Idempotency-Key": ""}, 400, "idempotency_key_invalid"),
]


@pytest.mark.parametrize(("content", "headers", "status", "code"), BAD_INPUT)
def test_bad_input_gets_a_clear_error(
    city: City, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = city.stack.http.post(
        city.stack.url("intake", "/v1/incidents"),
        content=content,
        headers={"Content-Type": "application/json", "Idempotency-Key": "k", **headers},
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_a_report_without_a_key_is_refused_because_it_could_not_be_sent_again(city: City) -> None:
    answer = city.stack.http.post(city.stack.url("intake", "/v1/incidents"), json={})
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")


def test_the_same_key_twice_is_one_incident_and_another_body_is_a_conflict(city: City) -> None:
    key = str(uuid.uuid4())
    first = city.report(key, address="Harbour Road 1")
    again = city.report(key, address="Harbour Road 1")
    other = city.report(key, address="Harbour Road 2")
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


async def test_poison_in_every_topic_is_put_away_and_nothing_is_stuck(city: City) -> None:
    kafka = city.stack.status()["kafka"]["address"]
    poison = {
        "no headers": (b"not an event", []),
        "not UTF-8": (b"{}", [("ce_id", b"\xff\xfe")]),
        "bad data": (b'{"incident_id": 5}', _headers("cn.wangge.case.filed.v1")),
    }
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        for topic, (value, headers) in product(TOPICS, poison.values()):
            await producer.send_and_wait(
                topic.name, value, key=uuid.uuid4().hex.encode(), headers=headers
            )
    matter = city.stack.matters()[0]
    incident = city.report(matter=matter, location=city.point(city.inside())).json()["incident_id"]
    city.wait_state(incident, "dispatched")

    def letters() -> list[dict[str, str]] | None:
        told = json.loads(city.stack.run("dead-letters", "list", "--json").stdout)
        assert told["unreadable"] == len(poison)
        listed = told["letters"]
        topics = {(one["topic"], one["service"]) for one in listed}
        wanted = {
            (INCIDENTS.name, "dispatch"), (INCIDENTS.name, "analytics"),
            (CASES.name, "intake"), (CASES.name, "escalation"), (CASES.name, "analytics"),
            (ESCALATIONS.name, "dispatch"), (ESCALATIONS.name, "analytics"),
            (REGISTRY.name, "intake"),
        }  # fmt: skip
        return listed if wanted <= topics else None

    found = city.stack.wait_for(letters, 30, "every reader put the poison away")
    assert {one["code"] for one in found} == {"undecodable"}


def _headers(event_type: str) -> list[tuple[str, bytes]]:
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", uuid.uuid4().hex.encode()),
        ("ce_type", event_type.encode()),
        ("ce_source", b"/wangge/test"),
        ("ce_subject", b"nothing"),
        ("ce_time", b"2026-01-01T00:00:00Z"),
        ("ce_sequence", b"1"),
    ]


def test_it_is_said_in_words_why_a_case_went_where_it_went(city: City) -> None:
    place = city.point(city.inside())
    reported = city.report(matter="exposed-rubbish", location=place)
    incident = reported.json()["incident_id"]
    city.wait_state(incident, "dispatched")
    told = json.loads(city.stack.run("why", incident, "--json").stdout)
    filed, dispatched = told["reasons"]
    assert (filed["decision"], dispatched["decision"]) == ("filed", "dispatched")
    assert dispatched["facts"]["rule"] == "nearest_unit_of_matter"
    assert dispatched["facts"]["registry"] >= 0
    assert dispatched["facts"]["unit"] not in {one["unit"] for one in dispatched["candidates"]}
    shown = city.stack.run("why", incident).stdout
    assert dispatched["words"]["zh"][:4] in shown
    assert all(one["unit"] in shown for one in dispatched["candidates"])
    refused = city.stack.run("why", "no-such-case", expect=1)
    assert "no case, incident or receipt no-such-case" in refused.stdout + refused.stderr


def test_the_audit_is_clean_and_a_rebuild_is_the_same(city: City) -> None:
    found = city.stack.audit()
    assert found["clean"], found["problems"][:5]
    assert found["accepted"] == found["filed"] + found["rejected"] + found["in_review"]
    assert found["accepted"] > 0
    rebuilt = json.loads(city.stack.run("rebuild", "--json", timeout=180).stdout)
    assert rebuilt["same"], rebuilt
