"""Each kind of damage is planted in a clean city, and found by its name."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from deploy.audit.history import gather
from deploy.audit.owners import DOSSIERS, ENTRIES, ORDERS_KNOWN, RECEIPTS, WATCHES
from deploy.audit.problems import TITLES
from deploy.audit.report import Report
from shared.contracts.base import Names, Stage
from shared.contracts.escalations_v1 import (
    Clock,
    ClockBreached,
    ClockState,
    Mark,
    MarkWithdrawn,
    SupervisionOrdered,
    SupervisionReleased,
)
from shared.contracts.golden import story
from shared.contracts.incidents_v1 import Verb
from shared.contracts.levels import SupervisionLevel
from shared.contracts.orders_v1 import OrderDone
from shared.contracts.outcomes_v1 import IncidentLinked, IncidentRejected
from shared.contracts.registry_v1 import Area, Change, EntrySet
from shared.contracts.reminders_v1 import (
    SupervisionAcknowledged,
    SupervisionConveyed,
    SupervisionReminded,
)
from shared.contracts.routing_rules import Source
from shared.contracts.rule_v1 import Rule
from shared.contracts.topics import CASES, DEAD_LETTERS, ESCALATIONS, INCIDENTS, REGISTRY, Topic
from shared.ledger.dead_letters import Letter
from shared.ledger.ports import Record
from tests.unit.audit.world import HOUR, World


def found(report: Report) -> set[str]:
    """The kinds of problems."""
    assert report.clean == (not report.problems)
    assert set(report.problem_counts) == {problem.kind for problem in report.problems}
    return {problem.kind for problem in report.problems}


def held(city: World, topic: Topic, incident: str) -> list[Record]:
    """The log's own list of the records in an incident's partition."""
    records: list[Record] = city.log._records[topic.name, city.place(incident)]
    return records


def rewrite(record: Record, **headers: str) -> Record:
    """The record with other headers."""
    pairs = [(n, headers[n].encode() if n in headers else v) for n, v in record.headers]
    return replace(record, headers=pairs)


Plant = Callable[[World, str], Awaitable[None]]
PLANTS: dict[str, tuple[Plant, set[str]]] = {}


def plants(*kinds: str) -> Callable[[Plant], Plant]:
    """Register a damage, with the problems that it must show; and no others."""

    def register(plant: Plant) -> Plant:
        PLANTS[plant.__name__] = plant, set(kinds)
        return plant

    return register


@plants("two_contents", "document_behind")
async def an_id_of_two_incidents(city: World, incident: str) -> None:
    other = await city.report("4")
    await city.settle()
    taken = dict(city.records(CASES, incident)[0].headers)["ce_id"] or b""
    last = city.records(CASES, other)[-1]
    number = len(city.records(CASES, other)) + 1
    city.append(CASES, rewrite(last, ce_id=taken.decode(), ce_sequence=str(number)))


@plants("two_contents")
async def an_id_with_two_contents(city: World, incident: str) -> None:
    record = city.records(CASES, incident)[1]
    city.append(CASES, replace(record, value=(record.value or b"").replace(b"county", b"city")))


@plants("two_contents")
async def an_id_with_two_times(city: World, incident: str) -> None:
    record = city.records(INCIDENTS, incident)[0]
    city.append(INCIDENTS, rewrite(record, ce_time="2026-03-02T01:00:00.001Z"))


@plants("number_twice")
async def two_ids_for_one_number(city: World, incident: str) -> None:
    city.append(ESCALATIONS, rewrite(city.records(ESCALATIONS, incident)[0], ce_id="another"))


@plants("gap", "event_lost", "state_differs")
async def an_event_in_the_middle_gone(city: World, incident: str) -> None:
    held(city, CASES, incident).remove(city.records(CASES, incident)[2])


@plants("event_lost", "state_differs", "rollup_differs")
async def the_last_event_gone(city: World, incident: str) -> None:
    held(city, CASES, incident).remove(city.records(CASES, incident)[-1])


@plants("out_of_order")
async def a_later_event_first(city: World, incident: str) -> None:
    records = held(city, CASES, incident)
    first, second = (records.index(one) for one in city.records(CASES, incident)[:2])
    records[first], records[second] = (
        replace(records[second], offset=first),
        replace(records[first], offset=second),
    )


@plants("wrong_place")
async def a_record_under_another_key(city: World, incident: str) -> None:
    records = held(city, CASES, incident)
    index = records.index(city.records(CASES, incident)[0])
    records[index] = replace(records[index], key=b"somebody else")


@plants("reported_twice", "document_behind")
async def a_second_report(city: World, incident: str) -> None:
    record = city.records(INCIDENTS, incident)[0]
    report = gather(incident, [record])[0].of(INCIDENTS.name)[0].data
    city.forge(INCIDENTS, incident, report, len(city.records(INCIDENTS, incident)) + 1)
    await city.settle()


@plants("no_report", "event_lost", "state_differs", "rollup_differs")
async def a_case_without_its_report(city: World, incident: str) -> None:
    for record in city.records(INCIDENTS, incident):
        held(city, INCIDENTS, incident).remove(record)


@plants("no_outcome", "document_missing")
async def an_incident_that_dispatch_passed_over(city: World, _incident: str) -> None:
    passed = await city.report("passed over")
    member = city.services[DOSSIERS.name].member
    records = await member.poll()
    assert [record.key for record in records] == [passed.encode()]
    await member.commit({(r.topic, r.partition): r.offset + 1 for r in records})
    await city.settle()


def reported_only(city: World, incident: str) -> Any:  # noqa: ANN401 - a state as stored
    state = city.store(RECEIPTS).all()[incident]["state"]
    kept = {name: state[name] for name in ("reported", "actions")}
    return RECEIPTS.decider.dump(RECEIPTS.decider.load(kept))


@plants("two_outcomes", "document_behind")
async def a_second_outcome(city: World, incident: str) -> None:
    rejected = IncidentRejected(
        incident_id=incident,
        rule=Rule.NO_MATTER,
        explanation=Names(zh="无", en="none"),
        counts_from=city.clock(),
        received_at=city.clock(),
        zone=story.ZONE,
        source=Source.RESIDENT,
    )
    city.forge(CASES, incident, rejected, len(city.records(CASES, incident)) + 1)
    await city.settle()


@plants("first_missing", "document_behind", "two_outcomes")
async def a_follower_of_nothing(city: World, incident: str) -> None:
    linked = IncidentLinked(
        incident_id=incident,
        rule=Rule.DUPLICATE,
        explanation=Names(zh="无", en="none"),
        counts_from=city.clock(),
        received_at=city.clock(),
        zone=story.ZONE,
        source=Source.RESIDENT,
        case_id="nobody",
        case_no="990101-20260302-000000000001",
        metres=1,
        minutes=1,
    )
    city.forge(CASES, incident, linked, len(city.records(CASES, incident)) + 1)
    await city.settle()


def breach(city: World, incident: str) -> dict[str, Any]:
    clock = Clock(
        task="lead",
        clock=Stage.HANDLE,
        run=1,
        state=ClockState.RUNNING,
        limit=HOUR,
        started_at=city.clock(),
        due_at=city.clock(),
    )
    mark = Mark(task="lead", clock=Stage.HANDLE, run=1, percent=100, due_at=city.clock())
    return {"incident_id": incident, "at": city.clock(), "mark": mark, "clock": clock}


@plants("mark_twice", "document_behind")
async def a_mark_answered_twice(city: World, incident: str) -> None:
    next_number = len(city.records(ESCALATIONS, incident)) + 1
    for number in (next_number, next_number + 1):
        data = ClockBreached(**breach(city, incident))
        city.forge(ESCALATIONS, incident, data, number)
    await city.settle()


def again(city: World, incident: str, order: int, number: int) -> SupervisionReminded:
    """A reminder of an order."""
    return SupervisionReminded(
        incident_id=incident, at=city.clock(), order=order, number=number, of=3,
        due_at=city.clock(), level=SupervisionLevel.ORDINARY,
    )  # fmt: skip


@plants("reminded_wrongly", "document_behind")
async def a_reminder_that_was_sent_twice(city: World, incident: str) -> None:
    number = len(city.records(ESCALATIONS, incident)) + 1
    ordered = SupervisionOrdered(
        incident_id=incident, at=city.clock(), level=SupervisionLevel.ORDINARY, issuer="town",
        issuer_area=story.TOWN, reminders=(city.clock(), city.clock()),
    )  # fmt: skip
    city.forge(ESCALATIONS, incident, ordered, number)
    for later in (number + 1, number + 2):
        city.forge(ESCALATIONS, incident, again(city, incident, number, 1), later)
    await city.settle()


@plants("reminded_wrongly", "document_behind")
async def a_reminder_of_what_was_acknowledged(city: World, incident: str) -> None:
    number = len(city.records(ESCALATIONS, incident)) + 1
    ordered = SupervisionOrdered(
        incident_id=incident, at=city.clock(), level=SupervisionLevel.ORDINARY, issuer="town",
        issuer_area=story.TOWN, reminders=(city.clock(), city.clock()),
    )  # fmt: skip
    seen = SupervisionAcknowledged(
        incident_id=incident, at=city.clock(), order=number, level=SupervisionLevel.ORDINARY
    )
    for later, data in enumerate((ordered, seen, again(city, incident, number, 1)), number):
        city.forge(ESCALATIONS, incident, data, later)
    await city.settle()


@plants("conveyed_wrongly", "document_behind")
async def an_order_that_was_told_to_a_unit_twice(city: World, incident: str) -> None:
    number = len(city.records(ESCALATIONS, incident)) + 1
    ordered = SupervisionOrdered(
        incident_id=incident, at=city.clock(), level=SupervisionLevel.ORDINARY, issuer="town",
        issuer_area=story.TOWN, unit=story.UNIT.code,
    )  # fmt: skip
    told = SupervisionConveyed(
        incident_id=incident, at=city.clock(), order=number, unit=story.TEAM.code,
        level=SupervisionLevel.ORDINARY,
    )  # fmt: skip
    for later, data in enumerate((ordered, told, told), number):
        city.forge(ESCALATIONS, incident, data, later)
    await city.settle()


@plants("conveyed_wrongly", "document_behind")
async def an_order_that_was_told_to_a_unit_after_its_end(city: World, incident: str) -> None:
    number = len(city.records(ESCALATIONS, incident)) + 1
    level = SupervisionLevel.ORDINARY
    said = {"incident_id": incident, "at": city.clock(), "level": level}
    ordered = SupervisionOrdered(**said, issuer="town", issuer_area=story.TOWN)  # type: ignore[arg-type]
    lifted = SupervisionReleased(**said)  # type: ignore[arg-type]
    told = SupervisionConveyed(**said, order=number, unit=story.TEAM.code)  # type: ignore[arg-type]
    for later, data in enumerate((ordered, lifted, told), number):
        city.forge(ESCALATIONS, incident, data, later)
    await city.settle()


@plants("mark_withdrawn_unanswered", "document_behind")
async def a_withdrawal_of_nothing(city: World, incident: str) -> None:
    number = len(city.records(ESCALATIONS, incident)) + 1
    city.forge(ESCALATIONS, incident, MarkWithdrawn(**breach(city, incident)), number)
    await city.settle()


@plants("mark_unanswered", "columns_differ")
async def a_mark_that_was_slept_through(city: World, incident: str) -> None:
    city.change(WATCHES, incident, next_due_at=city.clock() - timedelta(hours=1))


@plants("parked")
async def a_parked_watch(city: World, incident: str) -> None:
    city.change(WATCHES, incident, next_due_at=None, parked="KeyError: 'x'")


@plants("state_differs")
async def a_changed_dossier(city: World, incident: str) -> None:
    state = city.store(DOSSIERS).all()[incident]["state"]
    state["decided"]["case"]["returns"] = 7
    city.change(DOSSIERS, incident, state=state)


@plants("state_differs")
async def a_receipt_that_lost_its_standing(city: World, incident: str) -> None:
    city.change(RECEIPTS, incident, state=reported_only(city, incident))


@plants("columns_differ")
async def a_receipt_that_is_found_by_another_number(city: World, incident: str) -> None:
    city.change(RECEIPTS, incident, case_no="990101-19990101-1")


@plants("not_taken", "cause_missing")
async def an_event_that_was_committed_and_not_taken(city: World, incident: str) -> None:
    seen = city.store(WATCHES).all()[incident]["seen"]
    city.change(WATCHES, incident, seen=seen[:-1], state=None)


@plants("document_missing", "document_behind")
async def a_document_gone(city: World, incident: str) -> None:
    del city.store(WATCHES)._documents[incident]


@plants("document_behind", "not_taken")
async def a_document_put_back_to_what_it_was(city: World, incident: str) -> None:
    before = city.store(DOSSIERS).all()[incident]
    await city.act(incident, Verb.REOPEN, story.SUPERVISOR, reason="again")
    await city.settle()
    city.store(DOSSIERS).put(before)


@plants("cause_missing")
async def an_event_that_follows_from_nothing(city: World, incident: str) -> None:
    records = held(city, CASES, incident)
    index = records.index(city.records(CASES, incident)[0])
    records[index] = rewrite(records[index], ce_causationid="nothing")


@plants("dead_letter")
async def a_record_that_died(city: World, incident: str) -> None:
    record = rewrite(city.records(INCIDENTS, incident)[0], ce_id="unheard-of")
    put_away(city, record, incident)


def everything(city: World) -> dict[str, Any]:
    """The bucket of the whole city on the day of the story."""
    return city.buckets.raws["*|*|*|2026-03-02"]


@plants("rollup_differs")
async def a_figure_that_is_too_high(city: World, _incident: str) -> None:
    everything(city)["n"]["filed"] += 1


@plants("rollup_differs")
async def a_figure_that_was_forgotten(city: World, _incident: str) -> None:
    del everything(city)["n"]["closed"]


@plants("rollup_differs")
async def a_bucket_gone(city: World, _incident: str) -> None:
    del city.buckets.raws["*|*|*|2026-03-02"]


@plants("rollup_differs")
async def a_bucket_of_nothing(city: World, _incident: str) -> None:
    city.buckets.raws["9999"] = {"_id": "9999", "n": {"filed": 1}, "at": {}}


@plants("rollup_differs")
async def events_that_a_bucket_passed_over(city: World, incident: str) -> None:
    """The figure and the mark are of one moment, as after a write that was lost."""
    bucket = everything(city)
    bucket["n"]["closed"] = 0
    bucket["at"][f"cases-{city.place(incident)}"] = 0


@plants("change_not_whole", "document_behind")
async def half_a_change(city: World, _incident: str) -> None:
    area = Area(code="990199", names=Names(zh="新区", en="New district"))
    version = EntrySet(
        key="area/990199",
        n=1,
        valid_from=city.clock(),
        change=Change(id="half", part=1, count=2),
        entry=area,
    )
    forged = city.forge(REGISTRY, version.key, version, 1)
    moved = city.log._records[REGISTRY.name, city.place(version.key)].pop()
    city.log._records[REGISTRY.name, 0].append(replace(moved, partition=0))
    assert forged.subject == version.key


def put_away(city: World, record: Record, document: str | None) -> None:
    entry = Letter(record, "undecidable", "KeyError: 'x'", document).entry("dispatch", city.clock())
    pairs = [(name, text.encode()) for name, text in entry.headers.items()]
    city.log.append(DEAD_LETTERS.name, 0, key=entry.key.encode(), value=entry.value, headers=pairs)


async def grown(city: World) -> str:
    """A closed case among others; its id."""
    incident = await city.report("1")
    await city.report("2")
    await city.report("3", location=None)
    await city.settle()
    await city.close(incident)
    return incident


@pytest.mark.parametrize("damage", PLANTS)
async def test_damage_is_found_by_its_name_and_nothing_else_is(city: World, damage: str) -> None:
    incident = await grown(city)
    assert (await city.audit()).clean
    plant, expected = PLANTS[damage]
    await plant(city, incident)

    report = await city.audit()

    assert found(report) == expected, report.problems
    assert all(problem.detail for problem in report.problems)


async def test_a_document_of_another_version_of_the_rules_is_not_compared(city: World) -> None:
    incident = await grown(city)
    city.change(DOSSIERS, incident, fold=99, state=None)
    report = await city.audit()
    assert found(report) == {"not_audited"}
    assert "fold 99" in report.problems[0].detail


async def test_a_lost_outbox_is_found(city: World) -> None:
    """Written, never published, and taken out of the outbox: the classic loss."""
    incident = await grown(city)
    raw = city.store(RECEIPTS).all()[incident]
    city.change(RECEIPTS, incident, sequence=raw["sequence"] + 1)
    assert found(await city.audit()) == {"event_lost"}


async def test_a_letter_that_was_replayed_or_is_nobodys_is_listed_and_no_problem(
    city: World,
) -> None:
    incident = await grown(city)
    put_away(city, city.records(INCIDENTS, incident)[0], incident)
    put_away(city, Record("wangge.incidents.v1", 3, 999, 0, b"x", b"{", ()), None)

    report = await city.audit()

    assert report.clean
    assert [letter.offset for letter in report.dead_letters] == [0, 999]


async def test_a_change_that_intake_is_at_work_on_is_in_flight(city: World) -> None:
    await half_a_change(city, "")
    city.going_on.add("half")

    report = await city.audit()

    assert "change_not_whole" not in found(report)
    assert report.in_flight["registry changes"] == 1


async def test_a_changed_registry_entry_is_found(city: World) -> None:
    key = f"area/{story.COUNTY}"
    state = city.store(ENTRIES).all()[key]["state"]
    state["entry"]["names"]["zh"] = "别处"
    city.change(ENTRIES, key, state=state)
    report = await city.audit()
    assert [(problem.kind, problem.id) for problem in report.problems] == [("state_differs", key)]


async def _ordered(city: World) -> str:
    order = await city.order("o")
    await city.receipt(order, "read")
    await city.settle()
    assert (await city.audit()).clean
    return order


@plants("order_broken", "document_behind")
async def a_receipt_of_a_unit_that_is_not_addressed(city: World, _incident: str) -> None:
    order = await _ordered(city)
    said = OrderDone(order_id=order, at=city.clock(), actor=story.MEMBER, unit="nobody")
    city.forge(INCIDENTS, order, said, 3)
    await city.settle()


@plants("order_as_incident")
async def an_order_that_was_taken_for_an_incident(city: World, _incident: str) -> None:
    order = await _ordered(city)
    fold = DOSSIERS.decider.fold_version
    empty: dict[str, Any] = {"seen": [], "outbox": [], "sequence": 0, "version": 1, "state": None}
    city.store(DOSSIERS).put({"_id": order, "partition": city.place(order), "fold": fold, **empty})


@plants("time_broken", "state_differs")
async def time_that_is_charged_to_another_unit(city: World, incident: str) -> None:
    record = city.records(CASES, incident)[-1]
    records = held(city, CASES, incident)
    records[records.index(record)] = replace(record, value=charged(record.value))


def charged(value: bytes | None) -> bytes:
    """The event, with the time of one unit told as another's."""
    data = json.loads(value or b"")
    time = data["case"]["time"]
    (share,) = (one for one in time if one.startswith("handle/"))
    time["handle/another"] = time.pop(share)
    return json.dumps(data).encode()


@plants("not_taken", "state_differs")
async def an_order_whose_receipt_analytics_never_took(city: World, _incident: str) -> None:
    order = await _ordered(city)
    seen = city.store(ORDERS_KNOWN).all()[order]["seen"]
    city.change(ORDERS_KNOWN, order, seen=seen[:1])


async def test_a_record_that_is_no_event_is_counted_and_no_problem(city: World) -> None:
    incident = await grown(city)
    place = city.place(incident)
    city.append(CASES, Record(CASES.name, place, 0, 0, None, b"\xff\xfe", [("x", None)]))
    damaged = rewrite(city.records(CASES, incident)[0], ce_specversion="0.1")
    city.append(CASES, damaged)
    city.append(CASES, replace(damaged, key=b"poison", partition=(place + 1) % 12))

    report = await city.audit()

    assert report.clean
    assert report.counts["undecodable"] == 3


def test_every_kind_has_a_title_and_is_planted_somewhere() -> None:
    planted = set().union(*(kinds for _, kinds in PLANTS.values()))
    elsewhere = {"outbox_stuck", "not_audited", "not_handled", "first_void"}
    elsewhere |= {"life_broken", "task_lost", "handler_verified", "action_unanswered"}
    assert planted | elsewhere == set(TITLES)
