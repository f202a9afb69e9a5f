"""Whom an event of escalation is for: as the ladder's step says, else the unit and those above."""

from collections.abc import Iterable

from services.escalation.domain.clock_table import SAFE, UNITS_CLOCKS, Timed
from services.escalation.domain.clocks import ALIVE
from services.escalation.domain.supervision import issuer_area
from services.escalation.domain.watch import AnsweredMark, Notice, Order, Watch, clock_key
from shared.contracts.base import TOWN_DIGITS
from shared.contracts.escalations_v1 import Clock, Mark, Told
from shared.contracts.ladders import LadderStep, NoticeStep, TellRule
from shared.contracts.levels import DIGITS, SupervisionLevel
from shared.contracts.roles import Role

Tell = tuple[Told, ...] | None


def of_mark(clock: Clock) -> Tell:
    """Of a mark: its unit, and the duty head of the town; None where nothing is known."""
    found = _unit(clock.unit)
    if clock.grid:
        found.append(Told(role=Role.DUTY_HEAD, area=clock.grid[:TOWN_DIGITS]))
    return tuple(found) or None


def of_notice(step: NoticeStep, clock: Clock) -> Tell:
    """Of a notice: whom its step names, else as of a mark."""
    return of_mark(clock) if step.tell is None else _ruled(step.tell, clock.grid, clock.unit)


def of_step(step: LadderStep, grid: str | None, unit: str | None) -> Tell:
    """Of an order of the ladder: whom its step names, else its centre and the unit."""
    if step.tell is None:
        return of_order((issuer_area(grid, step),), unit)
    return _ruled(step.tell, grid, unit)


def of_order(areas: Iterable[str], unit: str | None) -> Tell:
    """Of an order by the centres of these areas: who orders, and the unit that is to hurry."""
    above = [Told(role=Role.SUPERVISOR, area=area) for area in sorted({*areas} - {""})]
    return tuple(_unit(unit) + above) or None


def to_hurry(watch: Watch) -> str | None:
    """The unit that is to hurry by the order in force, as that ends, or None.

    Whoever is done, or waits for others, is told of its end if it was told of the order.
    """
    order, has = watch.order, watch.facts.unit or None
    if order is None:
        return has
    if watch.facts.idle and has is not None and goes_with_the_case(watch, order.mark):
        return has if order.has_told(has) else None
    return whose(watch, order)


def whose(watch: Watch, one: Order | Notice) -> str | None:
    """The unit that is to hurry by what stands, or None.

    Of an order by hand whoever has the case now, and of one that goes with the case: an order
    outlives a change of unit. Else whoever the clock is charged to, as long as it is that run; then
    the one that it was told to, if any.
    """
    mark = one.mark
    if isinstance(one, Order) and goes_with_the_case(watch, mark):
        return to_act(watch)
    clock = None if mark is None else watch.clocks.get(clock_key(mark.task, mark.clock))
    return one.unit if clock is None or mark is None or clock.run != mark.run else clock.unit


def is_of_lead(mark: Mark | AnsweredMark) -> bool:
    """Whether it is of a clock that is charged to the unit that has the case."""
    return Timed(mark.task, mark.clock) in UNITS_CLOCKS


def goes_with_the_case(watch: Watch, mark: Mark | AnsweredMark | None) -> bool:
    """Whether an order is for the unit that has the case now: by hand, or of a clock of the lead's.

    Also of one of a unit that co-operates, or makes the place safe, once that owes nothing more.
    Where it is not known which unit has the case, none goes with it.
    """
    if watch.facts.unit is None or mark is None or is_of_lead(mark):
        return watch.facts.unit is not None
    task = mark.task
    if task != SAFE.task and not task.startswith("co-"):
        return False
    return not any(one.state in ALIVE for one in watch.clocks.values() if one.task == task)


def to_act(watch: Watch) -> str | None:
    """The unit that is to hurry by an order that goes with the case, or None.

    None once it is done with its part, and while its flow waits for others.
    """
    return None if watch.facts.idle else watch.facts.unit or None


def of_reminder(watch: Watch, again: Order | Notice) -> Tell:
    """Of what is told again: whoever was told, in its unit's place the one of now."""
    unit = whose(watch, again)
    if unit == again.unit:
        return again.tell
    told = again.tell or ()
    if again.unit is None:
        return together(of_order((), unit), told)
    moved = [one.model_copy(update={"unit": unit}) if one.unit else one for one in told]
    return tuple(one for one in moved if one.unit or one.area) or None


def of_end(watch: Watch, level: SupervisionLevel) -> Tell:
    """Of the end of an order: the centres that may have given it, and the unit that is to hurry.

    And whom its step had told, and the unit that it was given to.
    """
    order = watch.order
    named = any(step.tell for step in watch.facts.ladder if step.level is level)
    told = order.tell if named and order is not None else None
    first = of_order((), order.unit if order is not None else None)
    return together(of_order(_issuers(watch, level), to_hurry(watch)), told, first)


def together(*tells: Tell) -> Tell:
    """All of them, each once."""
    return tuple(dict.fromkeys(one for tell in tells for one in tell or ())) or None


def _ruled(rules: Iterable[TellRule], grid: str | None, unit: str | None) -> Tell:
    found = []
    for rule in rules:
        if rule.whose == "unit":
            found += [Told(role=rule.role, unit=unit)] if unit else []
        elif grid:
            found.append(Told(role=rule.role, area=grid[: DIGITS[rule.whose]]))
    return tuple(dict.fromkeys(found)) or None


def _issuers(watch: Watch, level: SupervisionLevel) -> list[str]:
    """The areas whose centres may have given the order in force, by the ladder or by hand."""
    facts, hand = watch.facts, watch.by_hand
    found = [issuer_area(facts.grid, step) for step in facts.ladder if step.level is level]
    return found if hand is None or hand.level is not level else [*found, hand.issuer_area]


def _unit(unit: str | None) -> list[Told]:
    return [] if unit is None else [Told(role=Role.UNIT_MEMBER, unit=unit)]
