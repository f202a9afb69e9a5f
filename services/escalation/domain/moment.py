"""A watch at an instant: what the rules look at when something follows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.escalation.domain.watch import Watch
from shared.worktime.calendar import Calendar


@dataclass(frozen=True, slots=True)
class Moment:
    """A watch, the instant at which it is looked at, and by what its limits are counted."""

    watch: Watch
    incident_id: str
    at: datetime
    calendar: Calendar

    @property
    def common(self) -> dict[str, Any]:
        """What all events say."""
        case_no = self.watch.facts.case_no
        return {"incident_id": self.incident_id, "case_no": case_no, "at": self.at}
