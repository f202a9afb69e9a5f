"""Each record is counted once, on a real MongoDB, by processes that remember what they counted."""

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from services.analytics import rollups as module
from services.analytics.domain.timeline import Timeline
from services.analytics.rollups import Rollups, gather, update
from shared.contracts.envelope import Event
from shared.ledger.decider import Taken
from shared.platform.mongo import Database
from tests.unit.analytics.lives import fold, place, whole

Log = list[Taken[Timeline]]


def log_of(incidents: int) -> Log:
    """What the timelines of some incidents take, all of it new, in the order of the log."""
    events: list[Event[Any]] = []
    for number in range(incidents):
        for told in whole(f"incident-{number}").topics.values():
            events += told
    states: dict[str, Timeline] = {}
    found = []
    for event in place(events):
        before = states.get(event.subject)
        after = states[event.subject] = fold([event], before)
        found.append(Taken(event, before, after))
    return found


def expected(log: Sequence[Taken[Timeline]]) -> dict[str, Counter[str]]:
    """The figures of the buckets, without zeros."""
    found: dict[str, Counter[str]] = {}
    for bucket, places in gather(log).items():
        total = found.setdefault(bucket, Counter())
        for items in places.values():
            for _, figure, amount in items:
                total[figure] += amount
    return {bucket: kept for bucket, total in found.items() if (kept := +total)}


async def figures(own: Database) -> dict[str, Counter[str]]:
    """What is stored, likewise."""
    rows = await own["rollups"].find().to_list(None)
    found: dict[str, Counter[str]] = {raw["_id"]: +Counter(raw.get("n", {})) for raw in rows}
    return {bucket: kept for bucket, kept in found.items() if kept}


def partition(taken: Taken[Timeline]) -> int:
    assert taken.event.origin is not None
    return taken.event.origin.partition


async def counting(own: Database, *, prepared: bool = True) -> Rollups:
    """A process that counts."""
    found = Rollups(own)
    if prepared:
        await found.prepare()
    return found


@pytest.mark.parametrize("prepared", [(True, True), (False, False), (False, True)])
@pytest.mark.parametrize("remembered", [0, 3, 4000])
@pytest.mark.parametrize("seed", range(3))
async def test_two_processes_that_take_over_from_one_another_count_each_record_once(
    own: Database,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    remembered: int,
    prepared: tuple[bool, bool],
) -> None:
    monkeypatch.setattr(module, "REMEMBERED", remembered)
    draw = random.Random(seed)  # noqa: S311 - a repeatable choice
    log = log_of(8)
    processes = [await counting(own, prepared=one) for one in prepared]
    for number in sorted({partition(one) for one in log}):
        lies = [one for one in log if partition(one) == number]
        at = 0
        while at < len(lies):
            until = draw.randint(at + 1, len(lies))
            await draw.choice(processes).write(lies[at:until])
            # Killed before its timelines were written, the same comes again, to whomever.
            at = draw.choice([at, until, until])
    assert await figures(own) == expected(log)


async def test_what_is_remembered_is_not_read_again(
    own: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, process = log_of(2), await counting(own)
    await process.write(log)

    def read_again(*_: object) -> None:
        raise AssertionError

    with monkeypatch.context() as patch:
        patch.setattr(process, "_buckets", _OnlyWritten(own["rollups"], read_again))
        await process.write(log)
    assert await figures(own) == expected(log)


class _OnlyWritten:
    """A collection of which nothing may be read."""

    def __init__(self, real: Any, find: Any) -> None:  # noqa: ANN401 - stands for motor's own
        self.bulk_write, self.find = real.bulk_write, find


async def test_a_bucket_that_was_replaced_meanwhile_is_read_again(own: Database) -> None:
    log, process = log_of(4), await counting(own)
    half = len(log) // 2
    await process.write(log[:half])
    # A rebuild has counted more of it, and put that in its place.
    await Rollups(own).write(log[:-1])
    await process.write(log[half:])
    assert await figures(own) == expected(log)


async def test_a_mark_that_stands_elsewhere_is_refused_by_the_collection(own: Database) -> None:
    log = log_of(30)
    stale, ahead = await counting(own), await counting(own)
    numbers = Counter(partition(one) for one in log)
    lies = [one for one in log if partition(one) == numbers.most_common(1)[0][0]]
    third = len(lies) // 3
    await stale.write(lies[:third])
    await ahead.write(lies[: 2 * third])
    await stale.write(lies)
    assert await figures(own) == expected(lies)


def of(mark: int | None, *, compares: bool) -> Any:  # noqa: ANN401 - pymongo's own
    marks = {} if mark is None else {"cases-1": mark}
    found = update("b", {"cases-1": [(9, "filed", 1)]}, marks, compares=compares)
    assert found is not None
    return found._filter, found._doc


def test_only_a_mark_that_is_known_to_stand_beyond_the_first_record_is_moved() -> None:
    moved = {"$set": {"to": {"cases-1": 9}}, "$inc": {"n.filed": 1, "at.cases-1": 4}}
    assert of(5, compares=True) == ({"_id": "b"}, moved)
    placed = {"$set": {"to": {"cases-1": 9}, "at.cases-1": 9}, "$inc": {"n.filed": 1}}
    absent = {"$exists": False}
    for mark, stands in ((0, 0), (None, absent)):
        assert of(mark, compares=True) == ({"_id": "b", "at.cases-1": stands}, placed)
    assert of(5, compares=False) == ({"_id": "b", "at.cases-1": 5}, placed)
