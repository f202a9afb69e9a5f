"""A new version of one entry, guarded by the one that its sender has read."""

from datetime import datetime
from uuid import uuid4

from services.intake.domain.commands import SetEntry, entry_key
from services.intake.domain.entry_rules import within
from services.intake.http.door import Door, not_found
from services.intake.http.openapi import EntryTold
from shared.contracts.registry_v1 import Change, Entry, EntrySet
from shared.platform.http import ProblemError


async def put_version(door: Door, match: str | None, wanted: Entry) -> tuple[EntrySet, bool]:
    """The version that says what is wanted, and whether the entry is new.

    ``match`` is the header If-Match. Raises ProblemError 412, 428, and what the writer raises.
    """
    async with door.writer.taking_turn():
        latest = await door.entries.get(entry_key(wanted))
        expected = _expected(match, latest)
        if latest is not None and latest.valid_until is None and latest.entry == wanted:
            return latest, False
        now = door.clock()
        version = await _set(door, wanted, now, expected, valid_from=now)
    return version, version.n == 1


async def withdraw(door: Door, match: str | None, key: str, area: str | None) -> EntrySet:
    """The version that holds no more; raises ProblemError 403, 404, 412, 428."""
    async with door.writer.taking_turn():
        latest = await door.entries.get(key)
        if latest is None:
            raise not_found(f"there is no {key}")
        if not within(latest.entry, area):
            raise ProblemError(403, "not_your_area", f"{key} does not lie within your area {area}")
        expected = _expected(match, latest)
        now = door.clock()
        if latest.valid_until is not None and latest.valid_until <= now:
            return latest
        # It held from when it did; only its end is new.
        return await _set(
            door, latest.entry, now, expected, valid_from=latest.valid_from, valid_until=now
        )


async def _set(  # noqa: PLR0913 - a version is made of these
    door: Door,
    entry: Entry,
    now: datetime,
    expected: int,
    *,
    valid_from: datetime,
    valid_until: datetime | None = None,
) -> EntrySet:
    change = Change(id=str(uuid4()), part=1, count=1)
    version = await door.writer.set_one(
        SetEntry.model_construct(
            change=change,
            entry=entry,
            decided_at=now,
            valid_from=valid_from,
            valid_until=valid_until,
            expected_n=expected,
        )
    )
    if version.change.id != change.id:
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


def told(version: EntrySet) -> EntryTold:
    """A version as it is shown."""
    return EntryTold.model_construct(
        key=version.key,
        n=version.n,
        valid_from=version.valid_from,
        valid_until=version.valid_until,
        entry=version.entry,
    )


def etag(version: EntrySet) -> str:
    """The ETag of a version: its number."""
    return f'"{version.n}"'
