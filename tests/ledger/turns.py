"""A history in which somebody takes every turn of dispatch's table, as all services make it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from services.dispatch.domain.transitions import TABLE, Transition
from services.intake.domain.commands import (
    GiveReceipt,
    IssueOrder,
    ReportIncident,
    RequestAction,
    SetEntry,
    WithdrawOrder,
    command,
)
from services.intake.domain.order_bodies import OrderBody, ReceiptBody, WithdrawalBody
from shared.contracts.base import Actor, Limits, Stage
from shared.contracts.cases_v1 import ActionRefused
from shared.contracts.envelope import Event, Origin, decode
from shared.contracts.incidents_v1 import ActionRequest, Report
from shared.contracts.ladders import LadderStep
from shared.contracts.levels import SupervisionLevel
from shared.contracts.policies import Policy
from shared.contracts.registry_v1 import Change, Entry, Matter, entry_key
from shared.contracts.roles import Role
from shared.contracts.topics import CASES, ESCALATIONS, INCIDENTS
from shared.ledger.ports import Record
from shared.registry.snapshot import Snapshot
from tests.fakes.clock import START, MovedClock
from tests.fakes.log import FakeGroup
from tests.fakes.registry import FakeRegistry
from tests.ledger.composed import Composed, FakeGround, compose, topics_of
from tests.unit.dispatch.city import (
    CENTRE,
    CITY,
    COUNTY,
    ENTRIES,
    GRID,
    HANDLE,
    LADDER,
    TEAM,
    entry_set,
    matter,
    registry,
)
from tests.unit.dispatch.crowd import incident, north_of_the_middle
from tests.unit.dispatch.flows import PAPER

EVERY_LIMIT = Limits(dispatch=HANDLE, accept=HANDLE, handle=HANDLE, verify=HANDLE, total=HANDLE)
REARMED = START + timedelta(hours=1)
"""From then on another policy is in force."""
ORDER = "order-1"


def _entries() -> Iterable[Entry]:
    urged = LadderStep(
        clock=Stage.FILING, percent=100, level=SupervisionLevel.ORDINARY, issuer="town"
    )
    for one in (*ENTRIES, matter("gas")):
        if isinstance(one, Matter):
            more = {"limits": EVERY_LIMIT, "emergency": one.code == "gas", "make_safe": HANDLE}
            conditions = tuple(each.model_copy(update=more) for each in one.conditions)
            yield one.model_copy(update={"conditions": conditions})
        elif isinstance(one, Policy) and one.code == "9901":
            yield one.model_copy(update={"ladder": (*LADDER, urged)})
        else:
            yield one


def city() -> Snapshot:
    """The unit tests' city, with an emergency, and a policy that changes after an hour."""
    entries = list(_entries())
    policy = next(one for one in entries if isinstance(one, Policy) and one.code == "9901")
    later = policy.model_copy(update={"reopen_within_days": 5})
    return registry(entries, entry_set(later, 2, REARMED))


CITY_OF_TURNS = city()


def everybody(subject: str, unit: str | None = None) -> Actor:
    """Somebody with every role: only the guards may be in the way."""
    return Actor(subject=subject, roles=tuple(sorted(Role)), unit=unit)


BOSS, JUDGE, CLERK, OTHER = map(everybody, ("boss", "judge", "clerk", "other"))
TEAMS, ROADS, TOWN, CITYS = (everybody(f"of-{one}", one) for one in (TEAM, COUNTY, CENTRE, CITY))
RESIDENT = Actor(subject="resident", roles=(Role.REPORTER,))
NEIGHBOUR = Actor(subject="neighbour", roles=(Role.REPORTER,))


