"""What is told of a case: to officials in full, to the public without people and their words.

Whether a matter is public is known once the incident is filed. What is not filed is therefore told
to the public without its matter and its location, which may tell of a dispute or of a person.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.analytics.domain import stored
from services.analytics.domain.columns import HANDLE, counts_from
from services.analytics.domain.folding import COUNTS, TIMES
from services.analytics.domain.inboxes import Inbox, todos
from services.analytics.domain.spending import spent
from services.analytics.domain.timeline import NOTHING, Stored, Timeline, newest
from services.analytics.domain.tried import tried
from services.analytics.domain.why import why
from shared.contracts.base import instant_text
from shared.contracts.case_v1 import CaseState
from shared.contracts.titles import TITLES

PRIVATE_STEP = frozenset(
    {"roles", "by_unit", "reason", "case_id", "case_no", "photos", "papers", "found"}
)
KEPT_BACK = frozenset({"waits", "unit_names", "drawn", "suspension", "runs"})
"""What a step says for the ledger of time, and for `why`, only."""
PRIVATE_REPORT = ("receipt_no", "description", "address", "external_id", "occurred_at")


def row(raw: Mapping[str, Any], now: datetime, *, official: bool) -> dict[str, Any]:
    """A case in a list, from its columns and the case's own part.

    ``sequence`` is what an action may name as its ``expected_sequence``.
    """
    case = _of(raw)
    outcome = raw["state"]["case"].get("outcome") or NOTHING
    times = case.get("times", NOTHING)
    due = raw["handle_due"]
    told = {
        "incident_id": raw["_id"],
        "case_no": raw["case_no"],
        "receipt_no": raw["receipt_no"],
        "state": raw["state_word"],
        "sequence": newest(raw["state"]["case"].get("steps", ())),
        "reason": outcome.get("rule"),
        "explanation": outcome.get("explanation"),
        "grid": raw["grid"],
        "matter": _named(case.get("matter")) or _bare(raw["matter"]),
        "unit": _named(case.get("unit")),
        "source": raw["source"],
        "location": _point(raw["lon"], raw["lat"]),
        "counts_from": raw["counts_from"],
        "filed_at": times.get("filed_at"),
        "closed_at": times.get("closed_at"),
        "due_at": due,
        "overdue": due is not None and due < now,
        "supervision": raw["state"]["escalation"].get("supervision"),
        "suspended_until": case.get("suspended_until"),
    }
    if not official:
        told |= {"receipt_no": None}
        if raw["public"] is None:
            told |= {"matter": None, "location": None}
    return _with_texts(told)


def task(
    raw: Mapping[str, Any],
    inbox: Inbox,
    now: datetime,
    unit: str | None = None,
    area: str | None = None,
) -> dict[str, Any]:
    """An incident in an inbox: what is to be done, until when, and what is known of it.

    ``tried``: of what waits in review, the rules that could not file it.
    """
    parts = raw["state"]
    outcome = parts["case"].get("outcome") or NOTHING
    report = parts["incident"].get("report") or NOTHING
    timeline = stored.load({"incident": {}, **parts})
    found = [one for one in todos(timeline) if one.is_for(inbox, unit, area)]
    due = min((at for one in found if (at := timeline.escalation.due(one.clock))), default=None)
    return {
        **row(raw, now, official=True),
        "actions": [one.action for one in found],
        "unacknowledged": _is_unacknowledged(timeline.escalation.order),
        "due_at": due and instant_text(due),
        "overdue": due is not None and due < now,
        "tried": tried(timeline.case.steps) if outcome else [],
        "said": outcome.get("said"),
        "look": outcome.get("look"),
        "request": _without_words(_of(raw).get("request")),
        "description": report.get("description"),
        "address": report.get("address"),
        "plan": report.get("plan"),
        "flow": _with_texts(flow) if (flow := _of(raw).get("flow")) else None,
    }


def _is_unacknowledged(order: Stored | None) -> bool:
    """Whether an order is in force that nobody has acknowledged (待签收)."""
    return order is not None and "acknowledged" not in order


def _order(order: Stored | None, *, official: bool) -> dict[str, Any] | None:
    """The order in force, and who has acknowledged it: to officials by role and unit."""
    if order is None:
        return None
    seen = order.get("acknowledged")
    shown = seen and {name: one for name, one in seen.items() if official or name == "at"}
    return _with_texts(
        {
            "level": order["level"],
            "ordered_at": order["at"],
            "reminded": order.get("reminded", 0),
            "reminders": order["of"],
            "acknowledged": _with_texts(dict(shown)) if shown else None,
        }
    )


def _of(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The case's own part of a row."""
    return raw["state"]["case"].get("case") or NOTHING


