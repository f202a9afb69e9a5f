"""Public holidays and make-up working days (调休) of a country, from the packages that know them.

China's are those that the State Council publishes each autumn for the year to come
(``chinesecalendar``); other countries' follow from their laws (``holidays``). Of a year that is not
published yet only the holidays that the law fixes are known: it is provisional. Pure: the days
come with the installed versions of the packages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

import chinese_calendar
import holidays

from shared.contracts.base import Names

CHINA = "CN"
NAMES_LENGTH = 200


class UnknownCountryError(ValueError):
    """Nobody knows the holidays of this country, or there is no such part of it."""


class Special(NamedTuple):
    """A day that is not what its weekday says."""

    working: bool
    names: Names | None


NONE: Mapping[date, Special] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class PublicDays:
    """The special days of a country, for a span of years.

    Years outside ``[known_from, known_until]`` are provisional: not published, or not looked up.
    """

    known_from: int
    known_until: int
    days: Mapping[date, Special]

    def provisional(self, day: date) -> bool:
        """Whether it is not known yet what kind of day it is."""
        return not self.known_from <= day.year <= self.known_until


@lru_cache(maxsize=64)
def public_days(country: str, subdivision: str | None, first: int, last: int) -> PublicDays:
    """The special days of a country, or a part of it, from one year to another, both included.

    ``country`` is an ISO 3166-1 code of two letters, ``subdivision`` a code as ``holidays`` knows
    it. Raises UnknownCountryError.
    """
    asked = range(first, last + 1)
    if country == CHINA and subdivision is None:
        published = {day.year for day in chinese_calendar.holidays}
        known = _within(asked, min(published), max(published))
        days = {day: one for year in known for day, one in _published(year).items()}
        # Of the law itself: which days are moved, and to where, is what is published each year.
        for year in asked:
            days |= {} if year in known else _by_law(country, None, range(year, year + 1))
        return PublicDays(known.start, known.stop - 1, MappingProxyType(days))
    law = _law(country, subdivision, range(1))
    known = _within(asked, law.start_year, law.end_year)
    days = dict(_by_law(country, subdivision, known, observed=True))
    return PublicDays(known.start, known.stop - 1, MappingProxyType(days))


def weekend(country: str) -> frozenset[int]:
    """The rest days of a country's week, ISO numbers. Raises UnknownCountryError."""
    return frozenset(day + 1 for day in _law(country, None, range(1)).weekend)


def _within(asked: range, first: int, last: int) -> range:
    begin = max(asked.start, first)
    return range(begin, max(min(asked.stop, last + 1), begin))


def _published(year: int) -> Mapping[date, Special]:
    """China's days of a published year that are not what their weekday says, or have a name."""
    found: dict[date, Special] = {}
    day = date(year, 1, 1)
    while day.year == year:
        rests, name = chinese_calendar.get_holiday_detail(day)
        if name is not None:
            word = chinese_calendar.Holiday(name)
            found[day] = Special(working=not rests, names=_names(word.chinese, word.value))
        day += timedelta(days=1)
    return found


def _by_law(
    country: str, subdivision: str | None, years: range, *, observed: bool = False
) -> Mapping[date, Special]:
    """Holidays by law, and the days of a weekend that are worked instead of others."""
    kept = _law(country, subdivision, years, observed=observed)
    words = set(kept.supported_languages)
    en = kept if "en_US" not in words else _law(country, subdivision, years, "en_US", observed)
    zh = en if "zh_CN" not in words else _law(country, subdivision, years, "zh_CN", observed)
    rest = {day: Special(working=False, names=_names(zh.get(day, en[day]), en[day])) for day in en}
    worked = {day: Special(working=True, names=None) for day in kept.weekend_workdays}
    return {day: one for day, one in (rest | worked).items() if day.year in years}


def _law(
    country: str,
    subdivision: str | None,
    years: range,
    language: str | None = None,
    observed: bool = False,  # noqa: FBT001, FBT002 - as the package has it
) -> holidays.HolidayBase:
    try:
        return holidays.country_holidays(
            country,
            subdiv=subdivision,
            years=years if years.start else None,
            expand=False,
            observed=observed,
            language=language,
        )
    except NotImplementedError as error:
        raise UnknownCountryError(str(error)) from error


def _names(zh: str, en: str) -> Names:
    return Names(zh=zh[:NAMES_LENGTH], en=en[:NAMES_LENGTH])
