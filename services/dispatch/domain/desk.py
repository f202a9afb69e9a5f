"""What becomes of an incident without a case when somebody decides: mostly the acceptance desk.

It files, rejects, answers, transfers or orders a look on site (受理); an officer looks; a reporter
appeals against a rejection. That it may be done, the table has said before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.dispatch.domain.by import By, whoever_asked
from services.dispatch.domain.dossier import Dossier
from services.dispatch.domain.explanations import FOUND_AS_REPORTED
from services.dispatch.domain.filing import filed
from services.dispatch.domain.finding import Findings, find
from services.dispatch.domain.looking import look_ordered, team_of
from services.dispatch.domain.lookups import Lookups
from services.dispatch.domain.outcomes import held, outcome
from services.dispatch.domain.putting_right import named_by, put_right
from services.dispatch.domain.routes import Routing
from shared.contracts.base import EventData
from shared.contracts.envelope import Origin
from shared.contracts.incidents_v1 import ActionRequested, IncidentReported, Verb
from shared.contracts.outcomes_v1 import (
    IncidentAnswered,
    IncidentHeld,
    IncidentLooked,
    IncidentRejected,
    IncidentTransferred,
)
from shared.contracts.rule_v1 import Rule
from shared.contracts.supervising_v1 import IncidentAcknowledged
from shared.contracts.topics import INCIDENTS
from shared.registry.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Deciding:
    """An action that may be done, on an incident that is no case."""

    asked: ActionRequested
    reported: IncidentReported
    dossier: Dossier
    registry: Snapshot
    lookups: Lookups

    @property
    def by(self) -> By:
        """Whoever asked."""
        return whoever_asked(self.asked)

    @property
    def findings(self) -> Findings:
        """What the registry says of the report as it came."""
        return find(self.reported, self.registry, self.asked.received_at)

    @property
    def put_right(self) -> Findings:
        """What it says of the report as the actor has put it right."""
        reported = put_right(self.reported, self.asked.request)
        return find(reported, self.registry, self.asked.received_at)


def _file(deciding: Deciding) -> Sequence[EventData]:
    return _filed(deciding, deciding.by)


def _filed(deciding: Deciding, by: By) -> Sequence[EventData]:
    """As the actor has put it right; nothing, where something still stands in the way."""
    asked, record = deciding.asked, deciding.dossier.record
    reported, fit = put_right(deciding.reported, asked.request), deciding.put_right.fit
    if fit is None or record is None:
        return ()
    routing = Routing(deciding.registry, asked.received_at, deciding.lookups.loads)
    return filed(reported, fit, Origin(INCIDENTS.name, *record), routing, by)


def _reject(deciding: Deciding) -> Sequence[EventData]:
    findings = deciding.findings
    rule = Rule.REJECTED_BY_DESK
    return [outcome(IncidentRejected, deciding.reported, findings, rule, deciding.by)]


def _answer(deciding: Deciding) -> Sequence[EventData]:
    findings = deciding.findings
    rule = Rule.ANSWERED_BY_DESK
    return [outcome(IncidentAnswered, deciding.reported, findings, rule, deciding.by)]


def _transfer(deciding: Deciding) -> Sequence[EventData]:
    rule, to = Rule.TRANSFERRED_BY_DESK, deciding.asked.request.to or ""
    return [
        outcome(IncidentTransferred, deciding.reported, deciding.findings, rule, deciding.by, to=to)
    ]


def _look(deciding: Deciding) -> Sequence[EventData]:
    at, named = deciding.asked.received_at, deciding.asked.request.unit
    registry, findings = deciding.registry, deciding.put_right
    unit = registry.unit(named, at) if named else team_of(findings, registry, at)
    request = deciding.asked.request
    reported = put_right(deciding.reported, request)
    named_right = named_by(request, deciding.dossier.decided.put_right)
    return [look_ordered(reported, findings, unit, deciding.by, named_right)]


def _looked(deciding: Deciding) -> Sequence[EventData]:
    passed = bool(deciding.asked.request.passed)
    then = _filed(deciding, By(deciding.asked.actor, deciding.asked.action_id)) if passed else ()
    rule = Rule.NOT_AS_REPORTED
    if passed:  # what is filed next was as reported; what is not, lacks what the rule names
        rule = Rule.TO_BE_VERIFIED if then else deciding.put_right.rule
    looked = held(
        IncidentLooked, deciding.reported, deciding.findings, rule, deciding.by,
        explanation=FOUND_AS_REPORTED if then else None,
        passed=passed,
    )  # fmt: skip
    return [looked, *then]


def _appeal(deciding: Deciding) -> Sequence[EventData]:
    return [held(IncidentHeld, deciding.reported, deciding.findings, Rule.APPEALED, deciding.by)]


def _acknowledge(deciding: Deciding) -> Sequence[EventData]:
    asked = deciding.asked
    return [
        IncidentAcknowledged(
            incident_id=asked.incident_id,
            at=asked.received_at,
            actor=asked.actor,
            action_id=asked.action_id,
            reason=asked.request.reason,
            orders=deciding.dossier.unacknowledged,
        )
    ]


AT_THE_DESK: dict[Verb, Callable[[Deciding], Sequence[EventData]]] = {
    Verb.FILE: _file,
    Verb.REJECT: _reject,
    Verb.ANSWER: _answer,
    Verb.TRANSFER: _transfer,
    Verb.LOOK: _look,
    Verb.VERIFY: _looked,
    Verb.APPEAL: _appeal,
    Verb.ACKNOWLEDGE: _acknowledge,
}
