"""A new version of one entry, guarded by the one that its sender has read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from services.intake.domain.change import Candidate
from services.intake.domain.commands import EndEntry, SetEntry
from services.intake.domain.entry_rules import as_json, within
from services.intake.domain.findings import Finding, Severity
from services.intake.domain.receipt import share_of
from services.intake.domain.validity_rules import scheduled_refused
from services.intake.domain.withdrawing import (
    OpenCases,
    shares_refused,
    successor_refused,
    withdrawal_refused,
)
from services.intake.domain.working_limits import still_needed
from services.intake.http import told_findings
from services.intake.http.door import Door, not_found
from services.intake.http.openapi import EntryTold, EntryWritten
from shared.contracts.calendars import Calendar
from shared.contracts.registry_v1 import Change, Entry, EntrySet, Unit, entry_key
from shared.platform.http import ProblemError
from shared.registry.slim import plain
from shared.registry.snapshot import Snapshot
from shared.registry.validity import in_force

STATUS = {"has_open_cases": 409, "not_your_area": 403}


@dataclass(frozen=True, slots=True)
class Written:
    """The version that says what was wanted, and what that brings."""

    version: EntrySet
    is_new: bool = False
    """Whether there was no such entry before."""
    findings: Sequence[Finding] = ()


async def put_version(
    door: Door, match: str | None, wanted: Entry, *, accept_findings: bool
) -> Written:
    """Set an entry, unless it is so already.

    ``match`` is the header If-Match. Raises ProblemError 409, 412, 422, 428, and what the writer
    raises.
    """
    async with door.writer.taking_turn():
        latest = await door.entries.get(entry_key(wanted))
        expected = _expected(match, latest)
        if latest is not None and latest.valid_until is None and latest.entry == wanted:
            return Written(latest)
        now = door.clock()
        if (refused := scheduled_refused(latest, now, now)) is not None:
            raise ProblemError(409, refused.code, refused.detail)
        candidate = Candidate(0, entry_key(wanted), as_json(wanted))
        findings = await _brought(door, candidate, now, accept_findings=accept_findings)
        one = SetEntry.model_construct(
            change=_alone(), entry=wanted, decided_at=now, valid_from=now, expected_n=expected
        )
        version = await _made(door, entry_key(wanted), one)
    return Written(version, version.n == 1, findings)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Which entry is to hold no more, and what whoever asks has said of it."""

    key: str
    match: str | None
    """The header If-Match."""
    area: str | None
    """Within which whoever asks may change entries; None: everywhere."""
    move_to: str | None
    """The code of the entry of the same kind that takes over."""
    accept_findings: bool


async def withdraw(door: Door, asked: Withdrawal) -> Written:
    """The version that holds no more; raises ProblemError 403, 404, 409, 412, 422, 428."""
    key, area, move_to = asked.key, asked.area, asked.move_to
    async with door.writer.taking_turn():
        latest = await door.entries.get(key)
        if latest is None:
            raise not_found(f"there is no {key}")
        if not within(latest.entry, area):
            raise ProblemError(403, "not_your_area", f"{key} does not lie within your area {area}")
        expected = _expected(asked.match, latest)
        now = door.clock()
        until = min(latest.valid_until or now, now)
        ended = latest.valid_until == until
        if ended and move_to in {None, latest.successor}:
            return Written(latest)
        if isinstance(latest.entry, Calendar):
            _check_limits(latest.entry, door)
        await _check_open_cases(door, latest, move_to, area, now)
        ends = Candidate(0, key, b"", ends=True)
        findings = await _brought(door, ends, now, accept_findings=asked.accept_findings)
        end = EndEntry.model_construct(
            change=_alone(),
            decided_at=now,
            # Who takes over may be named afterwards; the end stays what it was.
            valid_until=until,
            successor=move_to,
            expected_n=expected,
        )
        return Written(await _made(door, key, end), findings=findings)


