"""An undamaged log is clean, whatever is still on its way."""

import random

import pytest

from deploy.audit.owners import DOSSIERS, INCIDENT_OWNERS, RECEIPTS
from shared.contracts.base import Actor, EventData
from shared.contracts.cases_v1 import ActionRefused, CaseUrged
from shared.contracts.envelope import Origin, decode
from shared.contracts.golden import registry as golden
from shared.contracts.golden import story
from shared.contracts.incidents_v1 import Verb
from shared.contracts.levels import SupervisionLevel
from shared.contracts.policies import Policy
from shared.contracts.registry_v1 import Unit
from shared.contracts.reminders_v1 import (
    ReminderEvent,
    SupervisionAcknowledged,
    SupervisionConveyed,
)
from shared.contracts.rule_v1 import Rule
from shared.contracts.topics import CASES, ESCALATIONS, INCIDENTS
from shared.ledger.ports import TransientError
from tests.fakes.publisher import FakePublisher, Fate
from tests.unit.audit.world import World


def said(city: World, incident: str) -> list[EventData]:
    """What escalation has said of an incident."""
    return [
        decode(one.headers, one.value, Origin(one.topic, 0, 0)).data
        for one in city.records(ESCALATIONS, incident)
    ]


async def test_every_accepted_incident_is_counted_once(city: World) -> None:
    closed = await city.report("1")
    await city.report("2", location=None)
    await city.report("3")
    await city.settle()
    await city.close(closed)

    report = await city.audit()

    assert report.problems == ()
    assert report.clean
    assert (report.accepted, report.filed, report.rejected, report.in_review) == (3, 2, 1, 0)
    assert report.in_flight == {}
    assert report.waiting == {}


async def test_orders_are_clean_beside_incidents_and_are_none(city: World) -> None:
    await city.report("1")
    order = await city.order("o", areas=(story.COUNTY,))
    for word in ("read", "read", "done"):
        await city.receipt(order, word)
    other = await city.order("other")
    await city.withdraw(other)
    await city.receipt(other, "done")
    await city.settle()

    report = await city.audit()

    assert report.problems == ()
    assert (report.accepted, report.filed, report.counts["orders"]) == (1, 1, 2)
    assert report.counts["documents intake.orders"] == 2
    assert report.counts["documents analytics.orders"] == 2
    assert report.counts["documents dispatch.cases"] == 1
    assert report.counts["documents analytics.timelines"] == 1
    assert report.in_flight == {}


async def test_returns_reworks_and_refusals_are_clean(city: World) -> None:
    incident = await city.report("1")
    await city.settle()
    await city.act(incident, Verb.RETURN, story.MEMBER, reason="not ours")
    await city.act(incident, Verb.DENY, story.DISPATCHER, reason="it is")
    await city.act(incident, Verb.HANDLED, story.MEMBER)
    await city.act(incident, Verb.ACCEPT, story.MEMBER)
    await city.act(incident, Verb.HANDLED, story.MEMBER, reason="done")
    await city.act(incident, Verb.VERIFY, story.INSPECTOR, passed=False, reason="still open")
    await city.act(incident, Verb.HANDLED, story.MEMBER, reason="done now")
    await city.act(incident, Verb.VERIFY, story.INSPECTOR, passed=True)
    await city.act(incident, Verb.REOPEN, story.SUPERVISOR, reason="broken again")
    await city.settle()

    report = await city.audit()

    assert report.problems == ()
    assert report.counts["events wangge.cases.v1"] > 8


async def test_breached_marks_and_supervision_are_clean(city: World) -> None:
    incident = await city.report("1")
    await city.settle()
    await city.act(incident, Verb.ACCEPT, story.MEMBER)
    await city.settle()
    for _ in range(30):
        city.clock.forward(600)
        await city.settle()
    await city.close(incident)

    report = await city.audit()

    assert report.problems == ()
    assert report.counts["events wangge.escalations.v1"] > 8


