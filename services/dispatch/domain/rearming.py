"""A case goes by the policy now in force (按新政策重设): ladders, requests, days for reopening."""

from collections.abc import Sequence
from datetime import datetime

from services.dispatch.domain.doing import Doing
from services.dispatch.domain.dossier import Decided
from services.dispatch.domain.finding import ref_of
from shared.contracts.base import EventData
from shared.contracts.case_v1 import Case
from shared.contracts.policies import Policy, PolicyRef
from shared.contracts.supervising_v1 import CaseRearmed
from shared.registry.snapshot import Snapshot


def policy_of(case: Case, registry: Snapshot, at: datetime) -> Policy | None:
    """The policy in force where a case lies."""
    return registry.policy(case.grid, at)


def is_armed_otherwise(case: Case, decided: Decided, policy: Policy, registry: Snapshot) -> bool:
    """Whether a policy says otherwise than the one by which a case goes.

    Of a case that an older version filed, the case itself has the ladders.
    """
    by = _named(decided.policy, registry) or case
    goes_by = (by.ladder, by.notice_ladder, decided.requests, decided.reopen_within_days)
    says = (policy.ladder, policy.notice_ladder, policy.requests, policy.reopen_within_days)
    return goes_by != says


def _named(ref: PolicyRef | None, registry: Snapshot) -> Policy | None:
    """The policy at the version under which a case was filed or armed; none: nobody knows."""
    found = registry.numbered(f"policy/{ref.code}", ref.n) if ref else None
    return found.entry if found and isinstance(found.entry, Policy) else None


def rearm(doing: Doing) -> Sequence[EventData]:
    """It goes by that policy. Raises ValueError: a guard has asked for one before."""
    policy = policy_of(doing.case, doing.registry, doing.at)
    if policy is None:
        raise ValueError(f"no policy is in force in {doing.case.grid}")
    event = doing.event(
        CaseRearmed,
        # A case that an older version filed has ladders of its own: they rule no more.
        {"ladder": (), "notice_ladder": ()},
        policy=ref_of(policy, doing.registry, doing.at),
        policy_before=doing.decided.policy,
        requests=policy.requests,
        reopen_within_days=policy.reopen_within_days,
        ladder=policy.ladder,
        notice_ladder=policy.notice_ladder,
    )
    return [event]
