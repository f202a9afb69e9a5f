"""What becomes of an incident that is no case: the outcome with the facts that it stands on."""

from typing import Any, TypeVar

from services.dispatch.domain.by import THE_RULES, By
from services.dispatch.domain.explanations import EXPLANATIONS
from services.dispatch.domain.finding import Findings
from shared.contracts.incidents_v1 import IncidentReported
from shared.contracts.outcomes_v1 import IncidentHeld, Obstacle, Outcome
from shared.contracts.rule_v1 import Rule

O = TypeVar("O", bound=Outcome)  # noqa: E741 - an outcome
H = TypeVar("H", bound=IncidentHeld)


def outcome(
    kind: type[O],
    reported: IncidentReported,
    findings: Findings,
    rule: Rule,
    by: By = THE_RULES,
    **more: Any,  # noqa: ANN401 - the event's own fields
) -> O:
    """An outcome of this kind by a rule, in the rule's words unless ``explanation`` has others."""
    policy, report = findings.policy, reported.report
    others = findings.also if by is THE_RULES and rule is findings.rule else ()
    explanation = more.pop("explanation", None) or EXPLANATIONS[rule]
    return kind(
        incident_id=reported.incident_id,
        rule=rule,
        explanation=explanation,
        also=tuple(Obstacle(rule=one, explanation=EXPLANATIONS[one]) for one in others),
        counts_from=reported.counts_from,
        received_at=reported.received_at,
        zone=policy.zone if policy else reported.zone,
        grid=findings.grid.code if findings.grid else None,
        matter=report.matter,
        location=report.location,
        source=report.source,
        actor=by.actor,
        action_id=by.action_id,
        reason=by.reason,
        **more,
    )


def held(
    kind: type[H],
    reported: IncidentReported,
    findings: Findings,
    rule: Rule,
    by: By = THE_RULES,
    **more: Any,  # noqa: ANN401
) -> H:
    """It waits in review, with the clock and the ladder of its area."""
    policy = findings.policy
    return outcome(
        kind, reported, findings, rule, by,
        filing_limit=policy.filing_limit if policy else None,
        calendar=findings.calendar,
        ladder=policy.ladder if policy else (),
        notice_ladder=policy.notice_ladder if policy else (),
        **more,
    )  # fmt: skip
