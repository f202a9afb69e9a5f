"""The literal table of what may be done with a case, by whom, in which states, and why so.

The table is the rule and the documentation: the README's is made from it.
"""

from dataclasses import dataclass

from services.dispatch.domain.guards import Guard
from shared.contracts.cases_v1 import CaseState
from shared.contracts.incidents_v1 import Verb
from shared.contracts.roles import Role

S, R, G = CaseState, Role, Guard
HANDLERS = frozenset({R.UNIT_MEMBER, R.OFFICER, R.DEPARTMENT_SYSTEM})
CENTRE = frozenset({R.DISPATCHER, R.DUTY_HEAD})
CHECKERS = frozenset({R.INSPECTOR, R.SUPERVISOR})


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: a verb, from where, by whom, under which guards (in order), to where, and why."""

    verb: Verb
    states: tuple[CaseState, ...]
    roles: frozenset[Role]
    guards: tuple[Guard, ...]
    to: CaseState | None
    """The state after it; None leaves it as it is."""
    why: str


TABLE: tuple[Transition, ...] = (
    Transition(
        Verb.ACCEPT, (S.DISPATCHED,), HANDLERS, (G.OWN_UNIT,), S.ACCEPTED,
        "the unit takes the case; its handling clock starts",
    ),
    Transition(
        Verb.RETURN, (S.DISPATCHED, S.ACCEPTED), HANDLERS,
        (G.OWN_UNIT, G.REASON_GIVEN, G.NOTHING_PENDING), None,
        "a return is a request; asking stops no clock",
    ),
    Transition(
        Verb.APPROVE, (S.DISPATCHED, S.ACCEPTED), CENTRE, (G.REQUEST_PENDING,), S.FILED,
        "granted: filed again, and dispatched anew to another unit where there is one",
    ),
    Transition(
        Verb.DENY, (S.DISPATCHED, S.ACCEPTED), CENTRE, (G.REQUEST_PENDING, G.REASON_GIVEN), None,
        "refused: the case stays, and counts as buck-passing",
    ),
    Transition(
        Verb.HANDLED, (S.ACCEPTED,), HANDLERS, (G.OWN_UNIT,), S.HANDLED,
        "the unit hands back; the handling clock stops here, not at the verification",
    ),
    Transition(
        Verb.VERIFY, (S.HANDLED,), CHECKERS,
        (G.OUTCOME_GIVEN, G.NOT_A_HANDLER, G.ONE_LEVEL_UP), S.CLOSED,
        "passed: closed; failed: back to accepted at the same unit, as rework",
    ),
    Transition(
        Verb.REASSIGN, (S.FILED, S.DISPATCHED, S.ACCEPTED), CENTRE,
        (G.REASON_GIVEN, G.UNIT_KNOWN, G.OTHER_UNIT), S.DISPATCHED,
        "the centre names the unit; also for a case that no rule could dispatch",
    ),
    Transition(
        Verb.REOPEN, (S.CLOSED,), frozenset({R.SUPERVISOR, R.DISPATCHER, R.DUTY_HEAD, R.REPORTER}),
        (G.REASON_GIVEN, G.OWN_REPORT, G.IN_TIME_TO_REOPEN), S.DISPATCHED,
        "it was not done after all; the reporter may say so of its own",
    ),
    Transition(
        Verb.VOID, (S.FILED, S.DISPATCHED, S.ACCEPTED, S.HANDLED, S.CLOSED),
        frozenset({R.SUPERVISOR}), (G.REASON_GIVEN,), S.VOIDED,
        "it should never have been a case; what it counted is taken back",
    ),
)  # fmt: skip
ROWS: dict[Verb, Transition] = {row.verb: row for row in TABLE}


def as_markdown() -> str:
    """The table as Markdown."""
    lines = [
        "| action | from | by | only if | to | why |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| `{row.verb}` | {', '.join(row.states)} | {', '.join(sorted(row.roles))} "
        f"| {', '.join(row.guards) or '–'} | {row.to or 'as it is'} | {row.why} |"
        for row in TABLE
    ]
    return "\n".join(lines) + "\n"
