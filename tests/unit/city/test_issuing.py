"""Orders in the traffic: issued, read, done in time or late, or called off; and counted."""

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.city import building
from deploy.client import Client
from deploy.local import credentials
from deploy.local.paths import Home
from deploy.traffic import issuing as module
from deploy.traffic import orders
from deploy.traffic.board import Board
from deploy.traffic.issuing import Issuing
from deploy.traffic.orders import Answer, Draft
from deploy.traffic.people import People
from deploy.traffic.world import World
from services.intake.domain.order_bodies import OrderBody
from shared.contracts import orders_v1
from shared.contracts.registry_v1 import Grid, Unit
from shared.platform import ids
from shared.platform.security import Role, read_secret, verify
from tests.unit.city import cases
from tests.unit.city.cases import seeded

SOON = datetime(2026, 1, 1, tzinfo=UTC)
UNITS = ("u1", "u2")
DRAFT = Draft(Role.LEADER, "t", "x", UNITS, (), withdrawn=False)


class Tube:
    """Takes orders and receipts; keeps who said what, by the unit of the token."""

    def __init__(self, home: Home, board: Board, status: int = 201) -> None:
        self.secret, self.board, self.status = read_secret(home.secret), board, status
        self.said: list[tuple[str, str | None]] = []
        self.known: list[bool] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        caller = verify(self.secret, request.headers["Authorization"].removeprefix("Bearer "))
        body: dict[str, Any] = json.loads(request.content)
        if request.url.path == "/v1/orders":
            OrderBody.model_validate(body)
            order = ids.order_id(caller.subject, request.headers["Idempotency-Key"])
            self.known.append(order in self.board.orders)
            told = {"order_id": order, "units": [{"unit": one} for one in UNITS]}
            return httpx.Response(self.status, json={**told, "code": "no", "detail": "no"})
        self.said.append((body.get("receipt", "withdrawn"), caller.unit))
        return httpx.Response(200, json={})


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(tmp_path)
    credentials.ensure(found)
    return found


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READING_S", (0.0, 0.001))
    monkeypatch.setattr(orders, "WITHIN_S", 0.01)


async def play(home: Home, draft: Draft, status: int = 201) -> tuple[Tube, Board]:
    board = Board()
    tube = Tube(home, board, status)
    transport = httpx.MockTransport(tube.answer)
    async with Client("http://intake", transport=transport) as client:
        people = People(home, "9901", ())
        await Issuing(client, people, board, seeded(1), asyncio.Semaphore(4)).issue(draft)
    return tube, board


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer.IN_TIME, ["read", "done"]),
        (Answer.LATE, ["read", "done"]),
        (Answer.READ, ["read"]),
        (Answer.SILENT, []),
    ],
)
async def test_each_unit_answers_for_itself(
    answer: Answer, said: list[str], home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "answer", lambda _: answer)
    tube, board = await play(home, DRAFT)
    assert tube.known == [True], "its events may come before the answer"
    for unit in UNITS:
        assert [word for word, whose in tube.said if whose == unit] == said
    assert board.failures == {}


async def test_one_that_is_called_off_was_read_and_is_done_by_nobody(home: Home) -> None:
    called_off = Draft(Role.LEADER, "t", "x", UNITS, (), withdrawn=True)
    tube, board = await play(home, called_off)
    assert tube.said == [("read", "u1"), ("withdrawn", None)]
    assert board.failures == {}


async def test_one_that_is_refused_is_counted_and_answered_by_nobody(home: Home) -> None:
    tube, board = await play(home, DRAFT, status=422)
    assert tube.said == []
    assert board.failures == {"no": 1}


def test_late_is_after_the_deadline_and_in_time_is_not() -> None:
    random = seeded(2)
    for _ in range(100):
        in_time = orders.done_after(Answer.IN_TIME, random)
        late = orders.done_after(Answer.LATE, random)
        assert in_time is not None
        assert late is not None
        assert in_time < orders.WITHIN_S < late
    assert orders.done_after(Answer.READ, random) is None


def test_orders_go_to_towns_and_to_units_that_there_are_and_all_answers_are_drawn() -> None:
    entries = building.build()
    grids = [one for one in entries if isinstance(one, Grid)]
    # A town of which the registry has grids and no unit: nobody can be addressed there.
    grids += [grids[0].model_copy(update={"code": f"9901990010010{n:02}"}) for n in range(50)]
    world = World(grids, [], [one for one in entries if isinstance(one, Unit)])
    random, known = seeded(3), {one.code for one in world.units}
    drawn = [orders.draw(world, random) for _ in range(200)]
    for one in drawn:
        OrderBody.model_validate(one.body("2026-06-01T18:00:00+08:00"))
        assert bool(one.units) is not bool(one.areas)
        assert set(one.units) <= known
        assert all(any(unit.area.startswith(area) for unit in world.units) for area in one.areas)
    assert {bool(one.areas) for one in drawn} == {one.withdrawn for one in drawn} == {True, False}
    answers = Counter(orders.answer(random) for _ in range(500))
    assert set(answers) == set(Answer)
    assert answers[Answer.IN_TIME] / 500 > 0.5


def event(model: type[orders_v1.OrderEvent], at: datetime, **fields: Any) -> orders_v1.OrderEvent:  # noqa: ANN401
    return model.model_validate({"order_id": "o", "at": at, "actor": cases.CENTRE, **fields})


def test_of_our_orders_the_board_counts_each_event_once_and_what_was_done_late() -> None:
    board = Board()
    board.ordered("o", SOON)
    later = SOON + timedelta(seconds=1)
    happened = [
        event(orders_v1.OrderRead, SOON, unit="u1"),
        event(orders_v1.OrderDone, SOON, unit="u1"),
        event(orders_v1.OrderDone, later, unit="u2"),
    ]
    for number, data in enumerate(happened, 1):
        for _ in range(2):
            assert board.saw(cases.event(data, "o", number)) is None
    assert board.events == {orders_v1.OrderRead.TYPE: 1, orders_v1.OrderDone.TYPE: 2}
    assert board.words == {(orders_v1.OrderDone.TYPE, "late"): 1}
    board.saw(cases.event(happened[0], "somebody else's", 1))
    assert board.events[orders_v1.OrderRead.TYPE] == 1
