"""How many open cases units and members have, counted on a real MongoDB."""

from services.dispatch.domain.walking import WALKS
from services.dispatch.store import CASES, LOADS_S, LoadCounter
from shared.contracts.registry_v1 import Officer
from shared.ledger.mongo_store import MongoStore
from shared.platform.mongo import Database
from shared.registry.snapshot import Snapshot
from tests.fakes.clock import START
from tests.unit.dispatch.city import CITY_REGISTRY, ENTRIES, TEAM, registry

WITH_OFFICER = registry([*ENTRIES, Officer(code="a", unit=TEAM, role="officer")])


class Watch:
    """A clock that stands until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


async def prepared(own: Database) -> None:
    """The indexes of the walks, as dispatch makes them."""
    walks = [walk.columns for walk in WALKS]
    await MongoStore(own[CASES]).prepare(walks=walks)


async def loads(counter: LoadCounter, city: Snapshot = WITH_OFFICER) -> tuple[dict, dict]:  # type: ignore[type-arg]
    found = await counter.current(city, START)
    return dict(found.units), dict(found.members)


async def test_open_cases_are_counted_by_unit_and_member_at_most_once_a_second(
    own: Database,
) -> None:
    clock = Watch()
    counter = LoadCounter(own, clock)
    await prepared(own)
    await own[CASES].insert_many(
        [
            {"open": True, "unit": "u", "member": "a"},
            {"open": True, "unit": "u", "member": "a"},
            {"open": True, "unit": "u", "member": None},
            {"open": True, "unit": "v", "member": "b"},
            {"open": True, "unit": None, "member": None},
            {"open": False, "unit": "u", "member": "a"},
        ]
    )
    assert await loads(counter) == ({"u": 3, "v": 1}, {"a": 2, "b": 1})
    await own[CASES].insert_one({"open": True, "unit": "v", "member": "b"})
    clock.now += LOADS_S / 2
    assert await loads(counter) == ({"u": 3, "v": 1}, {"a": 2, "b": 1})
    clock.now += LOADS_S
    assert await loads(counter) == ({"u": 3, "v": 2}, {"a": 2, "b": 2})


async def test_nothing_is_counted_where_nobodys_load_matters(own: Database) -> None:
    counter = LoadCounter(own)
    await prepared(own)
    await own[CASES].insert_one({"open": True, "unit": "u", "member": "a"})
    assert await loads(counter, CITY_REGISTRY) == ({}, {})


async def test_the_count_reads_the_index_alone(own: Database) -> None:
    counter = LoadCounter(own)
    await prepared(own)
    await own[CASES].insert_many(
        [{"open": True, "unit": f"u{n % 7}", "member": "a"} for n in range(100)]
    )
    assert sum((await loads(counter))[0].values()) == 100
    explained = await own.command(
        "aggregate", CASES, pipeline=counter.pipeline, hint=counter.index, explain=True
    )
    assert "FETCH" not in str(explained["queryPlanner"]["winningPlan"])
