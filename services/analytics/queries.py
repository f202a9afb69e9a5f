"""What is asked of the timelines, as MongoDB takes it; pure."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from services.analytics.domain.filters import Listing, OfPlans, Period, Scope
from services.analytics.domain.inboxes import Inbox, digits_of
from services.analytics.domain.paging import position
from shared.contracts.base import CITY_DIGITS
from shared.platform.ids import normalize_receipt_no

Query = dict[str, Any]
DATE = {"$type": "date"}
STRING = {"$type": "string"}
FILTERS_THAT_TELL = ("matter", "bbox")
"""Whoever may not see these of what is not filed must not find it by them either."""
WATCHERS = "state.case.case.watchers"
"""The areas whose centres watch a case. Looked up where it is stored: cases that were supervised
before anybody asked for it are found, too."""
ARISES_FROM = "state.incident.report.arises_from"
"""The inspection that found an incident."""
LEVELS = {Inbox.CENTRE: "lowest", Inbox.CHECKS: "lowest_check"}
"""The columns that say from which level on."""
FARTHEST = timedelta(hours=26)
"""Local days begin and end within so many hours of the same day in UTC."""


def named(name: str) -> Query:
    """The query for an incident id, a receipt number or a case number."""
    try:
        return {"_id": str(UUID(name))}
    except ValueError:
        receipt_no = normalize_receipt_no(name)
        if receipt_no is not None:
            return {"receipt_no": {**STRING, "$eq": receipt_no}}
        return {"case_no": {**STRING, "$eq": name}}


def scoped(scope: Scope) -> Query:
    """The query for an area or grid, a matter and a unit."""
    query: Query = {}
    if scope.area is not None:
        # Codes are digits, and ":" follows "9": a range over the prefix, which an index serves.
        query["grid"] = {"$gte": scope.area, "$lt": f"{scope.area}:"}
    if scope.matter is not None:
        query["matter"] = scope.matter
    if scope.unit is not None:
        query["unit"] = scope.unit
    return query


def inbox(box: Inbox, area: str | None, unit: str | None) -> Query:
    """The query of an inbox; what lies in no grid is for the city's own, and every desk's.

    A centre's has what its level decides, and nothing that one above it has in hand; that of the
    inspectors nothing that is checked a level up.
    """
    query: Query = {"inboxes": box.value}
    if unit is not None:
        query = {"todo_units": {**STRING, "$eq": unit}}
    if area is None:
        return query
    # Where nothing says who decides, or checks, all may.
    if (of_level := LEVELS.get(box)) is not None and unit is None:
        query[of_level] = {"$not": {"$lt": digits_of(area)}}
    there = scoped(Scope(area=area))
    # Where nobody knows the place, the desk of the area that the report names may decide, too.
    if len(area) > CITY_DIGITS and box is not Inbox.DESK:
        return query | there
    return query | {"$or": [there, {"grid": None}]}


def copied(unit: str, area: str | None) -> Query:
    """The query of the open cases that a unit was told of."""
    return {"cc_units": {**STRING, "$eq": unit}} | scoped(Scope(area=area))


HANDED_BACK = ["handled", "closed"]
WITHOUT_A_CASE = ["rejected", "linked", "answered", "transferred"]


def inspections(of: OfPlans, now: datetime) -> list[Query]:
    """The figures of plans (of one, else of all), by plan and by end, for days within a period."""
    flow = "$state.case.case.flow"
    ended = {"$gt": [f"{flow}.end", None]}
    made = {"$and": [ended, {"$ne": [f"{flow}.missed", True]}]}
    back = {"$in": ["$state_word", HANDED_BACK]}
    void = {"$in": ["$state_word", ["voided", *WITHOUT_A_CASE]]}
    open_ = {"$cond": ["$open", 1, 0]}
    late = {"$and": ["$open", {"$gt": ["$handle_due", None]}, {"$lt": ["$handle_due", now]}]}
    group = {
        "_id": {"plan": "$plan", "end": "$state.case.case.flow.end.code"},
        "names": {"$last": "$state.incident.report.plan.names"},
        "kind": {"$last": "$state.incident.report.plan.kind"},
        "planned": {"$sum": 1},
        "done": {"$sum": {"$cond": [{"$and": [back, made]}, 1, 0]}},
        "missed": {"$sum": {"$cond": [{"$or": [void, {"$and": [back, {"$not": [made]}]}]}, 1, 0]}},
        "open": {"$sum": open_},
        "overdue": {"$sum": {"$cond": [late, 1, 0]}},
        "first": {"$min": "$plan_day"},
        "last": {"$max": "$plan_day"},
    }
    return [{"$match": planned(of)}, {"$sort": {"plan_day": 1}}, {"$group": group}]


def findings(inspections: Collection[str]) -> Query:
    """The query of what inspections have found: all that was reported of them.

    Also what came with a turn that was refused: it is an incident like any other.
    """
    return {ARISES_FROM: {**STRING, "$in": [*inspections]}}


def planned(of: OfPlans) -> Query:
    """The query for the inspections of plans (of one, else of all)."""
    plan: Query = {**STRING, "$eq": of.plan} if of.plan is not None else dict(STRING)
    return {**scoped(of), "plan": plan, **days_between("plan_day", of)}


def days_between(field: str, period: Period) -> Query:
    """The query for a local day within a period."""
    ends = {"$gte": period.first or "", "$lte": period.last or "~"}
    return {field: {**STRING, **ends}}


def listing(asked: Listing, now: datetime, *, official: bool, after: str | None = None) -> Query:
    """The query of a list, after a cursor if there is one; raises BadCursorError."""
    query = scoped(asked) | _in_state(asked, now) | _in_period(asked)
    if not official:
        telling = any(getattr(asked, name) is not None for name in FILTERS_THAT_TELL)
        query["public"] = True if telling else {"$ne": False}
    if asked.source is not None:
        query["source"] = asked.source
    if asked.plan is not None:
        query["plan"] = {**STRING, "$eq": asked.plan}
    if asked.watcher is not None:
        query[WATCHERS] = {**STRING, "$eq": asked.watcher}
    if asked.bbox is not None:
        west, south, east, north = map(float, asked.bbox.split(","))
        query |= {"lon": {"$gte": west, "$lte": east}, "lat": {"$gte": south, "$lte": north}}
    if after is not None:
        at, incident_id = position(after)
        query["counts_from"] = {**query["counts_from"], "$lte": at}
        query["$or"] = [{"counts_from": {"$lt": at}}, {"_id": {"$lt": incident_id}}]
    return query


def _in_state(asked: Listing, now: datetime) -> Query:
    query: Query = {}
    if asked.state == "open":
        query["open"] = True
    elif asked.state is not None:
        query["state_word"] = asked.state
    if asked.overdue:
        query["handle_due"] = {**DATE, "$lt": now}
    return query


def _in_period(asked: Listing) -> Query:
    # An echo of an incident whose report has not arrived has no instant, and is not listed yet.
    counts_from: Query = dict(DATE)
    if asked.first is None and asked.last is None:
        return {"counts_from": counts_from}
    # The local day decides; the instants let the index leave out what is far away.
    if asked.first is not None:
        counts_from["$gte"] = _midnight(asked.first) - FARTHEST
    if asked.last is not None:
        counts_from["$lt"] = _midnight(asked.last) + timedelta(days=1) + FARTHEST
    return {"counts_from": counts_from, **days_between("on.reported", asked)}


def _midnight(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time.min, UTC)
