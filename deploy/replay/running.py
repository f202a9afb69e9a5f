"""One replay from the file to its account."""

from collections.abc import Callable
from dataclasses import dataclass

from deploy.client import Client
from deploy.feeds.faults import Fault
from deploy.registry import entries
from deploy.replay import outcomes, posting, report, schedule
from deploy.replay.outcomes import Period
from deploy.replay.report import Account
from deploy.replay.schedule import Item

AWAY_S = 120.0
"""How long a service may be away while rows are posted or asked for."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the services answer, and two tokens: to report history, and to read every case."""

    intake: str
    analytics: str
    token: str
    reader: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Who is told how many more rows are posted, and how many more are known."""

    posted: Callable[[int], None]
    known: Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is replayed: the rows that can be read and those that cannot, and how.

    ``speed`` is how many times as fast as the rows came, None as fast as possible; ``patience_s``
    after how long without any news outcomes are waited for no more.
    """

    items: list[Item]
    faults: tuple[Fault, ...]
    speed: float | None
    patience_s: float


async def replay(places: Places, plan: Plan, progress: Progress) -> Account:
    """Post the items, wait for what becomes of them, add it up. Raises StackError."""
    async with (
        Client(places.intake, places.token, patience=AWAY_S) as intake,
        Client(places.analytics, places.reader, patience=AWAY_S) as analytics,
    ):
        batches = schedule.batches(plan.items, plan.speed)
        posted = await posting.post(intake, batches, progress.posted)
        incidents = set(posted.incidents.values())
        period = Period(plan.items[0].reported_at, plan.items[-1].reported_at)
        found = await outcomes.wait(analytics, incidents, period, plan.patience_s, progress.known)
        grids = {one.code for one in await entries(intake, "grid") if one.kind == "grid"}
    rows = [item.row for item in plan.items]
    return report.account(rows, plan.faults, posted, found, grids)
