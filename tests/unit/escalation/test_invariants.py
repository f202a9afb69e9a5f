"""What holds whatever happens to a case, in whatever order and however late."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.escalation.domain.telling import to_hurry
from services.escalation.domain.watch import Watch
from shared.contracts.base import Limits, LimitUnit, Stage
from shared.contracts.calendars import Calendar, Counting, SpecialDays, WorkPeriod
from shared.contracts.case_v1 import CaseEvent, RequestKind
from shared.contracts.cases_v1 import EVENTS, CaseClosed, CaseDispatched, CaseVoided
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import (
    LIFTED,
    Clock,
    ClockRef,
    ClocksChanged,
    ClockState,
    Mark,
    MarkEvent,
    MarkWithdrawn,
    SupervisionEvent,
    SupervisionOrdered,
)
from shared.contracts.golden.story import CITY, LADDER, UNIT
from shared.contracts.ladders import Colour, LadderStep, LiftedWhen, NoticeStep, Repeat
from shared.contracts.levels import SupervisionLevel
from shared.contracts.registry_v1 import CalendarSet
from shared.contracts.reminders_v1 import (
    NoticeRaised,
    NoticesAcknowledged,
    ReminderEvent,
    SupervisionAcknowledged,
    SupervisionConveyed,
)
from shared.contracts.requests_v1 import AppealEvent, AppealMade, CaseExtended, CaseSuspended
from shared.contracts.supervising_v1 import CaseRearmed
from shared.ledger.decider import Context
from shared.ledger.walk import Walked
from shared.worktime.limits import due, length
from tests.unit.escalation.by_china import (
    BY_CHINA,
    CHINA,
    china,
    working_days,
    working_hours,
)
from tests.unit.escalation.story import (
    FOLDER,
    RULES,
    Story,
    days,
    hours,
    kind_of,
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
    tuple(
        step.model_copy(update={"repeat": repeat, "lifted_when": lifted_when})
        for step, repeat, lifted_when in zip(
            LADDER,
            (
                Repeat(every=hours(0.5), times=3),
                Repeat(every=days(0.1), times=24),
                Repeat(every=hours(1), times=2),
            ),
            (LiftedWhen.CLOSED, LiftedWhen.HANDLED, LiftedWhen.HANDLED),
            strict=True,
        )
    ),
)
REPEATED = (Repeat(every=hours(0.5), times=3), Repeat(every=days(0.1), times=24))
NOTICES: tuple[tuple[NoticeStep, ...], ...] = (
    (),
    tuple(
        NoticeStep(clock=clock, percent=percent, colour=colour, repeat=repeat)
        for clock in (Stage.HANDLE, Stage.TOTAL)
        for percent, colour, repeat in zip((30, 80, 110), Colour, (*REPEATED, None), strict=True)
    ),
)
ASKING: tuple[type[CaseEvent], ...] = (
    AppealMade,
    *(one for one in EVENTS if issubclass(one, CaseEvent) and one.TYPE.endswith("_requested.v1")),
)
"""By these somebody asks for something that somebody else decides."""
UNITS = (UNIT.code, "another", "a-third")
RANKS = list(SupervisionLevel)
SOME = settings(max_examples=150, deadline=None)

# What may follow what, as dispatch's table has it.
AT_WORK = (
    *("hand_back", "grant_return", "dispatch", "void", "ask", "hand_up"),
    *("step", "pass_on", "end_flow", "supervise", "release", "acknowledge", "rearm"),
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
    "acknowledge": AT_WORK,
    "rearm": AT_WORK,
    "pass_on": ("dispatch", "void"),
    "end_flow": ("order_rework", "close", "void"),
    "grant_return": ("dispatch", "void"),
    "hand_back": ("order_rework", "close", "void"),
    "order_rework": AT_WORK,
    "close": ("reopen", "void"),
    "reopen": ("accept", "grant_return", "dispatch", "void"),
    "void": (),
}


ON_AND_ON = {step: tuple(one for one in after if one != "void") for step, after in NEXT.items()}
"""Without what ends a story early."""
SUSPENDED: dict[str, tuple[str, ...]] = {
    "file": ("dispatch",),
    "dispatch": ("accept",),
    "accept": ("suspend",),
    "suspend": ("resume", "resume", "extend", "supervise"),
    "extend": ("resume", "supervise"),
    "supervise": ("resume",),
    "resume": ("suspend", "suspend", "hand_back"),
    "hand_back": ("order_rework",),
    "order_rework": ("suspend", "hand_back"),
}
"""Of a case that is suspended again and again."""


@st.composite
def stories(
    draw: st.DrawFn, following: Mapping[str, tuple[str, ...]] = NEXT, least: int = 1
) -> Story:
    """A case that went some way, with pauses, ticks and delays between its steps."""
    ladder, notices = draw(st.sampled_from(LADDERS)), draw(st.sampled_from(NOTICES))
    if draw(st.booleans()):
        filing, counting = working_hours(1), draw(st.sampled_from(Counting))
        by = BY_CHINA.model_copy(update={"counting": counting})
        story = Story(WORKING, filing=filing, ladder=ladder, registry=CHINA, calendar=by)
    else:
        story = Story(LIMITS, filing=hours(1), ladder=ladder)
    story.notice_ladder = notices
    if draw(st.booleans()):
        story.hold()
    step = "file"
    received = story.now
    for _ in range(draw(st.integers(least, 12))):
        attended = bool(story.log) and draw(st.booleans())
        (story.forward if attended else story.away)(draw(st.floats(0, 20)))
        # Received some time ago, but not before the step that it follows.
        waited = (story.now - received) / timedelta(hours=1)
        late = draw(st.floats(0, waited)) if draw(st.booleans()) else 0.0
        received = story.now - timedelta(hours=late)
        take(draw, story, step, late)
        if story.calendar is not None and draw(st.integers(0, 5)) == 0:
            story.registry = CHANGED
            story.walk()
        if draw(st.booleans()):
            story.tick()
        if not following[step]:
            break
        step = draw(st.sampled_from(following[step]))
    return story


def take(draw: st.DrawFn, story: Story, step: str, late: float) -> None:
    """A step, with what is to be chosen for it."""
    if step == "rearm":
        story.ladder = draw(st.sampled_from(LADDERS))
        story.notice_ladder = draw(st.sampled_from(NOTICES))
        story.rearm(late, story.ladder, story.notice_ladder)
    elif step == "dispatch":
        story.dispatch(late, draw(st.sampled_from(UNITS)))
    else:
        getattr(story, step)(late)


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
        elif isinstance(data, SupervisionOrdered | NoticeRaised):
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
                again = data.recounted or data.cause == CaseRearmed.TYPE
                assert longer or again or clock.state is not ClockState.RUNNING
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
            began = clock.ran[0] if clock.ran else clock
            assert clock.due_at >= began.started_at
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
    for data in all_of(story, SupervisionOrdered, *LIFTED):
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
def test_a_notice_is_raised_once_unless_it_is_withdrawn(story: Story) -> None:
    raised: set[Any] = set()
    for data in all_of(story, NoticeRaised, MarkWithdrawn):
        if isinstance(data, MarkWithdrawn):
            raised.discard(name(data.mark))
        else:
            assert name(data.mark) not in raised
            raised.add(name(data.mark))


def left_after(stands: dict[int, Any], data: Any) -> dict[int, Any]:  # noqa: ANN401
    """Of what is told again, by its number, what an event leaves."""

    def goes_on(n: int, one: Any) -> bool:  # noqa: ANN401 - an order or a notice
        if isinstance(one, SupervisionOrdered):
            seen = isinstance(data, SupervisionAcknowledged) and data.order == n
            return not (isinstance(data, SupervisionEvent) or seen)
        match data:
            case NoticeRaised():
                return not same_clock(one.mark, data.mark)
            case ClocksChanged():
                return all(
                    clock.state is ClockState.RUNNING
                    for clock in data.clocks
                    if same_clock(one.mark, clock)
                )
            case MarkWithdrawn():
                return name(one.mark) != name(data.mark)
            case NoticesAcknowledged():
                return n not in {seen.order for seen in data.notices}
        return True

    return {n: one for n, one in stands.items() if goes_on(n, one)}


def same_clock(one: ClockRef, other: ClockRef) -> bool:
    return (one.task, one.clock) == (other.task, other.clock)


@SOME
@given(stories())
def test_only_what_stands_and_nobody_has_seen_is_told_again_and_each_number_once(
    story: Story,
) -> None:
    stands: dict[int, Any] = {}
    last: dict[int, int] = {}
    for event in story.emitted():
        data = event.data
        if isinstance(data, ReminderEvent):
            due = stands[data.order].reminders
            assert last.get(data.order, 0) < data.number <= data.of == len(due)
            assert data.due_at == due[data.number - 1] <= data.at
            assert data.number == data.of or due[data.number] > data.at, "the latest"
            last[data.order] = data.number
            continue
        stands = left_after(stands, data)
        if isinstance(data, SupervisionOrdered | NoticeRaised):
            stands[event.sequence] = data


@SOME
@given(stories())
def test_each_unit_is_told_of_an_order_once_and_whoever_has_the_case_knows_of_it(
    story: Story,
) -> None:
    order, told = 0, set[str | None]()
    taken_over = False
    for event in story.log:
        data = event.data
        if isinstance(data, SupervisionConveyed):
            assert data.order == order, "of the order in force"
            assert data.unit not in told
            told.add(data.unit)
        elif isinstance(data, SupervisionEvent):
            given = isinstance(data, SupervisionOrdered)
            order, told, taken_over = event.sequence if given else 0, {data.unit}, False
        elif isinstance(data, CaseDispatched):
            taken_over = True
    if order and taken_over and (unit := to_hurry(story.watch)) is not None:
        assert unit in told


@SOME
@given(stories())
def test_what_somebody_has_seen_is_never_told_again(story: Story) -> None:
    story.acknowledge()
    assert story.watch.notices == ()
    order, known = story.watch.order, len(story.emitted())
    assert order is None or order.acknowledged
    story.forward(1000)
    later = [one.data for one in story.emitted()[known:] if isinstance(one.data, ReminderEvent)]
    assert order is None or order.n not in {one.order for one in later}
    assert all(one.order > known for one in later), "of what was told since only"


@SOME
@given(stories())
def test_what_is_over_is_told_no_more(story: Story) -> None:
    if not isinstance(story.inputs[-1].data, CaseClosed | CaseVoided):
        story.void()
    known = len(story.emitted())
    story.forward(1000)
    assert len(story.emitted()) == known


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


def test_every_kind_of_request_is_asked_for_by_an_event_named_after_it() -> None:
    assert {kind_of(one) for one in ASKING if not issubclass(one, AppealEvent)} == set(RequestKind)


@settings(SOME, max_examples=60)
@given(stories(ON_AND_ON, least=3), st.permutations(ASKING), st.floats(0, 8))
def test_asking_stops_no_clock(story: Story, asked: Sequence[type[CaseEvent]], late: float) -> None:
    """Whatever is asked for, and whenever: only the clock of whoever is to decide may begin."""
    for kind in asked:
        before, known = dict(story.watch.clocks), len(story.emitted())
        story.asks(kind, late)
        for key, clock in story.watch.clocks.items():
            begins = clock.task in {"request", "appeal"} and clock.state is ClockState.RUNNING
            was = before.pop(key, None)
            assert clock == was or (begins and (was is None or clock.run == was.run + 1)), kind
        assert not before, "none is forgotten"
        follows = [one.data for one in story.emitted()[known:]]
        assert all(isinstance(one, ClocksChanged) for one in follows), "and no mark is withdrawn"


@SOME
@given(stories(SUSPENDED, least=6))
def test_while_a_case_is_suspended_no_mark_of_it_comes_and_nothing_is_told_again(
    story: Story,
) -> None:
    stands: dict[tuple[str, str], Clock] = {}
    for event in story.emitted():
        data = event.data
        if isinstance(data, ClocksChanged):
            for clock in data.clocks:
                stands.pop((clock.task, clock.clock), None)
                if clock.state is ClockState.PAUSED:
                    stands[clock.task, clock.clock] = clock
        assert not (stands and isinstance(data, ReminderEvent))
        if isinstance(data, MarkEvent | SupervisionOrdered) and data.mark is not None:
            paused = stands.get((data.mark.task, data.mark.clock))
            if paused is not None and not isinstance(data, MarkWithdrawn):
                assert paused.stopped_at is not None
                assert data.mark.due_at < paused.stopped_at, "it was due before"


@SOME
@given(stories(SUSPENDED, least=6))
def test_a_mark_is_due_when_its_clock_has_run_for_so_much_of_the_limit(story: Story) -> None:
    assume(story.limits.handle is not None and story.limits.handle.unit is LimitUnit.URGENT_HOUR)
    runs: dict[int, Clock] = {}
    used_before: dict[int, timedelta] = {}
    for data in all_of(story, ClocksChanged, MarkEvent, SupervisionOrdered):
        for clock in data.clocks if isinstance(data, ClocksChanged) else ():
            if (clock.task, clock.clock) == ("lead", Stage.HANDLE):
                runs[clock.run] = clock
                used_before.setdefault(clock.run, timedelta(milliseconds=clock.used_ms))
        mark = None if isinstance(data, ClocksChanged | MarkWithdrawn) else data.mark
        if mark is None or (mark.task, mark.clock) != ("lead", Stage.HANDLE):
            continue
        if mark.run != max(runs):
            continue  # ordered again for what was answered long before
        going_on = [runs[mark.run]]
        while (before := runs.get(going_on[0].run - 1)) and before.state is ClockState.PAUSED:
            going_on.insert(0, before)
        used = judged = used_before[going_on[0].run]
        for one in going_on:
            until = min(mark.due_at, one.stopped_at or mark.due_at)
            used += max(until - one.started_at, timedelta())
        part = timedelta(hours=going_on[-1].limit.amount) * mark.percent / 100
        # What was judged before it began may have used that much already: as soon as it runs then.
        assert used == max(part, judged)


@SOME
@given(stories(SUSPENDED, least=6))
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
