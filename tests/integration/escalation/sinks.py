"""Receivers of notices: one in memory that can be down, and a real one over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from services.escalation.domain.notices import Notice
from services.escalation.domain.posting import Fate, Outcome
from shared.contracts.notice_targets import NoticeTarget

SENT = Outcome(Fate.SENT)
AWAY = Outcome(Fate.AWAY, "away")
REFUSED = Outcome(Fate.REFUSED, "400")


@dataclass
class MemorySink:
    """Takes what it is sent, unless a target is said to answer otherwise."""

    answers: dict[str, Outcome] = field(default_factory=dict)
    """By target, else it is taken."""
    hanging: dict[str, asyncio.Event] = field(default_factory=dict)
    """Targets that do not answer until then."""
    taken: list[tuple[str, Notice, datetime]] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    """The target of each attempt."""

    async def send(self, target: NoticeTarget, notice: Notice, now: datetime) -> Outcome:
        self.tried.append(target.code)
        if (until := self.hanging.get(target.code)) is not None:
            await until.wait()
        answer = self.answers.get(target.code, SENT)
        if answer is SENT:
            self.taken.append((target.code, notice, now))
        return answer

    def of(self, target: str) -> list[str]:
        """The ids of what a target has taken, in order."""
        return [notice.id for code, notice, _ in self.taken if code == target]


@dataclass
class Receiver:
    """A server over HTTP on this machine."""

    port: int
    status: int = 204
    answer: bytes = b""
    got: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    """Path with query, headers in lower case, body."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def receiving(port: int = 0) -> AsyncIterator[Receiver]:
    """A receiver that listens, on a free port unless one is given."""
    found = Receiver(port)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := (await reader.readline()).decode().strip():
                headers: dict[str, str] = {}
                while one := (await reader.readline()).decode().strip():
                    name, _, value = one.partition(": ")
                    headers[name.lower()] = value
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                found.got.append((line.split()[1], headers, body))
                length = "" if found.status == 204 else f"content-length: {len(found.answer)}\r\n"
                moved = "location: /elsewhere\r\n" if found.status == 302 else ""
                begin = f"HTTP/1.1 {found.status} X\r\n{moved}{length}\r\n"
                writer.write(begin.encode() + found.answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the sender was killed or gave up: what it sends again is counted
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        server.close_clients() if hasattr(server, "close_clients") else None
