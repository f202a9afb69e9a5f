"""Orders: who may issue, acknowledge, withdraw; each word once, nothing after the end."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from pydantic import ValidationError

from services.intake.domain.addressing import MAX_UNITS, addressees
from services.intake.domain.admission import Objection
from services.intake.domain.commands import GiveReceipt, IssueOrder, WithdrawOrder, command
from services.intake.domain.order import Order
from services.intake.domain.order_bodies import OrderBody, ReceiptBody, WithdrawalBody
from services.intake.domain.order_telling import state, told
from services.intake.domain.orders import Ordering, receiving, sees, withdrawing
from shared.contracts.base import Actor, EventData
from shared.contracts.envelope import Event, Origin, decode
from shared.contracts.golden import orders as golden
from shared.contracts.orders_v1 import OrderDone, OrderIssued, OrderRead, OrderWithdrawn
from shared.contracts.registry_v1 import Change, EntrySet, Unit
from shared.contracts.topics import INCIDENTS
from shared.ledger.decider import Context
from shared.ledger.document import MAX_EVENTS, Document
from shared.ledger.folding import Folder
from shared.platform.partitioning import partition_of
from shared.registry.snapshot import Snapshot
from tests.unit.intake.driving import NOW, ZONE, through_bson
from tests.unit.intake.entries import unit

HOUR = timedelta(hours=1)
RULES = Ordering(ZONE)
FOLDER = Folder("intake", RULES, partition_of, INCIDENTS)
UNITS = {"city": "9901", "a": "990101", "b": "990101001", "c": "990101001002", "other": "990102"}
CHIEF = Actor(subject="chief", roles=("leader",), area="9901")
LEADER = Actor(subject="leader", roles=("leader",), unit="centre", area="990101")
CLERK = Actor(subject="clerk", roles=("dispatcher",), area="990101")


def registry(units: dict[str, str], ended: Sequence[str] = ()) -> Snapshot:
    """The units of a city, by code and area."""
    change = Change(id="1", part=1, count=1)
    versions = [
        EntrySet(
            key=f"unit/{code}",
            n=1,
            valid_from=NOW - HOUR,
            valid_until=NOW - HOUR / 2 if code in ended else None,
            change=change,
            entry=Unit.model_validate(unit(code, area)),
        )
        for code, area in units.items()
    ]
    return Snapshot().with_changes(versions, 7)


CITY = registry(UNITS)


def member(code: str, role: str = "unit_member") -> Actor:
    return Actor(subject=f"m-{code}", roles=(role,), unit=code, area=UNITS.get(code))


def wish(actor: Actor = LEADER, **fields: object) -> IssueOrder:
    body = {"title": "look", "deadline": NOW + HOUR, "units": ("a", "b"), **fields}
    return IssueOrder(
        order_id=golden.ORDER, at=NOW, actor=actor, body=OrderBody.model_validate(body)
    )


def given(code: str, word: str, at: timedelta = HOUR / 2, role: str = "unit_member") -> GiveReceipt:
    body = ReceiptBody.model_validate({"receipt": word, "said": "well"})
    return GiveReceipt(at=NOW + at, actor=member(code, role), body=body)


def gone(actor: Actor = LEADER) -> WithdrawOrder:
    return WithdrawOrder(at=NOW + HOUR / 2, actor=actor, body=WithdrawalBody(reason="no rain"))


def take(*wishes: EventData, document: Document[Order] | None = None) -> Document[Order]:
    """The document after these commands, each by a cause of its own."""
    document = document or FOLDER.open(golden.ORDER, None)
    for number, one in enumerate(wishes, len(document.seen)):
        at: Any = one.at  # type: ignore[attr-defined]
        asked = command(golden.ORDER, one, at, str(number))
        FOLDER.take(document, asked, Context(now=at, registry=CITY))
    return document


def types(document: Document[Order]) -> list[str]:
    return [entry.headers["ce_type"] for entry in document.new_entries]


def order(*wishes: EventData) -> Order:
    found = take(wish(), *wishes).state
    assert found is not None
    return found


def refused(against: Objection | tuple[Any, ...] | None) -> tuple[int, str]:
    assert isinstance(against, Objection)
    assert against.detail
    return against.status, against.code


def reached(found: IssueOrder, units: Snapshot = CITY) -> list[str]:
    addressed = addressees(found, units)
    assert not isinstance(addressed, Objection), addressed
    return [one.code for one in addressed]


@pytest.mark.parametrize("blank", ["", "   ", "\t\n", "\u3000"])
def test_a_blank_title_or_reason_is_none(blank: str) -> None:
    with pytest.raises(ValidationError, match="title"):
        wish(title=blank)
    with pytest.raises(ValidationError, match="reason"):
        WithdrawalBody(reason=blank)


def test_an_area_reaches_every_unit_in_force_within_it_and_each_once() -> None:
    assert reached(wish(units=("b", "a", "b"), areas=())) == ["a", "b"]
    assert reached(wish(units=("a",), areas=("990101001",))) == ["a", "b", "c"]
    assert reached(wish(CHIEF, units=(), areas=("9901",))) == ["a", "b", "c", "city", "other"]
    without = registry(UNITS, ended=["c"])
    assert reached(wish(units=(), areas=("990101001",)), without) == ["b"]


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        (wish(member("a")), 403, "role_not_allowed"),
        (wish(units=("a", "nobody")), 422, "unknown_unit"),
        (wish(units=("other",)), 403, "not_your_area"),
        (wish(units=("city",)), 403, "not_your_area"),
        (wish(units=(), areas=("9901",)), 403, "not_your_area"),
        (wish(units=(), areas=("990101009",)), 422, "no_addressee"),
        (wish(units=()), 422, "no_addressee"),
        (wish(deadline=NOW), 422, "deadline_passed"),
        (wish(deadline=NOW + timedelta(days=367)), 422, "deadline_too_far"),
    ],
)
def test_what_may_not_be_ordered_is_refused_by_name_and_makes_no_event(
    asked: IssueOrder, status: int, code: str
) -> None:
    assert refused(addressees(asked, CITY)) == (status, code)
    document = take(asked)
    assert (document.state, types(document)) == (None, [])


def test_an_order_has_no_more_units_than_can_answer_it_twice() -> None:
    many = registry({f"u-{number:04}": "990101" for number in range(MAX_UNITS + 1)})
    assert refused(addressees(wish(units=(), areas=("990101",)), many)) == (422, "too_many_units")
    assert 2 * MAX_UNITS + 2 < MAX_EVENTS


def test_an_order_is_issued_once_and_what_it_reaches_is_frozen() -> None:
    document = take(wish(), wish(units=("c",)), given("a", "read"))
    assert types(document) == [OrderIssued.TYPE, OrderRead.TYPE]
    assert {entry.key for entry in document.new_entries} == {golden.ORDER}
    assert document.state is not None
    issued = document.state.issued
    assert [(one.code, one.area) for one in issued.units] == [("a", "990101"), ("b", "990101001")]
    assert RULES.columns(document.state) == {"order_no": issued.order_no}
    again = RULES.load(through_bson(RULES.dump(document.state)))
    assert again == document.state


def test_the_golden_order_folds() -> None:
    state_: Order | None = None
    for example in golden.examples():
        if example.name == "full":
            state_ = RULES.evolve(state_, example.event)
    assert state_ is not None
    assert [(one.unit, one.said) for one in state_.receipts] == [
        ("urban-management-990101", "查完 214 处")
    ]
    assert state_.withdrawn is not None


@pytest.mark.parametrize("role", ["unit_member", "officer", "department_system"])
def test_members_of_addressed_units_give_receipts_and_nobody_else(role: str) -> None:
    assert receiving(order(), given("a", "read", role=role)) is None
    assert refused(receiving(order(), given("c", "read", role=role))) == (403, "not_addressed")
    nobody = GiveReceipt(at=NOW, actor=Actor(subject="x", roles=(role,)), body=_read())
    assert refused(receiving(order(), nobody)) == (403, "not_addressed")
    leader = GiveReceipt(
        at=NOW, actor=Actor(subject="l", roles=("leader",), unit="a"), body=_read()
    )
    assert refused(receiving(order(), leader)) == (403, "role_not_allowed")


def _read() -> ReceiptBody:
    return ReceiptBody(receipt="read")


def test_done_says_read_and_each_word_counts_once() -> None:
    document = take(
        wish(), given("a", "done"), given("a", "read"), given("a", "done", HOUR), given("b", "read")
    )
    assert types(document) == [OrderIssued.TYPE, OrderDone.TYPE, OrderRead.TYPE]
    assert document.state is not None
    by_unit = document.state.by_unit
    assert by_unit["a"].read_at == by_unit["a"].done_at == NOW + HOUR / 2
    assert (by_unit["b"].done_at, document.state.done) == (None, False)


def test_after_a_withdrawal_only_what_was_said_before_is_answered() -> None:
    document = take(wish(), given("a", "read"), gone(), given("a", "done"), given("b", "read"))
    assert types(document) == [OrderIssued.TYPE, OrderRead.TYPE, OrderWithdrawn.TYPE]
    found = document.state
    assert found is not None
    assert receiving(found, given("a", "read")) is None
    assert refused(receiving(found, given("a", "done"))) == (409, "order_withdrawn")
    assert refused(receiving(found, given("b", "read"))) == (409, "order_withdrawn")


def test_issuers_and_superiors_withdraw_once_and_not_what_is_done() -> None:
    assert withdrawing(order(), gone()) is None
    assert withdrawing(order(), gone(CHIEF)) is None
    assert refused(withdrawing(order(), gone(CLERK))) == (403, "role_not_allowed")
    below = Actor(subject="x", roles=("leader",), area="990101001")
    assert refused(withdrawing(order(), gone(below))) == (403, "not_your_order")
    aside = Actor(subject="x", roles=("supervisor",), area="990102")
    assert refused(withdrawing(order(), gone(aside))) == (403, "not_your_order")
    assert types(take(wish(), gone(), gone(CHIEF)))[1:] == [OrderWithdrawn.TYPE]
    done = order(given("a", "done"), given("b", "done"))
    assert refused(withdrawing(done, gone())) == (409, "order_done")
    assert types(take(wish(), given("a", "done"), given("b", "done"), gone()))[-1] == OrderDone.TYPE


def test_who_is_told_of_what() -> None:
    found = order(given("a", "read"))
    everybody = frozenset({"a", "b"})
    assert sees(found, LEADER) == sees(found, CHIEF) == sees(found, CLERK) == everybody
    assert sees(found, member("a")) == {"a"}
    for stranger in (
        member("c"),
        Actor(subject="x", roles=("leader",), area="990102"),
        Actor(subject="x", roles=("reporter",)),
        Actor(subject="x", roles=("unit_member",)),
    ):
        assert told(found, stranger, NOW) is None
    mine = told(found, member("a"), NOW)
    assert mine is not None
    assert (mine.addressed, [one.unit for one in mine.units]) == (2, ["a"])
    assert "leader" not in mine.model_dump_json().replace('"roles":["leader"]', "")


def test_a_state_is_open_overdue_done_or_withdrawn() -> None:
    found = order(given("a", "done", 2 * HOUR))
    assert state(found, NOW + HOUR) == "open"
    assert state(found, NOW + HOUR + timedelta(milliseconds=1)) == "overdue"
    later = told(found, LEADER, NOW + 3 * HOUR)
    assert later is not None
    assert [(one.state, one.late, one.overdue) for one in later.units] == [
        ("done", True, False),
        ("unread", False, True),
    ]
    assert state(order(given("a", "done"), given("b", "done")), NOW + 3 * HOUR) == "done"
    withdrawn = order(gone())
    assert state(withdrawn, NOW + 3 * HOUR) == "withdrawn"
    last = told(withdrawn, LEADER, NOW + 3 * HOUR)
    assert last is not None
    assert not any(one.overdue for one in last.units)


class Life(RuleBasedStateMachine):
    """An order, whatever is asked in whatever order; judged by its events alone."""

    def __init__(self) -> None:
        super().__init__()
        self.document = FOLDER.open(golden.ORDER, None)
        self.number = 0

    def ask(self, data: EventData) -> None:
        self.number += 1
        at: Any = data.at  # type: ignore[attr-defined]
        asked = command(golden.ORDER, data, at, str(self.number))
        FOLDER.take(self.document, asked, Context(now=at, registry=CITY))

    @property
    def events(self) -> list[Event[Any]]:
        headers = [
            ([(k, v.encode()) for k, v in one.headers.items()], one.value)
            for one in self.document.new_entries
        ]
        return [_decoded(*one) for one in headers]

    @rule(
        units=st.sets(st.sampled_from(sorted(UNITS)), max_size=3),
        actor=st.sampled_from([LEADER, CHIEF, CLERK]),
    )
    def issue(self, units: set[str], actor: Actor) -> None:
        self.ask(wish(actor, units=tuple(units)))

    @rule(
        code=st.sampled_from([*sorted(UNITS), "nobody"]),
        word=st.sampled_from(["read", "done"]),
        role=st.sampled_from(["unit_member", "officer", "leader"]),
        minutes=st.integers(1, 120),
    )
    def say(self, code: str, word: str, role: str, minutes: int) -> None:
        self.ask(given(code, word, timedelta(minutes=minutes), role))

    @precondition(lambda self: self.number > 4)
    @rule(actor=st.sampled_from([LEADER, CHIEF, CLERK, member("a")]))
    def withdraw(self, actor: Actor) -> None:
        self.ask(gone(actor))

    @invariant()
    def holds(self) -> None:
        data = [event.data for event in self.events]
        if not data:
            assert self.document.state is None
            return
        issued, rest = data[0], data[1:]
        assert isinstance(issued, OrderIssued)
        addressed = {one.code for one in issued.units}
        said: list[tuple[str, type]] = []
        for number, one in enumerate(rest):
            assert not isinstance(one, OrderIssued)
            if isinstance(one, OrderWithdrawn):
                assert number == len(rest) - 1, "nothing follows a withdrawal"
                continue
            assert one.unit in addressed
            assert set(one.actor.roles) & {"unit_member", "officer"}
            assert (one.unit, type(one)) not in said
            assert (one.unit, OrderDone) not in said, "done says read, too"
            said.append((one.unit, type(one)))
        found = self.document.state
        assert found is not None
        assert {one.unit for one in found.receipts} == {code for code, _ in said}
        done = {one.unit for one in found.receipts if one.done_at}
        assert done == {code for code, kind in said if kind is OrderDone}


def _decoded(headers: list[tuple[str, bytes]], value: bytes) -> Event[Any]:
    return decode(headers, value, Origin(INCIDENTS.name, 0, 0))


TestLife = Life.TestCase
