"""Supervision 督办: ordinary, yellow card, red card; it only rises, or is lifted."""

from collections.abc import Iterable

from services.escalation.domain.clock_table import is_supervised
from services.escalation.domain.watch import AnsweredMark
from shared.contracts.ladders import LadderStep
from shared.contracts.levels import DIGITS, SupervisionLevel


def rank(level: SupervisionLevel | None) -> int:
    """How high an order is; 0 for none."""
    return 0 if level is None else level.rank


def earned(
    ladder: Iterable[LadderStep], answered: Iterable[AnsweredMark]
) -> tuple[LadderStep, AnsweredMark] | None:
    """The highest step that the marks answered have reached, with its mark; None for none.

    Marks from before the case was closed count no more.
    """
    marks = list(answered)
    reached = [
        (step, mark)
        for step in ladder
        for mark in marks
        if is_supervised(mark.task)
        and step.clock is mark.clock
        and step.percent == mark.percent
        and not mark.spent
    ]
    return max(reached, key=lambda pair: pair[0].level.rank, default=None)


def issuer_area(grid: str | None, step: LadderStep) -> str:
    """The code of the area whose centre issues the order; empty when the grid is not known."""
    return (grid or "")[: DIGITS[step.issuer]]
