"""Lists as files, row by row."""

import csv
import io
from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson

BOUND = 100_000
"""Rows of one file at most."""
CHUNK = 16_384
COLUMNS = (
    "case_no", "incident_id", "receipt_no", "state", "reason", "grid", "matter", "matter_zh",
    "matter_en", "unit", "unit_zh", "unit_en", "source", "counts_from", "filed_at", "closed_at",
    "due_at", "overdue", "supervision", "longitude", "latitude",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a text that begins so for a formula."""
Told = Mapping[str, Any]


def _flat(told: Told) -> list[Any]:
    flat = {**told, "longitude": None, "latitude": None}
    for name in ("matter", "unit"):
        entry = told[name] or {}
        names = entry.get("names") or {}
        flat[name] = entry.get("code")
        flat[f"{name}_zh"], flat[f"{name}_en"] = names.get("zh"), names.get("en")
    if told["location"]:
        flat["longitude"], flat["latitude"] = told["location"]["coordinates"]
    return [_plain(flat[name]) for name in COLUMNS]


def _plain(value: Any) -> Any:  # noqa: ANN401 - the value of a cell
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


async def csv_parts(rows: AsyncIterator[Told]) -> AsyncIterator[str]:
    """The parts of a CSV file (RFC 4180, UTF-8).

    The mark at its beginning lets spreadsheets read Chinese; a text that they would take for a
    formula has an apostrophe before it.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(COLUMNS)
    async for told in rows:
        writer.writerow(_flat(told))
        if buffer.tell() > CHUNK:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


async def geojson_parts(rows: AsyncIterator[Told]) -> AsyncIterator[bytes]:
    """The parts of a GeoJSON file (RFC 7946); what has no location has a null geometry."""
    parts, size = [b'{"type":"FeatureCollection","features":['], 0
    separator = b""
    async for told in rows:
        properties = {name: value for name, value in told.items() if name != "location"}
        feature = {
            "type": "Feature",
            "id": told["incident_id"],
            "geometry": told["location"],
            "properties": properties,
        }
        parts.append(separator + orjson.dumps(feature))
        size += len(parts[-1])
        separator = b","
        if size > CHUNK:
            yield b"".join(parts)
            parts, size = [], 0
    yield b"".join([*parts, b"]}"])
