"""Lists as files, row by row."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import orjson

from services.analytics.domain.telling import row
from services.analytics.store import Raw

BOUND = 100_000
"""Rows of one file at most."""
COLUMNS = (
    "case_no", "incident_id", "state", "reason", "grid", "matter", "matter_zh", "matter_en",
    "unit", "unit_zh", "unit_en", "source", "counts_from", "filed_at", "closed_at", "due_at",
    "overdue", "supervision", "longitude", "latitude",
)  # fmt: skip


def _flat(told: dict[str, Any]) -> dict[str, Any]:
    flat = {**told, "longitude": None, "latitude": None}
    for name in ("matter", "unit"):
        entry = told[name]
        names = (entry or {}).get("names") or {}
        flat[name] = entry["code"] if entry else None
        flat[f"{name}_zh"], flat[f"{name}_en"] = names.get("zh"), names.get("en")
    if told["location"]:
        flat["longitude"], flat["latitude"] = told["location"]["coordinates"]
    return {name: flat[name] for name in COLUMNS}


async def csv_rows(rows: AsyncIterator[Raw], now: datetime) -> AsyncIterator[str]:
    """The lines of a CSV file; the mark at its beginning lets spreadsheets read Chinese."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS)
    buffer.write("\ufeff")
    writer.writeheader()
    async for raw in rows:
        writer.writerow(_flat(row(raw, now)))
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


async def geojson_rows(rows: AsyncIterator[Raw], now: datetime) -> AsyncIterator[bytes]:
    """The parts of a GeoJSON file."""
    yield b'{"type":"FeatureCollection","features":['
    first = True
    async for raw in rows:
        told = row(raw, now)
        location = told.pop("location")
        if location is None:
            continue
        feature = {"type": "Feature", "geometry": location, "properties": told}
        yield (b"" if first else b",") + orjson.dumps(feature)
        first = False
    yield b"]}"
