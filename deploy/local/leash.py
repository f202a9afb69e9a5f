"""The line between `wangge up` and its supervisor: the supervisor's standard input.

The first line is the plan. Then either comes ``release``, and the supervisor stays on its own, or
the end of the input, which means that `up` is gone, however it went: then everything is to stop.
"""

import asyncio
import sys

RELEASE = b"release\n"
ALREADY_RUNNING = 75
"""Exit status (EX_TEMPFAIL) of a supervisor that found another one alive."""


class Leash:
    """The supervisor's end."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    @classmethod
    async def of_stdin(cls) -> "Leash":
        """Take hold of standard input, which must be a pipe."""
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin.buffer)
        return cls(reader)

    async def plan(self) -> bytes:
        """The first line."""
        return await self._reader.readline()

    async def torn(self) -> None:
        """Return when `up` has gone without a release; never after a release."""
        if await self._reader.readline() == RELEASE:
            await asyncio.Event().wait()
