"""The engine against a city in a test tube: it plays the plots, and says what goes wrong."""

import asyncio
import json
from pathlib import Path
from random import Random
from typing import Any, cast

import httpx
import pytest

from deploy import client as client_module
from deploy.city import building
from deploy.client import Client
from deploy.local import credentials
from deploy.local.paths import Home
from deploy.traffic import engine as module
from deploy.traffic import orders, plots, reports
from deploy.traffic.board import Board
from deploy.traffic.engine import Engine
from deploy.traffic.follower import Follower
from deploy.traffic.people import People
from deploy.traffic.plots import Plot
from deploy.traffic.reports import Draft
from deploy.traffic.world import World
from shared.contracts import cases_v1
from shared.contracts.case_v1 import CaseEvent, CaseState
from shared.contracts.envelope import Event
from shared.contracts.outcomes_v1 import LookOrdered
from shared.contracts.registry_v1 import Grid, Matter, Unit
from shared.contracts.tasks_v1 import TaskAccepted
from shared.platform import ids
from shared.platform.security import read_secret, verify
from tests.unit.city import cases
from tests.unit.city.cases import seeded

GRID = "990101001001001"
CLOSED = cases.step(cases_v1.CaseClosed, cases.case(CaseState.CLOSED))
AFTER: dict[str, CaseEvent] = {
    "reassign": cases.ruled(),
    "accept": cases.step(cases_v1.CaseAccepted, cases.case(CaseState.ACCEPTED)),
    "handled": cases.step(cases_v1.CaseHandled, cases.case(CaseState.HANDLED)),
    "verify": CLOSED,
}


class Tube:
    """Files whatever is reported, and does whatever is asked, at once; also a follower of that."""

    def __init__(self, home: Home) -> None:
        self.secret = read_secret(home.secret)
        self.events: asyncio.Queue[Event[Any]] = asyncio.Queue()
        self.acted: list[tuple[str, str, str | None]] = []
        self.number = 0
        self.first = cases.dispatched()
        self.named: set[str | None] = set()

    def answer(self, request: httpx.Request) -> httpx.Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        caller = verify(self.secret, token) if token else None
        body = json.loads(request.content)
        if request.url.path == "/v1/incidents":
            subject = caller.subject if caller else "anonymous"
            incident = ids.incident_id(subject, request.headers["Idempotency-Key"])
            self.happens(self.first, incident)
            return httpx.Response(202, json={"incident_id": incident})
        assert caller is not None
        (role,) = caller.roles
        self.acted.append((body["action"], role, caller.unit))
        self.named.add(body.get("unit"))
        action = f"action-{len(self.acted)}"
        after = AFTER[body["action"]].model_copy(update={"action_id": action})
        self.happens(after, request.url.path.split("/")[3])
        return httpx.Response(202, json={"action_id": action})

    def happens(self, data: Any, incident: str) -> None:  # noqa: ANN401
        self.number += 1
        self.events.put_nowait(cases.event(data, incident, self.number))

    async def batch(self) -> list[Event[Any]]:
        return [await self.events.get()]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(tmp_path)
    credentials.ensure(found)
    return found


@pytest.fixture(scope="module")
def world() -> World:
    entries = building.build()
    return World(
        [one for one in entries if isinstance(one, Grid)],
        [one for one in entries if isinstance(one, Matter)],
        [one for one in entries if isinstance(one, Unit)],
    )


@pytest.fixture(autouse=True)
def _quick_and_smooth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "THINKING_S", (0.0, 0.001))
    monkeypatch.setattr(module, "GRACE_S", 0.2)
    monkeypatch.setattr(plots, "draw", lambda *_: Plot.SMOOTH)
    monkeypatch.setattr(orders, "SHARE", 0.0)
    monkeypatch.setattr(client_module, "_pause", lambda _state: 0.0)


async def run(home: Home, world: World, tube: Tube, answer: Any, until: Any) -> Board:  # noqa: ANN401
    """Run traffic on a test tube until a condition on the board holds."""
    board, stop = Board(), asyncio.Event()
    transport = httpx.MockTransport(answer)
    async with Client("http://intake", patience=0.05, transport=transport) as client:
        engine = Engine(client, People(home, "9901", world.units), world, board, seeded(1))
        work = asyncio.create_task(engine.run(200, cast("Follower", tube), stop, asyncio.Event()))
        for _ in range(2000):
            if until(board) or work.done():
                break
            await asyncio.sleep(0.005)
        stop.set()
        await asyncio.wait_for(work, 10)
    return board


async def test_a_smooth_case_goes_from_report_to_closed_by_the_right_people(
    home: Home, world: World
) -> None:
    tube = Tube(home)
    board = await run(home, world, tube, tube.answer, lambda board: board.states["closed"] >= 5)
    assert board.failures == {}
    assert {(verb, role) for verb, role, _ in tube.acted} == {
        ("accept", "unit_member"),
        ("handled", "unit_member"),
        ("verify", "inspector"),
    }
    assert {unit for _, role, unit in tube.acted if role == "unit_member"} == {"u1"}
    assert {unit for _, role, unit in tube.acted if role == "inspector"} == {"centre-990101001"}


async def test_what_nobody_keeps_is_ruled_by_the_centre_and_goes_on(
    home: Home, world: World
) -> None:
    tube = Tube(home)
    tube.first = cases.filed(unrouted="ownerless_component")
    board = await run(home, world, tube, tube.answer, lambda board: board.states["closed"] >= 5)
    assert board.failures == {}
    assert ("reassign", "dispatcher", None) in tube.acted
    assert tube.named == {None, "urban-management-990101"}


