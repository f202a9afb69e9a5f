"""Places by their names (地名地址): from a GeoJSON collection of points, or a table (CSV).

Aliases stand in one cell, with a ``|`` between them.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from deploy.feeds import tables
from deploy.feeds.entry_list import NONE
from deploy.feeds.errors import FeedError
from deploy.feeds.faults import Fault
from deploy.feeds.grids import features
from shared.contracts.registry_v1 import Place, entry_key
from shared.registry.spans import FIELDS, Validity, ValidityError, apart

COLUMNS = ("code", "zh", "en", "aliases", "longitude", "latitude")
BETWEEN = "|"


def collected(
    path: Path, validities: dict[str, Validity] | None = None, numbers: list[int] | None = None
) -> tuple[list[Place], list[Fault]]:
    """The places of a GeoJSON collection of points and, instead of what is none, what is wrong.

    Properties: ``code``, ``zh``, ``en`` and, if there are any, ``aliases`` (a list, or one text).
    Faults are numbered by feature, and so are the places in ``numbers``. Raises FeedError when
    the file is no collection of features.
    """
    found: list[Place] = []
    faults: list[Fault] = []
    spans = {} if validities is None else validities
    for number, feature in enumerate(features(path), start=1):
        known = feature.get("properties") or {}
        geometry = feature.get("geometry") or {}
        aliases = known.get("aliases") or []
        place = geometry.get("coordinates")
        location = {
            "type": geometry.get("type"),
            "coordinates": place[:2] if isinstance(place, list) else place,  # without an altitude
        }
        raw = _raw(known, _parted(aliases) if isinstance(aliases, str) else aliases, location)
        _take(number, raw, found, faults, spans)
        _note(number, found, numbers)
    return found, faults


def read(
    text: str, validities: dict[str, Validity] | None = None, numbers: list[int] | None = None
) -> tuple[list[Place], list[Fault]]:
    """The places of a table and, instead of those that are not valid, what is wrong by line.

    The line of each place is put into ``numbers``. Raises FeedError where columns are
    missing or not known.
    """
    found: list[Place] = []
    faults: list[Fault] = []
    spans = {} if validities is None else validities
    for line, row in tables.rows(text, COLUMNS, "a list of places", optional=FIELDS):
        if tables.is_overfull(row):
            faults.append(Fault(line, tables.TOO_MANY))
            continue
        location = {"coordinates": [_number(row[name]) for name in COLUMNS[-2:]]}
        raw = _raw(row, _parted(row["aliases"]), location)
        _take(line, raw, found, faults, spans)
        _note(line, found, numbers)
    return found, faults


def write(places: Iterable[Place], validities: Mapping[str, Validity] = NONE) -> str:
    """The places as CSV; ``read`` gives the same ones. Raises FeedError for a ``|`` in an alias."""
    out = io.StringIO()
    writer = csv.DictWriter(
        out, (*COLUMNS, *FIELDS) if validities else COLUMNS, lineterminator="\n", restval=""
    )
    writer.writeheader()
    for place in places:
        if any(BETWEEN in alias for alias in place.aliases):
            raise FeedError(
                f"place {place.code}: a table cannot have an alias with a {BETWEEN}: use yaml",
                f"地名 {place.code} 的别名含有 {BETWEEN}：请改用 yaml",
            )
        longitude, latitude = (format(one, ".17g") for one in place.location.coordinates)
        row = (
            place.code, place.names.zh, place.names.en, BETWEEN.join(place.aliases),
            longitude, latitude,
        )  # fmt: skip
        validity = validities.get(entry_key(place), Validity())
        writer.writerow(dict(zip(COLUMNS, row, strict=True)) | validity.raw())
    return out.getvalue()


def _raw(known: Mapping[str, Any], aliases: object, location: object) -> dict[str, Any]:
    names = {language: known.get(language) for language in ("zh", "en")}
    said = {name: known.get(name) for name in ("code", *FIELDS)}
    return said | {"names": names, "aliases": aliases, "location": location}


def _take(
    number: int,
    raw: Mapping[str, Any],
    found: list[Place],
    faults: list[Fault],
    validities: dict[str, Validity],
) -> None:
    try:
        plain, validity = apart(raw)
        found.append(Place.model_validate(plain))
        if validity:
            validities[entry_key(found[-1])] = validity
    except ValidityError as error:
        faults.append(Fault(number, f"{error.field}: {error}"))
    except ValidationError as error:
        faults += [
            Fault(number, f"{'.'.join(map(str, one['loc']))}: {one['msg']}")
            for one in error.errors(include_url=False, include_context=False)
        ]


def _note(number: int, found: Sequence[Place], numbers: list[int] | None) -> None:
    """Where a place stood that was taken."""
    if numbers is not None and len(numbers) < len(found):
        numbers.append(number)


def _parted(text: str) -> list[str]:
    return [part.strip() for part in text.split(BETWEEN) if part.strip()]


def _number(text: str) -> float | str:
    """What is no number stays as it is, to be named by its column's place."""
    try:
        return float(text)
    except ValueError:
        return text
