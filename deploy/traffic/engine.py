"""Runs the traffic: reports at a rate, steps when their time has come, events as they come."""

import asyncio
from asyncio import FIRST_COMPLETED
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

from deploy.client import AwayError, Client, RefusedError
from deploy.traffic import next_steps, orders, reports
from deploy.traffic.board import Board, Tracked
from deploy.traffic.follower import Follower
from deploy.traffic.issuing import Issuing
from deploy.traffic.lateness import too_late
from deploy.traffic.next_steps import below
from deploy.traffic.people import People
from deploy.traffic.steps import Step
from deploy.traffic.turning import by_its_flow
from deploy.traffic.world import World
from shared.contracts.base import EventData, instant_text, to_instant
from shared.contracts.case_v1 import Case, CaseEvent
from shared.contracts.cases_v1 import CaseFiled
from shared.contracts.envelope import Event
from shared.contracts.incidents_v1 import Verb
from shared.contracts.outcomes_v1 import Outcome
from shared.contracts.tasks_v1 import TaskEvent
from shared.platform import ids

IN_FLIGHT = 64
"""Requests at once; reports wait where the services are slower than the rate."""
MAX_TASKS = 20_000
"""Steps that wait for their time; beyond, nobody reports until some are done."""
THINKING_S = (0.3, 1.8)
"""How long people take over a step."""
UNIT_NAMED: dict[Verb, Callable[[World, Case, Tracked], str | None]] = {
    Verb.REASSIGN: lambda world, case, one: world.ruling(case, one.units, one.returned),
    Verb.CC: lambda world, case, _one: world.bystander(case),
    Verb.WHISTLE: lambda world, case, _one: world.bystander(case),
    Verb.CO_WITHDRAW: lambda _world, case, _one: next_steps.called(case),
}
"""Which unit a request names; without one nobody asks."""
LATEST = 20
"""Of the latest cases, one may be reported again by somebody else.

Not of what is not filed yet: the second look would link the two while people are at work on one.
"""
ANSWER_S = 10.0
"""How long whoever acts next waits for what the action before came to."""
GRACE_S = 60.0
"""How long the last reports may take to be decided at the end."""


