"""Orders over HTTP: durable when answered, each receipt once, and no case comes of them."""

import asyncio
import json
import os
import sys
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from shared.contracts.envelope import Event, encode
from shared.contracts.orders_v1 import OrderDone, OrderIssued, OrderRead, OrderWithdrawn
from shared.contracts.topics import INCIDENTS
from shared.ledger.document import Entry
from shared.platform import ids
from shared.platform.clock import system_clock
from shared.platform.security import Principal, Role
from tests.integration.intake.client import SECRET, Intake, bearer, eventually
from tests.integration.intake.test_registry import load
from tests.unit.intake.entries import unit

AREA = "880101"
LEADER = Principal("order-leader", frozenset({Role.LEADER}), unit="centre", area=AREA)
BELOW = Principal("order-below", frozenset({Role.LEADER}), area=f"{AREA}001")
CITY = Principal("order-chief", frozenset({Role.SUPERVISOR}), area="8801")
UNITS = {"o-1": AREA, "o-2": f"{AREA}001", "o-3": f"{AREA}001002", "o-9": "880102"}


def member(code: str) -> Principal:
    return Principal(f"m-{code}", frozenset({Role.UNIT_MEMBER}), unit=code)


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def units(intake: Intake) -> None:
    answer = await load(intake, *(unit(code, area) for code, area in UNITS.items()))
    assert answer.status_code == 200, answer.text


def body(**fields: object) -> dict[str, Any]:
    deadline = (system_clock() + timedelta(hours=1)).isoformat()
    return {"title": "排查窨井盖", "text": "全部", "deadline": deadline, "units": ["o-1"], **fields}


async def issue(
    intake: Intake, who: Principal | None = LEADER, key: str | None = None, **fields: object
) -> httpx.Response:
    headers = {"Idempotency-Key": key or str(uuid.uuid4()), **(bearer(who) if who else {})}
    return await intake.http.post("/v1/orders", json=body(**fields), headers=headers)


async def say(intake: Intake, order: str, code: str, word: str, **more: str) -> httpx.Response:
    said = {"receipt": word, **more}
    url = f"/v1/orders/{order}/receipts"
    return await intake.http.post(url, json=said, headers=bearer(member(code)))


async def withdraw(intake: Intake, order: str, who: Principal = LEADER) -> httpx.Response:
    url = f"/v1/orders/{order}/withdrawal"
    return await intake.http.post(url, json={"reason": "预警解除"}, headers=bearer(who))


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


async def told_of(intake: Intake, order: str, count: int) -> list[Event[Any]]:
    """The events of an order, each once: the same record twice is legal, two contents are not."""
    found: dict[str, Event[Any]] = {}
    for one in await intake.wait_published(INCIDENTS, order, count):
        assert found.setdefault(one.id, one).data == one.data
    return list(found.values())


async def emptied(intake: Intake, order: str) -> dict[str, Any]:
    """The document of an order, once all that it holds is published."""

    async def there() -> dict[str, Any] | None:
        found = await intake.database["orders"].find_one({"_id": order})
        return found if found is not None and not found["outbox"] else None

    return await eventually(there, f"the outbox of {order} is empty")


