"""Told again on real servers and the real clock, until somebody acknowledges it."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from shared.contracts.base import Stage
from shared.contracts.envelope import Event
from shared.contracts.ladders import Colour, LadderStep, NoticeStep, Repeat
from shared.contracts.levels import SupervisionLevel
from tests.integration.escalation.office import HOUR_S, Office, case, short
from tests.integration.intake.client import eventually
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
CONVEYED = "supervision.conveyed"


def repeated(began: float = 61) -> Story:
    """A case that is late by a second; its order is told again every second."""
    story = case(handle_s=60, began=began)
    armed = replace(story, ladder=LADDER, log=[], inputs=[])
    return armed.begin()


async def told_again(office: Office, story: Story, count: int) -> list[Event[Any]]:
    """The order and its reminders, once there are so many at least: more come each second."""

    async def enough() -> list[Event[Any]] | None:
        found = await office.published(story)
        return found if len(found) >= len(ORDERED) + count else None

    found = await eventually(enough, f"{count} reminders of {story.incident}", 40)
    kinds = [short(one) for one in found]
    assert kinds == [*ORDERED, *[REMINDED] * (len(kinds) - len(ORDERED))]
    return found[len(ORDERED) - 1 :]


async def test_an_order_is_told_again_until_it_is_acknowledged_and_never_after(
    office: Office,
) -> None:
    story = repeated()
    await office.tell(*story.inputs)
    order, *reminders = await told_again(office, story, 2)
    assert [one.data.number for one in reminders[:2]] == [1, 2]
    assert {one.data.order for one in reminders} == {order.sequence}
    for one in reminders:
        assert timedelta(0) <= one.time - one.data.due_at < timedelta(seconds=5)
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
    order, *before = await told_again(office, story, 1)
    await office.process.kill()
    await office.outlast(4)
    await office.process.restart()
    _, *after = await told_again(office, story, len(before) + 2)
    story.acknowledge(orders=(order.sequence,))
    await office.tell(story.inputs[-1])
    numbers = [one.data.number for one in after]
    assert numbers == sorted(set(numbers))
    assert max(later - one for one, later in pairwise(numbers)) >= 3, "some were passed over"
    assert RULES.load((await office.settled(story))["state"]) == await office.folded(story)


async def test_a_notice_is_raised_once_and_told_again_while_its_clock_runs(office: Office) -> None:
    story = case(handle_s=3600, began=1900)
    once = EVERY_SECOND.model_copy(update={"times": 1})
    colours = (NoticeStep(clock=Stage.HANDLE, percent=50, colour=Colour.BLUE, repeat=once),)
    armed = replace(story, notice_ladder=colours, ladder=(), log=[], inputs=[]).begin()
    await office.tell(*armed.inputs)
    await office.until(armed, "notice.raised", "notice.reminded")
    armed.hand_back()
    await office.tell(armed.inputs[-1])
    assert (await office.settled(armed))["next_due_at"] is None


async def test_a_unit_that_takes_over_is_told_once_also_when_its_record_comes_again(
    office: Office,
) -> None:
    step = LADDER[0].model_copy(update={"repeat": None})
    story = replace(case(handle_s=60, began=61), ladder=(step,), log=[], inputs=[]).begin()
    await office.tell(*story.inputs)
    await office.until(story, *ORDERED)
    story.away(61 / HOUR_S)
    story.dispatch(unit="unit-b")
    await office.tell(story.inputs[-1], story.inputs[-1])
    await office.until(story, *ORDERED, CONVEYED)
    await office.process.kill()
    await office.process.restart()
    story.dispatch(unit="unit-c")
    await office.tell(*story.inputs[-2:])
    told = await office.until(story, *ORDERED, CONVEYED, CONVEYED)
    assert [one.data.unit for one in told[-2:]] == ["unit-b", "unit-c"]
    assert {one.data.order for one in told[-2:]} == {told[-3].sequence}
    assert RULES.load((await office.settled(story))["state"]) == await office.folded(story)
