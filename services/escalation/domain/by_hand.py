"""Supervision by hand (人工督办): the order that somebody above wants, or wants lifted."""

from collections.abc import Sequence

from services.escalation.domain.repeating import instants, repeat_of
from services.escalation.domain.supervision import rank
from services.escalation.domain.telling import of_end, of_order, to_act, to_hurry
from services.escalation.domain.watch import Watch
from shared.contracts.base import EventData
from shared.contracts.escalations_v1 import SupervisionOrdered, SupervisionReleased
from shared.contracts.supervising_v1 import CaseReleased, CaseSupervised
from shared.worktime.calendar import Calendar


def by_hand(
    watch: Watch, data: CaseSupervised | CaseReleased, calendar: Calendar
) -> Sequence[EventData]:
    """The order, or its end; nothing where one as high is in force, or none is.

    It is told again as the ladder says of an order of that level, and lifted by hand or with the
    case.
    """
    before, case = watch.supervision, data.case
    if isinstance(data, CaseReleased):
        if before is None:
            return ()
        released = SupervisionReleased(
            incident_id=data.incident_id, case_no=case.case_no, at=data.at, level=before,
            unit=to_hurry(watch), grid=case.grid, actor=data.actor, said=data.reason,
            tell=of_end(watch, before),
        )  # fmt: skip
        return [released]
    if rank(data.level) <= rank(before):
        return ()
    unit = to_act(watch)
    ordered = SupervisionOrdered(
        incident_id=data.incident_id, case_no=case.case_no, at=data.at, level=data.level,
        previous=before, unit=unit, grid=case.grid, issuer=data.issuer,
        issuer_area=data.issuer_area, actor=data.actor, said=data.reason,
        tell=of_order((data.issuer_area,), unit),
        reminders=instants(repeat_of(watch.facts.ladder, data.level), data.at, calendar),
    )  # fmt: skip
    return [ordered]
