"""Waiting for what will be, with a deadline."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Let others run until the condition holds; fails after so many seconds."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for knows of no event
            await asyncio.sleep(0.001)


async def until_true(condition: Callable[[], Awaitable[bool]], seconds: float = 10.0) -> None:
    """The same for a condition that has to be asked for."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - it is asked of a server
            await asyncio.sleep(0.05)
