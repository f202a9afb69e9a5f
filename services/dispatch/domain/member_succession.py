"""What it means for open cases that their member is withdrawn, has left, or changed its unit."""

from collections.abc import Sequence
from datetime import datetime

from services.dispatch.domain.dossier import Dossier
from services.dispatch.domain.members import member_for
from services.dispatch.domain.routes import Routing
from services.dispatch.domain.routing import filed_under
from services.dispatch.domain.subject import local_time, subject_of
from services.dispatch.domain.succession import AT_WORK
from shared.contracts.base import EventData
from shared.contracts.case_v1 import Case
from shared.contracts.cases_v1 import MemberChanged
from shared.contracts.choice_v1 import MemberChoice
from shared.contracts.registry_v1 import EntrySet, Officer
from shared.ledger.walk import Group
from shared.registry.snapshot import Snapshot
from shared.registry.validity import in_force


class MemberSuccession:
    """The walk by which open cases leave members who are no more of their unit."""

    name = "members"
    columns = ("unit", "member")

    def concerns(self, group: Group, registry: Snapshot, at: datetime) -> bool:
        """Whether the member has gone."""
        member, unit = group["member"], group["unit"]
        return member is not None and _gone(registry, member, unit, at) is not None

    def cause(self, state: Dossier, registry: Snapshot, at: datetime) -> tuple[object, ...] | None:
        """The change by which the member has gone."""
        gone = _of(state, registry, at)
        return (gone.change.id,) if gone else None

    def follows(self, incident_id: str, dossier: Dossier, routing: Routing) -> Sequence[EventData]:
        """Another member has it: the successor who is named, else whoever the rules choose."""
        gone, case = _of(dossier, routing.registry, routing.at), dossier.decided.case
        if gone is None or case is None or case.member is None:
            return []
        chosen = _successor(gone, case, routing) or _by_rules(dossier, case, routing)
        member = chosen.subject if chosen else None
        return [
            MemberChanged(
                incident_id=incident_id,
                at=routing.at,
                case=case.model_copy(update={"member": member}),
                change=gone.change.id,
                member_before=case.member,
                member=chosen,
            )
        ]


def _of(dossier: Dossier, registry: Snapshot, at: datetime) -> EntrySet | None:
    """The version by which the member of a case at work has gone."""
    case = dossier.decided.case
    if case is None or case.member is None or case.state not in AT_WORK:
        return None
    return _gone(registry, case.member, case.unit.code if case.unit else None, at)


def _gone(registry: Snapshot, member: str, unit: str | None, at: datetime) -> EntrySet | None:
    newest = registry.begun(f"officer/{member}", at)
    if newest is None or not isinstance(newest.entry, Officer):
        return None
    stays = in_force(newest, at) and newest.entry.unit == unit
    return None if stays and not _has_left(newest.entry, registry, at) else newest


def _has_left(officer: Officer, registry: Snapshot, at: datetime) -> bool:
    """Whether its last day is over, by the calendar of its unit's area."""
    if officer.left is None:
        return False
    unit = registry.unit(officer.unit, at)
    policy = registry.policy(unit.area if unit else None, at)
    local = local_time(policy.zone, at) if policy else at
    return local.date().isoformat() >= officer.left


def _successor(gone: EntrySet, case: Case, routing: Routing) -> MemberChoice | None:
    """The one whom the withdrawal names, while it is a member of the unit."""
    unit = case.unit.code if case.unit else ""
    registry, at = routing.registry, routing.at
    members = registry.officers(unit, at)
    fitting = {one.code for one in members if not _has_left(one, registry, at)}
    if gone.successor is None or gone.successor not in fitting:
        return None
    load = routing.loads.members.get(gone.successor, 0)
    return MemberChoice(subject=gone.successor, load=load)


def _by_rules(dossier: Dossier, case: Case, routing: Routing) -> MemberChoice | None:
    registry, at = routing.registry, routing.at
    unit = registry.unit(case.unit.code, at) if case.unit else None
    if unit is None or dossier.report is None:
        return None
    subject = subject_of(dossier.report, case, filed_under(registry, case.matter))
    return member_for(registry, unit, subject, at, routing.loads)
