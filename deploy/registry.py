"""The registry over HTTP: reading all entries of a kind, and bringing many in as one change."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from pydantic import TypeAdapter

from deploy.client import AwayError, Client, RefusedError
from deploy.feeds.differences import Difference, differences, of_validity
from deploy.feeds.entry_list import NONE
from shared.contracts.calendars import Calendar
from shared.contracts.notice_targets import NoticeTarget
from shared.contracts.registry_v1 import Entry, entry_key
from shared.registry.spans import Validity, apart

PAGE = 500
CHANGE_ENTRIES = 20_000
CHANGE_BYTES = 32 * 1024 * 1024
"""One change has so many entries, and about so many bytes, at most: half of what intake takes."""
MAX_PAGES = 5_000
POLL_S = 0.1
PUBLISH_S = 120.0
EXPLAINED = 200
"""Of so many entries a dry run tells what would be different."""
_entry: TypeAdapter[Entry] = TypeAdapter(Entry)


@dataclass(frozen=True, slots=True)
class Effect:
    """What would become of an entry."""

    key: str
    """``kind/code``."""
    what: str
    """new, changed, or revived (it was withdrawn)."""
    n: int
    """The version that it would become."""
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an import, or for a dry run would become."""

    change: str | None
    """The id of the (last) change; None where there was nothing to change, or for a dry run."""
    count: int
    """How many entries are new or different."""
    unchanged: int
    """How many were so already."""
    effects: tuple[Effect, ...] = ()
    """For a dry run: what would become of the first entries that are new or different."""
    found: dict[str, int] = field(default_factory=dict)
    """How many findings of each code the check of the grids had."""
    findings: tuple[dict[str, Any], ...] = ()
    """The first of them, as GeoJSON features."""


async def entries(
    client: Client,
    kind: str,
    validities: dict[str, Validity] | None = None,
    scheduled: dict[str, str] | None = None,
) -> list[Entry]:
    """All entries of one of the registry's kinds that are in force now, by code.

    From when until when they hold is put into ``validities``, where they have an end; when versions
    begin that are left out because they begin later, into ``scheduled``, both by ``kind/code``.
    """
    found: list[Entry] = []
    params: dict[str, str | int] = {"limit": PAGE, "at": "now"}
    for _ in range(MAX_PAGES):
        page = await client.get(f"/v1/registry/{kind}", params)
        found += [_entry.validate_python(one["entry"]) for one in page["items"]]
        if validities is not None:
            validities |= {one["key"]: apart(one)[1] for one in page["items"] if one["valid_until"]}
        if scheduled is not None:
            scheduled |= {one["key"]: one["valid_from"] for one in page.get("scheduled") or ()}
        if not page.get("next"):
            break
        params["cursor"] = page["next"]
        params["at"] = page.get("at") or "now"
    return found


