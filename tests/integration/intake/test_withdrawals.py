"""What has open cases is withdrawn over HTTP only where somebody takes them over."""

import uuid
from typing import Any

import httpx

from services.intake.domain.acceptance import Acceptance
from shared.contracts.base import EventData
from shared.contracts.cases_v1 import CaseClosed, CaseDispatched
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import SupervisionOrdered
from shared.contracts.registry_v1 import EntrySet
from shared.contracts.topics import REGISTRY
from shared.platform.security import Principal, Role
from tests.integration.intake.client import Intake, bearer
from tests.integration.intake.test_outcomes import accepted, said, wait_told
from tests.unit.intake.entries import grid, matter, unit

ADMIN = bearer(Principal(subject="adm", roles=frozenset({Role.REGISTRY_ADMINISTRATOR})))


class Held:
    """Entries of a test, and a case that is with them."""

    def __init__(self) -> None:
        self.tag = uuid.uuid4().hex[:8]
        self.grid = f"9901{uuid.uuid4().int % 10**11:011}"
        self.unit, self.matter, self.officer = (f"{k}-{self.tag}" for k in ("u", "m", "o"))
        self.case_no = f"990101-20260302-{self.tag}"
        self.keys = [
            f"grid/{self.grid}", f"matter/{self.matter}",
            f"officer/{self.officer}", f"unit/{self.unit}",
        ]  # fmt: skip

    def entries(self) -> list[dict[str, Any]]:
        """All of them, and one to take over from each."""
        return [
            grid(self.grid), matter(self.matter), unit(self.unit), self.member(self.officer),
            matter(f"{self.matter}-2"), unit(f"{self.unit}-2"), self.member(f"{self.officer}-2"),
        ]  # fmt: skip

    def member(self, code: str) -> dict[str, Any]:
        """An officer of the unit."""
        return {"kind": "officer", "code": code, "unit": self.unit, "role": "officer"}

    def told(self, kind: type[EventData], incident: str, sequence: int) -> Event[Any]:
        """An event of the case."""
        case = said(kind, incident, sequence).data.case
        update = {
            "case_no": self.case_no,
            "grid": self.grid,
            "member": self.officer,
            "unit": case.unit.model_copy(update={"code": self.unit}),
            "matter": case.matter.model_copy(update={"code": self.matter}),
        }
        return said(kind, incident, sequence, case=case.model_copy(update=update))


async def made(intake: Intake) -> tuple[Held, str]:
    """The entries, in force, with one open case; and its incident."""
    held = Held()
    body = {"entries": held.entries()}
    answer = await intake.http.post("/v1/registry/import", json=body, headers=ADMIN)
    assert answer.status_code == 200, answer.text
    incident = await accepted(intake)
    await intake.tell(held.told(CaseDispatched, incident, 1))
    await wait_told(intake, incident, state="dispatched")
    return held, incident


async def withdraw(intake: Intake, key: str, query: str = "") -> httpx.Response:
    headers = ADMIN | {"If-Match": "*"}
    return await intake.http.delete(f"/v1/registry/{key}{query}", headers=headers)


async def last(intake: Intake, key: str, n: int) -> EntrySet:
    version: EntrySet = (await intake.wait_published(REGISTRY, key, n))[-1].data
    return version


async def test_what_has_an_open_case_stays_until_it_is_closed(intake: Intake) -> None:
    held, incident = await made(intake)
    for key in held.keys:
        refused = await withdraw(intake, key)
        assert (refused.status_code, refused.json()["code"]) == (409, "has_open_cases")
        assert (refused.json()["open"], refused.json()["examples"]) == (1, [held.case_no])
    await intake.tell(held.told(CaseClosed, incident, 2))
    await wait_told(intake, incident, state="closed")
    for key in held.keys:
        assert (await withdraw(intake, key)).status_code == 200, key


