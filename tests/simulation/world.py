"""The simulated world: a city's inputs, two processes of one group, and what becomes of them."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from shared.contracts.envelope import Event
from shared.ledger.dead_letters import DeathWatch
from shared.ledger.folding import Folder
from shared.ledger.health import Progress
from shared.ledger.partition_time import PartitionTimes
from shared.ledger.ports import TransientError
from shared.ledger.processing import Processor
from shared.ledger.settling import Settler
from shared.ledger.ticker import Ticker
from shared.platform.partitioning import partition_of
from tests.fakes.clock import MovedClock
from tests.fakes.log import FakeGroup, FakeLog, FakeMember
from tests.fakes.publisher import FakePublisher
from tests.fakes.registry import FakeRegistry
from tests.ledger.scripted import Scripted, Told, reported
from tests.ledger.worlds import PARTITIONS, named_topic, record
from tests.simulation.chaos import Chaos, ChaoticStore, Crash

INPUTS = named_topic("inputs")
OUTPUTS = named_topic("outputs")
SERVICE = "simulated"
DOCUMENTS = 12
PROCESSES = 2


@dataclass
class World:
    """All there is.

    ``fed`` are the inputs in the order in which they were appended; ``commands`` came by another
    door, at any process, and of those ``answered`` it was said that they are durable.
    """

    chaos: Chaos
    clock: MovedClock = field(default_factory=MovedClock)
    log: FakeLog = field(default_factory=lambda: FakeLog(PARTITIONS))
    fed: list[Event[Any]] = field(default_factory=list)
    commands: dict[str, Event[Any]] = field(default_factory=dict)
    answered: list[str] = field(default_factory=list)
    crashes: int = 0
    rebalances: int = 0

    def __post_init__(self) -> None:
        self.store = ChaoticStore(self.chaos)
        self.publisher = FakePublisher(self.log, self.chaos.fate)
        self.group = FakeGroup(self.log, [INPUTS.name])
        self.dead: list[FakeMember] = []
        self.processes = [Process(self) for _ in range(PROCESSES)]

    async def round(self) -> None:
        """Time goes on, inputs come in, and both processes do something at once."""
        self._feed()
        self.clock.forward(self.chaos.draw.choice((0, 0.5, 3, 10, -4, 60)))
        if self.chaos.happens(0.1):
            self.publisher.deliver_late()
        turns = [self._turn(index) for index in range(PROCESSES)]
        await asyncio.gather(*turns, self._rebalance())

    async def rest(self) -> None:
        """No more trouble, until nothing is left to do."""
        self.chaos.quiet = True
        self.publisher.deliver_late()
        self._bury()
        self.clock.now = max(event.time for event in self.fed) + timedelta(days=1)
        for _ in range(200):
            self.store.fail_before.clear()
            self.store.fail_after.clear()
            self.clock.forward(10)
            for process in self.processes:
                await process.catch_up()
            if await self._at_rest():
                return
        raise AssertionError("the world does not come to rest")

    def _feed(self) -> None:
        for _ in range(self.chaos.draw.randrange(4)):
            twice = bool(self.fed) and self.chaos.happens(0.15)
            event = self.chaos.draw.choice(self.fed) if twice else self._event("log")
            self.fed.append(event)
            one = record(INPUTS, event)
            self.log.append(
                one.topic, one.partition, key=one.key, value=one.value, headers=one.headers
            )

    def _event(self, door: str) -> Event[Any]:
        draw = self.chaos.draw
        words = f"emit:{draw.randrange(4)} {door}:{len(self.fed) + len(self.commands)}"
        if draw.random() < 0.3:
            words += f" due:{draw.randrange(1, 90_000) / 1000}"
        if draw.random() < 0.05 and door == "log":
            words += " explode"
        return reported(f"d{draw.randrange(DOCUMENTS)}", words, time=self.clock())

    async def _command(self, process: "Process") -> None:
        """A command at one process, beside its batches; again, when it was not answered."""
        event = self._event("command")
        self.commands[event.id] = event
        for _ in range(2):
            try:
                await process.processor.settler.settle([event])
            except TransientError:
                await self.chaos.pause()
            else:
                self.answered.append(event.id)
                return

    async def _turn(self, index: int) -> None:
        await self.chaos.pause()
        process = self.processes[index]
        doing = [asyncio.create_task(process.turn(self.chaos))]
        if self.chaos.happens(0.3):
            doing.append(asyncio.create_task(self._command(process)))
        try:
            await asyncio.gather(*doing)
        except Crash:
            for task in doing:
                task.cancel()
            await asyncio.gather(*doing, return_exceptions=True)
            self.crashes += 1
            self.dead.append(process.member)
            self.processes[index] = Process(self)

    async def _rebalance(self) -> None:
        """Those who died are missed after a while; sometimes one leaves and comes back."""
        await self.chaos.pause()
        if self.chaos.happens(0.2):
            self._bury()
        if self.chaos.happens(0.05):
            self.rebalances += 1
            process = self.chaos.draw.choice(self.processes)
            self.group.leave(process.member)
            await self.chaos.pause()
            self.group.members.append(process.member)
            self.group.share_out()

    def _bury(self) -> None:
        for member in self.dead:
            self.group.leave(member)
        self.dead.clear()

    async def _at_rest(self) -> bool:
        ends = [await one.member.at_end() == one.member.owned() for one in self.processes]
        raws = self.store.all().values()
        return all(ends) and not any(raw["outbox"] or raw["next_due_at"] for raw in raws)


class Process:
    """One process of the service: a member of the group with its own shell and ticker."""

    def __init__(self, world: World) -> None:
        self.member = world.group.join()
        settler = Settler(
            Folder(SERVICE, Scripted(), partition_of, INPUTS),
            world.store,
            world.publisher,
            world.clock,
            FakeRegistry(),
            step=world.chaos.step,
            lingers=world.chaos.happens(0.5),
        )
        self.processor: Processor[Told] = Processor(
            settler,
            self.member,
            PartitionTimes(),
            Progress(),
            patience_s=0.0,
            watch=DeathWatch(share=1.0),
        )
        self.ticker: Ticker[Told] = Ticker(self.processor, Scripted(), limit=20, page=3)

    async def turn(self, chaos: Chaos) -> None:
        """Do one thing that a process does."""
        what = chaos.draw.random()
        try:
            if what < 0.6:
                await self.handle(chaos.draw.randrange(1, 12))
            elif what < 0.85:
                await self.ticker.round()
            elif what < 0.95:
                await self.ticker.sweep()
            else:
                await self.processor.settler.clear()
        except TransientError:
            await chaos.pause()

    async def catch_up(self) -> None:
        """Do all that there is to do."""
        while await self.handle(50):
            pass
        await self.ticker.round()
        await self.ticker.sweep()
        await self.processor.settler.clear(everything=True)

    async def handle(self, count: int) -> int:
        """Poll and handle a batch; how many records there were."""
        records = await self.member.poll(count)
        if records:
            await self.processor.handle(records)
        return len(records)
