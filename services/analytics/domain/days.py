"""Local days: the days of the city's zone, as figures count them."""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local_day(at: datetime, zone: str) -> str:
    """The local day of an instant, ``YYYY-MM-DD``."""
    return at.astimezone(_zone(zone)).date().isoformat()
