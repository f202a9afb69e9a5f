"""Ladders of supervision and of notices that cannot be meant."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from shared.contracts.base import LimitUnit, Stage
from shared.contracts.ladders import MAX_STEPS, LadderStep, NoticeStep, Repeat
from shared.contracts.policies import Policy
from shared.contracts.roles import Role

Steps = Sequence[LadderStep | NoticeStep]
SHORTEST_S = 1.0
"""Nothing is told again sooner."""
SECONDS = {
    LimitUnit.URGENT_HOUR: 3600,
    LimitUnit.WORKING_HOUR: 3600,
    LimitUnit.WORKING_DAY: 3600,
    LimitUnit.NATURAL_DAY: 24 * 3600,
}
"""How long one of a unit is at least."""


def mistakes(policy: Policy) -> Iterator[tuple[str, str]]:
    """Each mistake in the ladders of a policy: its code, and what to do."""
    for name, steps in (("ladder", policy.ladder), ("notice_ladder", policy.notice_ladder)):
        where = f"policy {policy.code}, {name}"
        yield from ((code, f"{where}: {detail}") for code, detail in _of_steps(steps))
    for detail in _falling(policy.notice_ladder):
        yield "colour_falls", f"policy {policy.code}, notice_ladder: {detail}"


def _of_steps(steps: Steps) -> Iterator[tuple[str, str]]:
    if len(steps) > MAX_STEPS:
        yield "too_many_steps", f"{len(steps)} steps, {MAX_STEPS} at most"
    marks = Counter((one.clock, one.percent) for one in steps)
    for (clock, percent), count in marks.items():
        if count > 1:
            yield (
                "duplicate_step",
                f"{count} steps at {percent} % of {clock}; leave the one that is meant",
            )
    for one in steps:
        where = f"{one.clock} at {one.percent} %"
        for rule in one.tell or ():
            if rule.role not in set(Role):
                yield (
                    "unknown_role",
                    f"{where} tells {rule.role}; write one of {', '.join(Role)}",
                )
        if one.repeat is not None and _too_short(one.repeat):
            yield "repeat_too_short", f"{where} is told again after less than a second"


def _too_short(repeat: Repeat) -> bool:
    return repeat.every.amount * SECONDS[repeat.every.unit] < SHORTEST_S


def _falling(steps: Sequence[NoticeStep]) -> Iterator[str]:
    """A later notice of a clock takes the place of the one before: it is never less grave."""
    for clock in Stage:
        there = sorted((one for one in steps if one.clock is clock), key=lambda one: one.percent)
        for before, after in pairwise(there):
            if after.colour.rank < before.colour.rank:
                yield (
                    f"{clock} is {before.colour} at {before.percent} % and {after.colour} at "
                    f"{after.percent} %; a later notice is never less grave"
                )
