"""Waiting until all that is to happen in a city has happened."""

import asyncio
from collections.abc import Collection
from contextlib import suppress

from deploy.traffic.board import word_of
from deploy.traffic.follower import following
from shared.contracts.topics import CASES, ESCALATIONS, INCIDENTS

SOME_MORE = 50
"""After the last of it so many events are read: whoever follows beside us has seen it as well."""


def not_seen(kafka: str, wanted: Collection[str], longest_s: float, back_s: float = 0) -> set[str]:
    """What of it has not happened when all has, or when time is over; from ``back_s`` ago.

    An event is named as ``case.closed``, one that carries a word as ``case.dispatched flow_state``.
    """
    return asyncio.run(_not_seen(kafka, wanted, longest_s, back_s))


async def _not_seen(
    kafka: str, wanted: Collection[str], longest_s: float, back_s: float
) -> set[str]:
    left, more = set(wanted), SOME_MORE
    with suppress(TimeoutError):
        async with (
            asyncio.timeout(longest_s),
            following(kafka, (INCIDENTS, CASES, ESCALATIONS), back_s) as follower,
        ):
            while left or more > 0:
                for event in await follower.batch():
                    name = event.type.removeprefix("cn.wangge.").removesuffix(".v1")
                    left -= {name, f"{name} {word_of(event.data)}"}
                    more -= not left
    return left
