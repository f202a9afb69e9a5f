"""What goes wrong in the simulation, drawn from its seed."""

import asyncio
import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.ledger.document import Change, Entry, Raw
from shared.ledger.ports import Written
from shared.ledger.steps import Step
from tests.fakes.publisher import Fate
from tests.fakes.store import NOWHERE, FakeStore

FATES = (
    (Fate.LOST, 0.02),
    (Fate.UNKNOWN, 0.03),
    (Fate.LATE, 0.02),
    (Fate.TWICE, 0.05),
)


class Crash(BaseException):
    """The process is gone; whatever catches errors does not catch this."""


@dataclass
class Chaos:
    """Draws from one seed; ``quiet`` ends all trouble, so that the world can come to rest."""

    seed: int
    quiet: bool = False
    draw: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)  # noqa: S311 - a simulation is no secret

    def happens(self, probability: float) -> bool:
        """Whether something goes wrong now."""
        return self.draw.random() < probability and not self.quiet

    async def pause(self) -> None:
        """Let others go first, a few times."""
        for _ in range(self.draw.randrange(4)):
            await asyncio.sleep(0)

    def fate(self, _entry: Entry) -> Fate:
        """What becomes of a record that is published."""
        for fate, probability in FATES:
            if self.happens(probability):
                return fate
        return Fate.ACKNOWLEDGED

    def step(self, _step: Step) -> None:
        """Between two steps the process may die."""
        if self.happens(0.01):
            raise Crash


class ChaoticStore(FakeStore):
    """A store that is slow, goes away, and forgets to answer."""

    def __init__(self, chaos: Chaos) -> None:
        super().__init__()
        self.chaos = chaos

    async def load(self, ids: Sequence[str]) -> dict[str, Raw]:
        """As the store does, when it pleases."""
        await self._mood("load")
        return await super().load(ids)

    async def write(self, changes: Sequence[Change]) -> Written:
        """As the store does; part of a bulk may be written when the answer is lost."""
        await self._mood("write")
        if self.chaos.happens(0.03):
            part = self.chaos.draw.randrange(len(changes) + 1)
            await super().write(changes[:part])
            self.fail_before.append("write")
        done = await super().write(changes)
        await self.chaos.pause()
        return done

    async def pull(self, published: Mapping[str, Sequence[str]]) -> None:
        """As the store does, when it pleases."""
        await self._mood("pull")
        await super().pull(published)
        await self.chaos.pause()

    async def due(
        self,
        until: Mapping[int, datetime],
        limit: int,
        since: Mapping[int, datetime] = NOWHERE,
        without: Collection[str] = (),
    ) -> Sequence[Raw]:
        """As the store does, and others may write before it is answered."""
        found = await super().due(until, limit, since, without)
        await self.chaos.pause()
        return found

    async def _mood(self, call: str) -> None:
        await self.chaos.pause()
        if self.chaos.happens(0.03):
            self.fail_before.append(call)
        if self.chaos.happens(0.03):
            self.fail_after.append(call)
