"""What became of every row: asked of analytics until all is known, or the patience ends."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from deploy.client import Client, RefusedError

CONCURRENCY = 16
POLL_S = 0.25
NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Outcome:
    """What analytics shows of an incident."""

    state: str
    rule: str | None
    grid: str | None


async def wait(
    client: Client,
    incidents: Iterable[str],
    patience_s: float,
    progress: Callable[[int], None],
) -> Mapping[str, Outcome]:
    """The outcome of each incident that has one by the end of the patience, by incident.

    ``progress`` is told how many more are known.
    """
    known: dict[str, Outcome] = {}
    left = list(dict.fromkeys(incidents))
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience_s
    while left:
        found = await _ask(client, left)
        known.update(found)
        progress(len(found))
        left = [incident for incident in left if incident not in known]
        if not left or loop.time() > deadline:
            break
        await asyncio.sleep(POLL_S)
    return known


async def _ask(client: Client, incidents: list[str]) -> dict[str, Outcome]:
    """The outcomes known now; stops asking at the first run of incidents that have none."""
    found: dict[str, Outcome] = {}
    waiting = iter(incidents)

    async def some() -> None:
        for incident in waiting:
            outcome = await _one(client, incident)
            if outcome is None:
                return
            found[incident] = outcome

    async with asyncio.TaskGroup() as group:
        for _ in range(CONCURRENCY):
            group.create_task(some())
    return found


async def _one(client: Client, incident: str) -> Outcome | None:
    try:
        case = await client.get(f"/v1/cases/{incident}")
    except RefusedError as error:
        if error.status == NOT_FOUND:
            return None
        raise
    if case["state"] == "reported":
        return None
    return Outcome(case["state"], case.get("reason"), case.get("grid"))
