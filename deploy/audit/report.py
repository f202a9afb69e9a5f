"""What an audit says in the end."""

from dataclasses import asdict, dataclass
from typing import Any

from deploy.audit.letters import Letter
from deploy.audit.problems import Findings, Problem

LETTERS_LISTED = 200


@dataclass(frozen=True, slots=True)
class Report:
    """The result: every accepted incident has one outcome, waits in review, or is in flight.

    ``problems`` are the first ones with their particulars, ``problem_counts`` all by kind;
    ``in_flight`` what was merely on its way; ``waiting`` what the services had not handled when
    the patience ran out.
    """

    accepted: int
    filed: int
    rejected: int
    linked: int
    answered: int
    transferred: int
    in_review: int
    problems: tuple[Problem, ...]
    problem_counts: dict[str, int]
    in_flight: dict[str, int]
    waiting: dict[str, int]
    dead_letters: tuple[Letter, ...]
    counts: dict[str, int]

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problem_counts

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        letters = [
            {**asdict(one), "about": sorted(one.about)}
            for one in self.dead_letters[:LETTERS_LISTED]
        ]
        return {"clean": self.clean, **asdict(self), "dead_letters": letters}


def report(findings: Findings, waiting: dict[str, int], letters: list[Letter]) -> Report:
    """The report of what was found."""
    counts = findings.counts
    return Report(
        accepted=counts["accepted"],
        filed=counts["filed"],
        rejected=counts["rejected"],
        linked=counts["linked"],
        answered=counts["answered"],
        transferred=counts["transferred"],
        in_review=counts["in_review"],
        problems=tuple(findings.problems),
        problem_counts=dict(findings.kinds),
        in_flight={name: n for name, n in findings.in_flight.items() if n},
        waiting=waiting,
        dead_letters=tuple(letters),
        counts={name: n for name, n in sorted(counts.items()) if n},
    )
