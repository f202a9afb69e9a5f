"""What the pipeline's benchmark makes of what it has measured."""

import time
from unittest.mock import AsyncMock

import pytest

from benchmarks import pipeline
from benchmarks.pipeline import Figures, accounted_for, goals, until_visible
from benchmarks.wire import Connection

CLEAN = {"clean": True, "accepted": 1, "problems": []} | dict.fromkeys(
    ("filed", "linked", "in_review", "rejected"), 0
)


REPORTED, FILED = (200, b'{"state": "reported"}'), (200, b'{"state": "filed"}')


async def test_what_is_not_visible_in_time_has_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "GIVE_UP_S", 1.0)
    monkeypatch.setattr(pipeline, "POLL_S", 0.001)
    analytics = AsyncMock(spec=Connection)
    analytics.request.side_effect = [ConnectionError, REPORTED, FILED]
    began = time.perf_counter()
    took = await until_visible(analytics, {}, "a", began)
    assert took is not None
    assert 0 < took <= time.perf_counter() - began
    analytics.request.side_effect = None
    analytics.request.return_value = REPORTED
    assert await until_visible(analytics, {}, "a", time.perf_counter()) is None


def test_a_run_is_sound_only_when_every_sample_became_visible() -> None:
    figures = Figures(accepted=["a"], visible=[0.1], dispatched=[0.1])
    assert accounted_for(figures, CLEAN)
    figures.never_visible.append("a")
    assert not accounted_for(figures, CLEAN)


@pytest.mark.parametrize(
    ("visible", "dispatched", "never", "met"),
    [
        ([0.1] * 100, [0.1] * 100, [], [True, True]),
        ([0.1] * 98 + [100.0] * 2, [0.1] * 100, [], [False, True]),
        ([0.1] * 100, [0.1] * 98 + [0.4] * 2, [], [True, False]),
        ([0.1] * 100, [0.1] * 100, ["a"], [False, True]),
        ([], [], [], [False, False]),
    ],
)
def test_goals_are_for_the_slowest_hundredth(
    visible: list[float], dispatched: list[float], never: list[str], met: list[bool]
) -> None:
    found = goals(Figures(visible=visible, dispatched=dispatched, never_visible=never))
    assert list(found) == [
        "202 to visible in analytics p99 1 s",
        "receipt to dispatched p99 300 ms",
    ]
    assert list(found.values()) == met
