"""How long a due instant takes: a million of them, by China's calendar, beside a bare loop.

``python -m benchmarks.worktime``: starts all over 2020 to 2026, limits of up to 30 working days and
200 working hours; the bare loop adds a fixed time to the same starts.
"""

import argparse
import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.contracts.base import Limit, LimitUnit, to_instant
from shared.worktime.calendar import Calendar
from shared.worktime.limits import due, elapsed
from shared.worktime.public_days import public_days

COUNT = 1_000_000
SEED = 20_260_101
FIRST = datetime(2020, 1, 2, tzinfo=UTC)
SPAN_S = 6 * 365 * 86_400
Case = tuple[datetime, Limit]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured, in seconds, and its ratio to the bare loop."""

    count: int
    bare_s: float
    days_s: float
    days_ratio: float
    hours_s: float
    hours_ratio: float
    elapsed_s: float
    elapsed_ratio: float
    compile_ms: float
    """A calendar as it comes, to its first due instant."""


def measure(count: int) -> Figures:
    """All of it, in one process."""
    days = cases(count, LimitUnit.WORKING_DAY, 30)
    hours = cases(count, LimitUnit.WORKING_HOUR, 200)
    public = public_days("CN", None, 2018, 2040)
    begun = time.perf_counter()
    calendar = Calendar("Asia/Shanghai", public=public)
    due(*days[0], calendar)
    compiled = time.perf_counter() - begun
    more = timedelta(days=3)
    bare = _timed(days, lambda start, _limit: to_instant(start + more))
    in_days = _timed(days, lambda start, limit: due(start, limit, calendar))
    in_hours = _timed(hours, lambda start, limit: due(start, limit, calendar))
    used = _timed(days, lambda start, limit: elapsed(start, start + more, limit.unit, calendar))
    return Figures(
        count=count, bare_s=bare, days_s=in_days, days_ratio=in_days / bare,
        hours_s=in_hours, hours_ratio=in_hours / bare,
        elapsed_s=used, elapsed_ratio=used / bare, compile_ms=compiled * 1e3,
    )  # fmt: skip


def cases(count: int, unit: LimitUnit, most: int) -> list[Case]:
    """Starts and limits, the same in every run."""
    draw = random.Random(SEED)
    limits = [Limit(amount=draw.randint(1, most * 4) / 4, unit=unit) for _ in range(1000)]
    return [
        (FIRST + timedelta(seconds=draw.randrange(SPAN_S)), limits[number % len(limits)])
        for number in range(count)
    ]


def _timed(some: Sequence[Case], work: Callable[[datetime, Limit], object]) -> float:
    begun = time.perf_counter()
    for start, limit in some:
        work(start, limit)
    return time.perf_counter() - begun


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=COUNT)
    options.add_argument("--json", type=Path)
    asked = options.parse_args()
    found = measure(asked.count)
    for name, value in asdict(found).items():
        print(f"{name:14} {value:12.2f}")
    if asked.json is not None:
        asked.json.write_text(json.dumps(asdict(found)) + "\n")


if __name__ == "__main__":
    main()
