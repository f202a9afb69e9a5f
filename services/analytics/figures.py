"""Figures: from the buckets that are kept, or counted from the timelines."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from services.analytics.domain.filters import Period
from services.analytics.store import FLOWS, RollupReader, TimelineReader

MAX_DAYS = 3_700
"""Ten years of a trend at most."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Answers questions for figures."""

    timelines: TimelineReader
    rollups: RollupReader

    async def overview(self, period: Period, now: datetime) -> dict[str, int]:
        """Flows of the period, and what stands now.

        ``reported``, ``filed``, ``rejected`` and ``closed`` count what took effect in the period;
        ``in_review``, ``open`` and ``overdue`` what stands now, whatever the period.
        """
        total: Counter[str] = Counter()
        for figures in (await self._days(period)).values():
            total.update(figures)
        return {flow: total[flow] for flow in FLOWS} | await self.timelines.standing(period, now)

    async def trend(self, period: Period) -> list[dict[str, Any]]:
        """Flows by local day, days without any among them filled with zeros."""
        found = await self._days(period)
        if not found and not (period.first and period.last):
            return []
        first = date.fromisoformat(period.first or min(found))
        last = date.fromisoformat(period.last or max(found))
        count = min((last - first).days + 1, MAX_DAYS)
        days = [(last - timedelta(days=back)).isoformat() for back in range(count - 1, -1, -1)]
        return [
            {"day": day} | {flow: found.get(day, Counter())[flow] for flow in FLOWS} for day in days
        ]

    async def _days(self, period: Period) -> dict[str, Counter[str]]:
        if period.series.kept:
            return await self.rollups.days(period.series, period.first, period.last)
        return await self.timelines.days(period)
