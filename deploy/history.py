"""The history of one entry of the registry: its versions, and what each changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploy.audit.log import KafkaLog
from deploy.client import Client, RefusedError
from deploy.feeds.differences import Difference, differences
from shared.contracts.envelope import Origin, UndecodableError, UnknownTypeError, decode
from shared.contracts.registry_v1 import EntrySet
from shared.contracts.topics import REGISTRY
from shared.ledger.ports import Record

NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Version:
    """One version, what it changed in the one before, and the change that it was part of."""

    entry: EntrySet
    differences: tuple[Difference, ...]
    note: str | None
    """What the change was called; none for a single edit."""


async def history(bootstrap: str, client: Client, key: str) -> list[Version]:
    """The versions of an entry (``kind/code``), oldest first, read from the log.

    Raises KafkaError, AwayError.
    """
    found: list[Version] = []
    for one in sorted((await _read(bootstrap, key)).values(), key=lambda one: one.n):
        changed = differences(found[-1].entry.entry, one.entry) if found else []
        found.append(Version(one, tuple(changed), await _note(client, one.change.id)))
    return found


async def _read(bootstrap: str, key: str) -> Mapping[int, EntrySet]:
    found: dict[int, EntrySet] = {}
    async with KafkaLog(bootstrap) as log:
        async for records in log.read(0, await log.ends([REGISTRY], 0)):
            for record in records:
                # The key of a record is kind/code/n: the others need not be looked into.
                if (record.key or b"").startswith(f"{key}/".encode()):
                    data = _data(record)
                    if isinstance(data, EntrySet) and data.key == key:
                        found.setdefault(data.n, data)
    return found


def _data(record: Record) -> object:
    try:
        origin = Origin(record.topic, record.partition, record.offset)
        return decode(record.headers, record.value, origin).data
    except (UndecodableError, UnknownTypeError):
        return None


async def _note(client: Client, change: str) -> str | None:
    try:
        told: dict[str, Any] = await client.get(f"/v1/registry/changes/{change}")
    except RefusedError as error:
        if error.status == NOT_FOUND:
            return None
        raise
    return told.get("note")
