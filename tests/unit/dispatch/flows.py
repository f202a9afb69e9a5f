"""A flow with every kind of turn, for tests."""

from shared.contracts.base import Limit, LimitUnit, Names
from shared.contracts.flows import Flow, FlowActor, FlowState, FlowTurn, Paper
from shared.contracts.incidents_v1 import PaperRef
from shared.contracts.routing_rules import Destination, UnitKind


def named(text: str) -> Names:
    return Names(zh=text, en=text)


HOUR = Limit(amount=1, unit=LimitUnit.URGENT_HOUR)
DAYS = Limit(amount=3, unit=LimitUnit.NATURAL_DAY)
BRINGS = Paper(code="order", names=named("order"))
PAPER = PaperRef(code="order", ref="papers/1", sha256="2c" * 32)


def turn(code: str, to: str, by: FlowActor = FlowActor.UNIT, **more: object) -> FlowTurn:
    """A turn without a reason or a paper, unless they are named."""
    return FlowTurn.model_validate({"code": code, "names": named(code), "to": to, "by": by} | more)


def state(code: str, *turns: FlowTurn, **more: object) -> FlowState:
    """A state with a limit of an hour, unless it is an end or another one is named."""
    limit = {"limit": HOUR} if turns else {}
    return FlowState.model_validate(
        {"code": code, "names": named(code), "turns": turns} | limit | more
    )


def flow(*states: FlowState, start: str = "") -> Flow:
    """It starts in the first one, unless another one is named."""
    return Flow(code="hazard", names=named("hazard"), start=start or states[0].code, states=states)


HAZARD = flow(
    state(
        "found",
        turn("order", "ordered", reason=True, papers=(BRINGS,)),
        turn("look", "found", FlowActor.CHECKER),
        turn("rule", "law", FlowActor.CENTRE),
        turn("none", "nothing"),
    ),
    state(
        "ordered",
        turn("in_order", "put_right", FlowActor.CHECKER),
        turn("not_in_order", "law", FlowActor.CHECKER),
        limit=DAYS,
    ),
    state(
        "law",
        turn("fined", "enforced"),
        lead=Destination(unit_kind=UnitKind.DEPARTMENT, level="county"),
    ),
    state("put_right"),
    state("enforced"),
    state("nothing"),
)
"""As a hazard: found, ordered put right, looked at again, or handed to law enforcement."""
INSPECTION = flow(
    state(
        "to_inspect",
        turn("in_order", "in_order"),
        turn("found", "found", finds=True),
        turn("shut", "shut", reason=True),
    ),
    state("in_order", closes=True),
    state("found", closes=True),
    state("shut"),
)
"""As an inspection: in order, hazards found, or it could not be made."""
