"""Reading an import: JSON or one entry a line, each entry checked by itself."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from services.intake.domain.change import Candidate
from services.intake.domain.entry_rules import Examined, as_json, examine
from services.intake.domain.findings import Finding
from services.intake.domain.grid_checks import repair
from services.intake.domain.working_limits import ALONE, Around
from services.intake.http.door import parse, part_as_json
from services.intake.registry_writer import ENTRY
from shared.contracts.base import KNOWN_WORDS, Instant
from shared.contracts.registry_v1 import OF_THEIR_OWN, Grid, entry_key
from shared.platform.http import ProblemError
from shared.registry.spans import NOT_SAID, Span, ValidityError, apart

MAX_ENTRIES = 100_000
MAX_FAULTS = 100
STATUS = {"has_open_cases": 409, "not_your_area": 403, "scheduled_change": 409}
"""Where it is not 422."""
NDJSON = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})


class ChangeRequest(BaseModel):
    """What an import says of itself."""

    model_config = ConfigDict(frozen=True)

    valid_from: Instant | None = None
    """From when it holds; none: from its decision on."""
    note: Annotated[str, StringConstraints(max_length=500)] = ""


CHANGE: TypeAdapter[ChangeRequest] = TypeAdapter(ChangeRequest)


@dataclass(slots=True)
class Gathered:
    """The candidates of an import, and what is wrong with others."""

    change: ChangeRequest
    candidates: list[Candidate] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    """Grids that were repaired."""
    faults: list[dict[str, Any]] = field(default_factory=list)
    faulty: int = 0

    def fault(self, index: int, key: str | None, code: str, detail: str) -> None:
        """Note that an entry cannot be taken; the first hundred are kept."""
        self.faulty += 1
        if len(self.faults) < MAX_FAULTS:
            self.faults.append({"index": index, "key": key, "code": code, "detail": detail})

    def check(self) -> None:
        """Raises ProblemError 422 where anything is wrong, with one code where it is all one."""
        if self.faulty:
            raise refusal(self.faults, self.faulty)


def refusal(faults: Sequence[dict[str, Any]], faulty: int) -> ProblemError:
    """What an import is answered of which so many entries are refused, of them these told."""
    codes = {one["code"] for one in faults}
    first = faults[0]
    return ProblemError(
        STATUS.get(first["code"], 422) if len(codes) == 1 else 422,
        codes.pop() if len(codes) == 1 else "invalid_entries",
        f"{faulty} of the entries cannot be taken, nothing was changed; the first is "
        f"entry {first['index']}: {first['detail']}",
        faulty=faulty,
        errors=faults,
    )


def gather(  # noqa: PLR0913 - what an import is read by
    body: bytes, media: str, note: str, area: str | None, zone: str, *, around: Around = ALONE
) -> Gathered:
    """All of an import.

    ``area``: within which its sender may change entries (None: anywhere); ``zone``: in which the
    days of validities are; ``around``: what is in force.

    Pure and slow for large bodies: to be called off the event loop. Raises ProblemError for what
    is no import at all; what is wrong with single entries is gathered.
    """
    if media in NDJSON:
        gathered = Gathered(ChangeRequest(note=note))
        raws: Iterator[Any] = (line for line in body.splitlines() if line.strip())
    else:
        change, entries = _document(body)
        gathered = Gathered(change)
        raws = iter(entries)
    _take(raws, gathered, area, zone, around)
    _apart(gathered)
    return gathered


def _document(body: bytes) -> tuple[ChangeRequest, Iterable[Any]]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ProblemError(400, "bad_json", f"the body is not JSON: {error}") from error
    if not isinstance(found, dict) or not isinstance(found.get("entries"), list):
        raise ProblemError(422, "invalid", 'the body is {"change": {...}, "entries": [...]}')
    if unknown := set(found) - {"change", "entries"}:
        raise ProblemError(422, "invalid", f"unknown fields: {', '.join(sorted(unknown))}")
    return parse(CHANGE, part_as_json(found.get("change", {}))), found["entries"]


def _take(
    raws: Iterator[Any], gathered: Gathered, area: str | None, zone: str, around: Around
) -> None:
    seen: dict[str, int] = {}
    for index, raw in enumerate(raws):
        if index == MAX_ENTRIES:
            raise ProblemError(
                413, "too_large", f"a change has {MAX_ENTRIES} entries at most; make several"
            )
        try:
            line = raw if isinstance(raw, bytes) else part_as_json(raw)
            plain, span = _dated(line, zone)
            entry = ENTRY.validate_json(plain, strict=True, extra="forbid", context=KNOWN_WORDS)
        except ValidityError as error:
            gathered.fault(index, None, "invalid_validity", f"{error.field}: {error}")
            continue
        except ProblemError as error:
            gathered.fault(index, None, error.code, error.detail)
            continue
        except ValidationError as error:
            code, detail = _said(error)
            gathered.fault(index, None, code, detail)
            continue
        key = entry_key(entry)
        if key in seen:
            gathered.fault(
                index, key, "duplicate_key", f"{key} stands twice; entry {seen[key]} is the first"
            )
            continue
        seen[key] = index
        found = examine(entry, area, around)
        _note(found, span, index, gathered)


def _apart(gathered: Gathered) -> None:
    """Whoever does not know a later kind yet passes over whole changes, and over no half of one."""
    kinds = {one.key.partition("/")[0] for one in gathered.candidates}
    for kind in sorted(kinds & OF_THEIR_OWN.keys() if len(kinds) > 1 else ()):
        first = next(one for one in gathered.candidates if one.key.startswith(f"{kind}/"))
        gathered.fault(
            first.index, first.key, f"{kind}s_apart",
            f"{kind}s come in a change of their own: send them apart from the other entries",
        )  # fmt: skip


def _note(found: Examined, span: Span, index: int, gathered: Gathered) -> None:
    key = entry_key(found.entry)
    for fault in found.faults:
        gathered.fault(index, key, fault.code, fault.detail)
    if not found.faults:
        gathered.candidates.append(Candidate(index, key, as_json(found.entry), span=span))
    if isinstance(found.entry, Grid) and found.repairs:
        gathered.findings.append(repair(found.entry, found.repairs))


def _dated(raw: bytes, zone: str) -> tuple[bytes, Span]:
    """An entry without its own validity, and that; most have none, and are not read twice."""
    if b'"valid_' not in raw:
        return raw, NOT_SAID
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        return raw, NOT_SAID
    entry, validity = apart(found)
    return part_as_json(entry), validity.span(zone)


def _said(error: ValidationError) -> tuple[str, str]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if found[0]["type"] == "json_invalid":
        return "bad_json", f"not JSON: {found[0]['msg']}"
    said = [f"{'.'.join(map(str, one['loc'])) or 'entry'}: {one['msg']}" for one in found[:5]]
    return "invalid", "; ".join(said)
