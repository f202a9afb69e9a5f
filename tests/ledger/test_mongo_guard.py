"""How MongoDB itself keeps a write from a document that has changed meanwhile."""

from typing import Any

import pytest

from shared.ledger.document import Change
from shared.ledger.mongo_store import FOLLOWS, MongoStore
from shared.platform.mongo import Database


def change(version: int, by: str = "us") -> Change:
    return Change("a", version, {"version": version + 1, "by": by}, [f"{by}:{version}"], [])


async def document(own: Database) -> dict[str, Any]:
    found = await own["documents"].find_one({"_id": "a"})
    assert found is not None
    return found


async def validator(own: Database) -> object:
    (found,) = [one async for one in await own.list_collections(filter={"name": "documents"})]
    return found["options"].get("validator")


async def test_a_collection_of_an_older_version_compares_versions_from_the_next_start_on(
    own: Database,
) -> None:
    older = {"_id": "a", "version": 4, "by": "older", "seen": [], "outbox": []}
    await own["documents"].insert_one(older)
    store = MongoStore(own["documents"])
    await store.prepare()
    await store.prepare()
    assert await validator(own) == FOLLOWS
    assert (await store.write([change(3)])).lost == {"a"}
    assert (await document(own))["by"] == "older"
    assert not (await store.write([change(4)])).lost
    found = await document(own)
    assert (found["version"], found["decided_on"], found["by"]) == (5, 4, "us")


@pytest.mark.parametrize("prepared", [True, False])
async def test_whoever_has_not_prepared_the_collection_loses_and_wins_the_same_races(
    own: Database, *, prepared: bool
) -> None:
    first, second = MongoStore(own["documents"]), MongoStore(own["documents"])
    if prepared:
        await first.prepare()
    assert not (await first.write([change(0)])).lost
    assert not (await second.write([change(1, "second")])).lost
    assert (await first.write([change(1, "first")])).lost == {"a"}
    assert not (await first.write([change(2, "first")])).lost
    assert (await second.write([change(2, "second")])).lost == {"a"}
    found = await document(own)
    assert (found["version"], found["by"]) == (3, "first")
    assert found["seen"] == ["us:0", "second:1", "first:2"]


async def test_what_the_database_does_beside_the_ledger_needs_no_version(own: Database) -> None:
    store = MongoStore(own["documents"])
    await store.prepare(timers=True)
    await store.write([change(0)])
    await store.write([change(1)])
    await store.park("a", 2, "it failed")
    await store.pull({"a": ["e"]})
    found = await document(own)
    assert (found["version"], found["parked"]) == (2, "it failed")
