"""Posting batches through the front door: bounded, in time order, again while it is away."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from deploy.client import AwayError, Client
from deploy.local.errors import StackError
from deploy.replay.schedule import Batch, Item

CONCURRENCY = 4
"""Batches in flight at once; so far may rows overtake each other."""
PAUSES_S = (0.2, 0.5, 1, 2, 5, 5, 5, 5)
"""Before items that intake was too busy for are posted again."""
ACCEPTED = 202
BUSY = 503


@dataclass(slots=True)
class Posted:
    """What intake said: incidents by row number, and what it refused, with the code."""

    incidents: dict[int, str] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)


async def post(client: Client, plan: Iterable[Batch], progress: Callable[[int], None]) -> Posted:
    """Post every batch when its time has come; ``progress`` is told of each row that is done.

    Raises RefusedError when intake refuses a whole batch, AwayError when it is away for too long.
    """
    posted = Posted()
    free = asyncio.Semaphore(CONCURRENCY)
    loop = asyncio.get_running_loop()
    start = loop.time()

    async def one(batch: Batch) -> None:
        try:
            await _post_batch(client, batch.items, posted)
            progress(len(batch.items))
        finally:
            free.release()

    failed: list[BaseException] = []
    try:
        async with asyncio.TaskGroup() as group:
            for batch in plan:
                await asyncio.sleep(max(0.0, start + batch.after_s - loop.time()))
                await free.acquire()
                group.create_task(one(batch))
    except* StackError as errors:
        failed += errors.exceptions
    # What is raised within ``except*`` some versions of Python 3.11 put into a group of its own.
    for error in failed:
        raise error
    return posted


async def _post_batch(client: Client, items: Sequence[Item], posted: Posted) -> None:
    """Post items, and those again for which intake was too busy, until each has an answer."""
    left = list(items)
    for pause in (*PAUSES_S, None):
        answer = await client.post("/v1/incidents/batch", {"items": [one.body() for one in left]})
        busy = [
            item
            for item, result in zip(left, answer["items"], strict=True)
            if not _noted(item, result, posted)
        ]
        if not busy:
            return
        if pause is None:
            raise AwayError(
                f"intake stays too busy for {len(busy)} rows; replay the file again later, rows "
                "that were accepted will not be doubled",
                f"受理服务持续繁忙，{len(busy)} 行未能上报；稍后重放即可，不会重复上报",
            )
        left = busy
        await asyncio.sleep(pause)


def _noted(item: Item, result: dict[str, Any], posted: Posted) -> bool:
    """Note the answer to an item; false when it is to be posted again."""
    if result["status"] == BUSY:
        return False
    if result["status"] == ACCEPTED:
        posted.incidents[item.row.number] = result["incident_id"]
    else:
        posted.refused[item.row.number] = result["problem"]["code"]
    return True