async def test_an_import_gives_no_end_to_what_has_an_open_case(intake: Intake) -> None:
    held, _ = await made(intake)
    url = "/v1/registry/import"
    ends = [one | {"valid_until": "2126-01-01"} for one in held.entries()]
    for query in ("", "?dry_run=true", "?accept_findings=true"):
        refused = await intake.http.post(url + query, json={"entries": ends}, headers=ADMIN)
        assert (refused.status_code, refused.json()["code"]) == (409, "has_open_cases")
        assert sorted(one["key"] for one in refused.json()["errors"]) == held.keys
    assert held.case_no in refused.json()["detail"]
    free = {"entries": [unit(f"{held.unit}-2", valid_until="2126-01-01")]}
    assert (await intake.http.post(url, json=free, headers=ADMIN)).status_code == 200
    past = {"entries": [unit(f"{held.unit}-2", valid_until="2025-01-01")]}
    refused = await intake.http.post(url, json=past, headers=ADMIN)
    assert (refused.status_code, refused.json()["code"]) == (422, "end_passed")


async def test_who_takes_over_is_named_on_the_withdrawal(intake: Intake) -> None:
    held, _ = await made(intake)
    for key in held.keys[1:]:
        code = f"{key.partition('/')[2]}-2"
        gone = await withdraw(intake, key, f"?move_to={code}")
        assert (gone.status_code, gone.json()["successor"]) == (200, code), gone.text
        version = await last(intake, key, 2)
        assert (version.n, version.successor) == (2, code)
        assert version.valid_until is not None
        again = await withdraw(intake, key, f"?move_to={code}")
        assert again.headers["etag"] == '"2"'


async def test_who_takes_over_may_be_named_after_the_withdrawal(intake: Intake) -> None:
    held = Held()
    one = held.entries()[2]
    body = {"entries": [one, unit(f"{held.unit}-2")]}
    await intake.http.post("/v1/registry/import", json=body, headers=ADMIN)
    key = f"unit/{held.unit}"
    first = (await withdraw(intake, key)).json()
    named = (await withdraw(intake, key, f"?move_to={held.unit}-2")).json()
    assert (named["n"], named["successor"]) == (3, f"{held.unit}-2")
    assert named["valid_until"] == first["valid_until"]


async def test_a_grid_has_no_successor_and_a_successor_must_be_there(intake: Intake) -> None:
    held, _ = await made(intake)
    moved = await withdraw(intake, held.keys[0], "?move_to=990101001001002")
    assert (moved.status_code, moved.json()["code"]) == (422, "no_successor_of_kind")
    nobody = await withdraw(intake, held.keys[3], "?move_to=u-none")
    assert (nobody.status_code, nobody.json()["code"]) == (422, "invalid_successor")
    odd = await withdraw(intake, held.keys[3], "?move_to=%20")
    assert (odd.status_code, odd.json()["code"]) == (422, "invalid")


async def said_to_be_unknown(intake: Intake, key: str) -> None:
    refused = await withdraw(intake, key)
    assert (refused.status_code, refused.json()["code"]) == (409, "has_open_cases")
    assert (refused.json()["open"], refused.json()["unknown"]) == (0, 1)


async def test_cases_of_before_an_update_hinder_until_something_is_heard_of_them(
    intake: Intake,
) -> None:
    held, incident = await made(intake)
    receipts = intake.database["receipts"]
    older = {
        "$set": {"fold": 1},
        "$unset": {"open_of": "", "state.standing.holders": ""},
        "$inc": {"version": 1, "decided_on": 1},
    }
    await receipts.update_one({"_id": incident}, older)
    try:
        await said_to_be_unknown(intake, held.keys[3])
        # What does not say with whom the case is leaves it unknown, in a document of this fold.
        await intake.tell(said(SupervisionOrdered, incident, 1))
        await wait_told(intake, incident, supervision="yellow_card")
        await said_to_be_unknown(intake, held.keys[3])
        taken = await withdraw(intake, held.keys[3], f"?move_to={held.unit}-2")
        assert taken.status_code == 200
    finally:
        await intake.tell(held.told(CaseClosed, incident, 2))
    await wait_told(intake, incident, state="closed")
    raw = await receipts.find_one({"_id": incident})
    assert raw is not None
    assert (raw["fold"], raw["open_of"]) == (Acceptance("UTC").fold_version, [])


async def test_the_count_uses_its_indexes(intake: Intake) -> None:
    receipts = intake.database["receipts"]
    for query, index in (
        ({"open_of": {"$type": "string", "$eq": "unit/u-1"}}, "open_of"),
        ({"fold": {"$lt": 2}, "state.standing.state": {"$in": ["filed"]}}, "older_fold"),
    ):
        plan = await receipts.find(query).explain()
        assert f"'indexName': '{index}'" in str(plan["queryPlanner"]["winningPlan"])
