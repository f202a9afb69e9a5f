"""What follows when marks that were answered are none, or nobody has to hurry any more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from services.escalation.domain.supervision import earned, issuer_area, rank
from services.escalation.domain.telling import issuers, of_mark, of_order
from services.escalation.domain.watch import AnsweredMark, Watch, clock_key
from shared.contracts.base import EventData
from shared.contracts.escalations_v1 import (
    Clock,
    Mark,
    MarkWithdrawn,
    SupervisionLifted,
    SupervisionOrdered,
)
from shared.contracts.policies import LadderStep

Reason = Literal["closed", "voided", "mark_withdrawn"]


def withdrawn_and_lifted(
    watch: Watch,
    incident_id: str,
    at: datetime,
    gone: Sequence[tuple[Clock, AnsweredMark]],
    over: Reason | None = None,
) -> list[EventData]:
    """The marks that are withdrawn, each with its clock, and the order that is lifted.

    ``over``: why nobody has to hurry any more, if so.
    """
    follows: list[EventData] = [
        MarkWithdrawn(
            incident_id=incident_id,
            case_no=watch.facts.case_no,
            at=at,
            mark=_mark(mark),
            clock=clock,
            tell=of_mark(clock),
        )
        for clock, mark in gone
    ]
    return follows + _supervision_after(watch, incident_id, at, {mark for _, mark in gone}, over)


def _supervision_after(
    watch: Watch, incident_id: str, at: datetime, gone: set[AnsweredMark], over: Reason | None
) -> list[EventData]:
    level, hand = watch.supervision, watch.by_hand
    if level is None:
        return []
    reason = over
    left = None
    if over is None and gone:
        left = earned(watch.facts.ladder, [mark for mark in watch.answered if mark not in gone])
        stays = max(rank(left[0].level if left else None), rank(hand.level if hand else None))
        if stays < rank(level):
            reason = "mark_withdrawn"
    if reason is None:
        return []
    facts = watch.facts
    lifted = SupervisionLifted(
        incident_id=incident_id, case_no=facts.case_no, at=at, level=level,
        grid=facts.grid, reason=reason,
        tell=of_order(issuers(watch, level), None),
    )  # fmt: skip
    again = _again(watch, incident_id, at, left) if over is None else None
    return [lifted] if again is None else [lifted, again]


def _again(
    watch: Watch, incident_id: str, at: datetime, left: tuple[LadderStep, AnsweredMark] | None
) -> SupervisionOrdered | None:
    """The order that stays in force: the highest that is earned, or was given by hand."""
    facts, hand = watch.facts, watch.by_hand
    common = {"incident_id": incident_id, "case_no": facts.case_no, "at": at, "grid": facts.grid}
    if hand is not None and (left is None or hand.level.rank > left[0].level.rank):
        given = {"level": hand.level, "issuer": hand.issuer, "issuer_area": hand.issuer_area}
        tell = of_order((hand.issuer_area,), None)
        return SupervisionOrdered.model_validate({**common, **given, "tell": tell})
    if left is None:
        return None
    step, mark = left
    unit, area = _unit_of(watch, mark), issuer_area(facts.grid, step)
    return SupervisionOrdered.model_validate(
        {
            **common,
            "level": step.level,
            "mark": _mark(mark),
            "unit": unit,
            "issuer": step.issuer,
            "issuer_area": area,
            "tell": of_order((area,), unit),
        }
    )


def _mark(answered: AnsweredMark) -> Mark:
    return Mark(
        task=answered.task,
        clock=answered.clock,
        run=answered.run,
        percent=answered.percent,
        due_at=answered.due_at,
    )


def _unit_of(watch: Watch, mark: AnsweredMark) -> str | None:
    """The unit whose clock it was; none where another has begun since."""
    clock = watch.clocks[clock_key(mark.task, mark.clock)]
    return clock.unit if clock.run == mark.run else None
