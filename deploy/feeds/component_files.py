"""Components as GeoJSON points, and as a table (CSV): read with what is wrong, and written."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from deploy.feeds import tables
from deploy.feeds.entry_list import NONE
from deploy.feeds.errors import FeedError
from deploy.feeds.faults import Fault
from shared.contracts.base import KNOWN_WORDS
from shared.contracts.registry_v1 import Component, entry_key
from shared.registry.spans import FIELDS, Validity, ValidityError, apart

PROPERTIES = ("code", "zh", "en", "owner", "maintainer", "state")
COLUMNS = ("code", "zh", "en", "longitude", "latitude", "owner", "maintainer", "state")
_PLACES = {
    ("names", "zh"): "zh",
    ("names", "en"): "en",
    ("location", "coordinates", 0): "longitude",
    ("location", "coordinates", 1): "latitude",
}
"""What the file calls a field of the contract."""
Read = tuple[list[Component], list[Fault]]
Validities = dict[str, Validity]
"""By ``kind/code``; a reader puts there what the file says of from when until when."""


def read_table(
    text: str, validities: Validities | None = None, numbers: list[int] | None = None
) -> Read:
    """The components of a CSV and, instead of those that are not valid, what is wrong by line.

    The line of each component is put into ``numbers``. Raises FeedError where columns are
    missing or not known.
    """
    raws = (
        (line, tables.TOO_MANY if tables.is_overfull(row) else _told(row))
        for line, row in tables.rows(text, COLUMNS, "components", optional=FIELDS)
    )
    return _checked(raws, validities, numbers)


def read_features(
    text: str, validities: Validities | None = None, numbers: list[int] | None = None
) -> Read:
    """The components of a GeoJSON collection, and what is wrong by the number of its feature.

    The number of each component's feature is put into ``numbers``. Raises FeedError where it
    is no collection of features.
    """
    try:
        features = json.loads(text)["features"]
    except (ValueError, KeyError, TypeError) as error:
        raise FeedError(
            f"the file is not a GeoJSON FeatureCollection: {error!r}", "文件不是 GeoJSON 要素集合"
        ) from error
    if not isinstance(features, list):
        raise FeedError("features is no list", "features 不是列表")
    return _checked(_points(features), validities, numbers)


Raw = Mapping[str, Any] | str
"""What a component has in the file by the names of the columns, or what is wrong with it."""


def _told(row: tables.Row) -> Raw:
    return {name: text or None for name, text in row.items()}


def _points(features: list[Any]) -> Iterator[tuple[int, Raw]]:
    for number, feature in enumerate(features, start=1):
        yield number, _point(feature)


def _point(feature: object) -> Raw:
    match feature:
        case {
            "geometry": {"type": "Point", "coordinates": [longitude, latitude, *_]},
            "properties": dict(raw),
        }:
            properties: dict[str, Any] = raw
            if unknown := sorted(set(properties) - {*PROPERTIES, *FIELDS}):
                return (
                    f"properties that are not known: {', '.join(unknown)}; there are "
                    f"{', '.join((*PROPERTIES, *FIELDS))}"
                )
            code = properties.get("code")
            text = str(code) if isinstance(code, int) else code
            return {**properties, "code": text, "longitude": longitude, "latitude": latitude}
        case _:
            return "it is no Feature with properties and a Point of longitude and latitude"


def _checked(
    raws: Iterable[tuple[int, Raw]], validities: Validities | None, numbers: list[int] | None
) -> Read:
    found: list[Component] = []
    faults: list[Fault] = []
    first: dict[str, int] = {}
    for number, raw in raws:
        if isinstance(raw, str):
            faults.append(Fault(number, raw))
            continue
        try:
            plain, validity = apart(raw)
            one = Component.model_validate(_entry(plain), context=KNOWN_WORDS)
        except ValidityError as error:
            faults.append(Fault(number, f"{error.field}: {error}"))
            continue
        except ValidationError as error:
            faults += [Fault(number, said) for said in _said(error)]
            continue
        if (before := first.setdefault(one.code, number)) != number:
            faults.append(Fault(number, f"code: {one.code} stands at {before} already"))
        found.append(one)
        if numbers is not None:
            numbers.append(number)
        if validity and validities is not None:
            validities[entry_key(one)] = validity
    return found, faults


def _entry(raw: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: raw.get(name) for name in ("code", "owner", "maintainer", "state")}
    return {
        **{name: value for name, value in said.items() if value is not None},
        "names": {name: raw[name] for name in ("zh", "en") if raw.get(name) is not None},
        "location": {"coordinates": [raw.get("longitude"), raw.get("latitude")]},
    }


def _said(error: ValidationError) -> Iterator[str]:
    for one in error.errors(include_url=False, include_context=False):
        way = one["loc"]
        yield f"{_PLACES.get(way) or '.'.join(map(str, way))}: {one['msg']}"


def write_table(components: Iterable[Component], validities: Mapping[str, Validity] = NONE) -> str:
    """The components as CSV; ``read_table`` gives the same ones."""
    out = io.StringIO()
    columns = (*COLUMNS, *FIELDS) if validities else COLUMNS
    writer = csv.DictWriter(out, columns, lineterminator="\n", restval="")
    writer.writeheader()
    for one in components:
        longitude, latitude = one.location.coordinates
        row = (
            one.code, one.names.zh, one.names.en, repr(longitude), repr(latitude),
            one.owner or "", one.maintainer or "", one.state.value,
        )  # fmt: skip
        validity = validities.get(entry_key(one), Validity())
        writer.writerow(dict(zip(COLUMNS, row, strict=True)) | validity.raw())
    return out.getvalue()


def write_features(
    components: Iterable[Component], validities: Mapping[str, Validity] = NONE
) -> str:
    """The components as GeoJSON, one a line; ``read_features`` gives the same ones."""
    features = (_feature(one, validities.get(entry_key(one), Validity())) for one in components)
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in features)
    return f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'


def _feature(one: Component, validity: Validity) -> dict[str, Any]:
    said = {
        "code": one.code,
        "zh": one.names.zh,
        "en": one.names.en,
        "owner": one.owner,
        "maintainer": one.maintainer,
        "state": one.state.value,
    }
    return {
        "type": "Feature",
        "properties": {name: value for name, value in said.items() if value is not None}
        | validity.raw(),
        "geometry": {"type": "Point", "coordinates": list(one.location.coordinates)},
    }
