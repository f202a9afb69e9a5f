"""The notifier as a whole: a reader of escalation's own topic, and a sender."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import resources

import yaml

from services.escalation.domain.wording import Wording, Words, Writer
from services.escalation.noticing import Means, Noticing
from services.escalation.sender import Sender
from services.escalation.settings import Settings
from services.escalation.sinks import opened
from services.escalation.store import NoticeStore
from shared.contracts.notice_targets import Language
from shared.ledger.watchdog import watched
from shared.platform.clock import Clock
from shared.platform.lifespan import Health, Parts, running

FOLDER = "words"


def read_words() -> Words:
    """The words of both languages, as the data files have them."""
    folder = resources.files("services.escalation") / FOLDER
    return {
        one: Wording.model_validate(yaml.safe_load((folder / f"{one}.yaml").read_text("utf-8")))
        for one in (Language.ZH, Language.EN)
    }


@dataclass(frozen=True, slots=True)
class Notifier:
    """A reader that consumes once the broker has been started, and the sender to be run."""

    noticing: Noticing
    sender: Sender


@asynccontextmanager
async def notifying(
    parts: Parts, settings: Settings, store: NoticeStore, writer: Writer, clock: Clock
) -> AsyncIterator[Notifier | None]:
    """The notifier, while the block runs.

    None where the settings say that this process sends none.
    """
    if not settings.notices:
        yield None
        return
    async with opened(settings) as sinks:
        sender = Sender(store, parts.registry, sinks, clock)
        means = Means(store, writer, sender.wake, sender.progress)
        yield Notifier(Noticing(parts, means, clock), sender)


@asynccontextmanager
async def at_work(
    notifier: Notifier | None, reachable: Callable[[], bool], health: Health
) -> AsyncIterator[None]:
    """The sender at work. A target that fails is no matter of health; a loop that stands is."""
    if notifier is None:
        yield
        return
    noticing, sender = notifier.noticing, notifier.sender
    with watched(noticing.beats, reachable):
        async with running(sender.run()):
            health.problems += [sender.progress.problem, noticing.problem]
            yield
