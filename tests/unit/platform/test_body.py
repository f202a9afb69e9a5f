"""A body is bounded in size and time, whether or not it says how long it is."""

import asyncio
from collections.abc import Sequence

import pytest

from shared.platform import body
from shared.platform.body import read_body
from shared.platform.http import ProblemError

Message = dict[str, object]


class Client:
    """Sends these chunks; then waits for ever, or hangs up."""

    def __init__(self, chunks: Sequence[bytes], *, ends: bool = True) -> None:
        self.chunks = list(chunks)
        self.ends = ends
        self.taken = 0

    async def receive(self) -> Message:
        if not self.chunks:
            await asyncio.Event().wait()
        self.taken += len(self.chunks[0])
        chunk = self.chunks.pop(0)
        return {
            "type": "http.request",
            "body": chunk,
            "more_body": bool(self.chunks) or not self.ends,
        }


async def read(client: Client, limit: int, announced: bytes | None = None) -> bytes:
    headers = [] if announced is None else [(b"content-length", announced)]
    return await read_body({"type": "http", "headers": headers}, client.receive, limit)


@pytest.mark.parametrize("chunks", [[b""], [b"12345"], [b"1", b"234", b"5"]])
async def test_a_body_up_to_the_limit_is_read_whole(chunks: list[bytes]) -> None:
    assert await read(Client(chunks), 5) == b"".join(chunks)


@pytest.mark.parametrize("announced", [None, b"6", b"3", b"nonsense"])
async def test_one_byte_more_is_too_large(announced: bytes | None) -> None:
    with pytest.raises(ProblemError) as raised:
        await read(Client([b"123", b"456"]), 5, announced)
    assert (raised.value.status, raised.value.code) == (413, "too_large")
    assert "Connection" not in raised.value.headers


async def test_a_body_that_goes_on_at_the_limit_is_not_taken_for_whole() -> None:
    with pytest.raises(ProblemError):
        await read(Client([b"12345", b"6"]), 5)


async def test_what_goes_on_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "DRAIN_BYTES", 10)
    client = Client([b"123"] * 1000)
    with pytest.raises(ProblemError) as raised:
        await read(client, 5)
    assert raised.value.headers["Connection"] == "close"
    assert client.taken <= 5 + 10 + 3


async def test_who_sends_too_slowly_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "PATIENCE_S", 0.05)
    with pytest.raises(ProblemError) as raised:
        await read(Client([b"1"], ends=False), 5)
    assert (raised.value.status, raised.value.code) == (408, "too_slow")


async def test_who_hangs_up_is_noticed() -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    with pytest.raises(ProblemError) as raised:
        await read_body({"type": "http", "headers": []}, receive, 5)
    assert raised.value.code == "disconnected"