async def test_an_order_is_stored_published_acknowledged_and_told(intake: Intake) -> None:
    key = str(uuid.uuid4())
    answer = await issue(intake, key=key, units=["o-1"], areas=[f"{AREA}001"])
    assert answer.status_code == 201, answer.text
    told = answer.json()
    order = told["order_id"]
    assert order == ids.order_id(LEADER.subject, key)
    assert answer.headers["location"] == f"/v1/orders/{order}"
    assert [one["unit"] for one in told["units"]] == ["o-1", "o-2", "o-3"]
    assert (told["state"], told["addressed"]) == ("open", 3)
    (issued,) = await told_of(intake, order, 1)
    assert isinstance(issued.data, OrderIssued)
    assert issued.data.zone == "Asia/Shanghai"
    assert issued.registry_version >= 0

    read = await say(intake, order, "o-2", "read")
    done = await say(intake, order, "o-2", "done", said="查完")
    assert (read.status_code, done.status_code) == (200, 200)
    (mine,) = done.json()["units"]
    assert (mine["unit"], mine["state"], mine["said"]) == ("o-2", "done", "查完")
    for word in ("read", "done"):
        again = await say(intake, order, "o-2", word, said="otherwise")
        assert (again.status_code, again.json()) == (200, done.json())
    events = await told_of(intake, order, 3)
    assert [type(one.data) for one in events] == [OrderIssued, OrderRead, OrderDone]
    assert [one.sequence for one in events] == [1, 2, 3]
    for name in (order, told["order_no"], told["order_no"].lower().replace("-", " ")):
        found = await intake.http.get(f"/v1/orders/{name}", headers=bearer(CITY))
        assert [one["state"] for one in found.json()["units"]] == ["unread", "done", "unread"]
    assert await intake.database["receipts"].find_one({"_id": order}) is None
    assert len((await emptied(intake, order))["seen"]) == 3


async def test_the_same_key_is_the_same_order_also_when_two_race(intake: Intake) -> None:
    key, same = str(uuid.uuid4()), body(units=["o-1", "o-2"])
    racing = await asyncio.gather(*(issue(intake, key=key, **same) for _ in range(5)))
    later = await issue(intake, key=key, **{**same, "units": ["o-2", "o-1", "o-2"]})
    for answer in (*racing, later):
        assert answer.status_code == 201, answer.text
        assert answer.json() == racing[0].json()
    assert len(await told_of(intake, later.json()["order_id"], 1)) == 1
    other = await issue(intake, key=key, **{**same, "title": "other"})
    assert problem(other) == (409, "idempotency_conflict")


async def test_what_may_not_be_ordered_is_refused_with_a_code(intake: Intake) -> None:
    past = (system_clock() - timedelta(seconds=1)).isoformat()
    far = (system_clock() + timedelta(days=400)).isoformat()
    assert problem(await issue(intake, None)) == (401, "credentials_required")
    assert problem(await issue(intake, member("o-1"))) == (403, "role_not_allowed")
    assert problem(await issue(intake, units=["o-1", "none"])) == (422, "unknown_unit")
    assert problem(await issue(intake, units=["o-9"])) == (403, "not_your_area")
    assert problem(await issue(intake, areas=["8801"])) == (403, "not_your_area")
    assert problem(await issue(intake, units=[], areas=[])) == (422, "no_addressee")
    assert problem(await issue(intake, areas=[f"{AREA}009"])) == (422, "no_addressee")
    assert problem(await issue(intake, deadline=past)) == (422, "deadline_passed")
    assert problem(await issue(intake, deadline=far)) == (422, "deadline_too_far")
    assert problem(await issue(intake, deadline="tomorrow")) == (422, "invalid")
    assert problem(await issue(intake, surprise=1)) == (422, "invalid")
    nokey = await intake.http.post("/v1/orders", json=body(), headers=bearer(LEADER))
    assert problem(nokey) == (400, "idempotency_key_missing")


async def test_receipts_are_of_addressed_units_and_end_with_the_withdrawal(intake: Intake) -> None:
    order = (await issue(intake, units=["o-1", "o-2"])).json()["order_id"]
    assert problem(await say(intake, order, "o-3", "read")) == (403, "not_addressed")
    assert problem(await say(intake, str(uuid.uuid4()), "o-1", "read")) == (404, "not_found")
    for stranger in (member("o-3"), BELOW):
        shown = await intake.http.get(f"/v1/orders/{order}", headers=bearer(stranger))
        assert problem(shown) == (404, "not_found")
    assert (await say(intake, order, "o-1", "read")).status_code == 200
    assert problem(await withdraw(intake, order, BELOW)) == (403, "not_your_order")
    assert problem(await withdraw(intake, order, member("o-1"))) == (403, "role_not_allowed")
    gone = await withdraw(intake, order, CITY)
    again = await withdraw(intake, order)
    assert (gone.status_code, again.status_code) == (200, 200)
    assert (gone.json()["state"], gone.json()["withdrawn_because"]) == ("withdrawn", "预警解除")
    assert again.json() == gone.json()
    assert (await say(intake, order, "o-1", "read")).status_code == 200
    assert problem(await say(intake, order, "o-1", "done")) == (409, "order_withdrawn")
    events = await told_of(intake, order, 3)
    assert [type(one.data) for one in events] == [OrderIssued, OrderRead, OrderWithdrawn]


