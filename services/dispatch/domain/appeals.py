"""Appeals of units against a breach that they are charged with (申诉), decided a level above."""

from collections.abc import Sequence

from services.dispatch.domain.disputes import disputed, pending
from services.dispatch.domain.doing import Doing
from services.dispatch.domain.requests import DEFAULT
from shared.contracts.base import EventData
from shared.contracts.case_v1 import Appeal, AppealState
from shared.contracts.levels import LEVELS, area_above
from shared.contracts.requests_v1 import AppealEvent, AppealMade, AppealOverruled, AppealUpheld


def appeal(doing: Doing) -> Sequence[EventData]:
    """The unit says that it is not to blame."""
    asked, case = doing.asked, doing.case
    breach = disputed(case, doing.dossier.breaches, asked.actor.unit, asked.request.clock)
    unit = doing.registry.unit(asked.actor.unit or "", doing.at)
    if breach is None or breach.unit is None:
        raise ValueError("there is no such breach")
    area = area_above(unit.area) if unit else None
    rules = doing.decided.requests or DEFAULT
    made = Appeal(
        task=breach.task,
        clock=breach.clock,
        run=breach.run,
        unit=breach.unit,
        subject=asked.actor.subject,
        reason=asked.request.reason,
        asked_at=doing.at,
        level=LEVELS[len(area)] if area else "city",
        limit=rules.appeal.limit,
    )
    return [_told(doing, AppealMade, made)]


def uphold(doing: Doing) -> Sequence[EventData]:
    """It was right."""
    return [_told(doing, AppealUpheld, _decided(doing, AppealState.UPHELD))]


def overrule(doing: Doing) -> Sequence[EventData]:
    """It was not."""
    return [_told(doing, AppealOverruled, _decided(doing, AppealState.OVERRULED))]


def _decided(doing: Doing, state: AppealState) -> Appeal:
    found = pending(doing.case, doing.asked.request.appeal)
    if found is None:
        raise ValueError("no appeal waits")
    return found.model_copy(update={"state": state})


def _told(doing: Doing, kind: type[AppealEvent], one: Appeal) -> AppealEvent:
    others = tuple(
        before
        for before in doing.case.appeals
        if (before.task, before.clock, before.run) != (one.task, one.clock, one.run)
    )
    return doing.event(kind, {"appeals": (*others, one)}, appeal=one)
