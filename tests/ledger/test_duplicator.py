"""Everything is delivered twice, to one processor and to two, and nothing happens twice."""

from typing import Any

import pytest

from tests.ledger.duplicator import Duplicator
from tests.ledger.scripted import reported
from tests.ledger.worlds import Shell, World, header


def events() -> list[Any]:
    return [reported(f"d{number % 7}", f"emit:{number % 3} n:{number}") for number in range(40)] + [
        reported("bad", "explode")
    ]


async def outcome(shell: Shell) -> tuple[Any, Any]:
    documents = {
        key: {name: raw[name] for name in ("state", "seen", "sequence", "outbox")}
        for key, raw in (await shell.world.documents()).items()
    }
    found = await shell.world.read(shell.world.outputs)
    contents = {
        (header(one, "ce_id"), header(one, "ce_sequence"), one.key, one.value) for one in found
    }
    assert len({content[0] for content in contents}) == len(contents), "one id, two contents"
    return documents, contents


@pytest.mark.parametrize("processors", [1, 2])
async def test_twice_is_once(shell: Shell, processors: int) -> None:
    await shell.feed(*events())
    batch = await shell.member.poll(len(events()))
    assert await shell.processor.handle(batch)
    once = await outcome(shell)
    twins = [Shell(shell.world, shell.member).processor for _ in range(processors - 1)]
    await Duplicator(shell.processor, *twins).handle(batch)
    assert await outcome(shell) == once


async def test_twice_from_the_start_is_what_once_would_have_been(world: World) -> None:
    shell = Shell(world, await world.join())
    twin = Shell(world, shell.member)
    await shell.feed(*events())
    batch = await shell.member.poll(len(events()))
    await Duplicator(shell.processor, twin.processor).handle(batch)
    documents, contents = await outcome(shell)
    for key, raw in documents.items():
        expected = [one.id for one in events() if one.subject == key]
        assert raw["seen"] == raw["state"]["read"] == expected
        assert raw["outbox"] == []
        numbers = sorted(int(content[1]) for content in contents if content[2] == key.encode())
        assert numbers == list(range(1, raw["sequence"] + 1))
