"""What may follow what: of an incident that waits in review, and of one that does not."""

from collections.abc import Sequence
from typing import Any

import pytest

from deploy.audit.outcomes import check, outcome
from shared.contracts.cases_v1 import CaseFiled
from shared.contracts.envelope import Event
from shared.contracts.golden import cases, incidents
from shared.contracts.golden.story import INCIDENT, RECEIVED
from shared.contracts.incidents_v1 import IncidentReported
from shared.contracts.outcomes_v1 import IncidentHeld, IncidentRejected
from shared.contracts.supervising_v1 import IncidentAcknowledged

SAID = {type(one.event.data): one.event.data for one in cases.examples()}
REPORTED = next(
    one.event for one in incidents.examples() if isinstance(one.event.data, IncidentReported)
)
Kinds = Sequence[type]


def events(*kinds: type) -> list[Event[Any]]:
    """Events of these types, as they are numbered."""
    return [
        Event(
            id=f"e-{number}", source="/wangge/dispatch", subject=INCIDENT, time=RECEIVED,
            data=SAID[kind], correlation_id=INCIDENT, causation_id=INCIDENT, sequence=number,
        )
        for number, kind in enumerate(kinds, 1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kinds", "codes", "found"),
    [
        ((IncidentHeld, IncidentAcknowledged), [], "in_review"),
        ((IncidentHeld, IncidentAcknowledged, CaseFiled), [], "filed"),
        ((IncidentHeld, IncidentAcknowledged, IncidentRejected), [], "rejected"),
        ((IncidentAcknowledged,), ["two_outcomes"], "in_review"),
        ((CaseFiled, IncidentAcknowledged), ["two_outcomes"], "in_review"),
        ((CaseFiled, IncidentRejected), ["two_outcomes"], "rejected"),
    ],
)
def test_only_what_waits_in_review_is_acknowledged_as_such(
    kinds: Kinds, codes: list[str], found: str
) -> None:
    said = events(*kinds)
    assert [one.kind for one in check(INCIDENT, [REPORTED], said)] == codes
    assert outcome(said) == found
