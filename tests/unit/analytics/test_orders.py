"""Orders as analytics folds, lists and tells them."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from bson import decode, encode
from bson.codec_options import CodecOptions

from services.analytics.domain import order_telling
from services.analytics.domain.filters import OrderPage, OrderScope
from services.analytics.domain.folding import evolve as timeline_after
from services.analytics.domain.order import Order
from services.analytics.domain.ordering import Ordering
from services.analytics.domain.timeline import Timeline
from services.analytics.order_queries import listing, scoped, seen_by
from shared.contracts.envelope import Event
from shared.contracts.golden import incidents
from shared.contracts.golden import orders as golden
from shared.contracts.golden.orders import ORDER
from shared.contracts.orders_v1 import OrderDone, OrderWithdrawn
from shared.platform.security import Principal, Role

RULES = Ordering()
ISSUED, READ, DONE, GONE = (one.event for one in golden.examples() if one.name == "full")
UNIT, TEAM, CENTRE = "urban-management-990101", "team-990101002003", "centre-990101002"
ALL = frozenset({UNIT, TEAM, CENTRE})
EVERYWHERE = Principal("l", frozenset({Role.LEADER}))
DEADLINE = golden.ISSUED.deadline
BEFORE, AFTER = DEADLINE - timedelta(minutes=1), DEADLINE + timedelta(minutes=1)


def fold(*events: Event[Any]) -> Order:
    state: Order | None = None
    for event in events:
        state = RULES.evolve(state, event)
    assert state is not None
    return state


def done_late(unit: str = UNIT) -> Event[Any]:
    data = OrderDone(order_id=ORDER, at=AFTER, actor=golden.LEADER, unit=unit)
    return Event(**{**_fields(DONE), "id": f"late-{unit}", "data": data})


def _fields(event: Event[Any]) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__dataclass_fields__}


def test_whatever_arrives_late_an_order_is_folded_to_the_same() -> None:
    whole = fold(ISSUED, READ, DONE, GONE)
    for events in permutations((ISSUED, READ, DONE, GONE)):
        assert fold(*events) == whole


def test_it_is_stored_and_read_as_it_was() -> None:
    codecs: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)
    for count in range(1, 5):
        found = fold(*(ISSUED, READ, DONE, GONE)[:count])
        raw = decode(encode(RULES.dump(found)), codec_options=codecs)
        assert RULES.load(raw) == found
        assert RULES.dump(RULES.load(raw)) == RULES.dump(found)


def test_nobodys_id_is_kept() -> None:
    text = str(RULES.dump(fold(ISSUED, READ, DONE, GONE)))
    assert golden.LEADER.subject not in text
    assert "m-20b7" not in text


def test_columns_say_who_has_still_to_do_it_and_how_each_counts() -> None:
    found = RULES.columns(fold(ISSUED))
    assert (found["standing"], found["waiting"]) == ("open", [CENTRE, TEAM, UNIT])
    assert (found["day"], found["order_no"]) == ("2026-03-02", golden.ORDER_NO)
    after = RULES.columns(fold(ISSUED, READ, DONE, done_late(TEAM)))
    assert after["waiting"] == [CENTRE]
    assert [(one["read"], one["done_in_time"], one["done_late"]) for one in after["shares"]] == [
        (False, False, False),
        (True, False, True),
        (True, True, False),
    ]
    gone = RULES.columns(fold(ISSUED, READ, GONE))
    assert (gone["standing"], gone["waiting"]) == ("withdrawn", [])
    all_done = RULES.columns(fold(ISSUED, DONE, done_late(TEAM), done_late(CENTRE)))
    assert (all_done["standing"], all_done["waiting"]) == ("done", [])
    echo = RULES.columns(fold(READ))
    assert echo.keys() == found.keys()
    assert (echo["issued_at"], echo["standing"], echo["shares"]) == (None, None, [])


def test_a_row_tells_how_many_units_are_how_far_and_which_are_overdue() -> None:
    found = fold(ISSUED, READ, done_late(TEAM))
    row = order_telling.row(ORDER, found, BEFORE, ALL)
    assert (row["state"], row["addressed"], row["read"], row["done"]) == ("open", 3, 2, 1)
    assert (row["overdue"], row["overdue_units"]) == (0, [])
    later = order_telling.row(ORDER, found, AFTER, ALL)
    assert (later["state"], later["done_late"]) == ("overdue", 1)
    assert (later["overdue"], later["overdue_units"]) == (2, [CENTRE, UNIT])
    gone = order_telling.row(ORDER, fold(ISSUED, GONE), AFTER, ALL)
    assert (gone["state"], gone["overdue"]) == ("withdrawn", 0)
    whole = order_telling.whole(ORDER, found, AFTER, ALL)
    assert [one["unit"] for one in whole["units"] if one["read_at"]] == [TEAM, UNIT]


def test_a_task_tells_its_unit_what_it_can_say() -> None:
    first = order_telling.task(ORDER, fold(ISSUED), UNIT, BEFORE)
    assert (first["actions"], first["overdue"]) == (["read", "done"], False)
    then = order_telling.task(ORDER, fold(ISSUED, READ), UNIT, AFTER)
    assert (then["actions"], then["overdue"]) == (["done"], True)


def test_orders_are_no_timelines_and_incidents_no_orders() -> None:
    assert timeline_after(None, ISSUED) == Timeline()
    for example in incidents.examples():
        assert RULES.evolve(None, example.event) is None
    assert isinstance(GONE.data, OrderWithdrawn)


@pytest.mark.parametrize("state", ["open", "done", "withdrawn"])
def test_a_list_asks_by_unit_area_period_and_state(state: str) -> None:
    asked = OrderPage.model_validate(
        {"unit": UNIT, "area": "9901", "from": "2026-03-01", "state": state}
    )
    query = listing(asked, AFTER, EVERYWHERE)
    assert query["standing"] == state
    share = {"unit": UNIT, "area": {"$gte": "9901", "$lt": "9901:"}}
    assert query["shares"] == {"$elemMatch": share}
    assert query["day"]["$gte"] == "2026-03-01"
    assert "shares" not in scoped(OrderScope())


def test_overdue_is_open_with_a_deadline_that_has_passed() -> None:
    query = listing(OrderPage(state="overdue"), AFTER, EVERYWHERE)
    assert (query["standing"], query["deadline"]["$lt"]) == ("open", AFTER)


def caller(role: Role, unit: str | None = None, area: str | None = None) -> Principal:
    return Principal("c", frozenset({role}), unit=unit, area=area)


@pytest.mark.parametrize(
    ("who", "units"),
    [
        (caller(Role.UNIT_MEMBER, UNIT), {UNIT}),
        (caller(Role.DEPARTMENT_SYSTEM, TEAM), {TEAM}),
        (caller(Role.UNIT_MEMBER, "another"), set()),
        (caller(Role.UNIT_MEMBER), set()),
        (caller(Role.INSPECTOR, UNIT), set()),
        (caller(Role.DISPATCHER), ALL),
        (caller(Role.LEADER, area=golden.LEADER.area), ALL),
        (caller(Role.SUPERVISOR, area="9901"), ALL),
        (caller(Role.LEADER, area="990102"), set()),
        (caller(Role.LEADER, area="990101002"), set()),
    ],
)  # fmt: skip
def test_an_order_is_told_to_those_above_and_to_its_units_of_themselves(
    who: Principal, units: set[str]
) -> None:
    order = fold(ISSUED, READ, DONE)
    seen = order_telling.seen_by(order, who)
    assert seen == units
    told = order_telling.whole(ORDER, order, BEFORE, seen)
    assert {one["unit"] for one in told["units"]} == units
    assert (told["addressed"], told["done"]) == (3, int(UNIT in units))


def test_what_is_listed_is_asked_for_by_area_or_by_unit() -> None:
    assert seen_by(EVERYWHERE) == {}
    assert seen_by(caller(Role.LEADER, area="9901")) == {
        "$or": [{"state.issued.area": {"$gte": "9901", "$lt": "9901:"}}]
    }
    member = seen_by(caller(Role.UNIT_MEMBER, UNIT))
    assert [set(one) for one in member["$or"]] == [{"shares.unit"}]
    assert seen_by(caller(Role.INSPECTOR, UNIT)) == {"_id": {"$in": []}}
