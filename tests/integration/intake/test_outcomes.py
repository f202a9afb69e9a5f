"""What became of an incident and of actions comes back from the other services' topics."""

import asyncio
import uuid
from typing import Any

import httpx
import pytest

from shared.contracts.base import Actor, EventData
from shared.contracts.cases_v1 import ActionRefused, CaseAccepted, CaseDispatched, CaseFiled
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import SupervisionOrdered
from shared.contracts.golden import cases, escalations, story
from shared.contracts.incidents_v1 import ActionRequested
from shared.contracts.outcomes_v1 import IncidentLinked
from shared.contracts.topics import INCIDENTS
from shared.platform.security import Principal, Role
from tests.integration.intake.client import Intake, bearer, eventually

MEMBER = Principal(subject="m-1", roles=frozenset({Role.UNIT_MEMBER}), unit="u-1")


def said(kind: type[EventData], incident: str, sequence: int, **fields: object) -> Event[Any]:
    """An event of another service about an incident of ours."""
    golden = next(
        one.event
        for module in (cases, escalations)
        for one in module.examples()
        if type(one.event.data) is kind
    )
    data = golden.data.model_copy(update={"incident_id": incident, **fields})
    return story.example(
        "of a test", data, at=golden.time, sequence=sequence, subject=incident
    ).event


def numbered(kind: type[EventData], incident: str, sequence: int, case_no: str) -> Event[Any]:
    """The same with a case number of its own."""
    event = said(kind, incident, sequence)
    case = event.data.case.model_copy(update={"case_no": case_no})
    return said(kind, incident, sequence, case=case)


async def accepted(intake: Intake) -> str:
    incident: str = (await intake.report(address="Harbour Road")).json()["incident_id"]
    return incident


async def wait_told(intake: Intake, incident: str, **expected: object) -> dict[str, Any]:
    async def told() -> dict[str, Any] | None:
        found: dict[str, Any] = (await intake.http.get(f"/v1/incidents/{incident}")).json()
        return found if expected.items() <= found.items() else None

    return await eventually(told, f"{incident} is told with {expected}")


async def act(
    intake: Intake, name: str, key: str, who: Principal | None = MEMBER, **request: object
) -> httpx.Response:
    headers = {"Idempotency-Key": key, **(bearer(who) if who else {})}
    return await intake.http.post(f"/v1/cases/{name}/actions", json=request, headers=headers)


async def test_the_reporter_is_told_what_became_of_it(intake: Intake) -> None:
    incident = await accepted(intake)
    case_no = f"990101-20260302-{uuid.uuid4().int % 10**10:010}"
    await intake.tell(numbered(CaseFiled, incident, 1, case_no))
    told = await wait_told(intake, incident, state="filed")
    assert told["case_no"] == case_no
    assert told["matter"] == {"zh": "井盖缺失", "en": "Missing manhole cover"}
    await intake.tell(numbered(CaseDispatched, incident, 2, case_no))
    await intake.tell(said(SupervisionOrdered, incident, 1))
    told = await wait_told(intake, incident, state="dispatched", supervision="yellow_card")
    assert told["unit"]["en"] == "Urban management bureau"
    public = (await intake.http.get(f"/v1/incidents/{case_no}")).json()
    assert (public["state"], public["incident_id"], public["receipt_no"]) == (
        "dispatched", None, None,
    )  # fmt: skip


@pytest.mark.parametrize("by", ["incident_id", "receipt_no"])
async def test_an_action_is_pending_then_done_or_refused(intake: Intake, by: str) -> None:
    answer = (await intake.report(address="Harbour Road")).json()
    incident = answer["incident_id"]
    first = await act(intake, answer[by], "a", action="accept", reason="on our way")
    second = await act(intake, answer[by], "b", action="handled")
    assert first.status_code == second.status_code == 202
    done, refused = first.json()["action_id"], second.json()["action_id"]
    where = first.headers["location"]
    assert where == f"/v1/cases/{incident}/actions/{done}"
    pending = (await intake.http.get(where, headers=bearer(MEMBER))).json()
    assert pending["state"] == "pending"
    events = await intake.wait_published(INCIDENTS, incident, 3)
    asked = {e.sequence: e.data for e in events if isinstance(e.data, ActionRequested)}
    assert [asked[n].action_id for n in (2, 3)] == [done, refused]
    assert asked[2].actor == MEMBER.actor()
    await intake.tell(
        said(CaseAccepted, incident, 1, action_id=done),
        said(ActionRefused, incident, 2, action_id=refused),
    )

    async def outcome(action: str, state: str) -> dict[str, Any] | None:
        url = f"/v1/cases/{incident}/actions/{action}"
        found: dict[str, Any] = (await intake.http.get(url, headers=bearer(MEMBER))).json()
        return found if found["state"] == state else None

    found = await eventually(lambda: outcome(done, "done"), "the first is done")
    assert found["sequence"] == 1
    found = await eventually(lambda: outcome(refused, "refused"), "the second is refused")
    assert found["rule"] == "handler_never_verifies"
    assert found["explanation"]["zh"]


