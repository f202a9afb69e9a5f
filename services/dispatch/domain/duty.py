"""Who is on duty: whether a local time lies within periods of the day."""

from collections.abc import Iterable
from datetime import datetime

from shared.contracts.duty import DutyPeriod


def within(periods: Iterable[DutyPeriod], local: datetime) -> bool:
    """Whether a local time lies in one of the periods, each ``[begin, end)``."""
    clock, today = local.strftime("%H:%M"), local.isoweekday()
    yesterday = (today - 2) % 7 + 1
    return any(
        period.begin <= clock < period.end and today in period.days
        if period.begin < period.end
        else (clock >= period.begin and today in period.days)
        or (clock < period.end and yesterday in period.days)
        for period in periods
    )


def on_duty(periods: tuple[DutyPeriod, ...], local: datetime) -> bool:
    """Whether somebody with these duty hours is on duty; without any, always."""
    return not periods or within(periods, local)
