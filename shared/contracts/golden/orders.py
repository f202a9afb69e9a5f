"""Golden examples of the orders in ``wangge.incidents.v1``."""

from typing import Any

from shared.contracts.base import Actor, EventData
from shared.contracts.golden import story
from shared.contracts.golden.story import FULL, MINIMAL, RECEIVED, Example, minutes
from shared.contracts.orders_v1 import OrderDone, OrderIssued, OrderRead, OrderWithdrawn
from shared.platform import ids

LEADER = Actor(subject="l-7f21", roles=("leader",), unit="centre-990101", area=story.COUNTY)
ORDER = ids.order_id(LEADER.subject, "0b8f7e0c-5f0e-4f3e-8f5b-3a1f7f0c9d52")
ORDER_NO = ids.order_no(ORDER)


def _issued(actor: Actor, **more: Any) -> OrderIssued:  # noqa: ANN401 - any field of an order
    return OrderIssued(
        order_id=ORDER,
        order_no=ORDER_NO,
        at=RECEIVED,
        actor=actor,
        zone=story.ZONE,
        title="汛期前排查窨井盖",
        deadline=minutes(480),
        **more,
    )


ISSUED = _issued(
    LEADER,
    text="今日 18 时前查完辖区全部窨井盖,发现缺失立即上报。",
    to_units=(story.UNIT.code,),
    to_areas=(story.TOWN,),
    units=(story.CENTRE, story.TEAM, story.UNIT),
)


def examples() -> list[Example]:
    """A full and a minimal one of each type."""
    nobody = Actor(subject=LEADER.subject)
    member = Actor(subject=story.MEMBER.subject)
    read: dict[str, Any] = {"order_id": ORDER, "at": minutes(12), "unit": story.UNIT.code}
    done: dict[str, Any] = {"order_id": ORDER, "at": minutes(300), "unit": story.UNIT.code}
    gone: dict[str, Any] = {"order_id": ORDER, "at": minutes(320), "reason": "预警解除"}
    said = "查完 214 处"
    told: tuple[tuple[str, EventData, float, int], ...] = (
        (FULL, ISSUED, 0, 1),
        (MINIMAL, _issued(nobody, units=(story.UNIT,)), 0, 1),
        (FULL, OrderRead(actor=story.MEMBER, **read), 12, 2),
        (MINIMAL, OrderRead(actor=member, **read), 12, 2),
        (FULL, OrderDone(actor=story.MEMBER, said=said, **done), 300, 3),
        (MINIMAL, OrderDone(actor=member, **done), 300, 3),
        (FULL, OrderWithdrawn(actor=LEADER, **gone), 320, 4),
        (MINIMAL, OrderWithdrawn(actor=nobody, **gone), 320, 4),
    )
    return [
        story.example(name, data, at=minutes(at), sequence=sequence, subject=ORDER)
        for name, data, at, sequence in told
    ]
