"""What became of every row: asked of analytics until all is known, or the patience ends."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from deploy.client import Client, RefusedError

CONCURRENCY = 16
POLL_S = 0.25
LIST_S = 1.5
"""Between two readings of the list, which costs analytics more."""
PAGE = 500
FEW = 200
"""So few are asked for one by one; more are looked for in the list of their days."""
NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Outcome:
    """What analytics shows of an incident."""

    state: str
    rule: str | None
    grid: str | None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """Between which instants the incidents were reported."""

    first: datetime
    last: datetime

    def params(self) -> dict[str, str | int]:
        """The days of the list; a day more at both ends, since days are local and zones differ."""
        day = timedelta(days=1)
        return {
            "from": (self.first - day).date().isoformat(),
            "to": (self.last + day).date().isoformat(),
            "limit": PAGE,
        }


async def wait(
    client: Client,
    incidents: Collection[str],
    period: Period,
    patience_s: float,
    progress: Callable[[int], None],
) -> Mapping[str, Outcome]:
    """The outcome of each incident, by incident; those that never came to be known are left out.

    Gives up when for ``patience_s`` nothing new came. ``progress`` is told how many more are known.
    """
    known: dict[str, Outcome] = {}
    left = set(incidents)
    loop = asyncio.get_running_loop()
    news = loop.time()
    while left:
        few = len(left) <= FEW
        found = await (_one_by_one(client, left) if few else _listed(client, left, period))
        known |= found
        progress(len(found))
        left -= set(found)
        if found:
            news = loop.time()
        if not left or loop.time() > news + patience_s:
            break
        await asyncio.sleep(POLL_S if few else LIST_S)
    # A case is filed a moment before it is dispatched: who was seen in between is asked again.
    between = {incident for incident, one in known.items() if one.state == "filed"}
    if between:
        few = len(between) <= FEW
        known |= await (_one_by_one(client, between) if few else _listed(client, between, period))
    return known


async def _listed(client: Client, wanted: set[str], period: Period) -> dict[str, Outcome]:
    """Those of the incidents that have an outcome, from the list, the newest first."""
    found: dict[str, Outcome] = {}
    params = period.params()
    while True:
        page = await client.get("/v1/cases", params)
        for row in page["items"]:
            outcome = _outcome(row)
            if row["incident_id"] in wanted and outcome is not None:
                found[row["incident_id"]] = outcome
        if page["next"] is None or len(found) == len(wanted):
            return found
        params["cursor"] = page["next"]


async def _one_by_one(client: Client, wanted: set[str]) -> dict[str, Outcome]:
    found: dict[str, Outcome] = {}
    waiting = iter(sorted(wanted))

    async def some() -> None:
        for incident in waiting:
            outcome = await _one(client, incident)
            if outcome is not None:
                found[incident] = outcome

    async with asyncio.TaskGroup() as group:
        for _ in range(CONCURRENCY):
            group.create_task(some())
    return found


async def _one(client: Client, incident: str) -> Outcome | None:
    try:
        return _outcome(await client.get(f"/v1/cases/{incident}"))
    except RefusedError as error:
        if error.status == NOT_FOUND:
            return None
        raise


def _outcome(told: Mapping[str, Any]) -> Outcome | None:
    """What is told of an incident; None before anything was decided."""
    if told["state"] == "reported":
        return None
    unit = told["unit"]
    return Outcome(told["state"], told["reason"], told["grid"], unit and unit["code"])
