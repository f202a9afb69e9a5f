"""A ledger in a process of its own, which may be killed.

With a ``step`` it consumes all there is (and with ``walks`` lets what is open follow a registry
that was redrawn), without membership in a group (nobody waits for a dead member then), and kills
itself with SIGKILL when that step was done the ``times``-th time; clock and registry stand still.
Otherwise it is a member of the service's group until it is stopped (with ``stays`` until that
step), and tells how many partitions it owns each time that changes; its clock is the real one.
"""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from shared.contracts.catalog import TOPIC_OF
from shared.ledger.steps import Step, StepHook, no_hook
from shared.ledger.subscription import Subscription
from shared.ledger.ticker import Ticker
from shared.ledger.walker import Walker
from shared.platform.clock import system_clock
from shared.platform.mongo import connect
from tests.fakes.clock import MovedClock
from tests.ledger.real_world import RealMember, RealWorld
from tests.ledger.scripted import Following, Scripted, Told, redrawn
from tests.ledger.worlds import EMITTED, PARTITIONS, Shell, named_topic

BATCH = 20


@dataclass(frozen=True)
class Task:
    """What the process is told; ``step`` is one of the ledger's, or empty."""

    kafka: str
    mongo: str
    database: str
    inputs: str
    outputs: str
    service: str
    step: str = ""
    times: int = 1
    walks: bool = False
    stays: bool = False


class RealClock(MovedClock):
    """Nobody moves it."""

    def __call__(self) -> datetime:
        return system_clock()


REDRAWN = redrawn(7, 0, 2)
"""The registry that is walked: the second version of the place 001."""
PAGE = 5


def kill_at(step: str, times: int) -> StepHook:
    """Kills this process when the step was done for so many times."""
    left = times

    def hook(done: Step) -> None:
        nonlocal left
        left -= done == step
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return hook


async def consume_all(
    world: RealWorld, service: str, step: StepHook = no_hook, *, walks: bool = False
) -> None:
    """Handle batch after batch until nothing is left, then let what is open follow the registry.

    Where that is walked, the steps of the walk are those that are watched.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=world.kafka,
        group_id=service,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=50,
    )
    await consumer.start()
    consumer.assign([TopicPartition(world.inputs.name, number) for number in range(PARTITIONS)])
    member = RealMember(consumer, world.members)
    shell = Shell(world, member, service)
    shell.processor.settler.step = no_hook if walks else step
    while await member.at_end() != member.owned():
        if records := await member.poll(BATCH):
            assert await shell.processor.handle(records)
    if walks:
        shell.processor.settler.step = step
        shell.registry.snapshot = REDRAWN
        await Walker(shell.processor, (Following(),), limit=PAGE).round()
        shell.clock.forward(60)
        await Ticker(shell.processor).sweep()
    await member.leave()


async def stay(world: RealWorld, task: Task, told: Connection) -> None:
    """Be a member of the group until the process is stopped."""
    shell = Shell(world, RealMember(AIOKafkaConsumer(), []), task.service, RealClock())
    if task.step:
        shell.processor.settler.step = kill_at(task.step, task.times)
    subscription: Subscription[Told] = Subscription(
        world.broker, [world.inputs], shell.processor.settler, Scripted(), max_records=BATCH
    )
    await world.broker.start()
    subscription.start()
    owned = -1
    while True:
        if owned != (owned := len(subscription.consumer.owned())):
            told.send(owned)
        await asyncio.sleep(0.05)


@asynccontextmanager
async def joined(task: Task) -> AsyncIterator[RealWorld]:
    """The world that the test has made."""
    inputs, outputs = named_topic(task.inputs), named_topic(task.outputs)
    TOPIC_OF[EMITTED] = outputs
    client = connect(task.mongo, "worker")
    producer = AIOKafkaProducer(bootstrap_servers=task.kafka)
    world = RealWorld(
        task.kafka, client, producer, inputs=inputs, outputs=outputs, name=task.database
    )
    try:
        yield world
    finally:
        for member in list(world.members):
            await member.leave()
        await world.broker.stop()
        client.close()


async def main(task: Task, told: Connection) -> None:
    """Run the task."""
    async with joined(task) as world:
        if task.step and not task.stays:
            await world.broker.start()
            await consume_all(world, task.service, kill_at(task.step, task.times), walks=task.walks)
        else:
            await stay(world, task, told)


def run(task: Task, told: Connection) -> None:
    """Where the process begins."""
    asyncio.run(main(task, told))


def start(task: Task) -> tuple[ForkServerProcess, Connection]:
    """Start a process, from one that has everything imported; what it tells can be received."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    listening, telling = context.Pipe(duplex=False)
    process = context.Process(target=run, args=(task, telling), daemon=True)
    process.start()
    telling.close()
    return process, listening
