"""What stands is told at once to a unit that takes over a case, or one of its clocks (转达)."""

from collections.abc import Iterable, Iterator, Sequence

from services.escalation.domain.moment import Moment
from services.escalation.domain.telling import of_reminder, whose
from services.escalation.domain.watch import Notice, Order, Watch, clock_key
from shared.contracts.base import EventData
from shared.contracts.escalations_v1 import ClockState, SupervisionEvent
from shared.contracts.reminders_v1 import NoticeConveyed, SupervisionConveyed


def conveyed(moment: Moment, follows: Iterable[EventData]) -> Sequence[EventData]:
    """What is told to the unit whose it is from now on, each to each unit once.

    ``follows`` is what this turn tells anyway: an order that ends is not conveyed, and one that is
    given anew is told to the right unit.
    """
    over = any(isinstance(one, SupervisionEvent) for one in follows)
    return [
        _event(moment, one, unit)
        for one in _standing(moment.watch)
        if (unit := whose(moment.watch, one)) is not None
        and not one.has_told(unit)
        and not (over and isinstance(one, Order))
    ]


def _standing(watch: Watch) -> Iterator[Order | Notice]:
    """The order in force, acknowledged or not, and of each clock that runs its last notice."""
    if watch.order is not None:
        yield watch.order
    for one in {(one.mark.task, one.mark.clock): one for one in watch.notices}.values():
        clock = watch.clocks.get(clock_key(one.mark.task, one.mark.clock))
        if clock is not None and (clock.run, clock.state) == (one.mark.run, ClockState.RUNNING):
            yield one


def _event(moment: Moment, one: Order | Notice, unit: str) -> EventData:
    watch = moment.watch
    tell = tuple(told for told in of_reminder(watch, one) or () if told.unit == unit)
    said = {
        **moment.common,
        "order": one.n,
        "mark": one.mark,
        "unit": unit,
        "grid": watch.facts.grid,
        "tell": tell or None,
    }
    if isinstance(one, Order):
        return SupervisionConveyed.model_validate({**said, "level": one.level})
    return NoticeConveyed.model_validate({**said, "colour": one.colour})
