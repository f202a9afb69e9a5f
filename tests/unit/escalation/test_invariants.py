"""What holds whatever happens to a case, in whatever order and however late."""

from datetime import timedelta
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.escalation.domain.watch import Watch
from shared.contracts.base import Limits, Stage
from shared.contracts.calendars import Calendar, Counting, SpecialDays, WorkPeriod
from shared.contracts.cases_v1 import CaseClosed, CaseVoided
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import (
    Clock,
    ClocksChanged,
    ClockState,
    Mark,
    MarkEvent,
    MarkWithdrawn,
    SupervisionLifted,
    SupervisionOrdered,
    SupervisionReleased,
)
from shared.contracts.golden.story import CITY, LADDER
from shared.contracts.levels import SupervisionLevel
from shared.contracts.policies import LadderStep
from shared.contracts.registry_v1 import CalendarSet
from shared.contracts.requests_v1 import CaseExtended, CaseSuspended, ExtensionRequested
from shared.ledger.decider import Context
from shared.ledger.walk import Walked
from shared.worktime.limits import due, length
from tests.unit.escalation.story import (
    BY_CHINA,
    CHINA,
    FOLDER,
    RULES,
    Story,
    china,
    days,
    hours,
    working_days,
    working_hours,
)

LIMITS = Limits(
    dispatch=hours(2), accept=hours(1), handle=hours(10), verify=days(0.25), total=days(2)
)
WORKING = Limits(
    dispatch=hours(2),
    accept=working_hours(1),
    handle=working_hours(10),
    verify=working_days(0.25),
    total=working_days(2),
)
CHANGED = china(
    Calendar(
        code=CITY,
        country="CN",
        periods=(WorkPeriod(begin="10:00", end="16:00"),),
        overrides=(SpecialDays(days=("2026-03-03", "2026-03-05"), working=False),),
    )
)
LADDERS: tuple[tuple[LadderStep, ...], ...] = (
    LADDER,
    (
        *LADDER,
        LadderStep(clock=Stage.TOTAL, percent=120, level=SupervisionLevel.ORDINARY, issuer="town"),
        LadderStep(
            clock=Stage.ACCEPT, percent=100, level=SupervisionLevel.YELLOW_CARD, issuer="county"
        ),
    ),
)
RANKS = list(SupervisionLevel)
SOME = settings(max_examples=150, deadline=None)

# What may follow what, as dispatch's table has it.
AT_WORK = (
    *("hand_back", "grant_return", "dispatch", "void", "ask", "hand_up"),
    *("step", "pass_on", "end_flow", "supervise", "release"),
)
NEXT: dict[str, tuple[str, ...]] = {
    "file": ("dispatch", "void"),
    "dispatch": ("accept", "grant_return", "dispatch", "void"),
    "accept": AT_WORK,
    "ask": (*AT_WORK, "extend", "refuse", "suspend"),
    "extend": AT_WORK,
    "refuse": AT_WORK,
    "suspend": ("resume", "extend"),
    "resume": AT_WORK,
    "hand_up": ("dispatch", "void"),
    "step": AT_WORK,
    "supervise": AT_WORK,
    "release": AT_WORK,
    "pass_on": ("dispatch", "void"),
    "end_flow": ("order_rework", "close", "void"),
    "grant_return": ("dispatch", "void"),
    "hand_back": ("order_rework", "close", "void"),
    "order_rework": AT_WORK,
    "close": ("reopen", "void"),
    "reopen": ("accept", "grant_return", "dispatch", "void"),
    "void": (),
}


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """A case that went some way, with pauses, ticks and delays between its steps."""
    ladder = draw(st.sampled_from(LADDERS))
    if draw(st.booleans()):
        filing, counting = working_hours(1), draw(st.sampled_from(Counting))
        by = BY_CHINA.model_copy(update={"counting": counting})
        story = Story(WORKING, filing=filing, ladder=ladder, registry=CHINA, calendar=by)
    else:
        story = Story(LIMITS, filing=hours(1), ladder=ladder)
    if draw(st.booleans()):
        story.hold()
    step = "file"
    received = story.now
    for _ in range(draw(st.integers(1, 12))):
        attended = bool(story.log) and draw(st.booleans())
        (story.forward if attended else story.away)(draw(st.floats(0, 20)))
        # Received some time ago, but not before the step that it follows.
        waited = (story.now - received) / timedelta(hours=1)
        late = draw(st.floats(0, waited)) if draw(st.booleans()) else 0.0
        received = story.now - timedelta(hours=late)
        getattr(story, step)(late)
        if story.calendar is not None and draw(st.integers(0, 5)) == 0:
            story.registry = CHANGED
            story.walk()
        if draw(st.booleans()):
            story.tick()
        if not NEXT[step]:
            break
        step = draw(st.sampled_from(NEXT[step]))
    return story


