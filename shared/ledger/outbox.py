"""Publishing what the outboxes hold: first events of all documents, then the second ones, ..."""

from collections import deque
from collections.abc import Iterable
from typing import Any

from shared.ledger.document import Document, Entry
from shared.ledger.ports import Publisher, Store, TransientError
from shared.ledger.steps import Step, StepHook

MAX_WAVE = 5000
"""Records in flight at once."""


async def publish(
    documents: Iterable[Document[Any]], store: Store, publisher: Publisher, step: StepHook
) -> int:
    """Publish every unpublished entry, then take exactly the acknowledged ones out.

    A document's next event is sent only after the one before it was acknowledged, so a reader
    never sees a gap. Returns how many were published; raises TransientError when some were not
    (they stay in their outboxes).
    """
    waiting: dict[str, deque[Entry]] = {
        document.id: deque(document.unpublished) for document in documents
    }
    waiting = {key: queue for key, queue in waiting.items() if queue}
    published: dict[str, list[str]] = {}
    failed = 0
    while waiting:
        wave = [(key, queue[0]) for key, queue in list(waiting.items())[:MAX_WAVE]]
        acknowledged = await publisher.send([entry for _, entry in wave])
        for (key, entry), done in zip(wave, acknowledged, strict=True):
            queue = waiting[key]
            if done:
                published.setdefault(key, []).append(entry.id)
                queue.popleft()
            else:
                failed += len(queue)
            if not done or not queue:
                del waiting[key]
    step(Step.PUBLISHED)
    if published:
        await store.pull(published)
    step(Step.PULLED)
    if failed:
        message = f"{failed} events could not be published, they stay in their outboxes"
        raise TransientError(message)
    return sum(map(len, published.values()))
