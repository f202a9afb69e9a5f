"""Publishing what the outboxes hold: first events of all documents, then the second ones, ..."""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from itertools import islice
from typing import Any

from shared.ledger.acknowledged import Published
from shared.ledger.document import Document, Entry
from shared.ledger.ports import Publisher, TransientError
from shared.ledger.steps import Step, StepHook

MAX_WAVE = 5000
"""Records in flight at once."""


async def publish(
    documents: Iterable[Document[Any]],
    acknowledge: Callable[[Published], Awaitable[None]],
    publisher: Publisher,
    step: StepHook,
) -> int:
    """Publish every unpublished entry, then say which were acknowledged: exactly these may go.

    A document's next event is sent only after the one before it was acknowledged, so a reader
    never sees a gap. After a wave with a failure no other is begun. Returns how many were
    published; raises TransientError when some were not (they stay in their outboxes).
    """
    waiting = {one.id: deque(unpublished) for one in documents if (unpublished := one.unpublished)}
    published: dict[str, list[str]] = {}
    sound = True
    while waiting and sound:
        wave = [(key, queue[0]) for key, queue in islice(waiting.items(), MAX_WAVE)]
        sound = await _send(wave, publisher, waiting, published)
    step(Step.PUBLISHED)
    await acknowledge(published)
    step(Step.PULLED)
    if waiting:
        left = sum(map(len, waiting.values()))
        raise TransientError(f"{left} events could not be published, they stay in their outboxes")
    return sum(map(len, published.values()))


async def _send(
    wave: list[tuple[str, Entry]],
    publisher: Publisher,
    waiting: dict[str, deque[Entry]],
    published: dict[str, list[str]],
) -> bool:
    acknowledged = await publisher.send([entry for _, entry in wave])
    for (key, entry), done in zip(wave, acknowledged, strict=True):
        if done:
            published.setdefault(key, []).append(entry.id)
            waiting[key].popleft()
            if not waiting[key]:
                del waiting[key]
    return all(acknowledged)
