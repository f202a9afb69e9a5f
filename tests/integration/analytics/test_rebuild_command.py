"""``wangge rebuild`` on real servers: it finds what is wrong, and mends it when told to."""

import asyncio
import json
import os
import sys
from typing import Any

from tests.integration.analytics.station import Station, people_at_work


async def wangge(station: Station, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Run the command; its exit status and what it says."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.cli", "rebuild", "--json", *arguments,
        env={**os.environ, **station.settings},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode is not None
    assert out or process.returncode == 2, err.decode()
    return process.returncode, json.loads(out or "{}")


async def test_it_tells_same_from_different_and_mends_beside_traffic(station: Station) -> None:
    async with station.running():
        await station.publish(people_at_work(40))
        status, found = await wangge(station)
        assert (status, found["same"], found["differences"]) == (0, True, [])
        assert found["hash_live"] == found["hash_rebuilt"]

        timelines, rollups = station.database["timelines"], station.database["rollups"]
        bucket = await rollups.find_one({"n.closed": {"$gt": 0}})
        closed, other = await timelines.find({"state_word": "closed"}).to_list(2)
        assert bucket is not None
        await rollups.update_one({"_id": bucket["_id"]}, {"$inc": {"n.closed": 1}})
        await timelines.update_one({"_id": closed["_id"]}, {"$set": {"state.case.state": "filed"}})
        await timelines.delete_one({"_id": other["_id"]})
        await timelines.insert_one({**closed, "_id": "made-up", "seen": ["no event"]})

        status, found = await wangge(station)
        assert (status, found["same"]) == (1, False)
        details = {one["id"]: one["detail"] for one in found["differences"]}
        assert details[closed["_id"]] == "state.case.state: folded 'closed', stored 'filed'"
        assert details[bucket["_id"]].startswith("n.closed: folded ")
        assert details[other["_id"]].startswith("it is missing")
        assert details["made-up"] == "it has taken no event, which is not in the log"
        assert len(details) == 4

        status, found = await wangge(station, "--swap")
        assert (status, found["same"]) == (0, True)
        assert found["timelines"]["replaced"] + found["rollups"]["replaced"] == 4
        # What was put there is worked on as if nothing had been.
        await station.publish(people_at_work(20))
        status, found = await wangge(station)
        assert (status, found["same"], found["differences"]) == (0, True, [])
        assert await rollups.count_documents({}) == found["rollups"]["same"]
    names = await station.client.list_database_names()
    assert f"{station.name}_rebuild" not in names


async def test_it_does_not_judge_an_analytics_that_is_behind(station: Station) -> None:
    await station.publish(people_at_work(2))
    status, found = await wangge(station, "--wait", "0.5")
    assert (status, found) == (2, {})
