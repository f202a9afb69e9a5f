"""Turns that a case may take only so often: used up, they are nobody's, and so is their time."""

from services.analytics.domain.folding import evolve
from services.analytics.domain.inboxes import Inbox, todos
from services.analytics.domain.spending import spent
from services.analytics.domain.timeline import Timeline
from shared.contracts.base import Stage
from shared.contracts.cases_v1 import ActionRefused, CaseHandled
from shared.contracts.escalations_v1 import Clock
from shared.contracts.flows import Flow, FlowActor
from shared.contracts.registry_v1 import Entry, Matter
from shared.contracts.rule_v1 import Rule
from shared.contracts.steps_v1 import CaseStepped, FlowEnded
from tests.unit.dispatch.city import ENTRIES, TEAM, registry
from tests.unit.dispatch.desk import INSPECTOR, SUPERVISOR, Desk, kinds, member
from tests.unit.dispatch.flows import HAZARD, flow, state, turn
from tests.unit.dispatch.watched import EVERY_LIMIT, Watched

HOUR = 3600
NOTED = flow(
    state(
        "open",
        turn("note", "open", at_most=1),
        turn("done", "over", at_most=1),
        turn("ok", "over", FlowActor.CHECKER),
        turn("look", "open", FlowActor.CHECKER, at_most=1),
    ),
    state("over"),
)


def timed(entry: Entry) -> Entry:
    """A matter of which every stage has a limit."""
    if not isinstance(entry, Matter):
        return entry
    limits = {"limits": EVERY_LIMIT}
    conditions = tuple(one.model_copy(update=limits) for one in entry.conditions)
    return entry.model_copy(update={"conditions": conditions})


def accepted(by: Flow = NOTED) -> tuple[Desk, Watched]:
    """A case of that flow that the team has accepted, and its watch."""
    desk = Desk(registry([by if one is HAZARD else timed(one) for one in ENTRIES]))
    watched = Watched(desk)
    desk.report(matter="hazard")
    desk.do(("accept", member()))
    watched.follow()
    return desk, watched


def timeline(desk: Desk) -> Timeline:
    found = Timeline()
    for event in (*desk.inputs, *desk.outputs):
        found = evolve(found, event)
    return found


def offered(desk: Desk) -> tuple[set[Inbox], list[str]]:
    """In whose inboxes it lies, and which turns are told."""
    found = timeline(desk)
    assert found.case.case is not None
    turns = [one["code"] for one in found.case.case["flow"]["turns"]]
    assert {one.action for one in todos(found)} == {"step"}
    return {one.inbox for one in todos(found)}, turns


def handling(watched: Watched) -> Clock:
    watched.follow()
    return watched.running("lead", Stage.HANDLE)


def test_a_turn_that_is_used_up_is_offered_to_nobody() -> None:
    desk, _ = accepted()
    assert offered(desk) == ({Inbox.UNIT, Inbox.CHECKS}, ["note", "done", "ok", "look"])
    assert kinds(desk.ask("step", member(), turn="note")) == [CaseStepped]
    assert offered(desk) == ({Inbox.UNIT, Inbox.CHECKS}, ["done", "ok", "look"])
    assert kinds(desk.ask("step", INSPECTOR, turn="look")) == [CaseStepped]
    assert offered(desk) == ({Inbox.UNIT, Inbox.CHECKS}, ["done", "ok"])
    assert kinds(desk.ask("step", member(), turn="done")) == [FlowEnded, CaseHandled]
    desk.ask("verify", SUPERVISOR, passed=False)
    assert offered(desk) == ({Inbox.CHECKS}, ["ok"])
    (refused,) = desk.ask("step", member(), turn="done")
    assert isinstance(refused, ActionRefused)
    assert refused.rule is Rule.TURN_USED_UP
    assert kinds(desk.ask("step", INSPECTOR, turn="ok")) == [FlowEnded, CaseHandled]


def test_who_may_only_take_turns_that_are_used_up_waits_for_others_on_no_time_of_its_own() -> None:
    noted = flow(
        state("open", turn("note", "open", at_most=1), turn("ok", "over", FlowActor.CHECKER)),
        state("over"),
    )
    desk, watched = accepted(noted)
    assert handling(watched).unit == TEAM
    desk.clock.forward(2 * HOUR - 1)
    desk.ask("step", member(), turn="note")
    assert desk.case.flow is not None
    assert desk.case.flow.waits_for_others
    assert handling(watched).unit is None
    desk.clock.forward(5 * HOUR - 1)
    desk.ask("step", INSPECTOR, turn="ok")
    watched.follow()
    assert shares(desk) == {f"handle/{TEAM}": 2 * HOUR, "handle": 5 * HOUR}
    told = spent(timeline(desk), desk.clock(), official=True)
    assert told is not None
    assert told["adds_up"]
    assert {one["unit"]: one["ms"] // 1000 for one in told["units"]}[TEAM] == 2 * HOUR + 1


def test_done_again_it_waits_for_others_where_the_turn_that_ended_it_is_used_up() -> None:
    desk, watched = accepted()
    desk.ask("step", member(), turn="note")
    desk.ask("step", member(), turn="done")
    watched.follow()
    desk.ask("verify", SUPERVISOR, passed=False)
    assert handling(watched).unit is None
    before = shares(desk)[f"handle/{TEAM}"]
    desk.clock.forward(HOUR - 1)
    desk.ask("step", INSPECTOR, turn="ok")
    watched.follow()
    assert shares(desk) == {f"handle/{TEAM}": before, "handle": HOUR}


def shares(desk: Desk) -> dict[str, int]:
    """Whose its time in handling was, in seconds."""
    assert desk.case.time is not None
    return {share: ms // 1000 for share, ms in desk.case.time.items() if share.startswith("handle")}