@dataclass
class History:
    """What the services made: commands by the handler that takes them, records in their order."""

    clock: MovedClock = field(default_factory=MovedClock)
    commands: dict[str, list[Event[Any]]] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    ground: FakeGround = field(default_factory=FakeGround)
    process: Composed = field(init=False)

    def __post_init__(self) -> None:
        self.process = compose(self.ground, self.clock, FakeRegistry(CITY_OF_TURNS, end=1000))
        log, wanted = self.ground.log, (INCIDENTS, CASES, ESCALATIONS)
        self._member = FakeGroup(log, [one.name for one in wanted]).join()

    async def told(self, handler: str, event: Event[Any]) -> None:
        """A command of a service, and all that follows from it in every service."""
        self.clock.forward(1)
        self.commands.setdefault(handler, []).append(event)
        await self.process.settlers[handler].settle([event])
        await self._until_nothing_follows()

    async def wait(self, hours: float) -> None:
        """Time passes, and what is due is answered."""
        self.clock.forward(hours * 3600)
        for subscription in self.process.subscriptions.values():
            await subscription.ticker.round()
        await self._until_nothing_follows()

    async def report(self, number: int, kind: str, by: Actor = RESIDENT, place: int = 0) -> None:
        """A report, far from all others unless it names another's place."""
        where = north_of_the_middle(70 * ((place or number) - 7))
        data = ReportIncident(
            incident_id=incident(number),
            received_at=self.clock(),
            reporter=by,
            report=Report.model_validate({"matter": kind, "location": where}),
        )
        await self.told("intake/receipts", command(incident(number), data, self.clock()))

    async def ask(self, number: int, verb: str, who: Actor, **request: Any) -> None:  # noqa: ANN401
        """Somebody asks for an action, which is done."""
        if "until" in request:
            request["until"] = self.clock() + timedelta(days=request["until"])
        count = 1 + len(self.commands["intake/receipts"])
        action = ActionRequest.model_validate({"action": verb, "reason": "because", **request})
        data = RequestAction(
            incident_id=incident(number),
            action_id=f"action-{count}",
            received_at=self.clock(),
            actor=who,
            request=action,
        )
        asked = command(incident(number), data, self.clock(), data.action_id)
        await self.told("intake/receipts", asked)
        answers = [one.data for one in self.events() if answers_to(one) == data.action_id]
        assert answers, (number, verb)
        assert not isinstance(answers[0], ActionRefused), (number, verb, answers[0])

    def events(self) -> list[Event[Any]]:
        """Every event of the topics, in their order."""
        return [
            decode(one.headers, one.value, Origin(one.topic, one.partition, one.offset))
            for one in self.records
        ]

    async def _until_nothing_follows(self) -> None:
        while records := await self._member.poll():
            self.records += records
            for service, subscription in self.process.subscriptions.items():
                mine = [one for one in records if one.topic in topics_of(service)]
                if mine:
                    assert await subscription.processor.handle(mine)


def answers_to(event: Event[Any]) -> str | None:
    """The action that an event of dispatch answers."""
    if not event.source.endswith("dispatch"):
        return None
    found: str | None = getattr(event.data, "action_id", None)
    return found


def taken(history: History) -> set[Transition]:
    """The rows of the table that somebody took."""
    events = history.events()
    verbs = {
        one.data.action_id: one.data.request.action
        for one in events
        if one.source.endswith("intake") and hasattr(one.data, "action_id")
    }
    firsts: dict[str, type[Any]] = {}
    for one in events:
        if (action := answers_to(one)) is not None:
            firsts.setdefault(action, type(one.data))
    did = {(verbs[action], kind) for action, kind in firsts.items()}
    return {row for row in TABLE if any(verb is row.verb and k in row.events for verb, k in did)}


async def whole_history() -> History:
    """Every story, one after the other."""
    history = History()
    for story in (
        requests_and_supervision, levels, many_departments, an_emergency, a_flow, at_the_desk,
        the_same_twice, breaches, orders_and_entries,
    ):  # fmt: skip
        await story(history)
    missing = [(row.verb, row.states) for row in TABLE if row not in taken(history)]
    assert not missing, "every turn of the table"
    return history


async def requests_and_supervision(h: History) -> None:
    """Asked, granted, refused; hurried; badly done and done again; opened again, and void."""
    await h.report(1, "litter")
    await h.ask(1, "urge", BOSS)
    await h.ask(1, "cc", BOSS, unit=CITY)
    await h.ask(1, "accept", TEAMS)
    await h.ask(1, "return", TEAMS)
    await h.ask(1, "deny", BOSS)
    for decision in ("approve", "deny"):
        await h.ask(1, "suspend", TEAMS, until=2)
        await h.ask(1, decision, BOSS)
        if decision == "approve":
            await h.ask(1, "resume", BOSS)
        await h.ask(1, "extend", TEAMS, amount=1)
        await h.ask(1, decision, BOSS)
    await h.ask(1, "supervise", BOSS, level="ordinary")
    await h.ask(1, "acknowledge", BOSS)
    await h.ask(1, "release", BOSS)
    await h.ask(1, "handled", TEAMS)
    await h.ask(1, "verify", CLERK, passed=False)
    await h.ask(1, "handled", TEAMS)
    await h.ask(1, "verify", CLERK, passed=True)
    await h.ask(1, "reopen", BOSS)
    await h.ask(1, "void", BOSS)


