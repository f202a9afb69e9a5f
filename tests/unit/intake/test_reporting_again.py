"""A link that says who urges by it makes an action of the case's own, once, whatever crashes."""

import asyncio
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from services.intake.domain.receipt import Receipt
from services.intake.domain.urging import AGAIN, urged
from shared.contracts.base import Actor
from shared.contracts.case_v1 import CaseState
from shared.contracts.cases_v1 import CaseFiled
from shared.contracts.envelope import Event, Origin, decode
from shared.contracts.golden import story
from shared.contracts.incidents_v1 import ActionRequested, Verb
from shared.contracts.outcomes_v1 import IncidentLinked
from shared.contracts.routing_rules import Source
from shared.contracts.rule_v1 import Rule
from shared.contracts.topics import CASES, INCIDENTS
from shared.ledger.settling import Settled, Settler
from shared.ledger.steps import Step
from shared.platform.partitioning import partition_of
from tests.fakes.clock import MovedClock
from tests.fakes.log import FakeLog
from tests.fakes.publisher import FakePublisher
from tests.fakes.registry import FakeRegistry
from tests.fakes.store import FakeStore
from tests.unit.intake.driving import FOLDER, NOW, RESIDENT, report

FIRST, FOLLOWER = (f"00000000-0000-0000-0000-00000000000{n}" for n in (1, 2))
LATER = NOW + timedelta(minutes=5)
OFFSETS = count()
IN_ITS_PROCESS = [one for one in Step if one not in {Step.DECODED, Step.COUNTED, Step.COMMITTED}]


class KilledError(BaseException):
    """The process is no more."""


class Intake:
    """The receipts, before one process after another."""

    def __init__(self) -> None:
        self.store, self.log = FakeStore(), FakeLog()

    def settle(
        self, *events: Event[Any], killed_at: tuple[Step, int] | None = None
    ) -> Settled[Any]:
        """A process takes a batch, and is killed as a step is done for that time, if one is."""
        reached = count(1)

        def step(done: Step) -> None:
            if killed_at is not None and done is killed_at[0] and next(reached) == killed_at[1]:
                raise KilledError

        settler: Settler[Receipt] = Settler(
            FOLDER, self.store, FakePublisher(self.log), MovedClock(LATER), FakeRegistry(),
            step=step, at_once=1, also=urged,
        )  # fmt: skip
        return asyncio.run(settler.settle(events))

    def asked(self) -> list[ActionRequested]:
        """The actions on the log; a record that stands there twice is one."""
        found: dict[str, tuple[Event[Any], object]] = {}
        for record in self.log.read(INCIDENTS.name):
            event = decode(record.headers, record.value, Origin(record.topic, 0, 0))
            content = (record.key, record.value, tuple(record.headers))
            assert found.setdefault(event.id, (event, content))[1] == content
        events = [event for event, _ in found.values()]
        return [one.data for one in events if isinstance(one.data, ActionRequested)]


def said(data: Any, number: int = 1) -> Event[Any]:  # noqa: ANN401 - any event of dispatch
    """Dispatch says something of an incident."""
    subject = data.incident_id
    origin = Origin(CASES.name, partition_of(subject, CASES.partitions), next(OFFSETS))
    return Event(
        id=f"{data.TYPE}-{subject}-{number}", source="/wangge/dispatch", subject=subject,
        time=LATER, data=data, correlation_id=subject, causation_id=subject, sequence=number,
        origin=origin,
    )  # fmt: skip


def linked(urged_by: Actor | None = RESIDENT) -> Event[Any]:
    return said(
        IncidentLinked(
            incident_id=FOLLOWER, rule=Rule.DUPLICATE, explanation=story.MATTER.names,
            counts_from=LATER, received_at=LATER, zone="Asia/Shanghai", source=Source.RESIDENT,
            case_id=FIRST, case_no=story.CASE_NO, metres=3, minutes=5, urged_by=urged_by,
        )
    )  # fmt: skip


def case(state: CaseState, number: int = 1) -> Event[Any]:
    found = story.case(state)
    return said(CaseFiled(incident_id=FIRST, at=NOW, case=found, receipt_no=story.RECEIPT), number)


def reported() -> Intake:
    intake = Intake()
    intake.settle(report(FIRST), report(FOLLOWER, LATER))
    return intake


def test_the_case_is_urged_by_its_reporter_from_when_that_reported_again() -> None:
    intake = reported()
    intake.settle(linked())
    (asked,) = intake.asked()
    assert (asked.incident_id, asked.follower, asked.actor) == (FIRST, FOLLOWER, RESIDENT)
    assert (asked.request.action, asked.request.reason) == (Verb.URGE, AGAIN)
    assert asked.received_at == LATER
    records = [one for one in intake.log.read(INCIDENTS.name) if one.key == FIRST.encode()]
    assert len(records) == 2, "the report, and the action behind it"
    assert {one.partition for one in records} == {partition_of(FIRST, INCIDENTS.partitions)}
    assert asked.action_id in intake.store.all()[FIRST]["state"]["actions"]
    assert not intake.store.all()[FOLLOWER]["state"]["actions"]


def test_a_link_that_names_nobody_asks_for_nothing() -> None:
    intake = reported()
    intake.settle(linked(None), case(CaseState.DISPATCHED))
    assert intake.asked() == []


@pytest.mark.parametrize("state", [CaseState.CLOSED, CaseState.VOIDED])
def test_a_case_that_is_over_is_not_urged(state: CaseState) -> None:
    intake = reported()
    intake.settle(case(state), linked())
    assert intake.asked() == []
    assert intake.store.all()[FOLLOWER]["state"]["standing"]["state"] == "linked"


@pytest.mark.parametrize("time", [1, 2])
@pytest.mark.parametrize("step", IN_ITS_PROCESS)
def test_a_process_that_is_killed_urges_neither_twice_nor_never(step: Step, time: int) -> None:
    intake = reported()
    with pytest.raises(KilledError):
        intake.settle(linked(), killed_at=(step, time))
    again = linked()
    intake.settle(again)
    intake.settle(again)
    assert len(intake.asked()) == 1
    assert [raw["outbox"] for raw in intake.store.all().values()] == [[], []]


def test_what_cannot_be_asked_of_the_case_is_said_of_the_link() -> None:
    intake = reported()
    raw = intake.store.all()[FIRST]
    intake.store.put({**raw, "state": {"reported": "spoilt"}})
    link = linked()
    (dead,) = intake.settle(link).dead
    assert (dead.event.subject, dead.event.origin) == (FIRST, link.origin)
