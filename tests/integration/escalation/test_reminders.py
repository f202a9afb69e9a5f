"""Told again on real servers and the real clock, until somebody acknowledges it."""

from dataclasses import replace
from datetime import timedelta

from shared.contracts.base import Stage
from shared.contracts.ladders import Colour, LadderStep, NoticeStep, Repeat
from shared.contracts.levels import SupervisionLevel
from tests.integration.escalation.office import HOUR_S, Office, case, short
from tests.unit.escalation.story import RULES, Story, hours

EVERY_SECOND = Repeat(every=hours(1 / HOUR_S), times=24)
LADDER = (
    LadderStep(
        clock=Stage.HANDLE, percent=100, level=SupervisionLevel.ORDINARY, issuer="town",
        repeat=EVERY_SECOND,
    ),
)  # fmt: skip
ORDERED = ("clock.approaching", "clock.breached", "supervision.ordered")
REMINDED, ACKNOWLEDGED = "supervision.reminded", "supervision.acknowledged"


def repeated(began: float = 61) -> Story:
    """A case that is late by a second; its order is told again every second."""
    story = case(handle_s=60, began=began)
    armed = replace(story, ladder=LADDER, log=[], inputs=[])
    return armed.begin()


async def test_an_order_is_told_again_until_it_is_acknowledged_and_never_after(
    office: Office,
) -> None:
    story = repeated()
    await office.tell(*story.inputs)
    found = await office.until(story, *ORDERED, REMINDED, REMINDED)
    order, first, second = found[2:]
    assert [one.data.number for one in (first, second)] == [1, 2]
    assert {one.data.order for one in (first, second)} == {order.sequence}
    for one in (first, second):
        assert timedelta(0) <= one.time - one.data.due_at < timedelta(seconds=1)
    story.acknowledge(orders=(order.sequence,))
    await office.tell(story.inputs[-1])
    watch = await office.settled(story)
    assert watch["next_due_at"] is None
    kinds = [short(one) for one in await office.published(story)]
    assert kinds[-1] == ACKNOWLEDGED
    assert RULES.load(watch["state"]) == await office.folded(story)


async def test_after_an_outage_only_the_latest_is_told_again(office: Office) -> None:
    story = repeated()
    await office.tell(*story.inputs)
    await office.until(story, *ORDERED, REMINDED)
    await office.process.kill()
    await office.outlast(4)
    await office.process.restart()
    found = await office.until(story, *ORDERED, REMINDED, REMINDED)
    assert found[-1].data.number >= 4
    assert RULES.load((await office.settled(story))["state"]) == await office.folded(story)


async def test_a_notice_is_raised_once_and_told_again_while_its_clock_runs(office: Office) -> None:
    story = case(handle_s=3600, began=1900)
    colours = (NoticeStep(clock=Stage.HANDLE, percent=50, colour=Colour.BLUE, repeat=EVERY_SECOND),)
    armed = replace(story, notice_ladder=colours, ladder=(), log=[], inputs=[]).begin()
    await office.tell(*armed.inputs)
    await office.until(armed, "notice.raised", "notice.reminded")
    armed.hand_back()
    await office.tell(armed.inputs[-1])
    assert (await office.settled(armed))["next_due_at"] is None
