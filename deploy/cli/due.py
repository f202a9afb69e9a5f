"""``wangge due``: when a limit is used up, and which days of a calendar it was counted over."""

import json as jsons
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from pydantic import ValidationError
from rich import box
from rich.table import Table

from deploy.cli.console import note, out
from deploy.cli.options import Json
from deploy.local.errors import StackError
from shared.contracts.base import Limit, LimitUnit, to_instant
from shared.contracts.calendars import Counting
from shared.worktime.calendar import Calendar, CalendarError, Period, Why, period
from shared.worktime.explaining import Counted, days_counted
from shared.worktime.index import FIRST_YEAR, BeyondCalendarError
from shared.worktime.limits import due, is_provisional, unit_length
from shared.worktime.public_days import CHINA, UnknownCountryError, public_days, weekend

HALF_WORKED = 100
"""At least so many days of a year are worked: how many years are looked up."""
WEEKDAYS = ("一 Mon", "二 Tue", "三 Wed", "四 Thu", "五 Fri", "六 Sat", "日 Sun")
WHY = {
    Why.WORKDAY: "工作日 working day",
    Why.REST_DAY: "休息日 rest day",
    Why.HOLIDAY: "节假日 holiday",
    Why.MAKE_UP: "调休上班 make-up working day",
    Why.OVERRIDE: "本地规定 by local order",
}
UNITS = {LimitUnit.WORKING_DAY: "d", LimitUnit.NATURAL_DAY: "d"}


def command(
    start: Annotated[
        str,
        typer.Argument(help="From when, ISO 8601; without an offset by the zone. 起算时刻。"),
    ],
    limit: Annotated[float, typer.Argument(help="How many, fractions too. 时限数值。")],
    unit: Annotated[LimitUnit, typer.Argument(help="Of which unit. 时限单位。")],
    *,
    calendar: Annotated[
        str, typer.Option(help="Country, or part of it: CN, US-NY. 国家或地区日历。")
    ] = CHINA,
    zone: Annotated[
        str | None, typer.Option(help="IANA zone; else the country's only one. 时区。")
    ] = None,
    periods: Annotated[
        str, typer.Option(help="The periods of a working day. 每日工作时段。")
    ] = "08:30-12:00,13:30-17:30",
    next_day: Annotated[
        bool,
        typer.Option("--from-next-day", help="Count from the next day until close. 次日起算。"),
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show the days that were counted. 列出所计各日。")
    ] = False,
    json: Json = False,
) -> None:
    """Say when a limit is used up: in urgent hours, working hours, working days or natural days.

    计算时限届满时刻（紧急工作时、工作时、工作日、自然日）。
    """
    calendar, wanted = calendar.upper(), _limit(limit, unit)
    named = _zone(zone, calendar)
    begun = _instant(start, named)
    found = _calendar(calendar, named, begun.year, wanted, _periods(periods), next_day=next_day)
    try:
        ends = due(begun, wanted, found)
        days = list(days_counted(begun, ends, unit, found)) if explain else []
    except (BeyondCalendarError, OverflowError) as error:
        raise StackError(f"{error}", f"起止时刻超出可计算范围：{error}") from error
    provisional = is_provisional(begun, ends, unit, found)
    there = ZoneInfo(named)
    if json:
        told = {
            "start": begun.astimezone(there).isoformat(),
            "limit": limit,
            "unit": unit,
            "calendar": calendar,
            "zone": named,
            "due": ends.astimezone(there).isoformat(),
            "provisional": provisional,
        }
        days_told = [_told(one, unit, found) for one in days]
        out.print(jsons.dumps(told | ({"days": days_told} if explain else {}), ensure_ascii=False))
        return
    if explain:
        out.print(_table(days, unit, found))
    out.print(ends.astimezone(there).isoformat(), markup=False)
    if provisional:
        note(
            "provisional: the holidays of a year are not published yet, or not known",
            "暂定：所涉年份的节假日安排尚未公布或未知",
        )


def _limit(amount: float, unit: LimitUnit) -> Limit:
    try:
        return Limit(amount=amount, unit=unit)
    except ValidationError as error:
        said = error.errors()[0]["msg"].lower()
        raise typer.BadParameter(f"{amount:g}: {said} 时限数值无效") from error


def _instant(text: str, zone: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        found = found if found.tzinfo is not None else found.replace(tzinfo=ZoneInfo(zone))
        return to_instant(found)
    except ValueError as error:
        raise typer.BadParameter(
            f"{text!r:.60} is no instant: write for example 2024-02-09T10:00+08:00 起算时刻无效"
        ) from error


def _zone(zone: str | None, calendar: str) -> str:
    if zone is None:
        country = calendar.partition("-")[0]
        zones = ["Asia/Shanghai"] if country == CHINA else _zones(country)
        if len(zones) != 1:
            raise typer.BadParameter(
                f"say --zone: {calendar} has {len(zones) or 'no'} zones that are known "
                f"({', '.join(zones[:3]) or '-'}) 请用 --zone 指定时区"
            )
        return zones[0]
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise typer.BadParameter(
            f"{zone!r:.60} is no IANA time zone: write for example Asia/Shanghai 时区无效"
        ) from error
    return zone


@cache
def _zones(country: str) -> list[str]:
    """The zones of a country, by the table that comes with the zones themselves."""
    table = files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return [row[2] for row in rows if row[0] == country]


def _periods(text: str) -> tuple[Period, ...]:
    try:
        pairs = (one.strip().partition("-") for one in text.split(","))
        return tuple(period(begin, end) for begin, _, end in pairs)
    except ValueError as error:
        raise typer.BadParameter(
            f"{text!r:.60}: write for example 08:30-12:00,13:30-17:30 工作时段无效"
        ) from error


def _calendar(
    name: str, zone: str, year: int, limit: Limit, periods: tuple[Period, ...], *, next_day: bool
) -> Calendar:
    country, _, part = name.partition("-")
    last = year + 2 + int(limit.amount / HALF_WORKED)
    try:
        return Calendar(
            zone,
            periods,
            weekend(country),
            public_days(country, part or None, max(year - 1, FIRST_YEAR), last),
            counting=Counting.FROM_NEXT_DAY if next_day else Counting.FROM_START,
        )
    except (UnknownCountryError, CalendarError) as error:
        raise typer.BadParameter(f"{name!r:.20}: {error} 无法使用该日历") from error


def _told(one: Counted, unit: LimitUnit, calendar: Calendar) -> dict[str, Any]:
    return {
        "day": one.day.isoformat(),
        "working": one.kind.working,
        "why": one.kind.why,
        "names": one.kind.names.model_dump() if one.kind.names else None,
        "used": round(one.used / unit_length(unit, calendar), 6),
        "provisional": one.kind.provisional,
    }


def _table(days: list[Counted], unit: LimitUnit, calendar: Calendar) -> Table:
    table = Table(
        "day\n日期", "weekday\n星期", "used\n计入", "why\n原因",
        box=box.SIMPLE_HEAD, pad_edge=False,
    )  # fmt: skip
    for one in days:
        used = one.used / unit_length(unit, calendar)
        kind, names = one.kind, one.kind.names
        name = f": {names.zh} {names.en if names.en != names.zh else ''}".rstrip() if names else ""
        table.add_row(
            one.day.isoformat(),
            WEEKDAYS[one.day.weekday()],
            f"{used:.4g} {UNITS.get(unit, 'h')}" if one.used else "-",
            WHY[kind.why] + name + (" (暂定 provisional)" if kind.provisional else ""),
        )
    return table
