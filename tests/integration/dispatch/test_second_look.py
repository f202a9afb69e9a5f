"""Duplicates on a real MongoDB: the indexed look-ups, and two processes that file at once."""

from typing import Any

import pytest_asyncio

from services.dispatch.domain.flooding import source_of, window_of
from services.dispatch.domain.lookups import Lookups
from services.dispatch.store import REPORTER, CaseReader
from shared.contracts.incidents_v1 import Verb
from shared.contracts.policies import Flood
from shared.contracts.topics import BUSY_PARTITIONS
from shared.ledger.mongo_store import MongoStore
from shared.platform.mongo import Database
from tests.fakes.cases import FakeCases
from tests.unit.dispatch.crowd import Crowd, Process, incident, reported
from tests.unit.dispatch.desk import RESIDENT, SUPERVISOR


@pytest_asyncio.fixture(loop_scope="session")
async def own(own: Database) -> Database:
    """A database of the test's own, with the indexes of dispatch."""
    await MongoStore(own["cases"]).prepare()
    await CaseReader(own).prepare()
    await CaseReader(own).prepare_sources()
    return own


class RealCrowd(Crowd):
    """A crowd whose documents lie in MongoDB; they are read back into the fake to be looked at."""

    def __init__(self, own: Database) -> None:
        self.own = own
        super().__init__()

    def _process(self) -> Process:
        return self.process(MongoStore(self.own["cases"]), CaseReader(self.own))

    async def read_back(self) -> None:
        """The documents as they lie in the database."""
        for raw in await self.own["cases"].find().to_list(None):
            self.store.put(raw)


async def test_what_two_processes_file_at_once_is_linked_and_a_void_first_loses_nobody(
    own: Database,
) -> None:
    crowd = RealCrowd(own)
    blind, sighted = crowd.processes[0].processor.settler, crowd.processes[1].processor.settler
    look_up, blind.look_up = sighted.look_up, None
    await crowd.take(reported(1), reported(3, minutes=2, metres=20))
    await crowd.take(reported(2, minutes=1, metres=10), process=1)
    blind.look_up = look_up
    await crowd.read_back()
    assert crowd.cases == {1, 3}, "the first process saw nothing, the second did"
    assert crowd.links == {2: 1}

    await crowd.look_again()
    await crowd.read_back()
    assert (crowd.cases, crowd.links) == ({1}, {2: 1, 3: 1})
    assert crowd.kinds(3) == ["CaseFiled", "CaseDispatched", "CaseVoided", "IncidentLinked"]

    await crowd.ask(1, Verb.VOID, SUPERVISOR)
    await crowd.look_again()
    await crowd.read_back()
    assert (crowd.cases, crowd.links) == ({2}, {3: 2})
    # Delivered again, all of it, to the other process: nothing changes.
    await crowd.take(reported(1), reported(3, minutes=2, metres=20), process=1)
    await crowd.take(reported(2, minutes=1, metres=10))
    await crowd.look_again()
    await crowd.read_back()
    assert (crowd.cases, crowd.links) == ({2}, {3: 2})


async def test_the_look_ups_use_their_indexes_and_agree_with_the_rules(own: Database) -> None:
    crowd = RealCrowd(own)
    await crowd.take(*(reported(n, minutes=n * 7, metres=n * 80) for n in range(1, 6)))
    await crowd.read_back()
    assert crowd.cases == {1, 2, 3, 4, 5}
    event = reported(9, minutes=60, metres=90)
    context = await crowd.processes[0].processor.settler._context([event])
    assert isinstance(context.found, Lookups)
    assert context.found.first[incident(9)].case_id == incident(1)
    assert context.found.first[incident(9)].minutes == 53

    reader, flood = CaseReader(own), Flood(reports=3, minutes=7)
    source = source_of(event.data)
    since = window_of(reported(2, minutes=14).data.received_at, flood)
    sent = await reader.sent([source], since, flood.minutes, [incident(5)])
    expected = [window_of(reported(n, minutes=n * 7).data.received_at, flood) for n in (2, 3, 4)]
    assert sent == {(source, window): 1 for window in expected}

    plans = [
        {"cell": {"$type": "string", "$in": ["a", "b"]}},
        {"first": {"$type": "string", "$in": ["a"]}},
        {"first": {"$type": "string", "$in": ["a"]}, REPORTER: {"$in": ["r"]}},
        {"void": True, "_id": {"$gt": ""}, "partition": {"$in": [1]}},
        {"source": {"$type": "string", "$in": ["a"]}, "received_at": {"$gte": since}},
    ]
    for query in plans:
        plan = await own["cases"].find(query).explain()
        stages = str(plan["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in stages, query
        assert "COLLSCAN" not in stages, query


async def test_the_fake_reader_answers_as_the_real_one_does(own: Database) -> None:
    crowd = RealCrowd(own)
    near_by = [reported(n, minutes=n, metres=n * 10) for n in range(1, 4)]
    apart = [reported(n, minutes=n, metres=n * 80) for n in range(4, 8)]
    await crowd.take(*near_by, *apart)
    await crowd.ask(4, Verb.VOID, SUPERVISOR)
    await crowd.read_back()
    real, fake = CaseReader(own), FakeCases(crowd.store)
    ids = [incident(n) for n in range(1, 9)]
    cells = {raw["cell"] for raw in crowd.store.all().values() if raw["cell"]}
    since = window_of(near_by[0].data.received_at, Flood(reports=1, minutes=2))
    sources = {source_of(one.data) for one in near_by}
    owned = range(BUSY_PARTITIONS)

    def by_id(found: list[Any]) -> list[Any]:
        return sorted(found, key=str)

    for reader in (real, fake):
        assert len(await reader.open_in(cells)) == 4
        assert (await reader.open_in([]), await reader.filed([])) == ([], [])
        assert await reader.void_after("", owned, 5) == [incident(4)]
        assert await reader.void_after(incident(4), owned, 5) == []
        assert await reader.void_after("", [], 5) == []
        mine = {(incident(1), RESIDENT.subject), (incident(7), RESIDENT.subject)}
        wanted = {incident(1), incident(2), incident(7), "another"}
        assert await reader.reporters(wanted, {RESIDENT.subject, "nobody"}) == mine
        assert await reader.reporters(wanted, set()) == set()
        assert await reader.reporters({incident(5)}, {"nobody"}) == set()
    assert by_id(await real.open_in(cells)) == by_id(await fake.open_in(cells))
    assert by_id(await real.filed(ids)) == by_id(await fake.filed(ids))
    for asked in (ids, ids[:2], []):
        found = [await one.documents(asked) for one in (real, fake)]
        assert by_id([raw["_id"] for raw in found[0]]) == by_id([raw["_id"] for raw in found[1]])
    followers = [await one.followers_of([incident(1)], 9) for one in (real, fake)]
    assert [raw["_id"] for raw in followers[0]] == [raw["_id"] for raw in followers[1]] != []
    counts = [await one.sent(sources, since, 2, [incident(7)]) for one in (real, fake)]
    assert dict(counts[0]) == dict(counts[1])
    assert sum(counts[0].values()) == 4
