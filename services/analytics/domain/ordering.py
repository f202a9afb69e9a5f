"""The decider of orders in analytics: it folds what intake publishes, and decides nothing."""

from collections.abc import Mapping
from typing import Any

from services.analytics.domain.days import local_day
from services.analytics.domain.order import Addressed, Issued, Order, Said, Withdrawn
from shared.contracts.envelope import Event
from shared.contracts.orders_v1 import OrderDone, OrderIssued, OrderRead, OrderWithdrawn
from shared.ledger.decider import Context, Draft


class Ordering:
    """The rules of one order."""

    fold_version = 1

    def evolve(self, state: Order | None, event: Event[Any]) -> Order | None:
        """The order after the event; what is no event of an order changes nothing."""
        before, data = state or Order(), event.data
        if isinstance(data, OrderIssued):
            return before.model_copy(update={"issued": _issued(data)})
        if isinstance(data, OrderRead | OrderDone):
            return before.model_copy(update={"said": _said(before, data)})
        if isinstance(data, OrderWithdrawn):
            gone = Withdrawn(at=data.at, reason=data.reason)
            return before.model_copy(update={"withdrawn": gone})
        return state

    def decide(
        self,
        state: Order | None,  # noqa: ARG002 - the ledger asks every decider alike
        event: Event[Any],  # noqa: ARG002
        context: Context,  # noqa: ARG002
    ) -> list[Draft]:
        """Nothing follows: analytics publishes nothing."""
        return []

    def dump(self, state: Order) -> dict[str, Any]:
        """As stored."""
        return state.model_dump(exclude_none=True)

    def load(self, raw: Mapping[str, Any]) -> Order:
        """As read."""
        return Order.model_validate(raw)

    def columns(self, state: Order) -> dict[str, Any]:
        """What lists and figures look up by: every column, if only set to nothing.

        ``order_no``, ``issued_at``, ``day``, ``deadline``, ``standing``, ``waiting`` (units that
        have still to do it), and ``shares``: of each unit addressed its code, its area, and which
        of ``read``, ``done_in_time``, ``done_late`` it is counted as.
        """
        issued = state.issued
        if issued is None:  # only an echo of it has arrived: it is not listed yet
            names = ("order_no", "issued_at", "day", "deadline", "standing")
            return {**dict.fromkeys(names), "waiting": [], "shares": []}
        return {
            "order_no": issued.order_no,
            "issued_at": issued.at,
            "day": issued.day,
            "deadline": issued.deadline,
            "standing": state.standing,
            "waiting": list(state.waiting),
            "shares": [_share(one, state.by_unit.get(one.code), issued) for one in issued.units],
        }


def _issued(data: OrderIssued) -> Issued:
    """Who issued it is not kept, only in which roles, of which unit and for which area."""
    return Issued(
        order_no=data.order_no,
        title=data.title,
        text=data.text,
        day=local_day(data.at, data.zone),
        at=data.at,
        deadline=data.deadline,
        by_unit=data.actor.unit,
        area=data.actor.area,
        roles=data.actor.roles,
        to_areas=data.to_areas,
        units=tuple(Addressed(code=one.code, names=one.names, area=one.area) for one in data.units),
    )


def _said(before: Order, data: OrderRead | OrderDone) -> tuple[Said, ...]:
    """By unit; the earliest word counts, in whatever order the two arrive."""
    by_unit = dict(before.by_unit)
    mine = by_unit.get(data.unit) or Said(unit=data.unit, read_at=data.at)
    update: dict[str, Any] = {"read_at": min(mine.read_at, data.at)}
    if isinstance(data, OrderDone) and mine.done_at is None:
        update |= {"done_at": data.at, "said": data.said}
    by_unit[data.unit] = mine.model_copy(update=update)
    return tuple(by_unit[unit] for unit in sorted(by_unit))


def _share(unit: Addressed, said: Said | None, issued: Issued) -> dict[str, Any]:
    found: dict[str, Any] = {"unit": unit.code, "area": unit.area, "read": said is not None}
    done_at = said.done_at if said else None
    found["done_in_time"] = done_at is not None and done_at <= issued.deadline
    found["done_late"] = done_at is not None and done_at > issued.deadline
    return found
