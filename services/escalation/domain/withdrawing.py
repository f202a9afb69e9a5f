"""What follows when marks that were answered are none, or nobody has to hurry any more."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from services.escalation.domain.counting import APPROACHING, BREACHED
from services.escalation.domain.folding import turned
from services.escalation.domain.moment import Moment
from services.escalation.domain.repeating import instants, repeat_of
from services.escalation.domain.supervision import earned, issuer_area, rank
from services.escalation.domain.telling import (
    Tell,
    goes_with_the_case,
    of_end,
    of_mark,
    of_order,
    of_step,
    to_act,
    to_hurry,
    together,
)
from services.escalation.domain.watch import AnsweredMark, Order, Watch, clock_key
from shared.contracts.base import EventData
from shared.contracts.escalations_v1 import (
    Clock,
    Mark,
    MarkWithdrawn,
    SupervisionLifted,
    SupervisionOrdered,
    SupervisionSatisfied,
)
from shared.contracts.ladders import LadderStep, LiftedWhen
from shared.contracts.levels import SupervisionLevel


@dataclass(frozen=True, slots=True)
class HandedBack:
    """It is handed back, or these tasks of it are done; none are named: all."""

    tasks: Collection[str] | None = None

    def holds(self, mark: Mark | AnsweredMark) -> bool:
        """Whether what a mark is about is done."""
        return self.tasks is None or mark.task in self.tasks


Over = Literal["closed", "voided"] | HandedBack
"""By what an order may end: with the case, or as it is handed back."""
Earned = tuple[LadderStep, AnsweredMark] | None


def withdrawn_and_lifted(
    moment: Moment,
    gone: Sequence[tuple[Clock, AnsweredMark]],
    over: Over | None = None,
    changed: Sequence[Clock] = (),
) -> list[EventData]:
    """The marks that are withdrawn, each with its clock, and the order that is lifted.

    ``over``: by what an order may end, if so; ``changed``: the clocks that the same turn changes.
    """
    watch = moment.watch
    follows: list[EventData] = [
        MarkWithdrawn(
            **moment.common, mark=_mark(mark), clock=clock, tell=_told_before(watch, clock, mark)
        )
        for clock, mark in gone
    ]
    if watch.supervision is None:
        return follows
    if isinstance(over, str):
        return [*follows, _lifted(moment, watch.supervision, over)]
    withdrawn = {mark for _, mark in gone}
    left = _left(watch, withdrawn, over)
    ended = _ended(moment, withdrawn, left, over)
    if ended is None:
        return follows
    again = _again(replace(moment, watch=turned(watch, changed)), left)
    return [*follows, ended, *([again] if again is not None else [])]


def _ended(
    moment: Moment, gone: set[AnsweredMark], left: Earned, back: HandedBack | None
) -> EventData | None:
    """The end of the order in force; None: it stays, or what is left is as high.

    What another task has earned that is not done is as high for another unit: it is ordered anew.
    """
    watch = moment.watch
    level, hand, order = watch.supervision, watch.by_hand, watch.order
    done = back is not None and order is not None and _is_done(order, back)
    kept = left if left is None or not done or (back and back.holds(left[1])) else None
    stays = max(rank(kept[0].level if kept else None), rank(hand.level if hand else None))
    if level is None or stays >= rank(level):
        return None
    if _is_gone(order, gone):
        return _lifted(moment, level, "mark_withdrawn")
    if back is None or not done:
        return None
    tasks = None if back.tasks is None else tuple(back.tasks)
    said = {"level": level, "tasks": tasks, **_end(watch, level)}
    return SupervisionSatisfied.model_validate({**moment.common, **said})


def _is_done(order: Order, back: HandedBack) -> bool:
    """Whether an order is lifted as what it is about is handed back."""
    mark = order.mark
    return order.lifted_when is LiftedWhen.HANDLED and mark is not None and back.holds(mark)


def _is_gone(order: Order | None, gone: set[AnsweredMark]) -> bool:
    """Whether the mark that led to the order is withdrawn; of an older version's, any mark."""
    if order is None:
        return bool(gone)
    return order.mark is not None and AnsweredMark.of(order.mark).key in {one.key for one in gone}


def _lifted(moment: Moment, level: SupervisionLevel, reason: str | None) -> SupervisionLifted:
    said = {"level": level, "reason": reason, **_end(moment.watch, level)}
    return SupervisionLifted.model_validate({**moment.common, **said})


def _end(watch: Watch, level: SupervisionLevel) -> dict[str, Any]:
    """Whose order it was, and whom to tell of its end."""
    unit, tell = to_hurry(watch), of_end(watch, level)
    return {"unit": unit, "grid": watch.facts.grid, "tell": tell}


def _left(watch: Watch, gone: set[AnsweredMark], back: HandedBack | None) -> Earned:
    """What the marks that remain have earned; of what is handed back, what outlives that."""
    ladder = watch.facts.ladder
    outlives = [step for step in ladder if step.lifted_when is not LiftedWhen.HANDLED]
    remain = [mark for mark in watch.answered if mark not in gone]
    done = [mark for mark in remain if back is not None and back.holds(mark)]
    open_still = earned(ladder, [mark for mark in remain if mark not in done])
    return _higher((open_still, earned(outlives, done)))


def _higher(found: Iterable[Earned]) -> Earned:
    there = [one for one in found if one is not None]
    return max(there, key=lambda one: one[0].level.rank, default=None)


def _told_before(watch: Watch, clock: Clock, mark: AnsweredMark) -> Tell:
    """Whoever was told of the mark: its unit and its town, and those whom a notice named."""
    notice = next((one for one in watch.notices if AnsweredMark.of(one.mark).key == mark.key), None)
    if notice is None or mark.percent in {APPROACHING, BREACHED}:
        return together(of_mark(clock), notice.tell if notice else None)
    return notice.tell


def _again(moment: Moment, left: Earned) -> SupervisionOrdered | None:
    """The order that stays in force: the highest that is earned, or was given by hand."""
    facts, hand, at = moment.watch.facts, moment.watch.by_hand, moment.at
    if hand is not None and (left is None or hand.level.rank > left[0].level.rank):
        unit = to_act(moment.watch)
        return SupervisionOrdered(
            **moment.common,
            level=hand.level,
            unit=unit,
            grid=facts.grid,
            issuer=hand.issuer,
            issuer_area=hand.issuer_area,
            tell=of_order((hand.issuer_area,), unit),
            reminders=instants(repeat_of(facts.ladder, hand.level), at, moment.calendar),
        )
    if left is None:
        return None
    step, mark = left
    unit = _unit_of(moment.watch, mark)
    return SupervisionOrdered(
        **moment.common,
        level=step.level,
        mark=_mark(mark),
        unit=unit,
        grid=facts.grid,
        issuer=step.issuer,
        issuer_area=issuer_area(facts.grid, step),
        tell=of_step(step, facts.grid, unit),
        reminders=instants(step.repeat, at, moment.calendar),
        lifted_when=step.lifted_when,
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
    """The unit that is to hurry for a mark: of what goes with the case whoever has it now.

    Else the unit whose clock it was; none where another has begun since.
    """
    if goes_with_the_case(watch, mark):
        return to_act(watch)
    clock = watch.clocks[clock_key(mark.task, mark.clock)]
    return clock.unit if clock.run == mark.run else None