async def test_what_is_told_again_and_acknowledged_is_clean(city: World) -> None:
    """The golden policy repeats an order, and its orange notice, each hour."""
    incident = await city.report("1")
    await city.settle()
    await city.act(incident, Verb.ACCEPT, story.MEMBER)
    for _ in range(6):
        city.clock.forward(3600)
        await city.settle()
    await city.act(incident, Verb.ACKNOWLEDGE, story.MEMBER)
    for _ in range(6):
        city.clock.forward(3600)
        await city.settle()

    report = await city.audit()

    assert report.problems == ()
    data = said(city, incident)
    kinds = [type(one) for one in data]
    assert kinds.count(SupervisionAcknowledged) == 1
    last = max(n for n, one in enumerate(kinds) if issubclass(one, ReminderEvent))
    assert last < kinds.index(SupervisionAcknowledged)


async def test_an_order_that_is_told_to_the_unit_of_now_is_clean(city: World) -> None:
    team = story.TEAM.model_dump(include={"code", "names", "area"})
    unit = Unit(**team, unit_kind=story.TEAM.kind, matters=("litter",))
    await city.enter("a team", [unit], golden.FROM)
    incident = await city.report("1")
    await city.settle()
    await city.act(incident, Verb.ACCEPT, story.MEMBER)
    level = SupervisionLevel.RED_CARD
    await city.act(incident, Verb.SUPERVISE, story.SUPERVISOR, level=level, reason="a school")
    await city.settle()
    for code in (story.TEAM.code, story.UNIT.code, story.TEAM.code):
        await city.act(incident, Verb.REASSIGN, story.DISPATCHER, unit=code, reason="r")
        await city.settle()

    report = await city.audit()

    assert report.problems == ()
    data = said(city, incident)
    told = [one for one in data if isinstance(one, SupervisionConveyed)]
    assert [(one.unit, one.level) for one in told] == [(story.TEAM.code, level)]


async def test_a_record_that_stands_twice_is_clean(city: World) -> None:
    incident = await city.report("1")
    await city.settle()
    for topic in (INCIDENTS, CASES, ESCALATIONS):
        for record in city.records(topic, incident):
            city.append(topic, record)
    await city.settle()

    report = await city.audit()

    assert report.problems == ()
    assert report.counts["repeats"] > 3


async def test_what_no_service_has_handled_yet_is_in_flight(city: World) -> None:
    await city.report("1")
    await city.report("2")

    report = await city.audit()

    assert report.problems == ()
    assert report.accepted == 2
    assert report.filed == report.rejected == 0
    assert report.in_flight["without an outcome yet"] == 2
    assert report.waiting == {"dispatch": 2, "analytics": 2}


async def test_what_nobody_has_looked_at_for_a_minute_is_not_in_flight(city: World) -> None:
    await city.report("1")
    city.clock.forward(60)
    await city.report("2")

    young = await city.audit()
    city.clock.forward(1)
    old = await city.audit()
    await city.settle()

    assert young.problems == ()
    assert "dispatch has not read" in old.problems[0].detail
    assert old.problem_counts == {"not_handled": 1}
    assert (await city.audit()).clean


async def test_what_is_accepted_and_unpublished_is_in_flight_until_it_is_old(city: World) -> None:
    publisher = city.services[RECEIPTS.name].settler.publisher
    assert isinstance(publisher, FakePublisher)
    publisher.fate = lambda _: Fate.LOST
    with pytest.raises(TransientError):
        await city.report("1")

    young = await city.audit()
    city.clock.forward(60)
    old = await city.audit()

    assert young.problems == ()
    assert young.accepted == 1
    assert young.in_flight["events unpublished by intake.receipts"] == 1
    assert [problem.kind for problem in old.problems] == ["outbox_stuck"]


async def test_an_incident_in_review_is_counted_as_such(city: World) -> None:
    for versions in city.registry.snapshot.versions.values():
        entry = versions[0].entry
        if isinstance(entry, Policy):
            review = entry.model_copy(update={"unmatched": "review"})
            held = versions[0].model_copy(update={"entry": review, "n": 2})
            city.registry.snapshot = city.registry.snapshot.with_changes([held], city.registry.end)
    await city.report("1", matter="unheard-of")
    await city.settle()

    report = await city.audit()

    assert report.problems == ()
    assert (report.accepted, report.in_review) == (1, 1)


