"""The rules of orders (指令): issue, acknowledge, withdraw; pure, and immediate.

Intake owns an order's document, so an answer is the decision itself: nothing is decided elsewhere.
What is refused makes no event, and the same question to ``receiving`` or ``withdrawing`` says why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.intake.domain.addressing import addressees, has_role
from services.intake.domain.admission import Objection
from services.intake.domain.commands import GiveReceipt, IssueOrder, WithdrawOrder
from services.intake.domain.order import Order, UnitReceipt
from shared.contracts.base import Actor, EventData
from shared.contracts.envelope import Event
from shared.contracts.order_sight import covers, units_seen
from shared.contracts.orders_v1 import OrderDone, OrderIssued, OrderRead, OrderWithdrawn
from shared.contracts.roles import HANDLERS as MEMBERS
from shared.contracts.roles import Role
from shared.ledger.decider import Context, Draft
from shared.platform.ids import order_no

SUPERIORS = frozenset({Role.SUPERVISOR, Role.LEADER})
"""Who withdraws orders of others of the same or a lower area."""


def known(order: Order, given: GiveReceipt) -> bool:
    """Whether the unit has said so before: the same again changes nothing."""
    mine = order.by_unit.get(given.actor.unit or "")
    return mine is not None and (given.body.receipt == "read" or mine.done_at is not None)


def receiving(order: Order, given: GiveReceipt) -> Objection | None:
    """What stands against a receipt; None also where the unit has said so before.

    Objections: ``role_not_allowed``, ``not_addressed``, ``order_withdrawn``.
    """
    if not has_role(given.actor, MEMBERS):
        detail = f"receipts are given by {', '.join(sorted(MEMBERS))} of an addressed unit"
        return Objection(403, "role_not_allowed", detail)
    if given.actor.unit not in order.units:
        return Objection(403, "not_addressed", "the order is not addressed to your unit")
    if order.withdrawn is not None and not known(order, given):
        return Objection(409, "order_withdrawn", "the order has been withdrawn: nothing is to do")
    return None


def withdrawing(order: Order, wish: WithdrawOrder) -> Objection | None:
    """What stands against a withdrawal; None also where the order is withdrawn already.

    Objections: ``role_not_allowed``, ``not_your_order``, ``order_done``.
    """
    actor, issuer = wish.actor, order.issued.actor
    if actor.subject != issuer.subject:
        if not has_role(actor, SUPERIORS):
            detail = "an order is withdrawn by its issuer, or by a supervisor or leader above"
            return Objection(403, "role_not_allowed", detail)
        if not covers(actor.area, issuer.area):
            detail = f"the order was issued for {issuer.area or 'everywhere'}, above your area"
            return Objection(403, "not_your_order", detail)
    if order.done and order.withdrawn is None:
        return Objection(409, "order_done", "every unit has done it: there is nothing to withdraw")
    return None


def sees(order: Order, actor: Actor) -> frozenset[str]:
    """Of which addressed units an actor is told; none: there is no such order for it.

    The issuer and whoever may issue orders for the same or a higher area are told of all; a
    member of an addressed unit of its own.
    """
    issuer = order.issued.actor
    if actor.subject == issuer.subject:
        return order.units
    return units_seen(actor, issuer.area, order.units)


@dataclass(slots=True)
class Ordering:
    """The decider of orders; ``zone`` is the IANA zone where no policy names one."""

    zone: str
    fold_version: int = 1

    def evolve(self, state: Order | None, event: Event[Any]) -> Order | None:
        """The order after the event; commands change nothing by themselves."""
        data = event.data
        if isinstance(data, OrderIssued):
            return Order(issued=data)
        if state is None:
            return None
        if isinstance(data, OrderRead | OrderDone):
            return state.model_copy(update={"receipts": _with(state, data)})
        if isinstance(data, OrderWithdrawn):
            return state.model_copy(update={"withdrawn": data})
        return state

    def decide(self, state: Order | None, event: Event[Any], context: Context) -> Sequence[Draft]:
        """What is asked for, where nothing stands against it and it is not so already."""
        data = event.data
        follows: EventData | None = None
        if isinstance(data, IssueOrder) and state is None:
            follows = self._issued(data, context)
        elif isinstance(data, GiveReceipt) and state is not None:
            follows = _receipt(state, data)
        elif isinstance(data, WithdrawOrder) and state is not None:
            follows = _withdrawal(state, data)
        return () if follows is None else (Draft(follows, event.time),)

    def _issued(self, order: IssueOrder, context: Context) -> OrderIssued | None:
        units = addressees(order, context.registry)
        if isinstance(units, Objection):
            return None
        policy = context.registry.policy(order.actor.area, order.at)
        body = order.body
        return OrderIssued.model_construct(
            order_id=order.order_id,
            order_no=order_no(order.order_id),
            at=order.at,
            actor=order.actor,
            zone=policy.zone if policy is not None else self.zone,
            title=body.title,
            text=body.text,
            deadline=body.deadline,
            to_units=body.units,
            to_areas=body.areas,
            units=units,
        )

    def dump(self, state: Order) -> dict[str, Any]:
        """The order as stored."""
        return state.model_dump(exclude_none=True)

    def load(self, raw: Mapping[str, Any]) -> Order:
        """The order as read."""
        return Order.model_validate(raw)

    def columns(self, state: Order) -> dict[str, Any]:
        """By what else an order is found."""
        return {"order_no": state.issued.order_no}


def _with(order: Order, data: OrderRead | OrderDone) -> tuple[UnitReceipt, ...]:
    """The receipts with what a unit says; a word given twice stays as it was first."""
    by_unit = dict(order.by_unit)
    mine = by_unit.get(data.unit) or UnitReceipt(unit=data.unit, read_at=data.at)
    if isinstance(data, OrderDone) and mine.done_at is None:
        mine = mine.model_copy(update={"done_at": data.at, "said": data.said})
    by_unit[data.unit] = mine
    return tuple(by_unit.values())


def _receipt(order: Order, given: GiveReceipt) -> OrderRead | OrderDone | None:
    unit = given.actor.unit
    if unit is None or receiving(order, given) is not None or known(order, given):
        return None
    who: dict[str, Any] = {
        "order_id": order.issued.order_id,
        "at": given.at,
        "actor": given.actor,
        "unit": unit,
    }
    if given.body.receipt == "read":
        return OrderRead.model_construct(**who)
    return OrderDone.model_construct(**who, said=given.body.said)


def _withdrawal(order: Order, wish: WithdrawOrder) -> OrderWithdrawn | None:
    if order.withdrawn is not None or withdrawing(order, wish) is not None:
        return None
    return OrderWithdrawn.model_construct(
        order_id=order.issued.order_id, at=wish.at, actor=wish.actor, reason=wish.body.reason
    )
