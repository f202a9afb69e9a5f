"""Supervision is heard (督办), and orders without a case (指令)."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from shared.contracts.base import instant_text
from shared.platform.security import Role
from tests.e2e.city import City
from tests.e2e.stories.ground import ADDRESSED, COUNTY, QUIET, TOWN
from tests.e2e.story import begun


def what_is_supervised_is_first_in_the_inbox_until_it_is_released(city: City) -> None:
    first, second = begun(city, area=TOWN), begun(city, area=TOWN)
    inbox = f"/v1/units/{QUIET}/tasks"
    for one in (first, second):
        one.role(Role.DUTY_HEAD, "reassign", unit=QUIET)
        one.with_unit(QUIET)
    order = [first.incident, second.incident]
    first.until(lambda: city.inbox(inbox) == order, "what is due first is first")
    supervisor = city.as_(Role.SUPERVISOR, area=COUNTY)
    second.by(supervisor, "supervise", level="yellow_card")
    assert second.wait(priority=2, supervision="yellow_card")["watchers"] == [COUNTY]
    assert city.inbox(inbox) == order[::-1]
    assert city.unacknowledged(QUIET) == {second.incident}
    assert second.refused(Role.SUPERVISOR, "supervise", level="ordinary") == "supervised_already"
    second.member("acknowledge")
    second.until(lambda: not city.unacknowledged(QUIET), "it is acknowledged")
    near = city.as_(Role.SUPERVISOR, area=TOWN)
    assert second.refused_to(near, "release") == "level_too_low"
    second.by(supervisor, "release")
    assert second.wait(priority=0, supervision=None)["watchers"] == [COUNTY]
    assert city.inbox(inbox) == order
    for one in (first, second):
        one.member("accept")
        one.to_its_end()


def ordered(city: City, who: dict[str, str], path: str, **body: Any) -> httpx.Response:  # noqa: ANN401
    """Issue an order, or say something of one."""
    return city.stack.http.post(
        city.stack.url("intake", f"/v1/orders{path}"),
        json=body,
        headers={**who, "Idempotency-Key": str(uuid.uuid4())},
    )


def an_order_without_a_case_is_read_and_done_in_time_and_too_late(city: City) -> None:
    leader, slow = city.as_(Role.LEADER), city.as_(Role.UNIT_MEMBER, ADDRESSED)
    prompt, stranger = (city.as_(Role.UNIT_MEMBER, one) for one in ("water-9901", "justice-9901"))
    deadline = instant_text(datetime.now(UTC) + timedelta(seconds=5))
    what: dict[str, Any] = {
        "title": "look after the covers", "deadline": deadline, "units": ["water-9901", ADDRESSED],
    }  # fmt: skip
    refused = ordered(city, slow, "", **what)
    assert (refused.status_code, refused.json()["code"]) == (403, "role_not_allowed")
    issued = ordered(city, leader, "", **what)
    assert issued.status_code == 201, issued.text
    order = issued.json()["order_id"]
    assert ordered(city, prompt, f"/{order}/receipts", receipt="read").status_code == 200
    assert ordered(city, prompt, f"/{order}/receipts", receipt="done").status_code == 200
    refused = ordered(city, stranger, f"/{order}/receipts", receipt="read")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_addressed")

    def shows(**wanted: Any) -> None:  # noqa: ANN401
        def there() -> bool:
            found = city.asks(f"/v1/orders/{order}")
            return all(found.get(name) == one for name, one in wanted.items())

        city.stack.wait_for(there, 20, f"the order shows {wanted}")

    shows(addressed=2, read=1, done=1, overdue=1, overdue_units=[ADDRESSED], state="overdue")
    waiting = city.asks(f"/v1/units/{ADDRESSED}/tasks")["orders"]
    assert [(one["order_id"], one["overdue"]) for one in waiting] == [(order, True)]
    assert ordered(city, slow, f"/{order}/receipts", receipt="done").status_code == 200
    shows(read=2, done=2, done_late=1, overdue=0, state="done")
    figures = city.asks("/v1/orders/figures", unit=ADDRESSED)
    counted = {
        name: figures[name] for name in ("addressed", "done_in_time", "done_late", "overdue")
    }
    assert counted == {"addressed": 1, "done_in_time": 0, "done_late": 1, "overdue": 0}
    assert city.asks(f"/v1/units/{ADDRESSED}/tasks")["orders"] == []
    refused = ordered(city, leader, f"/{order}/withdrawal", reason="not needed")
    assert (refused.status_code, refused.json()["code"]) == (409, "order_done")


STORIES = (
    what_is_supervised_is_first_in_the_inbox_until_it_is_released,
    an_order_without_a_case_is_read_and_done_in_time_and_too_late,
)