@pytest.mark.parametrize("seed", range(12))
async def test_nothing_under_way_is_ever_a_problem(city: World, seed: int) -> None:
    """The services work while the audit reads, in any order and in small steps."""
    dice = random.Random(seed)  # noqa: S311 - a seed replays it
    incidents: list[str] = []
    verbs = (
        (Verb.ACCEPT, story.MEMBER),
        (Verb.RETURN, story.MEMBER),
        (Verb.DENY, story.DISPATCHER),
        (Verb.APPROVE, story.DISPATCHER),
        (Verb.HANDLED, story.MEMBER),
        (Verb.VERIFY, story.INSPECTOR),
        (Verb.VOID, story.SUPERVISOR),
    )

    async def something() -> None:
        for _ in range(dice.randrange(4)):
            what = dice.random()
            if what < 0.2 or not incidents:
                location = {} if dice.random() < 0.8 else {"location": None}
                incidents.append(await city.report(f"{len(incidents)}", **location))
            elif what < 0.5:
                verb, actor = dice.choice(verbs)
                passed = dice.random() < 0.5
                await city.act(dice.choice(incidents), verb, actor, reason="r", passed=passed)
            elif what < 0.6:
                while await city.step(DOSSIERS):  # who has not read for minutes is a problem
                    pass
                city.clock.forward(dice.random() * 2000)
                await city.tick()
            else:
                await city.step(dice.choice(INCIDENT_OWNERS), dice.randrange(1, 9))
                await city.tick()

    for _ in range(40):
        await something()
    city.meanwhile = something
    report = await city.audit()

    assert report.problems == ()
    assert report.accepted > 0
    assert sum(report.in_flight.values()) > 0


async def test_after_all_is_settled_nothing_is_in_flight(city: World) -> None:
    for number in range(20):
        await city.report(f"{number}", **({} if number % 3 else {"location": None}))
    await city.settle()

    report = await city.audit()

    assert report.clean
    assert report.in_flight == {}
    assert report.accepted == report.filed + report.rejected == 20


async def test_a_case_that_is_reported_again_by_the_same_is_urged_and_clean() -> None:
    city = World(duplicates="link")
    await city.import_city()
    mine = Actor(subject="r-1", roles=("reporter",))
    first = await city.report("1", by=mine)
    city.clock.forward(60)
    again = await city.report("2", by=mine)
    city.clock.forward(60)
    await city.report("3", by=mine)
    await city.settle()

    report = await city.audit()
    assert report.problems == ()
    assert (report.accepted, report.filed, report.linked) == (3, 1, 2)
    data = [
        decode(one.headers, one.value, Origin(one.topic, 0, 0)).data
        for one in city.records(CASES, first)
    ]
    (urged,) = [one for one in data if isinstance(one, CaseUrged)]
    assert (urged.actor, urged.case.urgings) == (mine, 1)
    assert urged.reason.endswith("reported again by the same reporter")
    (refused,) = [one for one in data if isinstance(one, ActionRefused)]
    assert refused.rule is Rule.URGED_JUST_NOW, "the third came a minute after the second"

    # All of it again, as after a rewind: nothing more is urged.
    known = len(city.records(CASES, first))
    for topic in (INCIDENTS, CASES):
        for incident in (first, again):
            for record in city.records(topic, incident):
                city.append(topic, record)
    await city.settle()
    assert len(city.records(CASES, first)) == 2 * known
    assert (await city.audit()).problems == ()


async def test_followers_are_counted_as_linked_and_separated_ones_as_filed() -> None:
    city = World(duplicates="link")
    await city.import_city()
    first = await city.report("1")
    city.clock.forward(60)
    by_hand = await city.report("2")
    for key in ("3", "4", "5"):
        city.clock.forward(60)
        await city.report(key)
    await city.settle()
    await city.act(by_hand, Verb.SEPARATE, story.DISPATCHER, reason="another one")
    await city.settle()

    report = await city.audit()
    assert report.problems == ()
    assert (report.accepted, report.filed, report.linked) == (5, 2, 3)

    # The first is void: one of its followers becomes the first of the others.
    await city.act(first, Verb.VOID, story.SUPERVISOR, reason="nothing there")
    await city.settle()
    assert await city.look_again() == 3
    await city.settle()

    report = await city.audit()
    assert report.problems == ()
    assert (report.accepted, report.filed, report.linked) == (5, 2, 3), "all follow the separated"
    assert report.counts["rollup buckets"] > 0
