"""The document of one incident in dispatch.

Three parts, one a topic, so that the order between topics does not matter: the report
(``incidents.v1``), what dispatch decided (``cases.v1``), and supervision (``escalations.v1``).
"""

from shared.contracts.base import Code, Contract, GridCode, Id, Instant, Limit, Stage
from shared.contracts.case_v1 import OPEN_STATES, Case
from shared.contracts.cases_v1 import Adrift
from shared.contracts.flows import Flow
from shared.contracts.incidents_v1 import IncidentReported
from shared.contracts.outcomes_v1 import Ending, PutRight
from shared.contracts.policies import PolicyRef, RequestRules
from shared.contracts.registry_v1 import Near
from shared.contracts.rule_v1 import Rule


class Following(Contract):
    """The case that a duplicate follows."""

    case_id: Id
    """The incident whose case it is."""
    case_no: str
    """案卷号 of that case."""
    grid: GridCode | None = None
    """The grid of the follower itself."""


class Decided(Contract):
    """What dispatch decided so far: the fold of its own events."""

    case: Case | None = None
    """The case as it is; none when the incident was not filed."""
    ending: Ending | None = None
    """What became of an incident without a case."""
    rule: Rule | None = None
    """Why."""
    follows: Following | None = None
    """The case that it is linked to, while it is."""
    look: bool = False
    """Whether somebody is to look on site before it is filed."""
    look_by: Code | None = None
    """The unit whose officers are to; none: whoever inspects the grid."""
    put_right: PutRight | None = None
    """What the desk sent somebody to look for, instead of what was reported."""
    rejected_by: str | None = None
    """The subject who rejected it; whoever did decides no appeal against it."""
    appealed: bool = False
    """Whether the reporter appealed against the rejection."""
    alone: bool = False
    """Whether somebody separated it: the rules never link it again."""
    near: Near | None = None
    """Within what others are linked to it, as its matter said when it was filed."""
    sequence: int = 0
    """The number of the last event."""
    changed: int = 0
    """The number of the last event that changed anything; a refusal changes nothing, nor does a
    look at redrawn grids that leaves it where it was."""
    requests: RequestRules | None = None
    """Who decides its requests, as the policy said when it was filed."""
    handle_limit: Limit | None = None
    """The limit to handle it with which it was filed, or came to the state in which its flow is."""
    centre: str | None = None
    """The area whose centre dispatched it last; none: nobody has, or an older version did."""
    flow: Flow | None = None
    """The flow by which it is handled, as it was when it was filed."""
    reopen_within_days: int = 0
    """As the policy said when it was filed."""
    policy: PolicyRef | None = None
    """Which policy that was, or by which it was armed anew; none: an older version filed it."""
    acknowledged: tuple[int, ...] = ()
    """The orders and notices that were acknowledged, by the numbers of their events."""
    participants: tuple[str, ...] = ()
    """Subjects who took part in the handling: they never verify it."""
    handlers: tuple[str, ...] = ()
    """Units that took part in the handling."""
    returned_by: tuple[str, ...] = ()
    """Units whose return was granted: the rules never choose them again."""
    adrift: Adrift | None = None
    """Why the case lies in no grid that is in force, as it was last looked at."""

    @property
    def undecided(self) -> bool:
        """Whether nothing has become of the incident yet, whatever was asked for meanwhile."""
        return self.case is None and self.ending is None

    @property
    def open_case(self) -> Case | None:
        """The case, while it is open."""
        return self.case if self.case is not None and self.case.state in OPEN_STATES else None


class Breach(Contract):
    """A limit that was breached."""

    task: str
    clock: Stage
    run: int
    unit: Code | None = None
    """The unit that is charged with it."""
    due_at: Instant
    told_at: Instant | None = None
    """When escalation told of it."""

    @property
    def known_at(self) -> Instant:
        """From when the unit could know of it."""
        return max(self.due_at, self.told_at or self.due_at)


class Raised(Contract):
    """A notice that was raised and not withdrawn."""

    n: int
    """The number of its event."""
    task: str
    clock: Stage
    run: int
    percent: int


class Dossier(Contract):
    """All that dispatch knows of one incident."""

    report: IncidentReported | None = None
    """As it was reported; none where only others' events have arrived."""
    record: tuple[int, int] | None = None
    """Partition and offset of the report in its topic: the serial of its case number."""
    decided: Decided = Decided()
    """What dispatch decided."""
    supervision: str | None = None
    """The supervision order in force."""
    supervised_by: str | None = None
    """The area whose centre gave it."""
    issuers: tuple[str, ...] = ()
    """Who has ordered supervision by hand: they decide no appeal against its breaches."""
    order: int = 0
    """The number of that order's event; 0: an older version heard of it."""
    notices: tuple[Raised, ...] = ()
    """The notices that were raised, as escalation says."""
    breaches: tuple[Breach, ...] = ()
    """The limits that were breached, as escalation says: by a mark, or by a clock that was missed
    without one."""

    @property
    def told(self) -> tuple[int, ...]:
        """The order in force and the notices, by the numbers of their events."""
        ordered = () if self.supervision is None else (self.order,)
        return (*ordered, *(one.n for one in self.notices))

    @property
    def unacknowledged(self) -> tuple[int, ...]:
        """Those of them that nobody has acknowledged."""
        return tuple(one for one in self.told if one not in self.decided.acknowledged)

    @property
    def breached_at(self) -> Instant | None:
        """When the lead's limit to handle it was breached last."""
        found = [
            one.due_at for one in self.breaches if (one.task, one.clock) == ("lead", Stage.HANDLE)
        ]
        return max(found, default=None)