def whole(
    incident_id: str,
    timeline: Timeline,
    now: datetime,
    *,
    official: bool,
    followers: Sequence[str] = (),
) -> dict[str, Any]:
    """A case with all that happened to it, in the order of time.

    ``followers`` are the incidents that are linked to it: their number is told to all.
    """
    report = timeline.incident.report or NOTHING
    case, outcome = timeline.case.case or NOTHING, timeline.case.outcome or NOTHING
    source = case or outcome or report
    due = timeline.escalation.due(HANDLE) if timeline.is_open else None
    shown = official or bool(case)
    times = case.get("times") or (outcome or report)
    told: dict[str, Any] = {
        "incident_id": incident_id,
        "case_no": timeline.case.filed.get("case_no"),
        "state": timeline.state,
        "sequence": newest(timeline.case.steps),
        "reason": outcome.get("rule"),
        "explanation": outcome.get("explanation"),
        "tried": tried(timeline.case.steps) if outcome and not case else [],
        "said": outcome.get("said") if official else None,
        "grid": source.get("grid"),
        "matter": _named(case.get("matter")) or (_bare(source.get("matter")) if shown else None),
        "unit": _named(case.get("unit")),
        "component": case.get("component"),
        "source": source.get("source"),
        "location": _point(*source.get("location", (None, None))) if shown else None,
        **{name: times.get(name) for name in TIMES},
        "counts_from": counts_from(timeline),
        "due_at": due,
        "overdue": due is not None and due < now,
        "supervision": timeline.escalation.supervision,
        "order": _order(timeline.escalation.order, official=official),
        **{name: case.get(name, 0) for name in COUNTS if name != "return_pending"},
        "return_pending": case.get("return_pending", False),
        "request": _without_words(case.get("request"), official=official),
        "suspended_until": case.get("suspended_until"),
        "centre": case.get("centre"),
        "tasks": [_with_texts(dict(one)) for one in case.get("tasks", ())],
        "appeals": [_without_words(one, official=official) for one in case.get("appeals", ())],
        "priority": case.get("priority", 0),
        "watchers": case.get("watchers", []),
        "lead_done_at": case.get("lead_done_at"),
        "flow": _flow(timeline),
        "on_site": case.get("on_site", False),
        "emergency": case.get("emergency", False),
        "first_there": case.get("first"),
        "clocks": [_clock(*one) for one in timeline.escalation.clocks.items()],
        "time": spent(timeline, now, official=official),
        "plan": report.get("plan"),
        "arises_from": report.get("arises_from"),
        "followers": {"count": len(followers)},
        "timeline": [_step(*pair, official=official) for pair in _merged(timeline)],
    }
    if official:
        told |= {name: report.get(name) for name in PRIVATE_REPORT}
        told["followers"]["incident_ids"] = list(followers)
        told["follows"] = _followed(outcome)
        told["cc"] = [_named(one) for one in case.get("cc", ())]
    return _with_texts(told)


def reasons(incident_id: str, timeline: Timeline, *, official: bool) -> dict[str, Any]:
    """Why it is where it is, decision by decision, zh and en; people's words to officials only."""
    told = [
        {
            "at": one.at,
            "decision": one.decision,
            "words": one.words.model_dump(),
            "facts": dict(one.facts),
            "candidates": [
                {"unit": unit, "lost": words.model_dump()} for unit, words in one.candidates
            ],
        }
        for one in why(timeline, official=official)
    ]
    return {
        "incident_id": incident_id,
        "case_no": timeline.case.filed.get("case_no"),
        "state": timeline.state,
        "reasons": [_with_texts(one) for one in told],
    }


def is_public(timeline: Timeline) -> bool:
    """Whether anybody may be told of it; what is not filed (any more) is told of in part."""
    return timeline.case.public is not False


def _merged(timeline: Timeline) -> list[tuple[str, Stored]]:
    parts = (
        ("incidents", timeline.incident.steps),
        ("cases", timeline.case.steps),
        ("escalations", timeline.escalation.steps),
    )
    steps = [(topic, step) for topic, steps in parts for step in steps]
    # A stable sort: events of one instant stay in the order of their topics, causes first.
    return sorted(steps, key=lambda pair: pair[1]["at"])


def _step(topic: str, step: Stored, *, official: bool) -> dict[str, Any]:
    title = TITLES[step["type"]]
    hidden = KEPT_BACK if official else KEPT_BACK | PRIVATE_STEP
    kept = {name: value for name, value in step.items() if name not in hidden}
    if "task" in kept:  # whose task it is, not who leads
        kept["unit"] = kept["to"]
    return _with_texts({"topic": topic, **kept, "title": {"zh": title.zh, "en": title.en}})


def _without_words(request: Stored | None, *, official: bool = True) -> dict[str, Any] | None:
    """A request that waits; its words are for officials."""
    if request is None:
        return None
    return _with_texts(
        {name: value for name, value in request.items() if official or name != "reason"}
    )


def _followed(outcome: Stored) -> dict[str, Any] | None:
    """The case that a follower is linked to."""
    if "case_id" not in outcome:
        return None
    return {"incident_id": outcome["case_id"], "case_no": outcome["case_no"]}


def _flow(timeline: Timeline) -> dict[str, Any] | None:
    """How far its flow is; of a void case no turn is left to take."""
    flow = (timeline.case.case or NOTHING).get("flow")
    if flow is None:
        return None
    over = timeline.state == CaseState.VOIDED
    return _with_texts({name: one for name, one in flow.items() if name != "turns" or not over})


def _clock(key: str, clock: Stored) -> dict[str, Any]:
    task, _, stage = key.partition("/")
    return _with_texts({"task": task, "clock": stage, **clock})


def _with_texts(told: dict[str, Any]) -> dict[str, Any]:
    return dict(_texts(told))


def _texts(told: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in told.items():
        yield name, instant_text(value) if isinstance(value, datetime) else value


def _point(longitude: float | None, latitude: float | None) -> dict[str, Any] | None:
    if longitude is None or latitude is None:
        return None
    return {"type": "Point", "coordinates": [longitude, latitude]}


def _named(entry: Stored | None) -> dict[str, Any] | None:
    return None if not entry else {"code": entry["code"], "names": entry["names"]}


def _bare(code: str | None) -> dict[str, Any] | None:
    return None if code is None else {"code": code, "names": None}
