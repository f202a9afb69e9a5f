"""The list of admitted matters as a table (CSV): one row a filing condition.

A matter's own columns stand in its first row; further rows may repeat them or leave them empty,
the code too: a row without one belongs to the matter above it.
No heading of a category may hold a ``>``, which stands between them.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from deploy.feeds import spelling, tables
from deploy.feeds.entry_list import NONE
from deploy.feeds.faults import Fault
from deploy.feeds.tables import Row
from shared.contracts.base import KNOWN_WORDS, Limit, Limits
from shared.contracts.registry_v1 import FilingCondition, Matter, entry_key
from shared.registry.spans import FIELDS, Validity, ValidityError, apart

STAGES = tuple(Limits.model_fields)
OF_MATTER = (
    "code", "zh", "en", "class", "category", "lead_unit_kind", "co_unit_kinds",
    "join_unit_kinds", "flow", "public", "guide_zh", "guide_en", "component_class", "snap_metres",
    "near_metres", "near_hours",
)  # fmt: skip
OF_CONDITION = (
    "condition", "condition_zh", "condition_en", "severity", "zone_class", *STAGES,
    "closing_zh", "closing_en", "photos", "verify_before_filing", "emergency", "make_safe",
)  # fmt: skip
SNAP, NEAR = (Matter.model_fields[name].default for name in ("snap_metres", "near"))
COLUMNS = (*OF_MATTER, *OF_CONDITION)
"""All must be there; ``valid_from`` and ``valid_until``, of a matter too, may be."""
BELOW = " > "
YES, NO = "yes", "no"
NOBODY = "-"
_COLUMN_OF = {"klass": "class"}


def read(
    text: str, validities: dict[str, Validity] | None = None, lines: list[int] | None = None
) -> tuple[list[Matter], list[Fault]]:
    """The matters and, instead of those that are not valid, what is wrong by line.

    From when until when a matter holds, where it says so, is put into ``validities``, the line of
    its first row into ``lines``.

    Raises FeedError where columns are missing or not known.
    """
    groups: dict[str, list[tuple[int, Row]]] = {}
    code = ""
    for line, row in tables.rows(text, COLUMNS, "a list of matters", optional=FIELDS):
        code = row["code"] or code
        groups.setdefault(code, []).append((line, row))
    found: list[Matter] = []
    faults: list[Fault] = []
    for rows in groups.values():
        wrong = [*_contradictions(rows), *_unreadable(rows)]
        faults += wrong
        if wrong:
            continue
        try:
            _, validity = apart({name: rows[0][1].get(name, "") for name in FIELDS})
            found.append(Matter.model_validate(_matter(rows), context=KNOWN_WORDS))
            if lines is not None:
                lines.append(rows[0][0])
            if validity and validities is not None:
                validities[entry_key(found[-1])] = validity
        except ValidityError as error:
            faults.append(Fault(rows[0][0], f"{error.field}: {error}"))
        except ValidationError as error:
            faults += [_fault(rows, place, said) for place, said in _places(error)]
    return found, faults


def _places(error: ValidationError) -> Iterable[tuple[tuple[int | str, ...], str]]:
    for one in error.errors(include_url=False, include_context=False):
        yield one["loc"], one["msg"]


def _fault(rows: Sequence[tuple[int, Row]], place: Sequence[int | str], said: str) -> Fault:
    """A mistake at the line of its condition, else of the matter's first row."""
    at = place[1] if len(place) > 1 and place[0] == "conditions" else 0
    line = rows[at][0] if isinstance(at, int) else rows[0][0]
    names = [_COLUMN_OF.get(str(step), str(step)) for step in place if not isinstance(step, int)]
    return Fault(line, f"{'.'.join(names)}: {said}")


def _contradictions(rows: Sequence[tuple[int, Row]]) -> Iterable[Fault]:
    first_line, first = rows[0]
    for line, row in rows[1:]:
        for column in (*OF_MATTER, *FIELDS):
            if row.get(column, "") not in {"", first.get(column, "")}:
                yield Fault(
                    line, f"{column}: {row[column]!r:.60} is not what line {first_line} says"
                )


def _unreadable(rows: Sequence[tuple[int, Row]]) -> Iterable[Fault]:
    for line, row in rows:
        if tables.is_overfull(row):
            yield Fault(line, tables.TOO_MANY)
            continue
        for stage in (*STAGES, "make_safe"):
            if text := row[stage]:
                try:
                    spelling.limit(text)
                except ValueError as error:
                    yield Fault(line, f"{stage}: {error}")
        for column in ("public", "verify_before_filing", "emergency"):
            if row[column] not in {"", YES, NO}:
                yield Fault(line, f"{column}: {row[column]!r:.40} is neither {YES} nor {NO}")


