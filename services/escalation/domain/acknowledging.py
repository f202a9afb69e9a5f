"""Somebody has acknowledged (签收) an order, or notices: they are told no more."""

from collections.abc import Sequence
from typing import Any

from services.escalation.domain.telling import of_reminder, together
from services.escalation.domain.watch import Watch
from shared.contracts.base import EventData
from shared.contracts.reminders_v1 import NoticeRef, NoticesAcknowledged, SupervisionAcknowledged
from shared.contracts.supervising_v1 import CaseAcknowledged, IncidentAcknowledged


def acknowledged(
    watch: Watch, data: CaseAcknowledged | IncidentAcknowledged
) -> Sequence[EventData]:
    """What was acknowledged and still stands; a higher order that was given meanwhile does not."""
    order, facts = watch.order, watch.facts
    unit = data.case.unit if isinstance(data, CaseAcknowledged) else None
    common: dict[str, Any] = {
        "incident_id": data.incident_id,
        "case_no": facts.case_no,
        "at": data.at,
        "unit": unit.code if unit else None,
        "grid": facts.grid,
        "actor": data.actor,
        "said": data.reason,
    }
    follows: list[EventData] = []
    if order is not None and not order.acknowledged and order.n in data.orders:
        said = {"order": order.n, "level": order.level, "tell": of_reminder(watch, order)}
        follows.append(SupervisionAcknowledged.model_validate({**common, **said}))
    notices = [one for one in watch.notices if one.n in data.orders]
    if notices:
        refs = tuple(NoticeRef(order=one.n, colour=one.colour, mark=one.mark) for one in notices)
        tell = together(*(one.tell for one in notices))
        follows.append(NoticesAcknowledged(**common, notices=refs, tell=tell))
    return follows
