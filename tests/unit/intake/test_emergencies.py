"""Whoever reports a danger to life is told at once whom to call."""

import pytest

from services.intake.domain.emergencies import danger
from shared.contracts.incidents_v1 import Report
from shared.contracts.policies import Policy
from shared.contracts.registry_v1 import Matter
from tests.fakes.clock import START
from tests.unit.dispatch.city import ENTRIES, GRID, OTHER_COUNTY, point, registry


def _deadly(entry: object) -> object:
    """Of the pothole the first condition, and the city's own numbers in one county."""
    if isinstance(entry, Matter) and entry.code == "pothole":
        first, *others = entry.conditions
        conditions = (first.model_copy(update={"emergency": True}), *others)
        return entry.model_copy(update={"conditions": conditions})
    if isinstance(entry, Policy) and entry.code == "990102":
        return entry.model_copy(update={"emergency_numbers": ("112",)})
    return entry


CITY = registry(map(_deadly, ENTRIES))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("report", "numbers"),
    [
        ({"matter": "pothole", "location": point(GRID)}, ("110", "119", "120")),
        ({"matter": "pothole", "location": point(OTHER_COUNTY)}, ("112",)),
        ({"matter": "pothole", "area": "990102"}, ("112",)),
        ({"matter": "pothole"}, ("110", "119", "120")),
        ({"matter": "pothole", "condition": "urgent"}, ("110", "119", "120")),
        ({"matter": "pothole", "condition": "slight"}, None),
        ({"matter": "pothole", "condition": "no-such"}, ("110", "119", "120")),
        ({"matter": "litter"}, None),
        ({"matter": "no-such"}, None),
        ({}, None),
    ],
)
def test_whom_to_call(report: dict[str, object], numbers: tuple[str, ...] | None) -> None:
    found = danger(Report.model_validate(report), CITY, START)
    assert (found and found.numbers) == numbers
    if found is not None:
        told = found.told()
        assert told["numbers"] == list(found.numbers)
        assert all(
            number in told["words"][language]
            for number in found.numbers
            for language in ("zh", "en")
        )
