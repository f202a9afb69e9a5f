"""Limits that follow from the rows of an export."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta

from deploy.feeds.faults import Fault
from deploy.feeds.mapping import Feed, LimitMap, RowsMap
from deploy.feeds.rows import Row, instant, section
from deploy.feeds.values import Template
from shared.contracts.base import Limit, LimitUnit, Stage

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def faults(feed: Feed, found: Iterable[Row]) -> tuple[Fault, ...]:
    """The rows with an instant of a limit that is none; they count in no limit."""
    result: list[Fault] = []
    for row in found:
        try:
            for one in section(feed).limits:
                _span(one, row, feed)
        except ValueError as error:
            result.append(Fault(row.number, f"no limit follows from it: {error}"))
    return tuple(result)


def derive(feed: Feed, rows: RowsMap, found: Iterable[Row]) -> dict[str, dict[Stage, Limit]]:
    """The limits of each matter of the rows, by its code; `faults` names rows that do not count."""
    codes = {"unit": rows.unit.code, "matter": rows.matter.code}
    result: dict[str, dict[Stage, Limit]] = defaultdict(dict)
    all_rows = tuple(found)
    unreadable = {fault.number for fault in faults(feed, all_rows)}
    for one in rows.limits:
        spans = [(row, _span(one, row, feed)) for row in all_rows if row.number not in unreadable]
        for group in reversed(one.agree):  # what stands first decides last
            agreed = _agreed(spans, codes[group], one.at_least)
            for row in all_rows:
                limit = agreed.get(codes[group].fill(row.known) or "")
                matter = rows.matter.code.fill(row.known)
                if limit is not None and matter is not None:
                    result[matter][one.stage] = limit
    return result


def _agreed(
    spans: Iterable[tuple[Row, timedelta | None]], code: Template, at_least: int
) -> Mapping[str, Limit]:
    """The limit of each group whose rows all have one and the same span."""
    groups: dict[str, list[timedelta | None]] = defaultdict(list)
    for row, span in spans:
        groups[code.fill(row.known) or ""].append(span)
    return {
        group: limit(found[0])
        for group, found in groups.items()
        if len(found) >= at_least and len(set(found)) == 1 and found[0] is not None
    }


def _span(one: LimitMap, row: Row, feed: Feed) -> timedelta | None:
    """The time between a row's two instants on the wall clock; None where it lacks one.

    Raises ValueError when one is no instant.
    """
    start, end = one.start.fill(row.known), one.end.fill(row.known)
    if start is None or end is None:
        return None
    span = instant(end, feed) - instant(start, feed)
    return span if span > timedelta() else None


def limit(span: timedelta) -> Limit:
    """A span as a limit: whole days keep the wall clock, all else runs through the night."""
    if span % DAY == timedelta():
        return Limit(amount=span / DAY, unit=LimitUnit.NATURAL_DAY)
    return Limit(amount=span / HOUR, unit=LimitUnit.URGENT_HOUR)
