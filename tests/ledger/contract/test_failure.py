"""What may pass is tried again with pauses, then handed back; nothing is lost or doubled."""

import asyncio

import pytest

from shared.ledger.commands import BusyError, CommandWriter
from shared.ledger.ports import TransientError
from tests.ledger.scripted import reported
from tests.ledger.worlds import Shell, header


async def test_a_database_that_comes_back_in_time_is_waited_for_in_place(shell: Shell) -> None:
    await shell.feed(reported("a", "emit:2"))
    batch = await shell.member.poll(1)
    await shell.world.take_database_away()
    handling = asyncio.create_task(shell.processor.handle(batch))
    await asyncio.sleep(0)
    assert shell.processor.turn.locked()
    await shell.world.bring_database_back()
    assert await handling is True
    assert (await shell.document("a"))["version"] == 1


async def test_a_database_that_stays_away_has_the_batch_handed_back_and_then_done(
    shell: Shell,
) -> None:
    shell.processor.patience_s = 0.2
    await shell.feed(*[reported(f"d{number}", "emit:1") for number in range(5)])
    await shell.world.take_database_away()
    assert await shell.run(5) is False
    shell.clock.forward(31)
    shell.processor.progress.moved()
    assert "no batch was done for 31 s" in (shell.processor.progress.problem() or "")
    assert await shell.member.at_end() != shell.member.owned()
    await shell.world.bring_database_back()
    assert await shell.run(5) is True
    assert shell.processor.progress.problem() is None
    assert await shell.member.at_end() == shell.member.owned()
    raws = await shell.world.documents()
    assert [raw["version"] for raw in raws.values()] == [1] * 5
    found = await shell.world.read(shell.world.outputs)
    assert len({header(one, "ce_id") for one in found}) == len(found) == 5


async def test_an_error_that_nobody_foresaw_hands_the_batch_back_as_well(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.ledger.processing.FAILURE_PAUSE_S", 0.0)
    await shell.feed(reported("a", "emit:1"))

    async def broken(_entries: object) -> list[bool]:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as patch:
        patch.setattr(shell.world.publisher, "send", broken)
        assert await shell.run(1) is False
    assert len((await shell.document("a"))["outbox"]) == 1
    assert await shell.run(1) is True
    assert (await shell.document("a"))["outbox"] == []
    assert len(await shell.world.read(shell.world.outputs)) == 1


async def test_a_document_of_a_newer_fold_is_left_to_whoever_has_its_rules(shell: Shell) -> None:
    shell.processor.patience_s = 0.1
    await shell.feed(reported("a"))
    await shell.run(1)
    await shell.overtake("a", fold=4)
    await shell.feed(reported("a", "n:2"))
    assert await shell.run(1) is False
    assert (await shell.document("a"))["version"] == 2


async def test_what_was_written_and_not_pulled_is_published_again_with_the_same_bytes(
    shell: Shell,
) -> None:
    settler = shell.processor.settler
    settled = await settler.write([reported("a", "emit:2")])
    assert await settler.publisher.send(settled.documents["a"].unpublished[:1]) == [True]
    await shell.feed(reported("a", "emit:2"))
    assert await shell.run(1) is True
    found = await shell.world.read(shell.world.outputs)
    assert [header(one, "ce_sequence") for one in found] == ["1", "1", "2"]
    assert (found[0].value, list(found[0].headers)) == (found[1].value, list(found[1].headers))
    assert (await shell.document("a"))["outbox"] == []


async def test_commands_are_busy_while_the_database_is_away_and_the_same_later(
    shell: Shell,
) -> None:
    writer = CommandWriter(shell.processor.settler, patience_s=3.0)
    writer.start()
    try:
        await shell.world.take_database_away()
        with pytest.raises(BusyError):
            await writer.submit(reported("a", "emit:1"))
        await shell.world.bring_database_back()
        first = await writer.submit(reported("a", "emit:1"))
        again = await writer.submit(reported("a", "emit:1"))
        assert first == again is not None
        assert (await shell.document("a"))["version"] == 1
    finally:
        await writer.stop()


async def test_settling_says_that_the_database_is_away(shell: Shell) -> None:
    await shell.world.take_database_away()
    with pytest.raises(TransientError):
        await shell.processor.settler.settle([reported("a")])