async def _brought(
    door: Door, candidate: Candidate, now: datetime, *, accept_findings: bool
) -> Sequence[Finding]:
    """What a change of one entry leaves; raises ProblemError where that is refused."""
    findings = await door.importer.checking.of_names([candidate], now, now)
    if not accept_findings and any(one.severity is Severity.REFUSED for one in findings):
        raise told_findings.refusal(findings)
    return findings


def _check_limits(calendar: Calendar, door: Door) -> None:
    why = still_needed(calendar, door.around())
    if why is not None:
        raise ProblemError(409, "calendar_in_use", why)


async def _check_open_cases(
    door: Door, latest: EntrySet, move_to: str | None, area: str | None, now: datetime
) -> None:
    if move_to is not None:
        successor = await door.entries.get(f"{latest.entry.kind}/{move_to}")
        refused = successor_refused(latest.entry, move_to, successor, area, now)
        more: dict[str, Any] = {}
    else:
        held = await door.receipts.open_of(latest.key)
        refused = withdrawal_refused(latest.entry, held)
        more = _members(held)
    over = latest.valid_until is not None and latest.valid_until <= now
    if refused is None and isinstance(latest.entry, Unit) and not over:
        shares = await door.receipts.open_of(share_of(latest.entry.code))
        refused, more = shares_refused(latest.entry, shares), _members(shares)
    if refused is not None:
        raise ProblemError(STATUS.get(refused.code, 422), refused.code, refused.detail, **more)


def _members(held: OpenCases) -> dict[str, Any]:
    """Of a refusal, for programs."""
    return {"open": held.count, "unknown": held.unknown, "examples": held.examples}


def _alone() -> Change:
    return Change(id=str(uuid4()), part=1, count=1)


async def _made(door: Door, key: str, one: SetEntry | EndEntry) -> EntrySet:
    version = await door.writer.make_one(key, one)
    if version.change.id != one.change.id:
        raise _mismatch(version)
    return version


def _expected(match: str | None, latest: EntrySet | None) -> int:
    if latest is None:
        if match is not None:
            raise ProblemError(412, "version_mismatch", "If-Match was sent, there is no such entry")
        return 0
    if match is None:
        raise ProblemError(
            428,
            "if_match_required",
            f"the entry exists: read it, and send its ETag as If-Match (it is {etag(latest)} now)",
            {"ETag": etag(latest)},
        )
    tags = {tag.strip() for tag in match.split(",")}
    if "*" not in tags and etag(latest) not in tags:
        raise _mismatch(latest)
    return latest.n


def _mismatch(latest: EntrySet) -> ProblemError:
    return ProblemError(
        412,
        "version_mismatch",
        f"somebody changed the entry: it is at version {latest.n}; read it and decide again",
        {"ETag": etag(latest)},
    )


def told_at(latest: EntrySet, registry: Snapshot, at: datetime) -> EntryTold | None:
    """What rules of an entry at an instant; None: nothing does.

    ``registry`` is asked for what is before the latest version, where that begins only later.
    """
    if latest.valid_from <= at:
        return told(latest) if in_force(latest, at) else None
    found = registry.version_at(latest.key, at)
    if found is None:
        return None
    return EntryTold.model_construct(
        key=latest.key,
        n=found.n,
        valid_from=found.valid_from,
        valid_until=found.valid_until,
        successor=found.successor if isinstance(found, EntrySet) else None,
        entry=plain(found.entry),
    )


def told(version: EntrySet) -> EntryTold:
    """A version as it is shown."""
    return EntryTold.model_construct(
        key=version.key,
        n=version.n,
        valid_from=version.valid_from,
        valid_until=version.valid_until,
        successor=version.successor,
        entry=version.entry,
    )


def told_written(written: Written) -> EntryWritten:
    """What was set or withdrawn as it is shown, with what that brings."""
    return EntryWritten.model_construct(
        **dict(told(written.version)), **told_findings.members(written.findings)
    )


def etag(version: EntrySet) -> str:
    """The ETag of a version: its number."""
    return f'"{version.n}"'
