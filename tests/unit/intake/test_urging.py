"""Urging by the receipt of what is linked to a case: it is the case that is urged."""

import asyncio
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.intake.domain.receipt import Receipt, Standing
from services.intake.http import actions
from shared.contracts.base import Actor
from shared.contracts.envelope import Event
from shared.contracts.golden import incidents
from shared.contracts.incidents_v1 import IncidentReported
from shared.platform.security import Principal, Role
from tests.unit.intake.driving import NOW, RULES

FIRST, FOLLOWER = "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"
REPORTED = next(
    one.event.data for one in incidents.examples() if isinstance(one.event.data, IncidentReported)
)


def receipt(incident: str, by: str, follows: str | None = None) -> Receipt:
    reported = REPORTED.model_copy(update={"incident_id": incident, "reporter": Actor(subject=by)})
    state = "dispatched" if follows is None else "linked"
    return Receipt(reported=reported, standing=Standing(state=state, sequence=1, follows=follows))


class Intake:
    """The route before two receipts: a case, and what is linked to it."""

    def __init__(self, caller: Principal) -> None:
        self.receipts = {
            FIRST: receipt(FIRST, "r-1"),
            FOLLOWER: receipt(FOLLOWER, "r-2", follows=FIRST),
        }
        self.taken: list[Any] = []
        app = FastAPI()
        app.include_router(actions.router())
        app.state.door = SimpleNamespace(
            clock=lambda: NOW,
            callers=SimpleNamespace(required=lambda _scope: caller),
            receipts=self,
            commands=self,
        )
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://intake"
        )

    async def incident_of(self, name: str) -> str | None:
        return name if name in self.receipts else None

    async def find(self, name: str) -> tuple[Receipt, str] | None:
        found = self.receipts.get(name)
        return None if found is None else (found, "id")

    async def submit(self, event: Event[Any]) -> Receipt:
        found = RULES.decide(self.receipts[event.subject], event, SimpleNamespace(now=NOW))  # type: ignore[arg-type]
        after = self.receipts[event.subject]
        for draft in found:
            self.taken.append(draft.data)
            said = SimpleNamespace(data=draft.data)
            after = RULES.evolve(after, said) or after  # type: ignore[arg-type]
        self.receipts[event.subject] = after
        return after

    async def asks(self, name: str, verb: str) -> tuple[str, dict[str, Any]]:
        """Where the action's outcome is, and what is told of it there."""
        answer = await self.http.post(
            f"/v1/cases/{name}/actions", json={"action": verb}, headers={"Idempotency-Key": "k"}
        )
        assert answer.status_code == 202, answer.text
        where: str = answer.headers["location"]
        told = await self.http.get(where)
        assert told.status_code == 200, told.text
        return where, told.json()


@pytest.mark.parametrize(
    ("caller", "role", "verb", "case", "follower"),
    [
        ("r-2", Role.REPORTER, "urge", FIRST, FOLLOWER),
        ("r-1", Role.REPORTER, "urge", FIRST, None),
        ("d-1", Role.DISPATCHER, "urge", FIRST, None),
        ("d-1", Role.DISPATCHER, "separate", FOLLOWER, None),
    ],
)
def test_by_the_receipt_of_what_is_linked_the_case_is_urged_and_nothing_else_is_done_to_it(
    caller: str, role: Role, verb: str, case: str, follower: str | None
) -> None:
    intake = Intake(Principal(subject=caller, roles=frozenset({role})))
    where, told = asyncio.run(intake.asks(FOLLOWER, verb))
    (asked,) = intake.taken
    assert (asked.incident_id, asked.follower) == (case, follower)
    assert where == f"/v1/cases/{FOLLOWER}/actions/{asked.action_id}"
    assert (told["action_id"], told["state"]) == (asked.action_id, "pending")


def test_what_was_asked_for_before_it_was_linked_is_the_same_when_it_is_sent_again() -> None:
    intake = Intake(Principal(subject="r-2", roles=frozenset({Role.REPORTER})))
    linked = intake.receipts[FOLLOWER].standing
    intake.receipts[FOLLOWER] = intake.receipts[FOLLOWER].model_copy(update={"standing": None})
    first = asyncio.run(intake.asks(FOLLOWER, "urge"))
    alone = intake.receipts[FOLLOWER]
    intake.receipts[FOLLOWER] = alone.model_copy(update={"standing": linked})
    assert asyncio.run(intake.asks(FOLLOWER, "urge")) == first
    assert [one.incident_id for one in intake.taken] == [FOLLOWER]
