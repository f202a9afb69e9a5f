"""Nothing ends unseen, and nothing that is scheduled is lost unseen."""

from datetime import datetime, timedelta

import pytest

from services.intake.domain.change import Candidate, Part, What
from services.intake.domain.validity_rules import brings_end, scheduled_refused, span_refused
from shared.contracts.registry_v1 import EntrySet
from shared.registry.spans import Span
from tests.unit.intake.driving import NOW
from tests.unit.intake.entries import unit
from tests.unit.intake.test_withdrawing import version

DAY = timedelta(days=1)


def part(since: datetime | None = None, until: datetime | None = None, n: int = 2) -> Part:
    what: What = "new" if n == 1 else "changed"
    return Part(Candidate(0, "unit/u-1", b"{}", span=Span(since, until)), what, n)


def latest(since: datetime = NOW - DAY, until: datetime | None = None) -> EntrySet:
    return version(unit(), valid_from=since, valid_until=until)


@pytest.mark.parametrize(
    ("since", "until", "code"),
    [
        (None, None, None),
        (None, NOW + DAY, None),
        (NOW + DAY, NOW + 2 * DAY, None),
        (None, NOW, "end_passed"),
        (NOW - 2 * DAY, NOW - DAY, "end_passed"),
    ],
)
def test_an_end_is_to_come(
    since: datetime | None, until: datetime | None, code: str | None
) -> None:
    refused = [
        span_refused(part(since, until), latest(), NOW, NOW),
        span_refused(part(since, until, n=1), None, NOW, NOW),
    ]
    assert [one.code if one else None for one in refused] == [code, code]


def test_what_ends_before_the_whole_change_begins_is_refused() -> None:
    refused = span_refused(part(until=NOW + DAY), latest(), NOW + 2 * DAY, NOW)
    assert refused is not None
    assert refused.code == "invalid_validity"


@pytest.mark.parametrize("begins", [NOW, NOW - DAY, NOW + 9 * DAY])
def test_what_begins_before_a_scheduled_version_is_refused_and_it_is_said_which(
    begins: datetime,
) -> None:
    scheduled = latest(NOW + 10 * DAY)
    refused = scheduled_refused(scheduled, begins, NOW)
    assert refused is not None
    assert refused.code == "scheduled_change"
    assert "version 1, which begins on 2026-03-12" in refused.detail
    assert span_refused(part(begins), scheduled, NOW, NOW) == refused
    assert span_refused(part(), scheduled, begins, NOW) == refused


def test_what_begins_with_a_scheduled_version_or_later_takes_its_place() -> None:
    scheduled = latest(NOW + 10 * DAY)
    assert scheduled_refused(scheduled, NOW + 10 * DAY, NOW) is None
    assert scheduled_refused(scheduled, NOW + 11 * DAY, NOW) is None
    # What has begun is there: to say what held before it loses nothing.
    assert scheduled_refused(latest(NOW), NOW - DAY, NOW) is None
    assert scheduled_refused(None, NOW, NOW) is None


def test_only_an_end_that_is_new_or_earlier_is_brought() -> None:
    soon, later = NOW + DAY, NOW + 2 * DAY
    assert brings_end(part(until=soon), latest())
    assert brings_end(part(until=soon), latest(until=later))
    assert not brings_end(part(until=later), latest(until=soon))
    assert not brings_end(part(until=soon), latest(until=soon))
    assert not brings_end(part(), latest(until=soon))
    assert not brings_end(part(until=soon, n=1), None)
