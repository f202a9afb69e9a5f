"""Reading a table of rows, in the order of their instants."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from deploy.feeds.errors import FeedError
from deploy.feeds.faults import Fault
from deploy.feeds.mapping import Feed, RowsMap
from deploy.feeds.values import Known
from shared.contracts.incidents_v1 import CoordinateSystem, Report


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the file (the header is 1), its key and instant, and its values."""

    number: int
    key: str
    at: datetime
    """When it was created; UTC."""
    report: Report
    """What it reports, without its instant."""
    own_grid: str | None
    """The grid that the row itself names."""
    own_unit: str | None
    """The unit that the row itself names."""
    known: Known
    location_system: CoordinateSystem = CoordinateSystem.WGS84
    """The system of the report's coordinates."""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file, oldest first, and those that cannot be read."""

    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]


def section(feed: Feed) -> RowsMap:
    """How the mapping reads rows; raises FeedError when it does not."""
    if feed.rows is None:
        raise FeedError(
            "this format has no rows: it holds grids only", "此格式不含事件记录，只含网格"
        )
    return feed.rows


def read(path: Path, feed: Feed) -> Table:
    """All rows of a CSV file (UTF-8, with a mark or without), oldest first, else as they stand.

    Raises FeedError when the file cannot be read, or lacks a column that the mapping names.
    """
    rows: dict[str, Row] = {}
    faults: list[Fault] = []
    for number, record in _records(path, section(feed)):
        try:
            row = _row(number, record, feed)
            if row.key in rows:
                message = f"its key {row.key} is that of row {rows[row.key].number}"
                raise ValueError(message)  # noqa: TRY301 - one place counts all faults
            rows[row.key] = row
        except ValidationError as error:
            first = error.errors()[0]
            faults.append(Fault(number, f"{'.'.join(map(str, first['loc']))}: {first['msg']}"))
        except (ValueError, OverflowError) as error:  # in UTC it may lie before the year 1
            faults.append(Fault(number, str(error)))
    return Table(tuple(sorted(rows.values(), key=lambda row: row.at)), tuple(faults))


def instant(text: str, feed: Feed) -> datetime:
    """A local instant of the file, without its zone; raises ValueError when it is none."""
    return datetime.strptime(text, section(feed).instants)  # noqa: DTZ007 - the zone is the feed's


def _records(path: Path, rows: RowsMap) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            columns = set(reader.fieldnames or ())
            if missing := {value.column for value in rows.values.values()} - columns:
                raise FeedError(
                    f"{path} lacks the columns {sorted(missing)} that the mapping names",
                    f"{path} 缺少映射所需的列：{sorted(missing)}",
                )
            yield from enumerate(reader, start=2)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FeedError(f"{path} cannot be read: {error}", f"无法读取 {path}") from error


def _row(number: int, record: dict[str, str], feed: Feed) -> Row:
    rows = section(feed)
    known = feed.known(rows, record)
    key, created = rows.key.fill(known), rows.created.fill(known)
    if key is None or created is None:
        message = "it has no key or no instant"
        raise ValueError(message)
    at = instant(created, feed).replace(tzinfo=ZoneInfo(feed.zone)).astimezone(UTC)
    own = None if rows.grid is None else rows.grid.fill(known)
    return Row(
        number=number,
        key=key,
        at=at,
        report=_report(rows, known),
        own_grid=own,
        own_unit=rows.unit.code.fill(known),
        known=known,
        location_system=rows.location_system,
    )


def _report(rows: RowsMap, known: Known) -> Report:
    """What a row reports; a field whose values are missing is absent."""
    found = {
        name: template.fill(known)
        for name in type(rows.report).model_fields
        if (template := getattr(rows.report, name)) is not None
    }
    place = (found.pop("longitude"), found.pop("latitude"))
    content: dict[str, object] = {name: text for name, text in found.items() if text is not None}
    if None not in place:
        content["location"] = {"coordinates": place}
    return Report.model_validate(content)
