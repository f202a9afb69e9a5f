"""Orders in analytics, on real servers: lists, inboxes, figures, and the same when rebuilt."""

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest_asyncio

from shared.contracts.base import EventData
from shared.contracts.envelope import SOURCE_BASE, Event
from shared.contracts.golden import story
from shared.contracts.golden.orders import ISSUED, LEADER
from shared.contracts.orders_v1 import OrderDone, OrderRead, OrderWithdrawn
from shared.platform import ids
from shared.platform.clock import system_clock
from shared.platform.security import Principal, Role
from tests.integration.analytics.station import LEADER as OFFICIAL
from tests.integration.analytics.station import Station, people_at_work
from tests.integration.intake.client import bearer, eventually

NOW = system_clock()
UNIT, TEAM, CENTRE = story.UNIT.code, story.TEAM.code, story.CENTRE.code


def who(role: Role, unit: str | None = None, area: str | None = None) -> dict[str, str]:
    return bearer(Principal("c", frozenset({role}), unit=unit, area=area))


class Issued:
    """An order and its events."""

    def __init__(self, issued: timedelta, limit: timedelta) -> None:
        self.id = str(uuid.uuid4())
        self.no = ids.order_no(self.id)
        self.at = NOW + issued
        self.events: list[Event[EventData]] = []
        fields = {"order_id": self.id, "order_no": self.no, "at": self.at}
        self._say(ISSUED.model_copy(update={**fields, "deadline": self.at + limit}))

    def _say(self, data: Any) -> None:  # noqa: ANN401 - any event of an order
        number = len(self.events) + 1
        self.events.append(
            Event(
                id=ids.caused_id("test", self.id, number),
                source=f"{SOURCE_BASE}intake",
                subject=self.id,
                time=data.at,
                data=data,
                correlation_id=self.id,
                causation_id=self.id,
                sequence=number,
            )
        )

    def read(self, unit: str, after: timedelta) -> None:
        self._say(OrderRead(order_id=self.id, at=self.at + after, actor=LEADER, unit=unit))

    def done(self, unit: str, after: timedelta) -> None:
        self._say(OrderDone(order_id=self.id, at=self.at + after, actor=LEADER, unit=unit))

    def withdraw(self) -> None:
        self._say(OrderWithdrawn(order_id=self.id, at=self.at, actor=LEADER, reason="no rain"))


def orders() -> dict[str, Issued]:
    """One of each state."""
    hour, day = timedelta(hours=1), timedelta(days=1)
    found = {
        "overdue": Issued(-2 * day, hour),
        "open": Issued(-day, 3 * day),
        "urgent": Issued(-day, 2 * day),
        "done": Issued(-3 * day, day),
        "withdrawn": Issued(-2 * day, hour),
    }
    found["overdue"].read(UNIT, hour / 2)
    found["overdue"].done(TEAM, 2 * hour)
    found["open"].read(UNIT, hour)
    found["open"].done(CENTRE, hour)
    for unit in (UNIT, TEAM, CENTRE):
        found["done"].done(unit, hour)
    found["withdrawn"].read(UNIT, hour)
    found["withdrawn"].withdraw()
    return found


