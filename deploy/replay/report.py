"""The account of a replay: every row has become something, and it is said what."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from deploy.feeds.faults import Fault
from deploy.feeds.rows import Row
from deploy.replay.outcomes import Outcome
from deploy.replay.posting import Posted

BY_DESK = ("answered", "transferred")


@dataclass(frozen=True, slots=True)
class Account:
    """Counts of rows, and what was not as it should be."""

    rows: int
    unreadable: int
    accepted: int
    refused: dict[str, int]
    """At the door, by the code of the problem."""
    filed: int
    rejected: dict[str, int]
    """By the rule."""
    linked: int
    """Duplicates of what is a case already."""
    by_desk: dict[str, int]
    """Answered or transferred by the acceptance desk."""
    in_review: dict[str, int]
    """By the rule."""
    unaccounted: int
    """Accepted, and without an outcome when the patience ended."""
    grid_named: int
    """Filed rows that themselves name a grid of the registry."""
    grid_equal: int
    """Of these, those that were filed in that grid."""
    unit_named: int
    """Filed rows that themselves name a unit."""
    unit_equal: int
    """Of these, those that were given to that unit."""

    @property
    def whole(self) -> bool:
        """Whether every row was accepted and has an outcome."""
        return not (self.unreadable or self.refused or self.unaccounted)


def account(
    rows: Sequence[Row],
    faults: Sequence[Fault],
    posted: Posted,
    outcomes: Mapping[str, Outcome],
    grids: Collection[str],
) -> Account:
    """Add it all up; ``grids`` are the codes of the registry's grids."""
    by_rule: dict[str, Counter[str]] = {"rejected": Counter(), "in_review": Counter()}
    by_state: Counter[str] = Counter()
    filed = named = equal = unit_named = unit_equal = unaccounted = 0
    for row in rows:
        incident = posted.incidents.get(row.number)
        if incident is None:
            continue
        outcome = outcomes.get(incident)
        if outcome is None:
            unaccounted += 1
        elif outcome.state in by_rule:
            by_rule[outcome.state][outcome.rule or "unknown"] += 1
        elif outcome.state in {"linked", *BY_DESK}:
            by_state[outcome.state] += 1
        else:
            filed += 1
            if row.own_grid in grids:
                named += 1
                equal += outcome.grid == row.own_grid
            unit_named += row.own_unit is not None
            unit_equal += row.own_unit is not None and outcome.unit == row.own_unit
    return Account(
        rows=len(rows) + len(faults),
        unreadable=len(faults),
        accepted=len(posted.incidents),
        refused=dict(Counter(posted.refused.values()).most_common()),
        filed=filed,
        rejected=dict(by_rule["rejected"].most_common()),
        linked=by_state["linked"],
        by_desk={state: by_state[state] for state in BY_DESK if by_state[state]},
        in_review=dict(by_rule["in_review"].most_common()),
        unaccounted=unaccounted,
        grid_named=named,
        grid_equal=equal,
        unit_named=unit_named,
        unit_equal=unit_equal,
    )