def all_of(story: Story, *kinds: type[Any]) -> list[Any]:
    return [event.data for event in story.emitted() if isinstance(event.data, kinds)]


def name(mark: Mark) -> tuple[str, str, int, int]:
    return mark.task, mark.clock, mark.run, mark.percent


def fold(events: list[Event[Any]]) -> Watch | None:
    state = None
    for event in events:
        state = RULES.evolve(state, event)
    return state


@SOME
@given(stories())
def test_the_watch_is_the_fold_of_the_log(story: Story) -> None:
    assert fold(story.log) == story.watch


@SOME
@given(stories())
def test_the_order_between_topics_does_not_matter(story: Story) -> None:
    own = story.emitted()
    read = [event for event in story.log if event not in own]
    assert fold([*own, *read]) == story.watch


@SOME
@given(stories())
def test_a_mark_is_answered_once_unless_it_is_withdrawn(story: Story) -> None:
    answered: set[Any] = set()
    for data in all_of(story, MarkEvent, SupervisionOrdered):
        if isinstance(data, MarkWithdrawn):
            answered.remove(name(data.mark))
        elif isinstance(data, SupervisionOrdered):
            if data.mark is None:
                continue  # by hand
            # With a breach, or ordered again after a withdrawal: the mark is known then.
            answered.add(name(data.mark))
        else:
            assert name(data.mark) not in answered
            answered.add(name(data.mark))
    assert answered == {mark.key for mark in story.watch.answered}


@SOME
@given(stories())
def test_the_marks_that_remain_were_passed_by_their_clock(story: Story) -> None:
    stopped = {
        (clock.task, clock.clock, clock.run): clock.stopped_at
        for data in all_of(story, ClocksChanged)
        for clock in data.clocks
    }
    for mark in story.watch.answered:
        stop = stopped[mark.task, mark.clock, mark.run]
        assert mark.due_at <= story.now
        assert stop is None or mark.due_at < stop


@SOME
@given(stories())
def test_after_a_tick_nothing_that_is_due_is_left(story: Story) -> None:
    story.tick()
    assert story.next_due is None or story.next_due > story.now


@SOME
@given(stories())
def test_runs_rise_by_one_and_each_ends_before_the_next_begins(story: Story) -> None:
    last: dict[tuple[str, str], Clock] = {}
    for data in all_of(story, ClocksChanged):
        for clock in data.clocks:
            before = last.get((clock.task, clock.clock))
            if before is None:
                assert clock.run == 1
            elif clock.run == before.run:
                alive = {ClockState.RUNNING, ClockState.PAUSED}
                assert before.state in alive
                longer = clock.due_at > before.due_at
                assert longer or data.recounted or clock.state is not ClockState.RUNNING
                assert clock.started_at == before.started_at
            else:
                assert clock.run == before.run + 1
                assert before.state is not ClockState.RUNNING
            last[clock.task, clock.clock] = clock


