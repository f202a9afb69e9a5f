"""What may follow what: of an incident that waits in review, and of one that does not."""

from collections.abc import Sequence
from typing import Any

import pytest

from deploy.audit.outcomes import check, link_of, outcome, separation_of, void_of
from shared.contracts.cases_v1 import CaseFiled, CaseVoided
from shared.contracts.envelope import Event
from shared.contracts.golden import cases, incidents
from shared.contracts.golden.story import INCIDENT, RECEIVED
from shared.contracts.incidents_v1 import IncidentReported
from shared.contracts.outcomes_v1 import (
    IncidentHeld,
    IncidentLinked,
    IncidentRejected,
    IncidentSeparated,
)
from shared.contracts.supervising_v1 import IncidentAcknowledged

SAID = {type(one.event.data): one.event.data for one in cases.examples()}
REPORTED = next(
    one.event for one in incidents.examples() if isinstance(one.event.data, IncidentReported)
)
Kinds = Sequence[type]


LINKED, SEPARATED = IncidentLinked, IncidentSeparated


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


@pytest.mark.parametrize(
    ("kinds", "found", "link", "separation"),
    [
        ((LINKED,), "linked", 1, None),
        ((LINKED, SEPARATED), "none", None, 2),
        ((LINKED, SEPARATED, CaseFiled), "filed", None, None),
        ((LINKED, SEPARATED, LINKED), "linked", 3, None),
        ((LINKED, SEPARATED, IncidentHeld), "in_review", None, None),
        ((), "none", None, None),
    ],
)
def test_who_is_separated_has_no_outcome_until_it_is_decided_again(
    kinds: Kinds, found: str, link: int | None, separation: int | None
) -> None:
    said = events(*kinds)
    assert check(INCIDENT, [REPORTED], said) == []
    assert outcome(said) == found
    assert _number(link_of(said)) == link
    assert _number(separation_of(said)) == separation


@pytest.mark.parametrize(
    ("kinds", "void"),
    [
        ((CaseFiled,), None),
        ((CaseFiled, CaseVoided), 2),
        ((CaseFiled, CaseVoided, LINKED), 2),
        ((CaseFiled, CaseVoided, LINKED, SEPARATED, CaseFiled), None),
        ((LINKED,), None),
    ],
)
def test_a_void_case_is_none_unless_it_is_filed_again(kinds: Kinds, void: int | None) -> None:
    assert _number(void_of(events(*kinds))) == void


def _number(event: Event[Any] | None) -> int | None:
    return None if event is None else event.sequence
