"""Who may say when something was reported, and how far clocks may be apart."""

from datetime import timedelta

import pytest

from services.intake.domain.admission import TOLERANCE, objection
from shared.contracts.golden import story
from shared.contracts.incidents_v1 import OnSite, Report
from tests.unit.intake.driving import NOW

MS = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("name", "ahead", "code"),
    [
        ("occurred_at", TOLERANCE, None),
        ("occurred_at", TOLERANCE + MS, "in_the_future"),
        ("reported_at", TOLERANCE, None),
        ("reported_at", TOLERANCE + MS, "in_the_future"),
        ("occurred_at", -timedelta(days=365), None),
        ("occurred_at", -timedelta(days=365 * 57), "too_long_ago"),
    ],
)
def test_instants_lie_neither_ahead_nor_before_1970(
    name: str, ahead: timedelta, code: str | None
) -> None:
    found = objection(Report.model_validate({name: NOW + ahead}), NOW, may_import=True)
    assert (None if found is None else (found.status, found.code)) == (code and (422, code))


def test_only_an_import_sets_when_it_was_reported() -> None:
    found = objection(Report(reported_at=NOW), NOW, may_import=False)
    assert found is not None
    assert (found.status, found.code) == (403, "scope_missing")
    assert objection(Report(occurred_at=NOW), NOW, may_import=False) is None


def test_only_officers_have_put_right_what_they_report() -> None:
    done = OnSite(before=story.BEFORE, after=story.AFTER)
    found = objection(Report(handled_on_site=done), NOW, may_import=False)
    assert found is not None
    assert (found.status, found.code) == (403, "role_not_allowed")
    assert objection(Report(handled_on_site=done), NOW, may_import=False, may_handle=True) is None