@SOME
@given(stories())
def test_a_clock_is_met_only_within_its_limit_and_its_due_instant_is_kept(story: Story) -> None:
    for data in all_of(story, ClocksChanged):
        for clock in data.clocks:
            assert clock.due_at >= clock.started_at
            counted = story.registry.working_time(data.calendar, story.zone)
            whole = length(clock.limit, counted)
            if clock.run == 1:
                assert clock.due_at == due(clock.started_at, clock.limit, counted)
            if clock.stopped_at is not None:
                assert clock.stopped_at >= clock.started_at
                used = timedelta(milliseconds=clock.used_ms)
                assert (clock.state is ClockState.MET) <= (used <= whole)
                # After the last period of a working day nothing more is used, and it is late.
                late = used >= whole if clock.marks else used > whole
                assert (clock.state is ClockState.MISSED) <= late


@SOME
@given(stories())
def test_supervision_only_rises_until_it_is_lifted(story: Story) -> None:
    level: SupervisionLevel | None = None
    for data in all_of(story, SupervisionOrdered, SupervisionLifted, SupervisionReleased):
        if not isinstance(data, SupervisionOrdered):
            assert data.level is level
            level = None
        else:
            assert data.previous is level
            assert level is None or RANKS.index(data.level) > RANKS.index(level)
            level = data.level
    assert level is story.watch.supervision


@SOME
@given(stories())
def test_a_case_that_is_over_has_no_clock_no_order_and_nothing_due(story: Story) -> None:
    if not isinstance(story.inputs[-1].data, CaseClosed | CaseVoided):
        story.void()
    assert story.next_due is None
    assert story.watch.supervision is None
    over = {ClockState.MET, ClockState.MISSED, ClockState.CANCELLED}
    assert all(clock.state in over for clock in story.watch.clocks.values())


@SOME
@given(stories())
def test_everything_delivered_again_changes_nothing(story: Story) -> None:
    raw = {
        "fold": RULES.fold_version,
        "partition": 0,
        "version": 1,
        "sequence": story.document.sequence,
        "state": RULES.dump(story.watch),
        "seen": sorted(story.document.seen),
        "outbox": [],
    }
    again = FOLDER.open(story.document.id, raw)
    for event in story.inputs:
        FOLDER.take(again, event, Context(now=story.now, registry=story.registry))
    assert again.state == story.watch
    assert not again.new_entries


@SOME
@given(stories())
def test_the_same_events_give_the_same_ids_and_bytes(story: Story) -> None:
    # A change of the registry is found at some instant, in some registry: it is no event.
    assume(not any(isinstance(one.data, Walked) for one in story.inputs))
    again = FOLDER.open(story.document.id, None)
    for event in story.inputs:
        FOLDER.take(again, event, Context(now=story.start, registry=story.registry))
    first = [(entry.id, entry.value) for entry in story.document.new_entries]
    assert [(entry.id, entry.value) for entry in again.new_entries] == first


@SOME
@given(stories())
def test_asking_stops_no_clock(story: Story) -> None:
    for data in all_of(story, ClocksChanged):
        if data.cause == ExtensionRequested.TYPE:
            assert [(one.task, one.state) for one in data.clocks] == [
                ("request", ClockState.RUNNING)
            ]


@SOME
@given(stories())
def test_while_a_case_is_suspended_its_clocks_use_nothing(story: Story) -> None:
    paused: dict[str, Clock] = {}
    for data in all_of(story, ClocksChanged):
        for clock in data.clocks:
            key = f"{clock.task}/{clock.clock}"
            before = paused.pop(key, None)
            if before is not None and not data.recounted:
                assert clock.used_ms == before.used_ms
            if clock.state is ClockState.PAUSED:  # what stands already may only get another limit
                stands = before is not None and before.stopped_at == clock.stopped_at
                causes = {CaseExtended.TYPE, CalendarSet.TYPE} if stands else {CaseSuspended.TYPE}
                assert data.cause in causes
                paused[key] = clock
