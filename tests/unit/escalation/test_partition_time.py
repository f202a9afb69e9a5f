"""Watches in the ledger, on its fakes: a partition has its own time, and blocks no other case."""

import json
from dataclasses import dataclass, field
from typing import Any

from services.escalation.domain.deciding import SERVICE, Watching
from services.escalation.domain.watch import Watch
from shared.contracts.base import Limit, Limits, LimitUnit
from shared.contracts.envelope import Event, encode
from shared.contracts.golden.story import INCIDENT
from shared.contracts.topics import CASES, DEAD_LETTERS, ESCALATIONS
from shared.ledger.folding import Folder
from shared.ledger.health import Progress
from shared.ledger.partition_time import PartitionTimes
from shared.ledger.processing import Processor
from shared.ledger.settling import Settler
from shared.ledger.ticker import Ticker
from shared.platform.partitioning import partition_of
from shared.registry.reader import NoRegistry, RegistryView
from tests.fakes.clock import MovedClock
from tests.fakes.log import FakeGroup, FakeLog, FakeMember
from tests.fakes.publisher import FakePublisher
from tests.fakes.store import FakeStore
from tests.unit.escalation.story import Story, hours

HANDLE = Limits(handle=hours(10))
BREACHES = ["clock.approaching", "clock.breached", "supervision.ordered"]


@dataclass
class Shift:
    """Escalation at work without servers."""

    clock: MovedClock = field(default_factory=MovedClock)
    log: FakeLog = field(default_factory=FakeLog)
    store: FakeStore = field(default_factory=FakeStore)
    registry: RegistryView = field(default_factory=NoRegistry)
    member: FakeMember = field(init=False)
    ticker: Ticker[Watch] = field(init=False)

    def __post_init__(self) -> None:
        self.member = FakeGroup(self.log, [CASES.name]).join()
        rules = Watching()
        folder: Folder[Watch] = Folder(SERVICE, rules, partition_of, CASES)
        publisher = FakePublisher(self.log)
        settler = Settler(folder, self.store, publisher, self.clock, self.registry)
        processor = Processor(settler, self.member, PartitionTimes(), Progress())
        self.ticker = Ticker(processor, rules)

    def append(self, *events: Event[Any]) -> None:
        """As dispatch publishes them."""
        for event in events:
            headers, value = encode(event)
            self.log.append(
                CASES.name,
                partition_of(event.subject, CASES.partitions),
                key=event.subject.encode(),
                value=value,
                headers=[(name, text.encode()) for name, text in headers.items()],
            )

    async def handle(self, count: int = 500) -> None:
        """One batch, then one round of the ticker."""
        await self.ticker.processor.handle(await self.member.poll(count))
        await self.ticker.round()

    def marks(self) -> list[str]:
        """What was published beside changed clocks, in short."""
        found = [
            text.decode()
            for record in self.log.read(ESCALATIONS.name)
            for name, text in record.headers
            if name == "ce_type" and text is not None
        ]
        names = [one.removeprefix("cn.wangge.").removesuffix(".v1") for one in found]
        return [name for name in names if name != "clocks.changed"]


def away(story: Story, amount: float) -> Shift:
    """A service that comes back so many hours after the story began."""
    shift = Shift()
    shift.clock.forward(amount * 3600)
    shift.append(*story.inputs)
    return shift


async def test_an_hour_away_punishes_nobody_for_what_was_done_in_that_hour() -> None:
    story = Story(HANDLE).begin()
    story.away(5)
    story.hand_back()
    shift = away(story, 100)
    for _ in story.inputs:
        await shift.handle(count=1)
    assert shift.marks() == []


async def test_while_records_wait_a_mark_is_due_by_the_last_one_handled() -> None:
    story = Story(HANDLE).begin()
    story.away(5)
    story.hand_back()
    story.order_rework()
    story.away(4)
    story.hand_back()
    shift = away(story, 100)
    for _ in story.inputs[:-1]:
        await shift.handle(count=1)
    assert shift.marks() == []
    assert shift.store.all()[INCIDENT]["next_due_at"] < shift.clock()
    await shift.handle(count=1)
    assert shift.marks() == []


async def test_at_the_end_of_the_partition_it_is_now() -> None:
    story = Story(HANDLE).begin()
    shift = away(story, 11)
    await shift.handle()
    assert shift.marks() == BREACHES
    await shift.ticker.round()
    assert shift.marks() == BREACHES


async def test_nothing_fires_for_a_case_that_was_closed_before() -> None:
    story = Story(HANDLE).begin()
    story.away(11)
    story.hand_back()
    story.close()
    shift = away(story, 12)
    await shift.handle()
    assert shift.marks() == []
    assert shift.store.all()[INCIDENT]["next_due_at"] is None


async def test_a_stop_that_comes_late_withdraws() -> None:
    story = Story(HANDLE).begin()
    shift = away(story, 11)
    await shift.handle()
    story.away(11)
    story.hand_back(late=2)
    shift.append(story.inputs[-1])
    await shift.handle()
    assert shift.marks()[3:] == ["clock.mark_withdrawn", "supervision.lifted"]


async def test_everything_twice_on_the_topic_is_taken_once() -> None:
    story = Story(HANDLE).begin()
    shift = away(story, 11)
    shift.append(*story.inputs)
    await shift.handle()
    shift.append(*story.inputs)
    await shift.handle()
    assert shift.marks() == BREACHES


async def test_a_working_limit_goes_to_the_dead_letters_by_name_and_the_rest_goes_on() -> None:
    working = Limit(amount=1, unit=LimitUnit.WORKING_DAY)
    story = Story(Limits(handle=hours(1))).begin(Story.hand_back)
    shift = away(story, 2)
    accepted = story.inputs[2]
    bad = accepted.data.case.model_copy(update={"limits": Limits(handle=working)})
    shift.append(
        Event(
            id="bad",
            source=accepted.source,
            subject="another",
            time=accepted.time,
            data=accepted.data.model_copy(update={"incident_id": "another", "case": bad}),
            correlation_id="another",
            causation_id="another",
            sequence=1,
        )
    )
    await shift.handle()
    (letter,) = shift.log.read(DEAD_LETTERS.name)
    said = json.loads(letter.value or b"")
    assert "UnsupportedLimitError" in said["error"]
    assert "working_day" in said["error"]
    assert len(shift.store.all()[INCIDENT]["seen"]) == len(story.inputs)
    assert "another" not in shift.store.all()