def changes(wanted: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """The entries in their order, in runs that each fit into one change; calendars come first.

    Limits in working time are refused where there is no calendar. Calendars and targets of notices
    come in changes of their own.
    """
    calendars = [one for one in wanted if isinstance(one, Calendar)]
    targets = [one for one in wanted if isinstance(one, NoticeTarget)]
    others = [one for one in wanted if not isinstance(one, Calendar | NoticeTarget)]
    for some in (calendars, targets):
        if some:
            yield from _runs(some)
    if others or not wanted:
        yield from _runs(others)


def _runs(wanted: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    begin = size = 0
    for number, one in enumerate(wanted):
        more = len(one.model_dump_json())
        if number > begin and (number - begin == CHANGE_ENTRIES or size + more > CHANGE_BYTES):
            yield wanted[begin:number]
            begin, size = number, 0
        size += more
    if begin < len(wanted) or not wanted:
        yield wanted[begin:]


def no_progress(_done: int) -> None:
    """Nobody watches."""


async def bring_in(  # noqa: PLR0913 - what an import may say
    client: Client,
    wanted: Sequence[Entry],
    note: str = "",
    *,
    dry_run: bool = False,
    accept_findings: bool = False,
    validities: Mapping[str, Validity] = NONE,
    progress: Callable[[int], None] = no_progress,
) -> Imported:
    """Import entries, as one change or, where they are too many, as several; wait until published.

    Each change is made whole or not at all; what was made before one that is refused stays, and is
    unchanged when all is imported again. ``validities`` say from when until when, by ``kind/code``,
    where not from now on for good. ``progress`` is told how many entries are done. The client acts
    as a registry administrator. Raises RefusedError, whose ``errors`` name entries by their index
    in ``wanted``, AwayError when the services are away for too long.
    """
    total, done = Imported(None, 0, 0), 0
    for some in changes(wanted):
        try:
            made = await _bring_in(
                client,
                some,
                note,
                dry_run=dry_run,
                accept_findings=accept_findings,
                validities=validities,
            )
        except RefusedError as error:
            raise _of_all(error, some, wanted) from error
        total = Imported(
            made.change or total.change,
            total.count + made.count,
            total.unchanged + made.unchanged,
            (total.effects + made.effects)[:EXPLAINED],
            dict(Counter(total.found) + Counter(made.found)),
            total.findings + made.findings,
        )
        done += len(some)
        progress(done)
    return total


def _of_all(error: RefusedError, some: Sequence[Entry], wanted: Sequence[Entry]) -> RefusedError:
    """What is said of the entries of one change, by their indexes in all that is wanted."""
    index = {id(one): number for number, one in enumerate(wanted)}
    errors = [
        {**one, "index": index[id(some[one["index"]])]} for one in error.errors if "index" in one
    ]
    return RefusedError(
        error.status, error.code, error.detail, error.where, errors=errors, meaning=error.meaning
    )


async def _bring_in(  # noqa: PLR0913 - as `bring_in`
    client: Client,
    wanted: Sequence[Entry],
    note: str,
    *,
    dry_run: bool,
    accept_findings: bool,
    validities: Mapping[str, Validity],
) -> Imported:
    body = {
        "change": {"note": note},
        "entries": [
            one.model_dump(mode="json", exclude_none=True)
            | validities.get(entry_key(one), Validity()).raw()
            for one in wanted
        ],
    }
    asked = {"dry_run": dry_run, "accept_findings": accept_findings}
    params = {name: "true" for name, on in asked.items() if on}
    told = await client.post("/v1/registry/import", body, str(uuid4()), params=params)
    result = Imported(
        told.get("change"),
        told["count"],
        told["unchanged"],
        found=told.get("found") or {},
        findings=tuple((told.get("findings") or {}).get("features", ())),
    )
    if told["state"] == "decided":
        await published(client, told["change"])
    if dry_run:
        effects = [
            await _effect(client, wanted[one["index"]], one)
            for one in (told.get("effects") or [])[:EXPLAINED]
        ]
        result = replace(result, effects=tuple(effects))
    return result


async def _effect(client: Client, wanted: Entry, told: Mapping[str, Any]) -> Effect:
    """With what is there now beside what is wanted; a new entry needs no list of its fields."""
    found: list[Difference] = []
    now: Mapping[str, Any] = {}
    if told["what"] != "new":
        now = await client.get(f"/v1/registry/{told['key']}")
        found = differences(_entry.validate_python(now["entry"]), wanted)
    found += of_validity(now, told)
    return Effect(told["key"], told["what"], told["n"], tuple(found))


async def published(client: Client, change: str) -> None:
    """Wait until a change that is decided is on the topic; raises AwayError after a while."""
    path = f"/v1/registry/changes/{change}"
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PUBLISH_S
    while (await client.get(path))["state"] != "published":
        if loop.time() > deadline:
            raise AwayError(
                f"change {change} is decided and will be published; after "
                f"{PUBLISH_S:.0f} s it is not yet: is Kafka up? wangge status",
                f"变更 {change} 已确定，但尚未发布；请用 wangge status 检查 Kafka",
            )
        await asyncio.sleep(POLL_S)
