"""What is asked of the orders, as MongoDB takes it; pure."""

from datetime import datetime
from typing import Any

from services.analytics.domain.filters import OrderPage, OrderScope
from services.analytics.domain.paging import position
from services.analytics.queries import DATE, STRING, Query
from shared.contracts.order_sight import Caller, is_issuer, own_unit

Stage = dict[str, Any]


def scoped(scope: OrderScope) -> Query:
    """The query for a unit, an area and a period."""
    query: Query = {"issued_at": dict(DATE)}
    share: Query = {}
    if scope.unit is not None:
        share["unit"] = scope.unit
    if scope.area is not None:
        share["area"] = _within(scope.area)
    if share:
        query["shares"] = {"$elemMatch": share}
    if scope.first is not None or scope.last is not None:
        query["day"] = {**STRING, "$gte": scope.first or "", "$lte": scope.last or "~"}
    return query


def seen_by(caller: Caller) -> Query:
    """The query for what a caller is told of, as `units_seen` has it."""
    told: list[Query] = []
    if is_issuer(caller):
        if caller.area is None:
            return {}
        told.append({"state.issued.area": _within(caller.area)})
    if (unit := own_unit(caller)) is not None:
        told.append({"shares.unit": {**STRING, "$eq": unit}})
    return {"$or": told} if told else {"_id": {"$in": []}}


def _within(area: str) -> Query:
    # Codes are digits, and ":" follows "9".
    return {"$gte": area, "$lt": f"{area}:"}


def listing(asked: OrderPage, now: datetime, caller: Caller) -> Query:
    """The query of a list, after its cursor if there is one; raises BadCursorError."""
    query = scoped(asked) | {"$and": [seen_by(caller)]}
    if asked.state == "overdue":
        query |= {"standing": "open", "deadline": {**DATE, "$lt": now}}
    elif asked.state is not None:
        query["standing"] = asked.state
    if asked.cursor is not None:
        at, order_id = position(asked.cursor)
        query["issued_at"] = {**DATE, "$lte": at}
        query["$or"] = [{"issued_at": {"$lt": at}}, {"_id": {"$lt": order_id}}]
    return query


def counting(scope: OrderScope, now: datetime) -> list[Stage]:
    """The pipeline of the figures: of each order the units asked for, then their sums."""
    holds: Stage = {"$ne": ["$standing", "withdrawn"]}
    late: Stage = {"$lt": ["$deadline", now]}
    done: Stage = {"$or": ["$$one.done_in_time", "$$one.done_late"]}
    sums = {
        "addressed": {"$size": "$shares"},
        "read": _how_many("$$one.read"),
        "done_in_time": _how_many("$$one.done_in_time"),
        "done_late": _how_many("$$one.done_late"),
        "overdue": _how_many({"$and": [late, {"$not": done}]}),
    }
    return [
        {"$match": scoped(scope)},
        {"$set": {"shares": _only("$shares", _asked_for(scope))}},
        {
            "$group": {
                "_id": None,
                "issued": {"$sum": 1},
                "withdrawn": {"$sum": {"$cond": [holds, 0, 1]}},
                **{name: {"$sum": {"$cond": [holds, one, 0]}} for name, one in sums.items()},
            }
        },
    ]


def _only(array: str, condition: object) -> Stage:
    return {"$filter": {"input": array, "as": "one", "cond": condition}}


def _how_many(condition: object) -> Stage:
    return {"$size": _only("$shares", condition)}


def _asked_for(scope: OrderScope) -> Stage:
    conditions: list[Stage] = []
    if scope.unit is not None:
        conditions.append({"$eq": ["$$one.unit", {"$literal": scope.unit}]})
    if scope.area is not None:
        conditions.append({"$gte": ["$$one.area", scope.area]})
        conditions.append({"$lt": ["$$one.area", f"{scope.area}:"]})
    return {"$and": conditions}
