"""Dead letters are listed and sent again by command, and twice is as good as once."""

import asyncio
import json
import sys
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
import pytest_asyncio

from deploy import letters
from deploy.letters import Choice
from shared.contracts.catalog import TOPIC_OF
from shared.contracts.topics import BY_NAME
from tests.ledger.real_world import RealWorld, real_world
from tests.ledger.scripted import reported
from tests.ledger.worlds import EMITTED, Shell, header, raw_record


@pytest_asyncio.fixture(loop_scope="session")
async def shell(kafka: str, mongo: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shell]:
    """A processor of a service of its own, whose topic is one of the product's."""
    async with real_world(kafka, mongo) as world:
        monkeypatch.setitem(TOPIC_OF, EMITTED, world.outputs)
        monkeypatch.setitem(BY_NAME, world.inputs.name, world.inputs)
        yield Shell(world, await world.join(), f"service-{uuid.uuid4().hex[:8]}")


def real(shell: Shell) -> RealWorld:
    assert isinstance(shell.world, RealWorld)
    return shell.world


async def read(shell: Shell) -> Sequence[letters.Letter]:
    return (await letters.read(real(shell).kafka, Choice(service=shell.service))).letters


async def test_what_was_mended_is_handled_when_it_is_sent_again_and_twice_is_once(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shell.feed(reported("a", "emit:1"), reported("b", "explode emit:1"))
    await shell.run(2)
    (letter,) = await read(shell)
    assert (letter.died.code, letter.replayed_as) == ("undecidable", None)
    monkeypatch.setattr(
        "tests.ledger.scripted.script",
        lambda event: {"emit": "1"} if event.subject == "b" else {},
    )
    for _ in range(2):
        done = await letters.replay(real(shell).kafka, [letter])
        assert (done.sent, done.left) == (1, ())
    assert await shell.run(2)
    raw = await shell.document("b")
    assert (raw["version"], raw["sequence"], len(raw["seen"])) == (1, 1, 1)
    found = await shell.world.read(shell.world.outputs)
    assert sorted((one.key, header(one, "ce_sequence")) for one in found) == [
        (b"a", "1"),
        (b"b", "1"),
    ]


async def test_a_replay_sends_the_same_bytes_and_is_noted_beside_the_letter(shell: Shell) -> None:
    headers = [("ce_id", b"\xff\xfe"), ("odd", None), ("odd", b"")]
    await shell.world.append(raw_record(shell.world.inputs, "k", b"\x00\xff", headers))
    await shell.run(1)
    await letters.replay(real(shell).kafka, await read(shell))
    first, second = await shell.world.read(shell.world.inputs)
    assert (first.partition, first.key, first.value) == (
        second.partition,
        second.key,
        second.value,
    )
    assert list(first.headers) == list(second.headers) == headers
    (letter,) = await read(shell)
    assert letter.replayed_as == second.offset


async def test_one_record_that_two_services_put_away_is_sent_once(shell: Shell) -> None:
    await shell.world.append(raw_record(shell.world.inputs, "k", b"{"))
    batch = await shell.member.poll(1)
    await shell.processor.handle(batch)
    other = Shell(shell.world, shell.member, f"{shell.service}-other")
    await other.processor.handle(batch)
    found = [*await read(shell), *await read(other)]
    assert (await letters.replay(real(shell).kafka, found)).sent == 1
    assert len(await shell.world.read(shell.world.inputs)) == 2
    assert {one.replayed_as for one in [*await read(shell), *await read(other)]} == {1}


async def test_what_cannot_be_sent_as_it_was_is_left_and_said(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shell.world.append(raw_record(shell.world.inputs, "k", b"{"))
    await shell.run(1)
    monkeypatch.delitem(BY_NAME, shell.world.inputs.name)
    (letter,) = await read(shell)
    done = await letters.replay(real(shell).kafka, [letter])
    assert (done.sent, done.left) == (0, (letter,))
    assert len(await shell.world.read(shell.world.inputs)) == 1


async def test_the_command_lists_and_replays(shell: Shell) -> None:
    await shell.world.append(raw_record(shell.world.inputs, "k", b"{"))
    await shell.run(1)
    chosen = ("--service", shell.service, "--kafka", real(shell).kafka, "--json")
    status, told = await wangge("list", *chosen)
    assert status == 0
    (letter,) = told["letters"]
    assert (letter["topic"], letter["offset"]) == (shell.world.inputs.name, 0)
    assert (letter["code"], letter["replayed_as"]) == ("undecodable", None)
    # A process of its own does not know this test's topic.
    status, told = await wangge("replay", *chosen)
    assert (status, told["sent"], told["left"]) == (1, 0, [letter["id"]])
    assert await wangge("list", "--id", "no such letter", *chosen) == (1, None)


async def wangge(*arguments: str) -> tuple[int | None, Any]:
    """Run ``wangge dead-letters``; its status and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.cli", "dead-letters", *arguments,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    return process.returncode, json.loads(out) if out else None