async def test_an_outcome_that_was_heard_of_early_is_acted_on(home: Home, world: World) -> None:
    class Late(Tube):
        """Of a finding, the outcome comes before the report."""

        def answer(self, request: httpx.Request) -> httpx.Response:
            if not self.number:
                self.happens(cases.held("to_be_verified", LookOrdered, grid=GRID), "finding")
                self.happens(cases.found_by_inspection(), "finding")
            return super().answer(request)

    tube = Late(home)
    tube.first = CLOSED
    await run(home, world, tube, tube.answer, lambda _: tube.acted)
    assert [(verb, role) for verb, role, _ in tube.acted] == [("verify", "inspector")]


async def test_nobody_does_a_share_that_was_withdrawn(home: Home, world: World) -> None:
    class Handled(Tube):
        """The lead is done, which ends the shares of others, before they can say so."""

        def answer(self, request: httpx.Request) -> httpx.Response:
            self.first = cases.task(TaskAccepted)
            found = super().answer(request)
            if request.url.path == "/v1/incidents":
                incident = found.json()["incident_id"]
                self.happens(
                    cases.step(cases_v1.CaseClosed, cases.case(CaseState.CLOSED)), incident
                )
            return found

    tube = Handled(home)
    board = await run(home, world, tube, tube.answer, lambda board: board.states["closed"] >= 5)
    assert board.states["closed"] >= 5
    assert tube.acted == []


async def test_people_act_one_after_the_other(home: Home, world: World) -> None:
    class Slow(Tube):
        """Nothing comes of what is asked."""

        def answer(self, request: httpx.Request) -> httpx.Response:
            if request.url.path != "/v1/incidents":
                self.acted.append(("accept", request.url.path, None))
                return httpx.Response(202, json={"action_id": "a"})
            found = super().answer(request)
            self.happens(self.first, found.json()["incident_id"])  # two may act on each case
            return found

    tube = Slow(home)
    await run(home, world, tube, tube.answer, lambda _: len(tube.acted) >= 10)
    assert len(tube.acted) >= 10
    assert len(set(tube.acted)) == len(tube.acted), "the second waits for what came of the first"


async def test_now_and_then_somebody_above_issues_an_order(
    home: Home, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if not request.url.path.startswith("/v1/orders"):
            return tube.answer(request)
        if request.url.path == "/v1/orders":
            issued.append(json.loads(request.content)["title"])
        return httpx.Response(200, json={"order_id": "o", "units": [{"unit": "u1"}]})

    monkeypatch.setattr(orders, "SHARE", 0.5)
    tube = Tube(home)
    board = await run(home, world, tube, answer, lambda board: len(board.incidents) >= 40)
    assert len(issued) == len(board.orders)
    assert 5 < len(issued) < len(board.incidents)


@pytest.mark.parametrize("filed", [False, True])
async def test_only_what_is_a_case_already_is_reported_again(
    filed: bool,  # noqa: FBT001 - a parameter
    home: Home,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    again: list[str] = []

    def noted(before: Draft, random: Random) -> Draft:
        again.append(before.plot)
        return original(before, random)

    original = reports.again
    monkeypatch.setattr(reports, "AGAIN_SHARE", 0.5)
    monkeypatch.setattr(reports, "again", noted)
    tube = Tube(home)
    tube.first = cases.filed(unrouted="no_unit") if filed else cases.dispatched()
    await run(home, world, tube, tube.answer, lambda board: len(board.incidents) >= 40)
    assert bool(again) is filed


async def test_what_is_refused_is_counted_by_its_code(home: Home, world: World) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(422, json={"code": "invalid", "detail": "no"})

    board = await run(home, world, Tube(home), answer, lambda board: board.failures["invalid"] > 2)
    assert set(board.failures) == {"invalid"}
    assert board.undecided == 0


async def test_a_service_that_is_away_is_counted_and_ends_nothing(home: Home, world: World) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("gone")

    board = await run(home, world, Tube(home), answer, lambda board: board.failures["away"] > 2)
    assert set(board.failures) == {"away"}


async def test_an_error_of_our_own_ends_the_run_instead_of_passing_in_silence(
    home: Home, world: World
) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await run(home, world, Tube(home), answer, lambda _: False)


async def test_where_the_stack_is_gone_nobody_waits_for_what_is_undecided(
    home: Home, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GRACE_S", 60)
    tube = Tube(home)
    board, posted, gone = Board(), asyncio.Event(), asyncio.Event()

    def accepts(_request: httpx.Request) -> httpx.Response:
        posted.set()
        return httpx.Response(202, json={"incident_id": "x"})

    async with Client("http://intake", transport=httpx.MockTransport(accepts)) as client:
        engine = Engine(client, People(home, "9901", world.units), world, board, seeded(1))
        work = asyncio.create_task(engine.run(200, cast("Follower", tube), asyncio.Event(), gone))
        async with asyncio.timeout(10):
            await posted.wait()
            gone.set()
            await work
    assert board.undecided


async def test_a_follower_that_fails_ends_the_run(home: Home, world: World) -> None:
    class Broken(Tube):
        async def batch(self) -> list[Event[Any]]:
            raise ConnectionError("Kafka is gone")

    tube = Broken(home)
    with pytest.raises(ConnectionError, match="Kafka is gone"):
        await run(home, world, tube, tube.answer, lambda _: False)


def test_the_centre_names_nobody_who_has_returned_a_case(world: World) -> None:
    case = cases.case(CaseState.FILED)
    first = world.ruling(case, (), ())
    assert first is not None
    second = world.ruling(case, {first}, ())
    assert second not in {None, first}
    everybody = {unit.code for unit in world.units}
    # All have had it: whoever has not returned it may have it again.
    assert world.ruling(case, everybody, {first}) not in {None, first}
    assert world.ruling(case, everybody, everybody) is None
