"""Figures: from the buckets that are kept, or counted from the timelines."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from services.analytics.domain.filters import MAX_DAYS, Period
from services.analytics.store import FLOWS, RollupReader, TimelineReader


@dataclass(frozen=True, slots=True)
class Figures:
    """Answers questions for figures."""

    timelines: TimelineReader
    rollups: RollupReader

    async def overview(self, period: Period, now: datetime) -> dict[str, Any]:
        """Flows of the period, and what stands now.

        ``reported``, ``filed``, ``inspections`` (filed by a plan), ``rejected``, ``linked``,
        ``answered``, ``transferred``, ``on_site``, ``closed`` and ``voided`` count what took effect
        in the period; ``undecided``, ``in_review``, ``open`` and ``overdue`` what stands now,
        whatever the period.
        """
        total: Counter[str] = Counter()
        for figures in (await self._days(period)).values():
            total.update(figures)
        return {flow: total[flow] for flow in FLOWS} | await self.timelines.standing(period, now)

    async def trend(self, period: Period) -> list[dict[str, Any]]:
        """Flows by local day, days without any among them filled with zeros.

        An open end is the first or the last day that has figures; MAX_DAYS at most, the latest.
        """
        found = await self._days(period)
        known = [day for day, figures in found.items() if any(figures.values())]
        first = period.first or min(known, default=period.last)
        last = period.last or max(known, default=period.first)
        if first is None or last is None:
            return []
        end = date.fromisoformat(last)
        count = min((end - date.fromisoformat(first)).days + 1, MAX_DAYS)
        days = [(end - timedelta(days=back)).isoformat() for back in range(count - 1, -1, -1)]
        nothing: Counter[str] = Counter()
        return [
            {"day": day} | {flow: found.get(day, nothing)[flow] for flow in FLOWS} for day in days
        ]

    async def _days(self, period: Period) -> dict[str, Counter[str]]:
        if period.series.kept:
            return await self.rollups.days(period.series, period)
        return await self.timelines.days(period)