async def levels(h: History) -> None:
    """Handed up and down the levels, given by hand, and returned."""
    await h.report(2, "litter")
    await h.ask(2, "hand_up", BOSS)
    await h.ask(2, "hand_down", BOSS, area=GRID[:12])
    await h.ask(2, "reassign", BOSS, unit=TEAM)
    await h.ask(2, "return", TEAMS)
    await h.ask(2, "approve", BOSS)


async def many_departments(h: History) -> None:
    """One comes, one will not, one is not needed after all."""
    await h.report(3, "pothole")
    await h.ask(3, "accept", ROADS)
    for unit in (CENTRE, CITY, TEAM):
        await h.ask(3, "whistle", ROADS, unit=unit)
    await h.ask(3, "co_accept", TOWN)
    await h.ask(3, "co_decline", CITYS)
    await h.ask(3, "co_withdraw", BOSS, unit=TEAM)
    await h.ask(3, "handled", ROADS)
    await h.ask(3, "co_done", TOWN)


async def an_emergency(h: History) -> None:
    """Somebody is there first, and makes it safe."""
    await h.report(4, "gas")
    await h.ask(4, "take_first", TEAMS)
    await h.ask(4, "make_safe", TEAMS)


async def a_flow(h: History) -> None:
    """Found, ordered, and looked at again."""
    await h.report(5, "hazard")
    await h.ask(5, "accept", TEAMS)
    await h.ask(5, "step", TEAMS, turn="order", papers=(PAPER,))
    await h.ask(5, "step", CLERK, turn="in_order")


async def at_the_desk(h: History) -> None:
    """What the rules cannot file: each outcome, an appeal, and an order to hurry."""
    for number in (6, 7, 8, 9):
        await h.report(number, "unheard-of")
    await h.ask(6, "look", CLERK)
    await h.ask(6, "verify", everybody("looker", TEAM), passed=True)
    await h.ask(6, "file", CLERK, matter="litter")
    await h.ask(7, "reject", CLERK)
    await h.ask(7, "appeal", RESIDENT)
    await h.ask(7, "answer", OTHER)
    await h.ask(8, "transfer", CLERK, to="12345")
    await h.wait(1)
    await h.ask(9, "acknowledge", BOSS)


async def the_same_twice(h: History) -> None:
    """Linked to a case, and another matter after all."""
    await h.report(10, "pothole")
    await h.report(11, "pothole", NEIGHBOUR, place=10)
    await h.ask(11, "separate", BOSS)


async def breaches(h: History) -> None:
    """Two units are late, and appeal; one of them was right. It goes by the policy of now."""
    for number in (12, 13):
        await h.report(number, "litter")
        await h.ask(number, "accept", TEAMS)
    await h.wait(10)
    for number, decision in ((12, "uphold"), (13, "overrule")):
        await h.ask(number, "appeal", TEAMS, clock="handle")
        await h.ask(number, decision, JUDGE)
    await h.ask(2, "rearm", BOSS)


async def orders_and_entries(h: History) -> None:
    """An order is read, done, and withdrawn; an entry of the registry has two versions."""
    at = h.clock()
    body = OrderBody(title="look", deadline=at + timedelta(hours=1), units=(TEAM, CENTRE))
    wishes = (
        IssueOrder(order_id=ORDER, at=at, actor=BOSS, body=body),
        GiveReceipt(at=at, actor=TEAMS, body=ReceiptBody.model_validate({"receipt": "read"})),
        GiveReceipt(at=at, actor=TEAMS, body=ReceiptBody.model_validate({"receipt": "done"})),
        WithdrawOrder(at=at, actor=BOSS, body=WithdrawalBody(reason="no rain")),
    )
    for number, wish in enumerate(wishes):
        await h.told("intake/orders", command(ORDER, wish, at, str(number)))
    lamp = next(one for one in ENTRIES if isinstance(one, Matter) and one.code == "lamp")
    for n in (1, 2):
        change = Change(id=f"change-{n}", part=1, count=1)
        wish = SetEntry(change=change, entry=lamp, decided_at=at, valid_from=at)
        await h.told("intake/registry", command(entry_key(lamp), wish, at, change.id))