class Engine:
    """One run of traffic on one city; make it where the event loop runs."""

    def __init__(
        self, client: Client, people: People, world: World, board: Board, random: Random
    ) -> None:
        self.client = client
        self.people = people
        self.world = world
        self.board = board
        self.random = random
        self._latest: deque[reports.Draft] = deque(maxlen=LATEST)
        # Another run may have answered the same event of an inspection, in other words.
        self._run = str(uuid4())
        self._free = asyncio.Semaphore(IN_FLIGHT)
        self._issuing = Issuing(client, people, board, random, self._free)
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(
        self, rate: float, follower: Follower, stop: asyncio.Event, gone: asyncio.Event
    ) -> None:
        """Report at ``rate`` incidents a second, and play every plot, until ``stop`` is set.

        Then nobody reports any more, and what was reported gets a minute at most to be decided;
        none once the stack is ``gone``.
        """
        following = asyncio.ensure_future(self._follow(follower))
        reporting = asyncio.ensure_future(self._report(rate))
        stopping: asyncio.Future[Any] = asyncio.ensure_future(stop.wait())
        going: asyncio.Future[Any] = asyncio.ensure_future(gone.wait())
        try:
            done, _ = await asyncio.wait(
                [following, reporting, stopping, going, self._broken], return_when=FIRST_COMPLETED
            )
            for task in done:
                task.result()  # raises what ended it
            await _ended([reporting])
            await self._settle(following, going)
        finally:
            await _ended([following, reporting, stopping, going, *self._tasks])

    async def _settle(
        self, following: "asyncio.Future[None]", going: "asyncio.Future[Any]"
    ) -> None:
        """Wait, within bounds, until every report has its outcome."""
        decided = asyncio.create_task(self._decided())
        await asyncio.wait(
            {decided, following, going}, timeout=GRACE_S, return_when=FIRST_COMPLETED
        )
        await _ended([decided])

    async def _decided(self) -> None:
        while self.board.undecided:
            await self._news.wait()
            self._news.clear()

    async def _report(self, rate: float) -> None:
        loop = asyncio.get_running_loop()
        start, number = loop.time(), 0
        while True:
            if len(self._tasks) < MAX_TASKS:
                await self._free.acquire()
                self._spawn(self._post(self._draw()))
                if self.random.random() < orders.SHARE:
                    self._spawn(self._issuing.issue(orders.draw(self.world, self.random)))
            number += 1
            wait = start + number / rate - loop.time()
            if wait < -1:
                start, number = loop.time(), 0  # behind: go on from here, without a burst
            await asyncio.sleep(max(wait, 0))

    def _draw(self) -> reports.Draft:
        """The next report; now and then again what is a case already."""
        if self._latest and self.random.random() < reports.AGAIN_SHARE:
            return reports.again(self.random.choice(self._latest), self.random)
        return reports.draw(self.world, self.random)

    async def _follow(self, follower: Follower) -> None:
        while True:
            for event in await follower.batch():
                self._news.set()
                self._hear(event)

    def _hear(self, event: Event[Any]) -> None:
        one = self.board.saw(event)
        if one is None:
            return
        if isinstance(event.data, CaseFiled) and "location" in one.draft.body and not one.adopted:
            self._latest.append(one.draft)
        step = next_steps.next_step(one.draft.plot, event.data)
        if step is not None:
            self._spawn(self._act(event, one, step))
        for earlier in self.board.heard_before(event):
            self._hear(earlier)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not self._broken.done():
            self._broken.set_exception(error)

    async def _post(self, draft: reports.Draft) -> None:
        """Post a report; its slot among the requests in flight is already taken."""
        key = str(UUID(int=self.random.getrandbits(128), version=4))
        subject, token = self.people.reporter(draft.role)
        incident = ids.incident_id(subject, key)
        self.board.sent(incident, draft)
        try:
            await self.client.post("/v1/incidents", draft.body, key, token)
            self.board.accepted(incident)
        except RefusedError as error:
            self.board.failed(error.code, incident)
        except AwayError:
            self.board.failed("away", incident)
        finally:
            self._free.release()

    async def _act(self, event: Event[Any], one: Tracked, step: Step) -> None:
        await asyncio.sleep(self.random.uniform(*THINKING_S))
        async with one.turn:
            if _waits(one, step):
                self._spawn(self._act(event, one, step))
                return
            step = by_its_flow(step, one, self.random)
            token, body = self._token(one, step, event.data), self._body(one, step)
            late = too_late(one, step, event.data, datetime.now(UTC))
            if token is None or body is None or late or _stale(one, event):
                return
            key = ids.caused_id("traffic", self._run, event.id, step.verb)
            action = await self._ask(event.subject, body, key, token)
            if action is not None:
                await _answered(one, action)

    async def _ask(self, incident: str, body: dict[str, Any], key: str, token: str) -> str | None:
        """The id of the action that was asked for; None where it was not accepted."""
        async with self._free:
            try:
                said = await self.client.post(f"/v1/cases/{incident}/actions", body, key, token)
            except RefusedError as error:
                self.board.failed(error.code)
            except AwayError:
                self.board.failed("away")
            else:
                return str(said["action_id"])
        return None

    def _body(self, one: Tracked, step: Step) -> dict[str, Any] | None:
        """What the request says; None where it would name a unit, and there is none."""
        body: dict[str, Any] = {"action": step.verb.value, "reason": step.reason, **step.more}
        if step.passed is not None:
            body["passed"] = step.passed
        if step.until_s is not None:
            until = datetime.now(UTC) + timedelta(seconds=step.until_s)
            body["until"] = instant_text(to_instant(until))
        if step.verb is Verb.FILE:
            body |= one.draft.right
        if step.verb is Verb.HAND_DOWN and one.case is not None:
            body["area"] = below(one.case)
        if step.verb not in UNIT_NAMED or one.case is None:
            return body
        unit = UNIT_NAMED[step.verb](self.world, one.case, one)
        return None if unit is None else {**body, "unit": unit}

    def _token(self, one: Tracked, step: Step, data: EventData) -> str | None:
        """Whoever takes a step; None where nobody would: the anonymous appeal against nothing."""
        if step.by_reporter:
            same = one.draft.role is step.role
            return self.people.reporter(one.draft.role)[1] if same else None
        if step.of_task and isinstance(data, TaskEvent):
            return self.people.actor(step, data.case.grid, data.task.unit.code)
        if one.case is not None:
            unit = one.case.unit.code if one.case.unit else None
            others = [*one.units, *(task.unit.code for task in one.case.tasks)]
            return self.people.actor(step, one.case.grid, unit, others)
        grid = data.grid if isinstance(data, Outcome) else None
        return self.people.actor(step, grid or "", None)


def _stale(one: Tracked, event: Event[Any]) -> bool:
    """Whether an inspection has gone on since: somebody else's traffic took it further."""
    return one.adopted and isinstance(event.data, CaseEvent) and event.sequence < one.sequence


async def _answered(one: Tracked, action: str) -> None:
    """Wait, within bounds, until what an action came to was seen."""
    with suppress(TimeoutError):
        async with asyncio.timeout(ANSWER_S):
            while action not in one.answered:
                one.news.clear()
                await one.news.wait()


def _waits(one: Tracked, step: Step) -> bool:
    """Whether it has to be tried again later: nobody takes a share while the clocks stand."""
    stands = one.case is not None and one.case.suspension is not None
    return step.verb is Verb.CO_ACCEPT and stands


async def _ended(tasks: "Iterable[asyncio.Future[Any]]") -> None:
    """Cancel tasks and wait until they have ended, however they do."""
    found = list(tasks)
    for task in found:
        task.cancel()
    await asyncio.gather(*found, return_exceptions=True)