async def test_whoever_urges_what_is_linked_to_a_case_urges_that_case(intake: Intake) -> None:
    first = await accepted(intake)
    mine = Principal(subject=f"r-{uuid.uuid4()}", roles=frozenset({Role.REPORTER}))
    again = (await intake.report(who=mine, address="Harbour Road")).json()
    follower = again["incident_id"]
    case_no = f"990101-20260302-{uuid.uuid4().int % 10**10:010}"
    link = {"case_id": first, "case_no": case_no, "action_id": None, "urged_by": None}
    await intake.tell(
        numbered(CaseFiled, first, 1, case_no), said(IncidentLinked, follower, 1, **link)
    )
    await wait_told(intake, follower, state="linked", case_no=case_no)
    answer = await act(intake, again["receipt_no"], "u", mine, action="urge")
    others = await act(intake, follower, "u", MEMBER, action="urge")
    assert answer.status_code == others.status_code == 202
    action, where = answer.json()["action_id"], answer.headers["location"]
    assert where == f"/v1/cases/{follower}/actions/{action}", "the case is another one's report"
    events = await intake.wait_published(INCIDENTS, first, 3)
    asked = [event.data for event in events if isinstance(event.data, ActionRequested)]
    assert [(one.incident_id, one.actor.subject, one.follower) for one in asked] == [
        (first, mine.subject, follower), (first, MEMBER.subject, None),
    ]  # fmt: skip
    pending = (await intake.http.get(where, headers=bearer(mine))).json()
    assert (pending["action_id"], pending["state"]) == (action, "pending")
    other = await act(intake, follower, "s", MEMBER, action="separate")
    assert other.status_code == 202
    events = await intake.wait_published(INCIDENTS, follower, 2)
    assert events[-1].data.request.action == "separate", "all else is about the incident itself"


async def test_a_link_that_says_who_urges_by_it_asks_for_that_once(intake: Intake) -> None:
    first, follower = await accepted(intake), await accepted(intake)
    mine = Actor(subject=f"r-{uuid.uuid4()}", roles=("reporter",))
    case_no = f"990101-20260302-{uuid.uuid4().int % 10**10:010}"
    link = {"case_id": first, "case_no": case_no, "action_id": None, "urged_by": mine}
    linked = said(IncidentLinked, follower, 1, **link)
    await intake.process.kill()
    await intake.tell(numbered(CaseFiled, first, 1, case_no), linked, linked)
    await intake.process.restart()
    await intake.wait_published(INCIDENTS, first, 2)
    await intake.process.kill()
    await intake.process.restart()
    await intake.tell(linked, numbered(CaseDispatched, first, 2, case_no))
    await wait_told(intake, first, state="dispatched")
    events = await intake.published(INCIDENTS, first)
    asked = {one.id: one.data for one in events if isinstance(one.data, ActionRequested)}
    (urged,) = asked.values()
    assert (urged.actor, urged.request.action, urged.follower) == (mine, "urge", follower)


async def test_the_same_action_again_is_the_same_and_another_is_a_conflict(intake: Intake) -> None:
    incident = await accepted(intake)
    answers = await asyncio.gather(*(act(intake, incident, "k", action="accept") for _ in range(9)))
    assert {(one.status_code, one.json()["action_id"]) for one in answers} == {
        (202, answers[0].json()["action_id"])
    }
    other = await act(intake, incident, "k", action="return")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


@pytest.mark.parametrize(
    ("who", "asked", "key", "expected"),
    [
        (None, {"action": "accept"}, "k", (401, "credentials_required")),
        (MEMBER, {"action": "explode"}, "k", (422, "invalid")),
        (MEMBER, {"action": "accept", "actor": "me"}, "k", (422, "invalid")),
        (MEMBER, {}, "k", (422, "invalid")),
        (MEMBER, {"action": "accept"}, "", (400, "idempotency_key_invalid")),
    ],
)
async def test_a_bad_action_gets_a_clear_error(
    intake: Intake,
    who: Principal | None,
    asked: dict[str, object],
    key: str,
    expected: tuple[int, str],
) -> None:
    answer = await act(intake, await accepted(intake), key, who, **asked)
    assert (answer.status_code, answer.json()["code"]) == expected


async def test_an_action_on_nothing_is_not_found(intake: Intake) -> None:
    answer = await act(intake, str(uuid.uuid4()), "k", action="accept")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    incident = await accepted(intake)
    url = f"/v1/cases/{incident}/actions/{uuid.uuid4()}"
    assert (await intake.http.get(url, headers=bearer(MEMBER))).status_code == 404
    assert (await intake.http.get(url)).status_code == 401


async def test_what_was_never_reported_stays_unknown_until_it_is(intake: Intake) -> None:
    key = str(uuid.uuid4())
    stranger = "00000000-0000-4000-8000-" + uuid.uuid4().hex[:12]
    await intake.tell(said(CaseFiled, stranger, 1))

    async def there() -> bool:
        return await intake.database["receipts"].count_documents({"_id": stranger}) > 0

    await eventually(there, "the event is in a document")
    assert (await intake.http.get(f"/v1/incidents/{stranger}")).status_code == 404
    assert (await act(intake, stranger, key, action="accept")).status_code == 404
