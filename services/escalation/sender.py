"""Sends what waits: a lane a target, so that one that is down delays no other."""

import asyncio
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from services.escalation.domain.posting import Fate, Outcome
from services.escalation.sinks import Sink
from services.escalation.store import EXPIRED, GIVEN_UP, PENDING, SENT, NoticeStore, Waiting
from shared.contracts.notice_targets import Channel, NoticeTarget
from shared.ledger.health import Progress
from shared.ledger.ports import TransientError
from shared.platform import telemetry
from shared.platform.clock import Clock
from shared.registry.reader import RegistryView

IDLE_S = 1.0
ATTEMPT_S = 10.0
LEASE = timedelta(seconds=20)
"""A lane is taken for so long, and again before each round, which is one attempt long."""
LONGEST_PAUSE = timedelta(seconds=60)
WIDTH = {Channel.WEBHOOK: 8}
"""So many of a target at once; one where nothing is said, as robots count messages a minute."""
REFUSALS = 5
"""After so many attempts a notice that its target does not want is given up."""
MAX_LANES = 500

log = structlog.get_logger("notices")


def pause(failures: int) -> timedelta:
    """How long a target is left alone that has failed so often in a row: 1 s, 2 s, 4 s, ... 60."""
    return min(timedelta(seconds=2 ** min(failures - 1, 10)), LONGEST_PAUSE)


@dataclass(slots=True)
class Sender:
    """Runs the lanes. ``owner`` is this process: of several one has a lane at a time."""

    store: NoticeStore
    registry: RegistryView
    sink: Sink
    clock: Clock
    progress: Progress = field(default_factory=Progress)
    owner: str = field(default_factory=lambda: uuid.uuid4().hex)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _lanes: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _shown: set[str] = field(default_factory=set)

    def wake(self) -> None:
        """Something new waits."""
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled; what is under way then is sent again, with the same id."""
        try:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(IDLE_S):
                        await self._wake.wait()
                self._wake.clear()
                await self._beat()
        finally:
            for task in self._lanes.values():
                task.cancel()
            await self.settled()

    async def _beat(self) -> None:
        try:
            await self.pump()
        except TransientError as error:
            log.warning("notices_wait", error=str(error)[:200])
        except Exception:
            # A loop that ends in silence would send nothing any more.
            log.exception("notices_failed")
            return
        self.progress.moved()

    async def pump(self) -> None:
        """Let every lane run in which something waits, unless its target is left alone."""
        now = self.clock()
        queues = await self.store.queues()
        resting = await self.store.resting(now) if queues else frozenset()
        ages = {one.target: (one.count, (now - one.oldest).total_seconds()) for one in queues}
        self._show(ages)
        for target in ages:
            busy = target in self._lanes or target in resting
            if not busy and len(self._lanes) < MAX_LANES:
                self._lanes[target] = asyncio.create_task(self._lane(target), name=f"lane {target}")

    async def settled(self) -> None:
        """Return when no lane runs."""
        while self._lanes:
            await asyncio.gather(*self._lanes.values(), return_exceptions=True)
            # A task that was cancelled before it began takes itself out of no list.
            self._lanes = {of: one for of, one in self._lanes.items() if not one.done()}

    def _show(self, ages: dict[str, tuple[int, float]]) -> None:
        for target in self._shown - ages.keys():
            telemetry.NOTICES_WAITING.remove(target)
            telemetry.NOTICES_OLDEST_SECONDS.remove(target)
        for target, (count, age) in ages.items():
            telemetry.NOTICES_WAITING.labels(target).set(count)
            telemetry.NOTICES_OLDEST_SECONDS.labels(target).set(age)
        self._shown = set(ages)

    async def _lane(self, target: str) -> None:
        try:
            await self._drain(target)
        except TransientError as error:
            log.warning("lane_waits", target=target, error=str(error)[:200])
        except Exception:
            log.exception("lane_failed", target=target)
        finally:
            self._lanes.pop(target, None)

    async def _drain(self, code: str) -> None:
        """Send what waits for a target until nothing does, or it fails."""
        try:
            while (failures := await self._claimed(code)) is not None:
                now = self.clock()
                target = self.registry.current().notice_target(code, now)
                if target is None:
                    count = await self.store.give_up(code, "the target was withdrawn", now)
                    telemetry.NOTICES.labels("none", GIVEN_UP).inc(count)
                    return
                telemetry.NOTICES.labels(target.channel, EXPIRED).inc(
                    await self.store.expire(code, now)
                )
                # One that has failed is tried with one notice, not with many.
                width = 1 if failures else WIDTH.get(target.channel, 1)
                waiting = await self.store.head(code, width)
                if not waiting or not await self._round(target, waiting, failures):
                    return
        finally:
            with suppress(TransientError):
                await self.store.release(code, self.owner, self.clock())

    async def _claimed(self, target: str) -> int | None:
        now = self.clock()
        return await self.store.claim(target, self.owner, now, now + LEASE)

    async def _round(self, target: NoticeTarget, waiting: Sequence[Waiting], failures: int) -> bool:
        """One attempt for each; False where the target is to be left alone for a while."""
        outcomes = await asyncio.gather(*(self._attempt(target, one) for one in waiting))
        for one, outcome in zip(waiting, outcomes, strict=True):
            await self._note(target, one, outcome)
        errors = [one.error for one in outcomes if one.fate is not Fate.SENT]
        now = self.clock()
        if errors:
            until = now + pause(failures + 1)
            await self.store.rest(target.code, failures + 1, until, errors[0])
            log.warning("target_failed", target=target.code, failures=failures + 1, why=errors[0])
        elif failures:
            await self.store.rest(target.code, 0, now, None)
            log.info("target_is_back", target=target.code, failures=failures)
        return not errors

    async def _attempt(self, target: NoticeTarget, one: Waiting) -> Outcome:
        try:
            async with asyncio.timeout(ATTEMPT_S):
                return await self.sink.send(target, one.notice, self.clock())
        except TimeoutError:
            return Outcome(Fate.AWAY, f"no answer within {ATTEMPT_S:.0f} s")

    async def _note(self, target: NoticeTarget, one: Waiting, outcome: Outcome) -> None:
        now = self.clock()
        state = PENDING
        if outcome.fate is Fate.SENT:
            state = SENT
            telemetry.NOTICE_SECONDS.labels(target.channel).observe(
                max(0.0, (now - one.notice.at).total_seconds())
            )
        elif outcome.fate is Fate.REFUSED and one.attempts + 1 >= REFUSALS:
            state = GIVEN_UP
        await self.store.attempted(one.notice.id, state, now, outcome.error)
        if state != PENDING:
            telemetry.NOTICES.labels(target.channel, state).inc()
