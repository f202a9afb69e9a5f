"""What clocks on the wall of a zone show, as stretches of real time with one offset. Pure.

All numbers are microseconds: real time since 1970 in UTC, wall time as if the wall were in UTC.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_US = 86_400_000_000
MINUTE_US = 60_000_000
_EPOCH_DAY = EPOCH.toordinal()
_STEP = timedelta(hours=12)
"""No zone changes its offset and takes it back within so little time."""


class Walls(NamedTuple):
    """Stretches of real time in which a zone keeps one offset, oldest first."""

    begins: Sequence[int]
    """When each begins; it ends where the next begins."""
    offsets: Sequence[int]
    """Wall time less real time."""


def to_us(instant: datetime) -> int:
    """An aware instant as a number."""
    return (instant - EPOCH) // MICROSECOND


def to_datetime(number: int) -> datetime:
    """The instant that a number stands for; UTC."""
    return EPOCH + timedelta(microseconds=number)


def midnight(day: date) -> int:
    """Wall time at the beginning of a day."""
    return (day.toordinal() - _EPOCH_DAY) * DAY_US


def walls(zone: str, first: date, last: date) -> Walls:
    """What a zone's clocks show from two days before the first to two days after the last day."""
    there = ZoneInfo(zone)
    at = datetime(first.year, first.month, first.day, tzinfo=UTC) - 2 * timedelta(days=1)
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + 3 * timedelta(days=1)
    begins, offsets = [to_us(at)], [_offset(there, at)]
    while at < end:
        later = at + _STEP
        offset = _offset(there, later)
        if offset != offsets[-1]:
            begins.append(to_us(_changed(there, at, later)))
            offsets.append(offset)
        at = later
    return Walls(begins, offsets)


def real(begin: int, end: int, shown: Walls) -> Sequence[tuple[int, int]]:
    """The spans of real time in which the wall shows ``[begin, end)``.

    Usually one. What a change skips is in none; what it shows twice is in two, or in a longer one.
    """
    begins, offsets = shown
    at = max(bisect_right(begins, begin - DAY_US) - 1, 0)
    if at + 1 == len(begins) or begins[at + 1] >= end + DAY_US:
        return ((begin - offsets[at], end - offsets[at]),)
    spans: list[tuple[int, int]] = []
    while at < len(begins) and begins[at] < end + DAY_US:
        over = begins[at + 1] if at + 1 < len(begins) else end - offsets[at]
        one = max(begin - offsets[at], begins[at]), min(end - offsets[at], over)
        if one[0] < one[1]:
            touches = bool(spans) and spans[-1][1] == one[0]
            # 22:00 to 06:00 is one span, although an hour was skipped within.
            spans.append((spans.pop()[0], one[1]) if touches else one)
        at += 1
    return spans


def _offset(zone: ZoneInfo, at: datetime) -> int:
    offset = zone.utcoffset(at.astimezone(zone))
    return 0 if offset is None else offset // MICROSECOND


def _changed(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second at which the offset changes between two instants."""
    offset, second = _offset(zone, before), timedelta(seconds=1)
    while after - before > second:
        middle = before + (after - before) // 2
        middle -= timedelta(microseconds=middle.microsecond)
        if middle == before:
            break
        if _offset(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after