class Told:
    """An analytics that knows the orders."""

    def __init__(self, http: httpx.AsyncClient, known: dict[str, Issued]) -> None:
        self.http, self.known = http, known

    async def get(self, path: str, **query: Any) -> Any:  # noqa: ANN401
        answer = await self.http.get(path, params=query, headers=OFFICIAL)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def listed(self, **query: Any) -> list[str]:  # noqa: ANN401
        names = {one.id: name for name, one in self.known.items()}
        return [names[row["order_id"]] for row in (await self.get("/v1/orders", **query))["items"]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def told(station: Station) -> AsyncIterator[Told]:
    known = orders()
    await station.publish(people_at_work(6))
    await station.publish([event for one in known.values() for event in one.events])
    async with station.running() as http:

        async def counted() -> bool:
            return (await http.get("/v1/overview")).headers["x-wangge-lag"] == "0"

        await eventually(counted, "everything is counted")
        yield Told(http, known)


async def test_orders_are_listed_by_state_unit_and_area_newest_first(told: Told) -> None:
    everything = await told.listed()
    assert set(everything) == set(told.known)
    assert everything[-1] == "done"
    assert set(await told.listed(state="open")) == {"open", "urgent", "overdue"}
    for state in ("overdue", "done", "withdrawn"):
        assert await told.listed(state=state) == [state]
    assert await told.listed(unit="nobody") == []
    assert len(await told.listed(unit=UNIT, area="990101")) == 5
    assert await told.listed(unit=UNIT, area="990101002") == []
    assert await told.listed(area="9902") == []
    pages, cursor = [], None
    while True:
        page = await told.get("/v1/orders", limit=2, **({"cursor": cursor} if cursor else {}))
        pages += [row["order_id"] for row in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert pages == [told.known[name].id for name in everything]


async def test_a_row_counts_its_units_and_names_the_overdue(told: Told) -> None:
    (row,) = (await told.get("/v1/orders", state="overdue"))["items"]
    assert (row["addressed"], row["read"], row["done"], row["done_late"]) == (3, 2, 1, 1)
    assert (row["overdue"], row["overdue_units"]) == (2, [CENTRE, UNIT])
    whole = await told.get(f"/v1/orders/{row['order_no'].lower()}")
    assert (whole["order_id"], len(whole["units"])) == (row["order_id"], 3)
    missing = await told.http.get(f"/v1/orders/{uuid.uuid4()}", headers=OFFICIAL)
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


async def test_the_public_is_told_nothing_of_orders(told: Told) -> None:
    for path in ("/v1/orders", "/v1/orders/figures", f"/v1/orders/{told.known['open'].id}"):
        answer = await told.http.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "role_not_allowed")


async def test_a_member_is_told_of_the_orders_of_its_unit_and_of_no_other_units_words(
    told: Told,
) -> None:
    member = who(Role.UNIT_MEMBER, unit=TEAM)
    rows = (await told.http.get("/v1/orders", headers=member)).json()["items"]
    assert len(rows) == 5
    assert all(row["read"] <= 1 and set(row["overdue_units"]) <= {TEAM} for row in rows)
    one = f"/v1/orders/{told.known['open'].id}"
    whole = (await told.http.get(one, headers=member)).json()
    assert ([unit["unit"] for unit in whole["units"]], whole["addressed"]) == ([TEAM], 3)
    pages, cursor = [], None
    while True:
        query = {"limit": "3", **({"cursor": cursor} if cursor else {})}
        page = (await told.http.get("/v1/orders", headers=member, params=query)).json()
        pages += [row["order_id"] for row in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert pages == [row["order_id"] for row in rows]
    for caller in (
        who(Role.UNIT_MEMBER, unit="another"),
        who(Role.INSPECTOR),
        who(Role.LEADER, area="990102"),
    ):
        assert (await told.http.get("/v1/orders", headers=caller)).json()["items"] == []
        assert (await told.http.get(one, headers=caller)).status_code == 404
    above = await told.http.get("/v1/orders", headers=who(Role.LEADER, area="9901"))
    assert len(above.json()["items"]) == 5


async def test_an_inbox_has_what_its_unit_has_to_do_most_urgent_first(told: Told) -> None:
    inbox = await told.get(f"/v1/units/{UNIT}/tasks")
    assert (inbox["items"], inbox["count"], inbox["orders_count"]) == ([], 0, 3)
    found = [(row["order_id"], row["overdue"], row["actions"]) for row in inbox["orders"]]
    assert found == [
        (told.known["overdue"].id, True, ["done"]),
        (told.known["urgent"].id, False, ["read", "done"]),
        (told.known["open"].id, False, ["done"]),
    ]
    centre = await told.get(f"/v1/units/{CENTRE}/tasks", limit=1)
    assert (len(centre["orders"]), centre["orders_count"]) == (1, 2)
    assert "orders" not in await told.get("/v1/desk")
    path = f"/v1/units/{UNIT}/tasks"
    for caller, count in (
        (who(Role.UNIT_MEMBER, UNIT), 3),
        (who(Role.LEADER, area="990101"), 3),
        (who(Role.LEADER, area="990102"), 0),
    ):
        seen = (await told.http.get(path, headers=caller)).json()
        assert (len(seen["orders"]), seen["orders_count"]) == (count, count)


async def test_figures_count_the_units_that_were_asked_for(told: Told) -> None:
    found = await told.get("/v1/orders/figures")
    del found["freshness"]
    assert found == {
        "issued": 5, "withdrawn": 1, "addressed": 12, "read": 7, "done_in_time": 4,
        "done_late": 1, "overdue": 2,
    }  # fmt: skip
    team = await told.get("/v1/orders/figures", unit=TEAM)
    assert (team["issued"], team["addressed"], team["done_late"], team["overdue"]) == (5, 4, 1, 0)
    town = await told.get("/v1/orders/figures", area="990101002")
    assert (town["addressed"], town["read"]) == (8, 4)
    nothing = await told.get("/v1/orders/figures", area="9902")
    assert nothing["issued"] == nothing["addressed"] == 0


async def test_orders_are_in_no_list_and_no_figure_of_cases(told: Told) -> None:
    assert len((await told.get("/v1/cases"))["items"]) == 6
    assert (await told.get("/v1/overview"))["reported"] == 6
    answer = await told.http.get(f"/v1/cases/{told.known['open'].id}", headers=OFFICIAL)
    assert answer.status_code == 404


async def test_a_rebuild_gives_the_same_orders_and_sees_one_that_is_not(
    station: Station, told: Told
) -> None:
    report = await station.recount()
    assert report.same
    assert report.compared.counts["orders"] == {"same": 5}
    assert report.compared.counts["timelines"] == {"same": 6}
    one = told.known["open"].id
    await station.database["orders"].update_one({"_id": one}, {"$set": {"state.said": []}})
    damaged = await station.recount()
    assert [(each.collection, each.id) for each in damaged.compared.differences] == [
        ("orders", one)
    ]