def _matter(rows: Sequence[tuple[int, Row]]) -> dict[str, Any]:
    row = rows[0][1]
    return _said(
        code=row["code"],
        names=_names(row, ""),
        klass=row["class"],
        category=_list(row["category"], BELOW.strip()),
        lead_unit_kind=row["lead_unit_kind"],
        co_unit_kinds=_list(row["co_unit_kinds"]),
        join_unit_kinds=() if row["join_unit_kinds"] == NOBODY else _list(row["join_unit_kinds"]),
        flow=row["flow"],
        public=_yes(row["public"]),
        guide=_names(row, "guide_"),
        component_class=row["component_class"],
        snap_metres=row["snap_metres"],
        near=_said(metres=row["near_metres"], hours=row["near_hours"]),
        conditions=[_condition(one) for _, one in rows],
    )


def _condition(row: Row) -> dict[str, Any]:
    limits = {stage: spelling.limit(text) for stage in STAGES if (text := row[stage])}
    return _said(
        code=row["condition"],
        names=_names(row, "condition_"),
        severity=row["severity"],
        zone_class=row["zone_class"],
        closing=_names(row, "closing_"),
        photos=_list(row["photos"]),
        verify_before_filing=_yes(row["verify_before_filing"]),
        emergency=_yes(row["emergency"]),
        make_safe=spelling.limit(row["make_safe"]) if row["make_safe"] else None,
    ) | {"limits": limits}


def _said(**fields: object) -> dict[str, Any]:
    """The fields of which the row says something."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def _names(row: Row, prefix: str) -> dict[str, str] | None:
    found = {language: row[f"{prefix}{language}"] for language in ("zh", "en")}
    return found if any(found.values()) else None


def _list(text: str, separator: str = " ") -> list[str]:
    return [part.strip() for part in text.split(separator) if part.strip()]


def _yes(text: str) -> bool | None:
    return text == YES if text else None


def write(matters: Iterable[Matter], validities: Mapping[str, Validity] = NONE) -> str:
    """The matters as CSV; ``read`` gives the same ones."""
    out = io.StringIO()
    columns = (*COLUMNS, *FIELDS) if validities else COLUMNS
    writer = csv.DictWriter(out, columns, lineterminator="\n", restval="")
    writer.writeheader()
    for matter in matters:
        for number, condition in enumerate(matter.conditions):
            own = {"code": matter.code}
            if number == 0:
                own = _of_matter(matter) | validities.get(entry_key(matter), Validity()).raw()
            writer.writerow(own | _of_condition(condition))
    return out.getvalue()


def _of_matter(matter: Matter) -> dict[str, str]:
    return {
        "code": matter.code,
        "zh": matter.names.zh,
        "en": matter.names.en,
        "class": matter.klass,
        "category": BELOW.join(matter.category),
        "lead_unit_kind": matter.lead_unit_kind or "",
        "co_unit_kinds": " ".join(matter.co_unit_kinds),
        "join_unit_kinds": _join(matter.join_unit_kinds),
        "flow": matter.flow or "",
        "public": YES if matter.public else NO,
        "guide_zh": matter.guide.zh if matter.guide else "",
        "guide_en": matter.guide.en if matter.guide else "",
        "component_class": matter.component_class or "",
        "snap_metres": _unless(SNAP, matter.snap_metres),
        "near_metres": _unless(NEAR.metres, matter.near.metres),
        "near_hours": _unless(NEAR.hours, matter.near.hours),
    }


def _join(kinds: Sequence[str] | None) -> str:
    """For whom a case waits: nothing said is for all, a dash for nobody but the lead."""
    return "" if kinds is None else " ".join(kinds) or NOBODY


def _unless(usual: float, amount: float) -> str:
    """A number to the last bit, or nothing where it is the usual one."""
    return "" if amount == usual else repr(amount)


def _of_condition(condition: FilingCondition) -> dict[str, str]:
    limits = {stage: getattr(condition.limits, stage) for stage in STAGES}
    return {
        "condition": condition.code,
        "condition_zh": condition.names.zh,
        "condition_en": condition.names.en,
        "severity": str(condition.severity),
        "zone_class": condition.zone_class or "",
        "closing_zh": condition.closing.zh if condition.closing else "",
        "closing_en": condition.closing.en if condition.closing else "",
        "photos": " ".join(condition.photos),
        "verify_before_filing": YES if condition.verify_before_filing else NO,
        "emergency": YES if condition.emergency else NO,
        "make_safe": spelling.spelled(condition.make_safe) if condition.make_safe else "",
        **{s: spelling.spelled(one) if isinstance(one, Limit) else "" for s, one in limits.items()},
    }
