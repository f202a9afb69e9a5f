"""The document of one incident in analytics: its timeline.

Three parts, one a topic, so that the order between topics does not matter. The parts hold what is
shown in the shape in which it is stored: a document is read and written for every few events, and
to validate again what this service wrote itself would cost most of its time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.contracts.case_v1 import OPEN_STATES
from shared.contracts.escalations_v1 import ClockState

Stored = Mapping[str, Any]
"""A part of a document in the shape of BSON; it is replaced, never changed."""
NOTHING: Stored = {}

Steps = tuple[Stored, ...]
"""The events of a part in their order, as they are shown: ``sequence``, ``type``, ``at``, and of
``roles``, ``by_unit`` (who acted: no names, no ids), ``action``, ``rule``, ``reason``, ``unit``
(who had the case after it; of a task ``to`` is told in its place), ``clock``, ``percent``,
``level``, ``colour``, ``clocks`` what the event has; of a reminder ``number``, ``of``; of a case
that is armed anew ``policy_n``, ``policy_n_before``; of a decision also on what it stands:
``registry`` (its version), ``matter_n``, ``condition``, ``place`` (by which an address was
located), ``component``, ``unrouted`` (why nobody got it), ``centre``, ``candidates`` (units that
did not get it, and why), ``passed_over`` (rules whose lead could not be had), ``ending``,
``explanation``; of a link ``case_id``, ``case_no``, ``metres``, ``minutes``; of a look ``passed``;
of a transfer, a copy or a task ``to``; of a task ``task``; of an extension ``extended_by``; of a
lapse ``kind``; of a case that was handed on ``centre``, ``centre_before``; of a granted return, and
of a dispatch after one, ``returns`` (how many were granted by then); of what was handled
``photos``, and of a spot check whether it was ``drawn``; of a turn of a flow ``turn``,
``state_before``, ``state_after``, ``papers``, and what an inspection ``found``; of whom it was
given to, or who was sent to look, ``unit_names``; of what tells whose time passes
(`domain.spending`) ``waits``, ``suspension``, and of clocks in working time ``runs``."""

Days = Mapping[str, str]
"""On which local day the incident counts as what (`domain.facts`)."""


@dataclass(frozen=True, slots=True)
class Reported:
    """The part of ``incidents.v1``."""

    report: Stored | None = None
    """``receipt_no``, ``received_at``, ``counts_from``, ``source``, and of ``matter``, ``location``
    (longitude, latitude), ``address``, ``description``, ``occurred_at``, ``external_id`` what was
    said, and ``plan``, ``arises_from``; who reported it is not kept."""
    days: Days = field(default_factory=dict)
    steps: Steps = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """The part of ``cases.v1``; of two events the one with the higher number says how it stands."""

    latest: int = 0
    """The number of the last event that changed anything."""
    state: str | None = None
    """What became of an incident without a case, or the state of the case."""
    case: Stored | None = None
    """The case as it is shown, once it is filed."""
    outcome: Stored | None = None
    """What became of an incident that is no case; of a void case why it is, beside the case."""
    was: Stored | None = None
    """What of it was filed before it was no case any more (the second look has linked it): of
    ``case_no``, ``grid``, ``matter``, ``component``, ``dispatched_by`` what there was."""
    days: Days = field(default_factory=dict)
    steps: Steps = ()

    @property
    def filed(self) -> Stored:
        """As what it is filed, or was once; nothing, if it never was."""
        return self.case or self.was or NOTHING

    @property
    def public(self) -> bool | None:
        """Whether anybody may be told of it; None: in part, because it is filed as nothing (yet).

        What was filed once as what is not public stays so, whatever becomes of it.
        """
        filed = [one for one in (self.case, self.was) if one is not None]
        if not all(one["matter"]["public"] for one in filed):
            return False
        return None if self.case is None else True

    @property
    def place(self) -> tuple[str | None, str | None, str | None]:
        """Grid, matter and unit, as far as they are known."""
        if self.case is not None:
            unit = self.case.get("unit")
            return self.case["grid"], self.case["matter"]["code"], unit and unit["code"]
        if self.outcome is not None:
            return self.outcome.get("grid"), self.outcome.get("matter"), None
        return None, None, None


@dataclass(frozen=True, slots=True)
class Clocked:
    """The part of ``escalations.v1``."""

    latest: int = 0
    clocks: Mapping[str, Stored] = field(default_factory=dict)
    """The latest run of each clock, by ``task/stage``."""
    supervision: str | None = None
    """The order in force."""
    order: Stored | None = None
    """That order: ``n`` (the number of its event), ``level``, ``at``, ``of`` (so often it is told
    again at most), and of ``reminded`` (the number of the last time), ``acknowledged`` (``at``,
    ``roles``, ``by_unit``) what there is."""
    steps: Steps = ()

    def due(self, clock: str) -> datetime | None:
        """When that clock is due; None where it does not run, unless it stands and was missed."""
        found = self.clocks.get(clock, NOTHING)
        due, stopped, state = found.get("due_at"), found.get("stopped_at"), found.get("state")
        if not isinstance(due, datetime):
            return None
        missed = isinstance(stopped, datetime) and stopped > due
        stands = state == ClockState.PAUSED
        return due if state == ClockState.RUNNING or (stands and missed) else None


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that is shown and counted of one incident."""

    incident: Reported = Reported()
    case: Decided = Decided()
    escalation: Clocked = Clocked()

    @property
    def state(self) -> str:
        """The word of the domain for where the incident is now."""
        return self.case.state or "reported"

    @property
    def is_open(self) -> bool:
        """Whether it is a case that is not closed, nor void."""
        return self.case.case is not None and self.case.state in OPEN_STATES


def newest(steps: Sequence[Stored]) -> int:
    """The number of the newest event of a part; 0 where there is none.

    Of ``cases.v1`` that is what dispatch compares with an action's ``expected_sequence``. A step
    that comes late does not change it.
    """
    return max((one["sequence"] for one in steps), default=0)