async def test_a_receipt_that_races_with_others_counts_once(intake: Intake) -> None:
    order = (await issue(intake)).json()["order_id"]
    words = ["read", "done"] * 5
    answers = await asyncio.gather(*(say(intake, order, "o-1", word) for word in words))
    assert {one.status_code for one in answers} == {200}
    found = (await intake.http.get(f"/v1/orders/{order}", headers=bearer(LEADER))).json()
    assert found["state"] == "done"
    assert problem(await withdraw(intake, order)) == (409, "order_done")
    events = await told_of(intake, order, 2)
    kinds = [type(one.data) for one in events]
    assert kinds in ([OrderIssued, OrderRead, OrderDone], [OrderIssued, OrderDone])


async def test_what_was_left_in_an_outbox_is_published_after_all(intake: Intake) -> None:
    order = (await issue(intake)).json()["order_id"]
    stored = await emptied(intake, order)
    event = (await intake.published(INCIDENTS, order))[0]
    headers, value = encode(event)
    entry = Entry(
        id=event.id,
        topic=INCIDENTS.name,
        key=order,
        partition=stored["partition"],
        headers=headers,
        value=value,
        at=system_clock() - timedelta(minutes=1),
    )
    before = len(await intake.published(INCIDENTS, order))
    left = {"$push": {"outbox": entry.to_raw()}}
    await intake.database["orders"].update_one({"_id": order}, left)
    await emptied(intake, order)
    again = await intake.published(INCIDENTS, order)
    assert ([one.id for one in again], len(again)) == ([event.id] * len(again), before + 1)


async def test_orders_are_described(intake: Intake) -> None:
    found = (await intake.http.get("/openapi.json")).json()
    assert {path for path in found["paths"] if path.startswith("/v1/orders")} == {
        "/v1/orders",
        "/v1/orders/{name}",
        "/v1/orders/{name}/receipts",
        "/v1/orders/{name}/withdrawal",
    }
    for model in ("OrderBody", "ReceiptBody", "WithdrawalBody"):
        assert found["components"]["schemas"][model]["examples"]


async def test_the_command_issues_acknowledges_shows_and_withdraws(
    intake: Intake, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_bytes(SECRET)

    async def order(*arguments: str) -> tuple[int, str, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "deploy.cli", "order", *arguments,
            "--intake", f"http://{intake.process.address}",
            env={**os.environ, "WANGGE_HOME": str(tmp_path)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        return process.returncode or 0, out.decode(), err.decode()

    wish = ("issue", "--to", f"{AREA}001", "--to", "o-1", "--deadline", "+2h", "--title", "防汛")
    status, out, err = await order(*wish, "--area", AREA, "--json")
    assert status == 0, err
    told = json.loads(out)
    assert [one["unit"] for one in told["units"]] == ["o-1", "o-2", "o-3"]
    number = told["order_no"]
    status, out, err = await order("done", number, "--of", "o-2", "--said", "查完")
    assert (status, "查完" in out) == (0, True), err
    status, out, _ = await order("show", number)
    assert (status, "done 办结" in out, "unread 未阅" in out) == (0, True, True)
    status, _, err = await order("read", number, "--of", "o-9")
    assert (status, "not_addressed" in err) == (1, True)
    status, out, _ = await order("withdraw", number, "--reason", "预警解除")
    assert (status, "withdrawn 已撤回" in out) == (0, True)
    status, _, err = await order("read", number, "--of", "o-3")
    assert (status, "order_withdrawn" in err) == (1, True)
    status, _, err = await order(*wish[:6], "tomorrow", *wish[7:])
    assert (status, "no deadline" in err) == (1, True)
