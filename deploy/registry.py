"""The registry over HTTP: reading all entries of a kind, and bringing many in as one change."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from pydantic import TypeAdapter

from deploy.client import AwayError, Client
from deploy.feeds.differences import Difference, differences, of_validity
from deploy.feeds.entry_list import NONE, key_of
from shared.contracts.registry_v1 import Entry
from shared.registry.validity import Validity, apart

PAGE = 200
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
    """The id of the change; None where there was nothing to change, or for a dry run."""
    count: int
    """How many entries are new or different."""
    unchanged: int
    """How many were so already."""
    effects: tuple[Effect, ...] = ()
    """For a dry run: what would become of the first entries that are new or different."""


async def entries(
    client: Client, kind: str, validities: dict[str, Validity] | None = None
) -> list[Entry]:
    """All entries of one of the registry's kinds that have not ended, by code.

    From when until when they hold is put into ``validities``, where they have an end.
    """
    found: list[Entry] = []
    params: dict[str, str | int] = {"limit": PAGE}
    for _ in range(MAX_PAGES):
        page = await client.get(f"/v1/registry/{kind}", params)
        found += [_entry.validate_python(one["entry"]) for one in page["items"]]
        if validities is not None:
            validities |= {one["key"]: apart(one)[1] for one in page["items"] if one["valid_until"]}
        if not page.get("next"):
            break
        params["cursor"] = page["next"]
    return found


async def bring_in(
    client: Client,
    wanted: Sequence[Entry],
    note: str = "",
    *,
    dry_run: bool = False,
    validities: Mapping[str, Validity] = NONE,
) -> Imported:
    """Import entries as one change, and wait until it is published.

    ``validities`` say from when until when, by ``kind/code``, where not from now on for good.
    The client acts as a registry administrator. Raises RefusedError with what is wrong with which
    entry, AwayError when the services are away for too long.
    """
    body = {
        "change": {"note": note},
        "entries": [
            one.model_dump(mode="json", exclude_none=True)
            | validities.get(key_of(one), Validity()).raw()
            for one in wanted
        ],
    }
    params = {"dry_run": "true"} if dry_run else None
    told = await client.post("/v1/registry/import", body, str(uuid4()), params=params)
    result = Imported(told.get("change"), told["count"], told["unchanged"])
    if told["state"] == "decided":
        await _published(client, result)
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


async def _published(client: Client, imported: Imported) -> None:
    path = f"/v1/registry/changes/{imported.change}"
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PUBLISH_S
    while (await client.get(path))["state"] != "published":
        if loop.time() > deadline:
            raise AwayError(
                f"change {imported.change} is decided and will be published; after "
                f"{PUBLISH_S:.0f} s it is not yet: is Kafka up? wangge status",
                f"变更 {imported.change} 已确定，但尚未发布；请用 wangge status 检查 Kafka",
            )
        await asyncio.sleep(POLL_S)
